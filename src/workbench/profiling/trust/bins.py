"""The values of a month in bins, which the next run compares its own with."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.profiling.trust.number_counts import Counts, NumberCounts
from workbench.profiling.trust.text_counts import TextCounts, Value
from workbench.profiling.trust.values import (
    NUMERIC,
    finite,
    in_last_month,
    in_units,
    kinds_of,
    may_be_named,
    only_row,
    parts_of_one,
    rounded,
    tallied,
    tally,
)
from workbench.sources import Canonical

DECILES = tuple(tenth / 10 for tenth in range(1, 10))
MOST_COLUMNS = 200  # of a table
MOST_VALUES = 30  # of a text column; the others are one
EMPTY_BIN = -1  # of the cells that are not filled
BINS = ["table", "column", "kind", "bin", "low", "high", "value", "rows"]


def bins(data: Canonical, numbers: NumberCounts, texts: TextCounts) -> pd.DataFrame:
    """The values of the study's last month in bins, for the next run to compare with.

    Numbers by their own deciles, truths and texts with few values by value; a value of fewer than
    `text_counts.LEAST_GROUP` customers is in the bin without a name, ids and what people wrote are not
    binned. Of tables without a time all rows count.

    Returns
    -------
    pandas.DataFrame
        table, column, kind, bin (EMPTY_BIN for cells that are not filled), low (inclusive) and high
        (exclusive) of numbers, None for open ends; value of texts, None for all others together; rows.
    """
    found = [row for name in data.tables for row in _bins_of(data, name, numbers, texts)]
    return pd.DataFrame(found, columns=BINS)


def last_month(table: ir.Table, name: str, as_of: date) -> ir.Table:
    """The rows of the month of `as_of`; all rows of a table without a time."""
    recent = in_last_month(table, name, as_of)
    return table if recent is None else table.filter(recent)


def binned(data: Canonical, name: str) -> dict[str, str]:
    """The columns whose values are compared: ``number`` or ``text``."""
    kinds = kinds_of(data, name).items()
    numbers = {column: "number" for column, kind in kinds if kind in NUMERIC}
    texts = {column: "text" for column, kind in kinds if may_be_named(name, column, kind)}
    both = numbers | texts
    return {column: both[column] for column in [c for c, _ in kinds if c in both][:MOST_COLUMNS]}


def place_of(column: Any, cuts: Sequence[float]) -> Any:
    """The number of `cuts` that a value has reached; none for what is not finite."""
    x = finite(column)
    reached = [(x < cut, place) for place, cut in enumerate(cuts)]
    return ibis.cases(*reached, (x.notnull(), len(cuts)))


def reached(counts: Counts, cuts: Sequence[float]) -> NDArray[np.int64]:
    """Of each value the number of `cuts` that it has reached, as `place_of` asks the engine for it."""
    return np.searchsorted(cuts, counts.values, side="right")


def _bins_of(data: Canonical, name: str, numbers: NumberCounts, texts: TextCounts) -> list[dict[str, Any]]:
    """The bins of one table: of what is counted at once, of other numbers as the engine says."""
    kinds = binned(data, name)
    made = {c: _number_bins_of(numbers.month[name, c]) for c in kinds if (name, c) in numbers.month}
    made |= {c: _text_bins(texts[name, c]) for c in kinds if (name, c) in texts}
    others = [c for c, kind in kinds.items() if kind == "number" and c not in made]
    made |= _asked_bins(data, name, others) if others else {}
    return [
        {"table": name, "column": column, "kind": kind} | row
        for column, kind in kinds.items()
        for row in made.get(column, [])
    ]


def _number_bins_of(counts: Counts) -> list[dict[str, Any]]:
    cuts = _cuts(counts.quantiles(DECILES), 1)
    listed = _number_bins(counts.by_place(reached(counts, cuts)), cuts)
    return [*listed, _bin(EMPTY_BIN, counts.empty)] if len(counts.values) else []


def _asked_bins(data: Canonical, name: str, columns: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    rows = last_month(data.get(name), name, data.as_of)
    asked: dict[str, Any] = {"n": rows.count()}
    for number, column in enumerate(columns):
        asked[f"n {number}"] = rows[column].count()
        asked[f"q {number}"] = in_units(rows[column]).quantile(list(DECILES))
    about = only_row(rows.aggregate(**asked))
    cuts = [_cuts(about[f"q {number}"], parts_of_one(rows[c])) for number, c in enumerate(columns)]
    branches = [tally(rows, place_of(rows[c], cuts[number]), number) for number, c in enumerate(columns)]
    made = {}
    for number, by_text in tallied(branches).items():
        by_place = {int(place): n for place, n in by_text.items()}
        empty = _bin(EMPTY_BIN, about["n"] - about[f"n {number}"])
        made[columns[number]] = [*_number_bins(by_place, cuts[number]), empty]
    return made


def _cuts(quantiles: Sequence[float | None] | None, parts: int) -> list[float]:
    known = (rounded(edge / parts) for edge in quantiles or [] if edge is not None)
    return sorted({edge for edge in known if edge is not None})


def _bin(
    number: int, rows: int, *, low: float | None = None, high: float | None = None, value: str | None = None
) -> dict[str, Any]:
    return {"bin": number, "low": low, "high": high, "value": value, "rows": int(rows)}


def _number_bins(by_place: Mapping[int, int], cuts: list[float]) -> list[dict[str, Any]]:
    ends: list[float | None] = [None, *cuts, None]
    return [
        _bin(place, by_place.get(place, 0), low=ends[place], high=ends[place + 1])
        for place in range(len(cuts) + 1)
    ]


def _text_bins(values: Sequence[Value]) -> list[dict[str, Any]]:
    filled = [value for value in values if value.text is not None and value.month_rows]
    named = [value for value in filled if value.named_in_month]
    shown = sorted(named, key=lambda value: (-value.month_rows, value.text))[:MOST_VALUES]
    others = sum(value.month_rows for value in filled) - sum(value.month_rows for value in shown)
    listed = [_bin(number, value.month_rows, value=value.text) for number, value in enumerate(shown)]
    empty = sum(value.month_rows for value in values if value.text is None)
    return [*listed, _bin(len(shown), others), _bin(EMPTY_BIN, empty)] if filled else []
