"""What each column holds: filling, range, quantiles, frequent values. Computed where the data lie."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.profiling.trust import shapes
from workbench.profiling.trust.values import (
    finite,
    in_units,
    is_fraction,
    kinds_of,
    only_row,
    parts_of_one,
    rounded,
)
from workbench.sources import TABLES, Canonical

EXACT_ROWS = 5_000_000  # above it distinct values are estimated: DuckDB may be a fifth off, and saves memory
QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
COLUMNS_AT_ONCE = 25  # of a table in one pass: planning a query takes more than its length in time
COUNTED_AT_ONCE = 100  # columns of which nothing but their filling is asked
VALUES_AT_ONCE = 20_000_000  # numbers that an engine holds to find exact quantiles: 160 MB
PROFILE = [
    "table", "column", "kind", "type", "attribute", "rows", "filled", "missing_share", "distinct",
    "approximate", "low", "high", "first", "last", "mean", "sd", *QUANTILES, "zero_share", "negative_share",
]  # fmt: skip
# What is known of a column without a value.
NOTHING = dict.fromkeys(["lowest", "highest", "mean", "sd", "quantiles", "fractions"]) | dict.fromkeys(
    ["filled", "distinct", "zeros", "negatives"], 0
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
    whole : frozenset of (table, column)
        Columns of doubles that hold nothing but whole numbers.
    """

    profile: pd.DataFrame
    equal: tuple[tuple[str, str, str], ...]
    whole: frozenset[tuple[str, str]]

    @property
    def due(self) -> pd.DataFrame:
        """The columns that ought to be filled: a time that may lie ahead (an end, an answer) is no gap."""
        ahead = {(name, column) for name, about in TABLES.items() for column in about.hidden_until}
        p = self.profile
        open_ended = [pair in ahead for pair in zip(p.table, p["column"], strict=True)]
        return p[~np.array(open_ended, dtype=bool)]

    @property
    def empty(self) -> pd.DataFrame:
        """The columns without any value, of tables that have rows."""
        return self.profile[(self.profile.filled == 0) & (self.profile.rows > 0)]

    @property
    def constant(self) -> pd.DataFrame:
        """The columns that hold one value in all of several rows."""
        p = self.profile
        return p[(p.distinct == 1) & (p.filled == p.rows) & (p.rows > 1)]


@dataclass(frozen=True)
class Columns(Figures):
    """What the columns hold: their figures, and how their values are spread.

    Attributes
    ----------
    tops : pandas.DataFrame
        table, column, value, rows, share: the values of text columns that have few, each of at least
        `values.LEAST_GROUP` customers.
    shapes : pandas.DataFrame
        table, column, bin, low, high, rows: histograms of numbers; the first and the last bin are open.
    months : pandas.DataFrame
        table, column, month (first day), rows: of times.
    """

    tops: pd.DataFrame
    shapes: pd.DataFrame
    months: pd.DataFrame


def columns(data: Canonical) -> Columns:
    """Profile all mapped tables: one pass for the figures and one for the shapes of a table's columns."""
    found = figures(data)
    return with_shapes(found, shapes.shapes(data, found.profile))


