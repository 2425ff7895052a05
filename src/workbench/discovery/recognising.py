"""Which canonical table a file holds: the kind that makes most of the file's columns, or none."""

from dataclasses import dataclass

from workbench.discovery.columns import Assigned, Candidate, assign, set_aside
from workbench.discovery.headerless import assign_by_content
from workbench.discovery.lexicon import lexicon
from workbench.discovery.looking import Looked
from workbench.sources.canonical import TABLES

# What the parts of a table's score weigh: a required column, one that makes the table what it is, any other.
REQUIRED, TELLING, OTHER, FILE_NAME = 1.0, 1.0, 0.5, 1.0
# An answer in an order or ticket file is a second table when its header leaves no doubt.
LEAST_ANSWER = 0.85
LEAST_FILLED = 0.01
ANSWERS = ("text", "rating", "nps")
HOLDS_ANSWERS = ("transactions", "tickets", "customers")
SURE_ORDER = 0.95
FEWEST_TRAITS = 2  # a list of customers is recognised by its name, a telling column, or this many traits


@dataclass(frozen=True)
class Draft:
    """A file as one canonical table."""

    looked: Looked
    table: str
    assigned: dict[str, Assigned]
    score: float

    @property
    def sureness(self) -> float:
        """The mean score of what makes the table usable: its required columns, else its telling ones."""
        needed = [n for n in self.assigned if _is_needed(self.table, n)] or list(self.assigned)
        return sum(self.assigned[name].score for name in needed) / len(needed)


def recognise(looked: Looked, candidates: tuple[Candidate, ...]) -> list[Draft]:
    """The tables that the file holds, the main one first; empty if none is recognised."""
    if not looked.peek.has_header:
        table, assigned = assign_by_content(list(candidates))
        return [Draft(looked, table, assigned, _score(looked, table, assigned))] if table else []
    drafts = [drafted(looked, table, candidates) for table in TABLES]
    possible = sorted((d for d in drafts if not missing(d)), key=lambda d: -d.score)
    if not possible:
        return []
    main = possible[0]
    return [main, *(d for d in possible[1:] if _is_second(main, d))]


def drafted(looked: Looked, table: str, candidates: tuple[Candidate, ...]) -> Draft:
    """`looked` as `table`, whether that is possible or not."""
    assigned = assign(table, list(candidates))
    return Draft(looked, table, assigned, _score(looked, table, assigned))


def missing(draft: Draft) -> list[str]:
    """What `draft` lacks to be that table."""
    canonical, assigned = TABLES[draft.table], set(draft.assigned)
    if "unit_price" in assigned:
        assigned |= {"amount"}
    lacks = [name for name, column in canonical.columns.items() if column.required and name not in assigned]
    if canonical.any_of and not set(canonical.any_of) & assigned:
        lacks.append(" or ".join(canonical.any_of))
    if draft.table == "customers" and not lacks and not _is_list_of_customers(draft):
        lacks.append("anything that only a list of customers has")
    if draft.table == "tickets" and not lacks and not _are_cases(draft):
        lacks.append("anything that only service cases have")
    if draft.table == "identities" and not lacks and not _is_link_table(draft):
        lacks.append("a file of two columns, or a name such as identities.csv")
    return lacks


def _are_cases(draft: Draft) -> bool:
    entries = lexicon().tables["tickets"]
    named = lexicon().file_score(draft.looked.hints, "tickets") > 0
    return named or any(entries[name].telling for name in draft.assigned)


def _is_link_table(draft: Draft) -> bool:
    named = lexicon().file_score(draft.looked.hints, "identities") > 0
    return named or len(draft.looked.candidates) == len(draft.assigned)


def _is_list_of_customers(draft: Draft) -> bool:
    entries, traits = lexicon().tables["customers"], set(draft.assigned) - {"customer_id"}
    taken = {found.candidate.name for found in draft.assigned.values()}
    others = [c for c in draft.looked.candidates if c.name not in taken and set_aside(c) is None]
    if any(
        lexicon().match("transactions", "order_id", c.form).score >= SURE_ORDER
        for c in draft.looked.candidates
    ):
        return False  # an order file in which nobody ordered twice
    named = (
        lexicon().file_score(draft.looked.hints, "customers") and len(traits) + len(others) >= FEWEST_TRAITS
    )
    return bool(named) or any(entries[name].telling for name in traits) or len(traits) >= FEWEST_TRAITS


def _score(looked: Looked, table: str, assigned: dict[str, Assigned]) -> float:
    if not table:
        return 0.0
    total = sum(_weight(table, name) * found.score for name, found in assigned.items())
    return total + FILE_NAME * lexicon().file_score(looked.hints, table)


def _weight(table: str, name: str) -> float:
    entry = lexicon().tables[table][name]
    if not entry.helper and TABLES[table].columns[name].required:
        return REQUIRED
    return TELLING if entry.telling else OTHER


def _is_needed(table: str, name: str) -> bool:
    canonical = TABLES[table]
    return name in canonical.any_of or (name in canonical.columns and canonical.columns[name].required)


def _is_second(main: Draft, other: Draft) -> bool:
    """Whether `other` is a table of its own inside the file of `main`: answers beside orders or cases."""
    if other.table != "feedback" or main.table not in HOLDS_ANSWERS:
        return False
    taken = {found.candidate.name for found in main.assigned.values()}
    answers = [other.assigned[name] for name in ANSWERS if name in other.assigned]
    return any(
        a.score >= LEAST_ANSWER and a.candidate.facts.filled >= LEAST_FILLED and a.candidate.name not in taken
        for a in answers
    )
