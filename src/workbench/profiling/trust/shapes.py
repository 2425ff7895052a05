"""How the values of a column are spread: histograms, months, frequent values."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.profiling.trust.number_counts import Counts, NumberCounts
from workbench.profiling.trust.text_counts import TextCounts, Value
from workbench.profiling.trust.values import (
    NUMERIC,
    finite,
    records,
    tallied,
    tally,
)
from workbench.sources import Canonical

BINS = 20
MONTHS_OF_A_YEAR = 12
SHAPED = 60  # columns of a table with a shape: as many as a page shows
TOPS = ["table", "column", "value", "rows", "share"]
SHAPES = ["table", "column", "bin", "low", "high", "rows"]
MONTHS = ["table", "column", "month", "rows"]


def shapes(
    data: Canonical, profile: pd.DataFrame, numbers: NumberCounts, texts: TextCounts
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Frequent values, histograms and months of the first SHAPED columns of each table.

    Returns
    -------
    tuple of pandas.DataFrame
        `Columns.tops`, `Columns.shapes`, `Columns.months`.
    """
    tops: list[dict[str, Any]] = []
    histograms: list[dict[str, Any]] = []
    months: list[dict[str, Any]] = []
    filled = [row for row in records(profile) if row.distinct > 0]
    for name in data.tables:
        shown = [row for row in filled if row.table == name][:SHAPED]
        known = {row.column: numbers.whole.get((name, row.column)) for row in shown}
        asked = {i: row for i, row in enumerate(shown) if known[row.column] is None and _has_shape(row)}
        found = tallied([_branch(data.get(name), row, i) for i, row in asked.items()])
        for i, row in enumerate(shown):
            counts, by_place = known[row.column], {int(text): n for text, n in found.get(i, {}).items()}
            tops += _tops(row, texts.get((name, row.column), ()))
            if row.kind == "time":
                months += _months(row, by_place)
            elif _has_shape(row):
                histograms += _histogram(row, by_place if counts is None else _places(row, counts))
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
    if row.kind in NUMERIC:
        return bool(pd.notna(row.p50))
    return bool(row.kind == "time")


def _branch(table: ir.Table, row: Any, number: int) -> ir.Table:
    column = table[row.column]
    if row.kind == "time":
        return tally(table, column.year() * MONTHS_OF_A_YEAR + column.month() - 1, number)
    low, width = edges(row)
    place = ((finite(column) - low) / width).clip(0, BINS - 1).floor()
    return tally(table, place.cast("int32"), number)


def _months(row: Any, counts: Mapping[int, int]) -> list[dict[str, Any]]:
    own = {"table": row.table, "column": row.column}
    listed = sorted((divmod(months, MONTHS_OF_A_YEAR), rows) for months, rows in counts.items())
    return [
        own | {"month": pd.Timestamp(year=year, month=month + 1, day=1), "rows": rows}
        for (year, month), rows in listed
    ]


def _places(row: Any, counts: Counts) -> dict[int, int]:
    """Rows by bin, as `_branch` asks the engine for them."""
    low, width = edges(row)
    return counts.by_place(np.clip((counts.values - low) / width, 0, BINS - 1).astype(np.int64))


def _histogram(row: Any, by_bin: Mapping[int, int]) -> list[dict[str, Any]]:
    low, width = edges(row)
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


def _tops(row: Any, values: Sequence[Value]) -> list[dict[str, Any]]:
    return [
        {
            "table": row.table,
            "column": row.column,
            "value": value.text,
            "rows": value.rows,
            "share": value.rows / row.filled,
        }
        for value in sorted(
            filter(lambda value: value.named, values), key=lambda value: (-value.rows, value.text)
        )
    ]