def with_shapes(found: Figures, spread: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> Columns:
    """The figures and what `shapes.shapes` says, as one."""
    return Columns(found.profile, found.equal, found.whole, *spread)


def figures(data: Canonical) -> Figures:
    """The figures of the columns of all mapped tables, in one pass of each table."""
    asked = {name: _answers(data.get(name), name, data) for name in data.tables}
    rows = [row for answers in asked.values() for row in answers]
    profile = pd.DataFrame([_public(row) for row in rows], columns=PROFILE).astype(
        {"first": "datetime64[us]", "last": "datetime64[us]"}
    )
    equal = [pair for name, answers in asked.items() for pair in _equal(data.get(name), name, answers)]
    whole = frozenset((row["table"], row["column"]) for row in rows if row["fractions"] == 0)
    return Figures(profile, tuple(equal), whole)


def _answers(table: ir.Table, name: str, data: Canonical) -> list[dict[str, Any]]:
    """What the engine says of each column, a chunk of columns at a time."""
    kinds = kinds_of(data, name)
    n, doubles = _doubles(table, kinds)
    asked = [column for column in kinds if column not in doubles or doubles[column]["filled"]]
    answers: dict[str, dict[str, Any]] = {}
    for chunk in _chunks(asked, min(COLUMNS_AT_ONCE, VALUES_AT_ONCE // max(n, 1))):
        questions = {}
        for column in chunk:
            whole = column in doubles and not doubles[column]["fractions"]
            questions[column] = _asked(table[column], kinds[column], exact=n <= EXACT_ROWS, whole=whole)
        answers |= _answered(table, questions)
    found = []
    for column, kind in kinds.items():
        own = NOTHING | doubles.get(column, {}) | answers.get(column, {})
        if own["lowest"] is not None and own["lowest"] == own["highest"]:
            own["distinct"] = 1  # not by the estimate
        about = {"table": name, "column": column, "kind": kind, "type": str(table[column].type()), "rows": n}
        about |= {"attribute": column in data.attributes(name), "approximate": n > EXACT_ROWS}
        found.append(about | {"parts": parts_of_one(table[column])} | own)
    return [row for row in found if row["filled"] or row["attribute"] or (n and name in data.mapped)]


def _doubles(table: ir.Table, kinds: Iterable[str]) -> tuple[int, dict[str, dict[str, int]]]:
    """The rows of a table; of its doubles how many cells are filled, and how many not with whole numbers."""
    doubles = [column for column in kinds if table[column].type().is_floating()]
    found: dict[str, dict[str, int]] = {}
    for chunk in _chunks(doubles, COUNTED_AT_ONCE) if doubles else [[]]:
        asked = {"": {"rows": table.count()}}
        for column in chunk:
            x = table[column]
            asked[column] = {"filled": x.count(), "fractions": x.count(where=is_fraction(x))}
        found |= _answered(table, asked)
    return found.pop("")["rows"], found


def _answered(table: ir.Table, asked: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is asked of each column, in one pass."""
    flat = [(column, figure, value) for column, own in asked.items() for figure, value in own.items()]
    numbered = {str(number): value for number, (*_, value) in enumerate(flat)}
    answer = only_row(table.aggregate(**numbered))
    found: dict[str, dict[str, Any]] = {column: {} for column in asked}
    for number, (column, figure, _) in enumerate(flat):
        found[column][figure] = answer[str(number)]
    return found


def _chunks(names: Sequence[str], wide: int) -> Iterable[Sequence[str]]:
    wide = max(wide, 1)
    return (names[start : start + wide] for start in range(0, len(names), wide))


def _asked(column: Any, kind: str, *, exact: bool, whole: bool) -> dict[str, Any]:
    """The figures of one column as expressions."""
    distinct = column.nunique() if exact else column.approx_nunique()
    asked = {"filled": column.count(), "distinct": distinct}
    if kind == "time":
        return asked | {"lowest": column.min(), "highest": column.max()}
    if kind not in ("money", "number"):  # texts are put in order slowly, and none of them is shown
        return asked
    x = finite(column)
    plain = column if column.type().is_decimal() else x  # decimals are compared sooner than as doubles
    return asked | {
        "lowest": plain.min().cast("float64"),
        "highest": plain.max().cast("float64"),
        "mean": x.mean(),
        "sd": x.std(how="sample"),
        "quantiles": in_units(column, whole=whole).quantile(list(QUANTILES.values())),
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
    if row["kind"] not in ("money", "number"):
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
    pairs = [(group[0], other) for group in groups.values() for other in group[1:]][:COLUMNS_AT_ONCE]
    if not pairs:
        return []
    asked = {
        str(number): ((table[one] == table[other]) | (table[one].isnull() & table[other].isnull())).sum()
        for number, (one, other) in enumerate(pairs)
    }
    same = only_row(table.aggregate(**asked))
    rows = answers[0]["rows"]
    return [(name, *pair) for number, pair in enumerate(pairs) if same[str(number)] == rows]
