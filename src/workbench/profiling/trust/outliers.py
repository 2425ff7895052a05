"""Values far beyond the others: the rule that marks them, how many there are, what they weigh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Any, Literal

import ibis.expr.types as ir
import pandas as pd

from workbench.profiling.trust.number_counts import Counts, NumberCounts
from workbench.profiling.trust.values import (
    NUMERIC,
    answered,
    finite,
    in_units,
    only_row,
    parts_of_one,
    records,
    rounded,
)
from workbench.sources import Canonical

FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's outer fences (1977, p. 44)
LEAST_ROWS = 100  # filled; below, quartiles are too rough for fences
MOST_COLUMNS = 100
QUARTILES, NO_QUARTILES = (0.25, 0.75), (0.0, 0.0)
NATURAL_RANGE = {("feedback", "rating"), ("feedback", "nps")}  # scales have no outliers
SIGNED = {
    ("transactions", c) for c in ("amount", "quantity", "margin", "cost")
}  # refunds have their own sign
OUTLIERS = ["table", "column", "rule", "lower", "upper", "rows", "beyond", "share", "money", "money_share"]
Rule = Literal["size", "plain"]


@dataclass(frozen=True)
class Outliers:
    """Rows beyond the fences of their column. Nothing is removed.

    Attributes
    ----------
    columns : pandas.DataFrame
        One row per numeric column with fences, the one with the largest share of money, then of rows, first:
        table, column, rule, lower, upper, rows (judged), beyond (rows), share, money (sum of the sizes of
        their amounts, transactions only), money_share.

        Rule ``size``: on the logarithm of the size |x| > 0, Q1 - 3 IQR and Q3 + 3 IQR; for amounts and
        quantities, where a refund is as large as a sale, and for columns without negative values whose upper
        quartile lies further from the median than the lower one. Rule ``plain``: the same on x itself.
    without : int
        Numeric columns without fences: too few rows, or more than half of the rows hold one value.
    """

    columns: pd.DataFrame
    without: int


def outliers(data: Canonical, profile: pd.DataFrame, numbers: NumberCounts) -> Outliers:
    """Mark what lies beyond the fences of each numeric column of `Columns.profile`."""
    numeric = [row for row in records(profile) if row.kind in NUMERIC]
    judged = [row for row in numeric if (row.table, row.column) not in NATURAL_RANGE]
    enough = [row for row in judged if row.filled >= LEAST_ROWS]
    rows = []
    for name in data.tables:
        about = [row for row in enough if row.table == name][:MOST_COLUMNS]
        rows += _of(data, name, about, numbers) if about else []
    frame = pd.DataFrame(rows, columns=OUTLIERS)
    order = ["money_share", "share", "table", "column"]
    frame = frame.sort_values(order, ascending=[False, False, True, True], na_position="last")
    return Outliers(frame.reset_index(drop=True), len(judged) - len(frame))


def rule_of(table: str, row: Any) -> Rule:
    """Which rule fits a column, from its profile."""
    if (table, row.column) in SIGNED:
        return "size"
    skewed = row.p75 - row.p50 > row.p50 - row.p25
    return "size" if row.low >= 0 and skewed else "plain"


def fences(q1: float, q3: float, rule: Rule) -> tuple[float, float] | None:
    """Lower and upper fence from the quartiles (of the sizes for rule ``size``); None if they are one."""
    if not q1 < q3:
        return None
    if rule == "plain":
        reach = FENCE * (q3 - q1)
        return q1 - reach, q3 + reach
    reach = FENCE * (log(q3) - log(q1))
    return exp(log(q1) - reach), exp(log(q3) + reach)


def _of(data: Canonical, name: str, about: Sequence[Any], numbers: NumberCounts) -> list[dict[str, Any]]:
    table, rules = data.get(name), {row.column: rule_of(name, row) for row in about}
    known = {column: numbers.whole[name, column] for column in rules if (name, column) in numbers.whole}
    known = {column: own.sizes() if rules[column] == "size" else own for column, own in known.items()}
    quartiles = _quartiles(table, [row for row in about if row.column not in known], rules)
    for column, own in known.items():
        low, high = own.quantiles(QUARTILES) or NO_QUARTILES
        quartiles[column] = (low, high)
    found = {c: f for c, rule in rules.items() if (f := fences(*quartiles[c], rule)) is not None}
    beyond = {column: _counted_beyond(known[column], found[column]) for column in found if column in known}
    asked = {column: ends for column, ends in found.items() if column not in known}
    beyond |= _beyond(table, name, rules, asked) if asked else {}
    return [_row(name, column, rules[column], found[column], beyond[column]) for column in found]


def _counted_beyond(counts: Counts, ends: tuple[float, float]) -> dict[str, Any]:
    beyond = (counts.values < ends[0]) | (counts.values > ends[1])
    found = {"rows": int(counts.rows.sum()), "beyond": int(counts.rows[beyond].sum()), "held": counts.held}
    return found if counts.money is None else found | {"money": float(counts.money[beyond].sum())}


def _beyond(
    table: ir.Table, name: str, rules: Mapping[str, Rule], fenced: Mapping[str, tuple[float, float]]
) -> dict[str, dict[str, Any]]:
    """Rows that are judged, those beyond the fences, and their money, as the engine says."""
    money = finite(table["amount"]).abs() if name == "transactions" else None
    asked: dict[str, dict[str, Any]] = {}
    for column, (lower, upper) in fenced.items():
        x = finite(table[column])
        x = x.abs().nullif(0) if rules[column] == "size" else x
        beyond = (x < lower) | (x > upper)
        asked[column] = {"rows": x.count(), "beyond": x.count(where=beyond)}
        if money is not None:
            asked[column] |= {"money": money.sum(where=beyond), "held": money.sum()}
    return answered(table, asked)


def _quartiles(
    table: ir.Table, about: Sequence[Any], rules: Mapping[str, Rule]
) -> dict[str, tuple[float, float]]:
    """Quartiles of what is judged: those of the profile where the sizes are the values themselves."""
    known = {row.column: (row.p25, row.p75) for row in about}
    signed = [row.column for row in about if row.low < 0 or row.zero_share > 0]
    others = [column for column in signed if rules[column] == "size"]
    if others:
        asked = {c: in_units(table[c]).abs().nullif(0).quantile(list(QUARTILES)) for c in others}
        answer = only_row(table.aggregate(**asked))
        for column in others:
            low, high = answer[column] or NO_QUARTILES
            known[column] = (low / parts_of_one(table[column]), high / parts_of_one(table[column]))
    return known


def _row(
    name: str, column: str, rule: Rule, ends: tuple[float, float], found: Mapping[str, Any]
) -> dict[str, Any]:
    rows, beyond, total = found["rows"], found["beyond"], found.get("held")
    held = found.get("money") or 0.0
    return {
        "table": name,
        "column": column,
        "rule": rule,
        "lower": rounded(ends[0]),
        "upper": rounded(ends[1]),
        "rows": rows,
        "beyond": beyond,
        "share": beyond / rows if rows else None,
        "money": rounded(held) if total is not None else None,
        "money_share": rounded(held / total) if total else None,
    }
