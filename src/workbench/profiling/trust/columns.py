"""What each column holds: filling, range, quantiles, frequent values. Computed where the data lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.profiling.trust import number_counts
from workbench.profiling.trust.filling import Filling
from workbench.profiling.trust.number_counts import Counts, NumberCounts
from workbench.profiling.trust.values import (
    NUMERIC,
    answered,
    chunks,
    finite,
    in_units,
    kinds_of,
    only_row,
    parts_of_one,
    records,
    rounded,
)
from workbench.sources import TABLES, Canonical

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
COMPARED = 25  # pairs of columns that look alike
PROFILE = [
    "table", "column", "kind", "type", "attribute", "rows", "filled", "missing_share", "distinct",
    "approximate", "low", "high", "first", "last", "mean", "sd", *QUANTILES, "zero_share", "negative_share",
]  # fmt: skip
# What is known of a column without a value.
NOTHING = dict.fromkeys(["lowest", "highest", "mean", "sd", "quantiles"]) | dict.fromkeys(
    ["distinct", "zeros", "negatives"], 0
)


@dataclass(frozen=True)
class Figures:
    """What can be said of the columns of all mapped tables in figures.

    Attributes
    ----------
    profile : pandas.DataFrame
        One row per column: table, column, kind, type (of the engine), attribute, rows, filled (rows),
        missing_share, distinct, approximate (whether `distinct` is an estimate); of numbers low, high, mean,
        sd, p05 … p95, zero_share and negative_share (of the filled rows); of times first and last. No text of
        a cell is in it. Of a table made by hand or without rows, a column without a value counts as not
        mapped.
    equal : tuple of (table, column, column)
        Columns of one table that hold the same in every row.
    """

    profile: pd.DataFrame
    equal: tuple[tuple[str, str, str], ...]

    @property
    def due(self) -> pd.DataFrame:
        """The columns that ought to be filled: a time that may lie ahead (an end, an answer) is no gap."""
        ahead = {(name, column) for name, about in TABLES.items() for column in about.hidden_until}
        p = self.profile
        open_ended = [pair in ahead for pair in zip(p.table, p["column"], strict=True)]
        return p[~np.array(open_ended, dtype=bool)]

    @property
    def empty(self) -> list[str]:
        """The columns (table.column) without any value, of tables that have rows."""
        return [f"{c.table}.{c.column}" for c in records(self.profile) if c.filled == 0 < c.rows]

    @property
    def constant(self) -> list[str]:
        """The columns (table.column) that hold one value in all of several rows."""
        return [
            f"{c.table}.{c.column}" for c in records(self.profile) if c.distinct == 1 < c.filled == c.rows
        ]


@dataclass(frozen=True)
class Columns(Figures):
    """What the columns hold: their figures, and how their values are spread.

    Attributes
    ----------
    tops : pandas.DataFrame
        table, column, value, rows, share: the values of text columns that have few, each of at least
        `text_counts.LEAST_GROUP` customers.
    shapes : pandas.DataFrame
        table, column, bin, low, high, rows: histograms of numbers; the first and the last bin are open.
    months : pandas.DataFrame
        table, column, month (first day), rows: of times.
    """

    tops: pd.DataFrame
    shapes: pd.DataFrame
    months: pd.DataFrame


def figures(data: Canonical, full: Mapping[str, Filling], numbers: NumberCounts) -> Figures:
    """The figures of the columns of all mapped tables, in one pass of each table."""
    asked = {name: _answers(data, name, full[name], numbers) for name in data.tables}
    rows = [row for answers in asked.values() for row in answers]
    profile = pd.DataFrame([_public(row) for row in rows], columns=PROFILE).astype(
        {"first": "datetime64[us]", "last": "datetime64[us]"}
    )
    equal = [pair for name, answers in asked.items() for pair in _equal(data.get(name), name, answers)]
    return Figures(profile, tuple(equal))


def _answers(data: Canonical, name: str, full: Filling, numbers: NumberCounts) -> list[dict[str, Any]]:
    """What is said of each column: by the counts of its values, else by the engine, a chunk at a time."""
    table, kinds, n = data.get(name), kinds_of(data, name), full.rows
    known = {column: numbers.whole[name, column] for column in kinds if (name, column) in numbers.whole}
    answers = {column: _of_counts(own) for column, own in known.items()}
    numeric = [column for column, kind in kinds.items() if kind in NUMERIC]
    asked = [column for column in numeric if full.columns[column]["filled"] and column not in known]
    for chunk in chunks(asked, full.at_once):
        answers |= answered(table, {column: _asked(table[column], full.columns[column]) for column in chunk})
    found = []
    for column, kind in kinds.items():
        own = NOTHING | {"parts": parts_of_one(table[column])} | full.columns[column]
        own |= answers.get(column, {})
        if own["lowest"] is not None and own["lowest"] == own["highest"]:
            own["distinct"] = 1  # not by the estimate
        about = {"table": name, "column": column, "kind": kind, "type": str(table[column].type()), "rows": n}
        about |= {"attribute": column in data.attributes(name), "approximate": not full.exact}
        found.append(about | ({"approximate": False} if column in known else {}) | own)
    return [row for row in found if row["filled"] or row["attribute"] or (n and name in data.mapped)]


def _of_counts(counts: Counts) -> dict[str, Any]:
    quantiles = counts.quantiles(list(QUANTILES.values()))
    return number_counts.figures(counts) | {"quantiles": quantiles, "parts": 1}


def _asked(column: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a numeric column as expressions, without those that are `known`."""
    x = finite(column)
    plain = column if column.type().is_decimal() else x  # decimals are compared sooner than as doubles
    asked = {} if "distinct" in known else {"distinct": column.nunique()}
    return asked | {
        "lowest": plain.min().cast("float64"),
        "highest": plain.max().cast("float64"),
        "mean": x.mean(),
        "sd": x.std(how="sample"),
        "quantiles": in_units(column).quantile(list(QUANTILES.values())),
        "zeros": column.count(where=plain == 0),
        "negatives": column.count(where=plain < 0),
    }


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    """What may leave: of texts and ids no value, of times and numbers the range."""
    shown = {key: row.get(key) for key in PROFILE}
    filled, rows = row["filled"], row["rows"]
    shown["missing_share"] = 1 - filled / rows if rows else None
    if row["kind"] == "time":
        return shown | {"first": row["lowest"], "last": row["highest"]}
    if row["kind"] not in NUMERIC:
        return shown
    quantiles = row["quantiles"] or [None] * len(QUANTILES)
    figures = {"low": row["lowest"], "high": row["highest"], "mean": row["mean"], "sd": row["sd"]}
    figures |= {
        name: None if value is None else value / row["parts"]
        for name, value in zip(QUANTILES, quantiles, strict=True)
    }
    shares = {"zero_share": row["zeros"], "negative_share": row["negatives"]}
    shown |= {name: count / filled if filled else None for name, count in shares.items()}
    return shown | {name: rounded(value) for name, value in figures.items()}


def _equal(table: ir.Table, name: str, answers: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Pairs of columns that are the same in every row; only those with equal figures are compared."""
    groups: dict[Any, list[str]] = {}
    for row in answers:
        if row["distinct"] > 1 and row["kind"] != "truth":
            sign = (row["type"], row["filled"], row["distinct"], row["lowest"], row["highest"])
            groups.setdefault(sign, []).append(row["column"])
    pairs = [(group[0], other) for group in groups.values() for other in group[1:]][:COMPARED]
    if not pairs:
        return []
    asked = {
        str(number): ((table[one] == table[other]) | (table[one].isnull() & table[other].isnull())).sum()
        for number, (one, other) in enumerate(pairs)
    }
    same = only_row(table.aggregate(**asked))
    rows = answers[0]["rows"]
    return [(name, *pair) for number, pair in enumerate(pairs) if same[str(number)] == rows]
