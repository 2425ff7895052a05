"""Numbers counted by value, once: what can be said of one column then follows from a few counts.

To put a column in order for its quantiles takes an engine longer than all its other figures together. Few
columns hold many different numbers; of the others, the counts are put in order instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.profiling.trust.filling import Filling
from workbench.profiling.trust.values import (
    BRANCHES_AT_ONCE,
    LARGEST,
    NUMERIC,
    chunks,
    finite,
    in_last_month,
    kinds_of,
)
from workbench.sources import Canonical, answer

MOST_VALUES = 50_000  # different numbers of a column that is counted, an empty value among them
# On average, of a counted column: counts of values that hardly repeat would be the column itself.
ROWS_PER_VALUE = 4
VALUES_HELD = 1_000_000  # different numbers of all counted columns of a table together: 32 MB


@dataclass(frozen=True)
class Counts:
    """How often each number of a column occurs.

    Attributes
    ----------
    values : ndarray of float64
        Ascending; what is infinite, no number or beyond LARGEST is left out. No two are alike, but after
        `sizes`.
    rows : ndarray of int64
        With each of the `values`.
    money : ndarray of float64 or None
        Sum of the sizes of the amounts in these rows; None where the table has none, and of a month.
    empty : int
        Rows without a value.
    filled, distinct : int
        Rows with a value and different values, those that are left out included.
    held : float or None
        Sum of the sizes of all amounts.
    """

    values: NDArray[np.float64]
    rows: NDArray[np.int64]
    money: NDArray[np.float64] | None
    empty: int
    filled: int
    distinct: int
    held: float | None

    def quantiles(self, levels: Sequence[float]) -> list[float] | None:
        """Exact, interpolated between neighbours as an engine does; None without a number."""
        if not len(self.values):
            return None
        ends = np.cumsum(self.rows)
        at = np.asarray(levels) * (ends[-1] - 1)
        low, high = (
            self.values[np.searchsorted(ends, rank, side="right")] for rank in (np.floor(at), np.ceil(at))
        )
        found: list[float] = (low + (high - low) * (at - np.floor(at))).tolist()
        return found

    def by_place(self, places: NDArray[np.int64]) -> dict[int, int]:
        """Rows by the place that each of the `values` has; places without rows are left out."""
        found = np.bincount(places, weights=self.rows) if len(places) else np.array([])
        return {place: int(rows) for place, rows in enumerate(found) if rows}

    def sums(self) -> tuple[float, float]:
        """What the positive numbers come to, and the negative ones without their sign."""
        x, positive = self.values * self.rows, self.values > 0
        return float(x[positive].sum()), abs(float(x[~positive].sum()))

    def sizes(self) -> "Counts":
        """The same of |x| > 0."""
        size = np.abs(self.values)
        order = np.argsort(size, kind="stable")
        order = order[size[order] > 0]
        money = None if self.money is None else self.money[order]
        return replace(self, values=size[order], rows=self.rows[order], money=money)


@dataclass(frozen=True)
class NumberCounts:
    """The counted columns by (table, column): of all rows, and of the study's last month."""

    whole: Mapping[tuple[str, str], Counts]
    month: Mapping[tuple[str, str], Counts]


def counted(data: Canonical, filling: Mapping[str, Filling]) -> NumberCounts:
    """Count the numeric columns with few different numbers, many of a table in one query."""
    whole: dict[tuple[str, str], Counts] = {}
    month: dict[tuple[str, str], Counts] = {}
    for name in data.tables:
        for column, rows in _by_value(data, name, _chosen(filling[name], kinds_of(data, name))):
            money = rows["money"] if name == "transactions" else None
            whole[name, column] = _counts(rows["value"], rows["rows"], money)
            month[name, column] = _counts(rows["value"], rows["month_rows"])
    return NumberCounts(whole, month)


def figures(counts: Counts) -> dict[str, Any]:
    """What `columns` asks of a numeric column, quantiles left out."""
    x, rows = counts.values, counts.rows
    found = {"filled": counts.filled, "distinct": counts.distinct}
    n = int(rows.sum())
    if not n:
        return found
    mean = float((x * rows).sum() / n)
    variance = float((rows * (x - mean) ** 2).sum() / (n - 1)) if n > 1 else None
    return found | {
        "lowest": float(x[0]),
        "highest": float(x[-1]),
        "mean": mean,
        "sd": None if variance is None else variance**0.5,
        "zeros": int(rows[x == 0].sum()),
        "negatives": int(rows[x < 0].sum()),
    }


def _chosen(filling: Filling, kinds: Mapping[str, str]) -> dict[str, int]:
    """The columns to count, of few different values or as yet unknown ones, and how many they may have."""
    numeric = {column: filling.columns[column] for column, kind in kinds.items() if kind in NUMERIC}
    most = {column: min(MOST_VALUES, own["filled"] // ROWS_PER_VALUE) for column, own in numeric.items()}
    return {column: n for column, n in most.items() if n and numeric[column].get("distinct", 0) <= n}


def _by_value(data: Canonical, name: str, columns: Mapping[str, int]) -> Iterator[tuple[str, pa.Table]]:
    """The counts of those `columns` that prove to have few different values, while they may be held."""
    table, held = data.get(name), 0
    for some in chunks(list(columns), BRANCHES_AT_ONCE):
        # No more than that leaves the engine: one row too many says that the column has many values.
        branches = [
            _branch(table, name, column, number, data).limit(columns[column] + 1)
            for number, column in enumerate(some)
        ]
        found = answer(ibis.union(*branches) if len(branches) > 1 else branches[0])
        for number, column in enumerate(some):
            rows = found.filter(pc.equal(found["column"], number))
            if len(rows) <= columns[column] and held + len(rows) <= VALUES_HELD:
                held += len(rows)
                yield column, rows
        if held + MOST_VALUES > VALUES_HELD:
            return


def _branch(table: ir.Table, name: str, column: str, number: int, data: Canonical) -> ir.Table:
    recent = in_last_month(table, name, data.as_of)
    asked = {"rows": table.count(), "month_rows": table.count(where=recent)}
    if name == "transactions":
        asked["money"] = finite(table["amount"]).abs().sum()
    found = table.aggregate(**asked, by=[table[column].name("value")])
    value = found["value"].cast("float64")
    return found.select(*asked, column=ibis.literal(number, "int32"), value=value)


def _counts(value: pa.ChunkedArray, rows: pa.ChunkedArray, money: pa.ChunkedArray | None = None) -> Counts:
    """The counts of a column from its different values, of which one may be empty."""
    x, n = value.to_numpy(), rows.to_numpy()  # an empty value is no number either
    amounts = None if money is None else np.nan_to_num(money.to_numpy())
    there = value.is_valid().to_numpy() & (n > 0)
    filled = int(n[there].sum())
    inside = np.flatnonzero(there & (np.abs(x) < LARGEST))
    inside = inside[np.argsort(x[inside], kind="stable")]
    return Counts(
        x[inside],
        n[inside],
        None if amounts is None else amounts[inside],
        empty=int(n.sum()) - filled,
        filled=filled,
        distinct=int(there.sum()),
        held=None if amounts is None else float(amounts.sum()),
    )
