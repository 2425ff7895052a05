"""From assigned columns to the SQL of the source file: amounts, statuses, labels, quoted names."""

import re
from collections.abc import Iterable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from workbench.discovery.columns import Assigned
from workbench.discovery.fit import pair_of, spoken
from workbench.discovery.guess import ColumnGuess
from workbench.discovery.lexicon import lexicon
from workbench.discovery.recognising import Draft
from workbench.discovery.values import NEARLY_ALL, Facts
from workbench.sources.canonical import TABLES

# Headers whose yes means that the contract goes on.
RUNNING_WORDS = frozenset({"active", "is active", "是否在网", "是否有效", "在网状态"})
LEAST_FILLED = 0.9  # an amount that is blank more often stands on one line of each order only
LABELS = (("positive", "positive"), ("negative", "negative"), ("neutral", "neutral"))
CONTROL, TREATMENT = "control", "treatment"
CANONICAL_LABELS = frozenset({"positive", "negative", "neutral"})


def identifier(name: str) -> str:
    """`name` as a column in SQL: bare where that is safe, else in double quotes."""
    if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        try:
            parsed = sqlglot.parse_one(name, dialect="duckdb")
        except SqlglotError:
            parsed = None
        if isinstance(parsed, exp.Column) and parsed.name == name and name.upper() not in RESERVED:
            return name
    return '"' + name.replace('"', '""') + '"'


# Words that DuckDB reads otherwise in some places, although an expression may begin with them.
RESERVED = frozenset(
    {
        "DATE",
        "TIME",
        "TIMESTAMP",
        "ORDER",
        "GROUP",
        "USER",
        "END",
        "DESC",
        "ASC",
        "VALUE",
        "VALUES",
        "DEFAULT",
    }
)


def columns_of(draft: Draft, *, per_order: bool) -> list[ColumnGuess]:
    """The mapping of `draft`, in the order of the canonical table.

    Parameters
    ----------
    per_order : bool
        Whether the amount is the order's, repeated on each of its lines: then it is computed from the line.
    """
    found = [
        _column(draft.table, name, draft.assigned[name])
        for name in TABLES[draft.table].columns
        if name in draft.assigned and not (name == "amount" and _is_computed(draft, per_order=per_order))
    ]
    if draft.table == "transactions" and _is_computed(draft, per_order=per_order):
        found.append(_computed_amount(draft, per_order=per_order))
    order = list(TABLES[draft.table].columns)
    return sorted(found, key=lambda column: order.index(column.canonical))


def _is_computed(draft: Draft, *, per_order: bool) -> bool:
    parts = "unit_price" in draft.assigned
    if draft.table != "transactions" or not parts:
        return False
    if "amount" not in draft.assigned:
        return True
    amount = draft.assigned["amount"].candidate.facts
    return "quantity" in draft.assigned and (per_order or amount.filled < LEAST_FILLED)


def _computed_amount(draft: Draft, *, per_order: bool) -> ColumnGuess:
    price = draft.assigned["unit_price"]
    if "quantity" not in draft.assigned:
        name = price.candidate.name
        why = "no total and no quantity is there: the price is taken as the amount of the line"
        return ColumnGuess("amount", identifier(name), (name,), 0.5, why)
    quantity = draft.assigned["quantity"]
    names = (quantity.candidate.name, price.candidate.name)
    why = "no total is there: quantity times unit price"
    if per_order:
        total = draft.assigned["amount"].candidate.name
        why = f"{total} is the order's total, repeated on its lines: quantity times unit price instead"
    elif "amount" in draft.assigned:
        total = draft.assigned["amount"].candidate.name
        why = f"{total} is blank on most lines: quantity times unit price instead"
    expression = " * ".join(map(identifier, names))
    return ColumnGuess("amount", expression, names, min(quantity.score, price.score), why)


def _column(table: str, name: str, assigned: Assigned) -> ColumnGuess:
    column = assigned.candidate
    bare = identifier(column.name)
    expression, remark = bare, ""
    if TABLES[table].columns[name].kind == "truth":
        expression, remark = _truth(bare, column.facts, running=_says_running(table, name, assigned))
    elif (table, name) == ("feedback", "label"):
        expression, remark = _label(bare, column.facts)
    elif (table, name) == ("campaigns", "arm"):
        expression, remark = _arm(bare, column.facts)
    why = f"{assigned.why}; {remark}" if remark else assigned.why
    return ColumnGuess(name, expression, (column.name,), assigned.score, why)


def _says_running(table: str, name: str, assigned: Assigned) -> bool:
    return name == "churned" and lexicon().match(table, name, assigned.candidate.form).word in RUNNING_WORDS


def _truth(bare: str, facts: Facts, *, running: bool) -> tuple[str, str]:
    """The condition that is true for the contracts that ended, the customers that agreed, …"""
    if not facts.values or pair_of(facts, "yes", "no") or pair_of(facts, "no", "yes"):
        wanted = spoken(facts, "no") if running else frozenset()
        return (
            (_among(bare, facts, wanted), "its yes means that the contract goes on") if wanted else (bare, "")
        )
    group = "ended" if spoken(facts, "ended") else "agreed"
    other = "running" if group == "ended" else "refused"
    unknown = facts.values - lexicon().values[group] - lexicon().values[other]
    remark = f"{len(unknown)} further values count as not" if unknown else ""
    return _among(bare, facts, spoken(facts, group)), remark


def _label(bare: str, facts: Facts) -> tuple[str, str]:
    if facts.number >= NEARLY_ALL or facts.values <= CANONICAL_LABELS:
        return bare, ""
    words = lexicon().values
    if pair_of(facts, "yes", "no"):
        cases = [(spoken(facts, "yes"), "positive"), (spoken(facts, "no"), "negative")]
    else:
        cases = [(facts.values & words[group], label) for group, label in LABELS]
    arms = " ".join(f"WHEN {_among(bare, facts, found)} THEN '{label}'" for found, label in cases if found)
    return f"CASE {arms} END", "the company's words are turned into positive, negative, neutral"


def _arm(bare: str, facts: Facts) -> tuple[str, str]:
    """The arms, the one that got nothing being called control."""
    control = spoken(facts, "control")
    if not control or control == {CONTROL}:
        return bare, ""
    other = f"'{TREATMENT}'" if facts.distinct == len(control) + 1 else bare
    words = "the company's word for those who got nothing is turned into control"
    return f"CASE WHEN {_among(bare, facts, control)} THEN '{CONTROL}' ELSE {other} END", words


def _among(bare: str, facts: Facts, wanted: Iterable[str]) -> str:
    """The condition that the column holds one of the words `wanted`, as they are spelled in the file."""
    spelled = sorted(facts.spelled[word] for word in wanted)
    literals = [spell if facts.number >= NEARLY_ALL else literal(spell) for spell in spelled]
    return f"{bare} = {literals[0]}" if len(literals) == 1 else f"{bare} IN ({', '.join(literals)})"


def literal(text: str) -> str:
    """`text` as a string in SQL."""
    return "'" + text.replace("'", "''") + "'"
