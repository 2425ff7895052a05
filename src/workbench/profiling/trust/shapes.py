"""How the values of a column are spread: histograms, months, frequent values."""

from collections.abc import Iterable
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from workbench.profiling.trust.values import (
    COUNTS,
    FEW_VALUES,
    collected,
    counted,
    finite,
    may_be_named,
    records,
    tally,
    time_of,
    with_enough,
)
from workbench.sources import Canonical

BINS = 20
MONTHS_OF_A_YEAR = 12
MANY_ROWS = 500_000  # from which the customers of one day a month are enough to look for LEAST_GROUP of them
SHAPED = 60  # columns of a table with a shape: as many as a page shows
TOPS = ["table", "column", "value", "rows", "share"]
SHAPES = ["table", "column", "bin", "low", "high", "rows"]
MONTHS = ["table", "column", "month", "rows"]


def shapes(data: Canonical, profile: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Frequent values, histograms and months of the first SHAPED columns of each table.

    Returns
    -------
    tuple of pandas.DataFrame
        `Columns.tops`, `Columns.shapes`, `Columns.months`.
    """
    tops: list[dict[str, Any]] = []
    histograms: list[dict[str, Any]] = []
    months: list[dict[str, Any]] = []
    for name, about in profile[profile.distinct > 0].groupby("table", sort=False):
        table = data.get(str(name))
        asked = {i: row for i, row in enumerate(records(about.head(SHAPED))) if _has_shape(row)}
        branches = [_branch(table, row, i) for i, row in asked.items()]
        found = pd.DataFrame(list(collected(branches)), columns=COUNTS).dropna(subset="value")
        texts = {i: row.column for i, row in asked.items() if row.kind not in ("time", "money", "number")}
        named = with_enough(table, texts, found)
        for i, row in asked.items():
            if i in texts:
                tops += _tops(row, named[named.column == i])
            elif row.kind == "time":
                own = found[found.column == i]
                months += _months(row, zip(own["value"], own.rows, strict=True))
            else:
                histograms += _histogram(row, found[found.column == i])
    return (
        pd.DataFrame(tops, columns=TOPS),
        pd.DataFrame(histograms, columns=SHAPES),
        pd.DataFrame(months, columns=MONTHS).astype({"month": "datetime64[us]"}),
    )


def edges(row: Any) -> tuple[float, float]:
    """Where the histogram of a column begins and how wide its bins are.

    From the 5th to the 95th percentile and half as far again on both sides, as far as there are values: the
    few beyond are counted in the first and the last bin, so that they do not press the others into one.
    """
    reach = (row.p95 - row.p05) / 2
    low, high = (row.low, row.high) if reach == 0 else (
        max(row.low, row.p05 - reach), min(row.high, row.p95 + reach)
    )  # fmt: skip
    return low, (high - low) / BINS if high > low else 1.0


def _has_shape(row: Any) -> bool:
    if row.kind in ("money", "number"):
        return bool(pd.notna(row.p50))
    if row.kind == "time":
        return True
    return may_be_named(row.table, row.column, row.kind) and row.distinct <= FEW_VALUES


def _branch(table: ir.Table, row: Any, number: int) -> ir.Table:
    column = table[row.column]
    if row.kind == "time":
        return tally(table, column.year() * MONTHS_OF_A_YEAR + column.month() - 1, number)
    if row.kind in ("money", "number"):
        low, width = edges(row)
        place = ((finite(column) - low) / width).clip(0, BINS - 1).floor()
        return tally(table, place.cast("int32"), number)
    time = time_of(table, row.table)
    some = None if time is None or row.rows < MANY_ROWS else time.day() == 1
    return counted(table, column, number, some)


def _months(row: Any, counts: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    own = {"table": row.table, "column": row.column}
    listed = sorted((divmod(int(months), MONTHS_OF_A_YEAR), rows) for months, rows in counts)
    return [
        own | {"month": pd.Timestamp(year=year, month=month + 1, day=1), "rows": rows}
        for (year, month), rows in listed
    ]


def _histogram(row: Any, counts: pd.DataFrame) -> list[dict[str, Any]]:
    low, width = edges(row)
    by_bin = {int(value): rows for value, rows in zip(counts["value"], counts["rows"], strict=True)}
    last = max(by_bin, default=0)
    return [
        {
            "table": row.table,
            "column": row.column,
            "bin": place,
            "low": low + place * width,
            "high": low + (place + 1) * width,
            "rows": int(by_bin.get(place, 0)),
        }
        for place in range(last + 1)
    ]


def _tops(row: Any, counts: pd.DataFrame) -> list[dict[str, Any]]:
    shown = counts.sort_values(["rows", "value"], ascending=[False, True])
    return [
        {
            "table": row.table,
            "column": row.column,
            "value": value,
            "rows": int(rows),
            "share": rows / row.filled,
        }
        for value, rows in zip(shown["value"], shown["rows"], strict=True)
    ]
