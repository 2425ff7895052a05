"""Columns that no canonical one is made of: kept as attributes where that is safe, else told, with why."""

from workbench.discovery.columns import Candidate, set_aside
from workbench.discovery.recognising import Draft
from workbench.discovery.values import MANY_VALUES, MOST, NEARLY_ALL, Facts

WITH_ATTRIBUTES = ("customers", "subscriptions")
# Known columns that are no trait of a customer, by their names in the lexicon.
NO_TRAITS = frozenset(
    {
        "a row number",
        "a time after the order",
        "a time of maintenance",
        "an answer of the company",
        "a reason for leaving",
        "a summary that was computed before",
    }
)
# What a customer has spent up to today, an earlier month must not know. A contract's bill is its own trait.
NOT_OF_CUSTOMERS = "a running total of the customer"
CODE_LENGTH = 5  # many whole numbers of this length and no other are codes, as those of the post are
WHY_NOT = {
    "a reason for leaving": "a reason for leaving: it would give away who leaves",
    "a summary that was computed before": "a summary up to today: an earlier month must not know it",
    NOT_OF_CUSTOMERS: "a total up to today: an earlier month must not know it",
}


def attributes_of(draft: Draft, read: set[str]) -> tuple[tuple[str, ...] | None, dict[str, str]]:
    """The attributes of `draft` (None: every column that is not mapped), and what is left out and why.

    Parameters
    ----------
    read : set of str
        The columns that the mapping's expressions read.
    """
    rest = [c for c in draft.looked.candidates if c.name not in read]
    reasons = {c.name: _why_not(draft.table, c) for c in rest}
    kept = tuple(name for name, why in reasons.items() if not why)
    left_out = {name: why for name, why in reasons.items() if why}
    return (None if kept and not left_out else kept), left_out


def _why_not(table: str, column: Candidate) -> str:
    """The reason to leave `column` out, "" if it is kept."""
    known = set_aside(column)
    if known and known[1]:
        return f"personal data ({known[0]}): never mapped by itself"
    if not column.facts.filled:
        return "an empty column"
    if known and known[0] in WHY_NOT and (known[0] != NOT_OF_CUSTOMERS or table == "customers"):
        return WHY_NOT[known[0]]
    if known and (known[0] in NO_TRAITS or table not in WITH_ATTRIBUTES):
        return f"{known[0]}: {table} has no place for it"
    if table not in WITH_ATTRIBUTES:
        return f"{table} has no place for it"
    return _no_trait(column.facts)


def _no_trait(facts: Facts) -> str:
    if facts.distinct == 1 and facts.filled >= NEARLY_ALL:
        return "the same value in every row"
    if facts.date >= MOST or facts.unix >= MOST:
        return "a time: attributes are numbers or categories"
    code = facts.whole >= NEARLY_ALL and facts.length >= CODE_LENGTH and facts.of_one_length >= MOST
    is_number = facts.number >= NEARLY_ALL and facts.unique < NEARLY_ALL and not code
    measured = facts.number >= MOST and facts.whole < NEARLY_ALL * facts.number
    if facts.distinct > MANY_VALUES and not (is_number or measured):
        return "too many different values for an attribute"
    return (
        "too many different values for an attribute"
        if facts.distinct > 2 and facts.unique == 1 and not measured
        else ""
    )
