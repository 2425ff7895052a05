"""What each column holds: filling, range, quantiles, frequent values. Computed where the data lie."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.profiling.trust import shapes
from workbench.profiling.trust.values import finite, in_units, is_fraction, kinds_of, parts_of_one, rounded
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
NOTHING = dict.fromkeys(["lowest", "highest", "mean", "sd", "quantiles"]) | {
    "distinct": 0,
    "zeros": 0,
    "negatives": 0,
}


@dataclass(frozen=True)
class Columns:
    """What the columns of all mapped tables hold.

    Attributes
    ----------
    profile : pandas.DataFrame
        One row per column: table, column, kind, type (of the engine), attribute, rows, filled (rows),
        missing_share, distinct, approximate (whether `distinct` is an estimate); of numbers low, high, mean,
        sd, p05 … p95, zero_share and negative_share (of the filled rows); of times first and last. No text of
        a cell is in it. An optional column without a value counts as not mapped, an attribute does not.
    tops : pandas.DataFrame
        table, column, value, rows, share: the values of text columns that have few, each of at least
        `values.LEAST_GROUP` customers.
    shapes : pandas.DataFrame
        table, column, bin, low, high, rows: histograms of numbers; the first and the last bin are open.
    months : pandas.DataFrame
        table, column, month (first day), rows: of times.
    equal : tuple of (table, column, column)
        Columns of one table that hold the same in every row.
    whole : frozenset of (table, column)
        Columns of doubles that hold nothing but whole numbers.
    """

    profile: pd.DataFrame
    tops: pd.DataFrame
    shapes: pd.DataFrame
    months: pd.DataFrame
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


def columns(data: Canonical) -> Columns:
    """Profile all mapped tables: one pass for the figures and one for the shapes of a table's columns."""
    asked = {name: _answers(data.get(name), name, data) for name in data.tables}
    rows = [row for answers in asked.values() for row in answers]
    profile = pd.DataFrame([_public(row) for row in rows], columns=PROFILE).astype(
        {"first": "datetime64[us]", "last": "datetime64[us]"}
    )
    tops, histograms, months = shapes.shapes(data, profile)
    equal = [pair for name, answers in asked.items() for pair in _equal(data.get(name), name, answers)]
    whole = frozenset((row["table"], row["column"]) for row in rows if row["whole"])
    return Columns(profile, tops, histograms, months, tuple(equal), whole)


def _answers(table: ir.Table, name: str, data: Canonical) -> list[dict[str, Any]]:
    """What the engine says of each column, a chunk of columns at a time."""
    kinds = kinds_of(data, name)
    n, filling = _filling(table, kinds)
    full = [column for column, own in filling.items() if own["filled"]]
    figures: dict[str, dict[str, Any]] = {}
    for chunk in _chunks(full, min(COLUMNS_AT_ONCE, VALUES_AT_ONCE // max(n, 1))):
        asked = {
            column: _asked(
                table[column], kinds[column], exact=n <= EXACT_ROWS, whole=filling[column]["whole"]
            )
            for column in chunk
        }
        figures |= _answered(table, asked)
    found = []
    for column, own in filling.items():
        attribute, kind = column in data.attributes(name), str(table[column].type())
        own |= figures.get(column, NOTHING)
        if own.get("lowest") is not None and own["lowest"] == own["highest"]:
            own["distinct"] = 1  # not by the estimate
        own["parts"] = parts_of_one(table[column])
        about = {"table": name, "column": column, "kind": kinds[column], "type": kind, "rows": n}
        found.append(about | {"attribute": attribute, "approximate": n > EXACT_ROWS} | own)
    return [row for row in found if row["filled"] or row["attribute"]]


def _filling(table: ir.Table, kinds: Mapping[str, str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """The rows of a table; by column how many are filled, and whether all of them with whole numbers."""
    n, found = 0, {}
    for chunk in _chunks(list(kinds), COUNTED_AT_ONCE):
        asked = {column: {"filled": table[column].count(), "rows": table.count()} for column in chunk}
        for column in chunk:
            if table[column].type().is_floating():
                asked[column]["fractions"] = table[column].count(where=is_fraction(table[column]))
        for column, own in _answered(table, asked).items():
            n = own["rows"]
            found[column] = {"filled": own["filled"], "whole": own.get("fractions", 1) == 0}
    return n, found


def _answered(table: ir.Table, asked: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is asked of each column, in one pass."""
    flat = [(column, figure, value) for column, own in asked.items() for figure, value in own.items()]
    numbered = {str(number): value for number, (*_, value) in enumerate(flat)}
    answer = table.aggregate(**numbered).to_pyarrow().to_pylist()[0]
    found: dict[str, dict[str, Any]] = {column: {} for column in asked}
    for number, (column, figure, _) in enumerate(flat):
        found[column][figure] = answer[str(number)]
    return found


def _chunks(names: Sequence[str], wide: int) -> Iterable[Sequence[str]]:
    wide = max(wide, 1)
    return (names[start : start + wide] for start in range(0, len(names), wide))


def _asked(column: Any, kind: str, *, exact: bool, whole: bool) -> dict[str, Any]:
    """The figures of one column as expressions."""
    asked = {"distinct": column.nunique() if exact else column.approx_nunique()}
    if kind == "truth":
        return asked
    if kind not in ("money", "number"):
        return asked | {"lowest": column.min(), "highest": column.max()}
    x = finite(column)
    return asked | {
        "lowest": x.min(),
        "highest": x.max(),
        "mean": x.mean(),
        "sd": x.std(how="sample"),
        "quantiles": in_units(column, whole=whole).quantile(list(QUANTILES.values())),
        "zeros": x.count(where=x == 0),
        "negatives": x.count(where=x < 0),
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
        if row["distinct"] > 1 and "lowest" in row:
            sign = (row["type"], row["filled"], row["distinct"], row["lowest"], row["highest"])
            groups.setdefault(sign, []).append(row["column"])
    pairs = [(group[0], other) for group in groups.values() for other in group[1:]][:COLUMNS_AT_ONCE]
    if not pairs:
        return []
    asked = {
        str(number): ((table[one] == table[other]) | (table[one].isnull() & table[other].isnull())).sum()
        for number, (one, other) in enumerate(pairs)
    }
    same = table.aggregate(**asked).to_pyarrow().to_pylist()[0]
    rows = answers[0]["rows"]
    return [(name, *pair) for number, pair in enumerate(pairs) if same[str(number)] == rows]
