"""Values far beyond the others: the rule that marks them, how many there are, what they weigh."""

from collections.abc import Collection
from dataclasses import dataclass
from math import exp, log
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbench.profiling.trust.values import finite, in_units, only_row, parts_of_one, records, rounded
from workbench.sources import Canonical

FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's outer fences (1977, p. 44)
LEAST_ROWS = 100  # filled; below, quartiles are too rough for fences
MOST_COLUMNS = 100
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


def outliers(
    data: Canonical, profile: pd.DataFrame, whole: Collection[tuple[str, str]] = frozenset()
) -> Outliers:
    """Mark what lies beyond the fences of each numeric column of `Columns.profile`.

    Parameters
    ----------
    whole : collection of (table, column)
        `Columns.whole`: their quartiles are found sooner.
    """
    numeric = profile[profile.kind.isin(["money", "number"])]
    natural = [pair in NATURAL_RANGE for pair in zip(numeric.table, numeric["column"], strict=True)]
    judged = numeric[~np.array(natural, dtype=bool)]
    enough = judged[judged.filled >= LEAST_ROWS]
    rows = [
        row
        for name, about in enough.groupby("table", sort=False)
        for row in _of(data, str(name), about, whole)
    ]
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


def _of(
    data: Canonical, name: str, about: pd.DataFrame, whole: Collection[tuple[str, str]]
) -> list[dict[str, Any]]:
    table, about = data.get(name), about.head(MOST_COLUMNS)
    rules = {row.column: rule_of(name, row) for row in records(about)}
    sizes = {
        column: finite(table[column]).abs() if rule == "size" else finite(table[column])
        for column, rule in rules.items()
    }
    units = {column: in_units(table[column], whole=(name, column) in whole) for column in rules}
    quartiles = _quartiles(table, about, rules, units)
    found = {c: f for c, rule in rules.items() if (f := fences(*quartiles[c], rule)) is not None}
    if not found:
        return []
    money = finite(table["amount"]).abs() if name == "transactions" else None
    asked: dict[str, Any] = {} if money is None else {"money": money.sum()}
    for column, (lower, upper) in found.items():
        x = sizes[column].nullif(0) if rules[column] == "size" else sizes[column]
        beyond = (x < lower) | (x > upper)
        asked[f"rows {column}"] = x.count()
        asked[f"beyond {column}"] = x.count(where=beyond)
        if money is not None:
            asked[f"money {column}"] = money.sum(where=beyond)
    answer = only_row(table.aggregate(**asked))
    return [_row(name, column, rules[column], found[column], answer) for column in found]


def _quartiles(
    table: Any, about: pd.DataFrame, rules: dict[str, Rule], units: dict[str, Any]
) -> dict[str, tuple[float, float]]:
    """Quartiles of what is judged: those of the profile where the sizes are the values themselves."""
    known = {row.column: (row.p25, row.p75) for row in records(about)}
    signed = about[(about.low < 0) | (about.zero_share > 0)]
    others = [column for column in signed.column if rules[column] == "size"]
    if others:
        asked = {column: units[column].abs().nullif(0).quantile([0.25, 0.75]) for column in others}
        answer = only_row(table.aggregate(**asked))
        for column in others:
            parts = parts_of_one(table[column])
            low, high = answer[column] or (None, None)
            known[column] = ((low or 0) / parts, (high or 0) / parts)
    return {column: ends if None not in ends else (0.0, 0.0) for column, ends in known.items()}


def _row(
    name: str, column: str, rule: Rule, ends: tuple[float, float], answer: dict[str, Any]
) -> dict[str, Any]:
    rows, beyond = answer[f"rows {column}"], answer[f"beyond {column}"]
    held = answer.get(f"money {column}")
    total = answer.get("money")
    return {
        "table": name,
        "column": column,
        "rule": rule,
        "lower": rounded(ends[0]),
        "upper": rounded(ends[1]),
        "rows": rows,
        "beyond": beyond,
        "share": beyond / rows if rows else None,
        "money": rounded(held or 0.0) if total is not None else None,
        "money_share": rounded((held or 0.0) / total) if total else None,
    }
