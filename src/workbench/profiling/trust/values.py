"""What kind of values a column holds, and which of them may be named."""

from collections import namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.calendar import end_of_day
from workbench.sources import TABLES, Canonical, answer

NUMERIC = ("money", "number")  # kinds
FREE_TEXT = {("feedback", "text")}  # what people have written
BRANCHES_AT_ONCE = 12  # grouped counts in one query
# Beyond it the squares that a standard deviation needs leave the range of doubles.
LARGEST = 1e100
MOST_DIGITS = 18  # of a decimal that fits a 64-bit number
DIGITS = 10  # sums of doubles differ in the last digits with the order of threads


def kinds_of(data: Canonical, table: str) -> dict[str, str]:
    """The kind of each mapped column of a canonical table; of an attribute ``number`` or ``text``."""
    canonical, own = TABLES[table].columns, data.attributes(table)
    schema = data.get(table).schema()
    types = {name: schema[name] for name in data.columns(table)}
    return {
        name: ("number" if types[name].is_numeric() else "truth" if types[name].is_boolean() else "text")
        if name in own or name not in canonical
        else canonical[name].kind
        for name in types
    }


def finite(column: Any) -> Any:
    """A numeric column as doubles; what is infinite, not a number or beyond LARGEST is missing."""
    x = column.cast("float64")
    if column.type().is_decimal():
        return x
    return ibis.ifelse(x.abs() < LARGEST, x, ibis.null("float64"))


def in_units(column: Any) -> Any:
    """A numeric column to take quantiles from, in parts of one: see `parts_of_one`.

    Decimals become 64-bit numbers: an engine puts these in order in a fraction of the time that doubles take.
    """
    if _fits_64_bits(column):
        return (column * parts_of_one(column)).cast("int64")
    return finite(column)


def parts_of_one(column: Any) -> int:
    """By what to divide the quantiles of `in_units`: 10 to the decimals of the column's type."""
    return 10 ** int(column.type().scale or 0) if _fits_64_bits(column) else 1


def _fits_64_bits(column: Any) -> bool:
    kind = column.type()
    return bool(kind.is_decimal() and kind.precision and kind.precision <= MOST_DIGITS)


def rounded(value: Any) -> float | None:
    """A double cut to DIGITS significant digits."""
    return None if value is None else float(f"{value:.{DIGITS}g}")


def time_of(table: ir.Table, name: str) -> Any:
    """When a row of the canonical table `name` happened, as an expression; None if that is not told."""
    times = [table[column] for column in TABLES[name].times if column in table.columns]
    return ibis.coalesce(*times) if len(times) > 1 else times[0] if times else None


def in_last_month(table: ir.Table, name: str, as_of: date) -> Any:
    """Whether a row lies in the month of `as_of`, as an expression; None of a table without a time."""
    time = time_of(table, name)
    return None if time is None else time >= ibis.timestamp(end_of_day(as_of.replace(day=1)).replace(day=1))


def may_be_named(table: str, column: str, kind: str) -> bool:
    """Whether values of this column may be shown at all: never ids, never what people wrote."""
    return kind in ("text", "truth") and (table, column) not in FREE_TEXT


def tally(table: ir.Table, group: Any, number: int) -> ir.Table:
    """Rows by `group`: column (`number`), value as text (None if empty), rows.

    One aggregate without steps before it: of many branches it is the engine's plan that costs.
    """
    found = table.aggregate(rows=table.count(), by=[group.name("value")])
    return found.select("rows", column=ibis.literal(number, "int32"), value=found["value"].cast("string"))


def collected(branches: Sequence[ir.Table]) -> Iterable[dict[str, Any]]:
    """The rows of all grouped counts, many of them in one query."""
    for start in range(0, len(branches), BRANCHES_AT_ONCE):
        some = branches[start : start + BRANCHES_AT_ONCE]
        query = ibis.union(*some) if len(some) > 1 else some[0]
        yield from answer(query).to_pylist()


def tallied(branches: Sequence[ir.Table]) -> dict[int, dict[str, int]]:
    """The rows of all `tally` branches by their number and value; rows without a value are left out."""
    found: dict[int, dict[str, int]] = {}
    for row in collected(branches):
        if row["value"] is not None:
            found.setdefault(row["column"], {})[row["value"]] = row["rows"]
    return found


def chunks(names: Sequence[str], wide: int) -> Iterable[Sequence[str]]:
    """`names` in parts of at most `wide`."""
    wide = max(wide, 1)
    return (names[start : start + wide] for start in range(0, len(names), wide))


def answered(table: ir.Table, asked: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is asked of each column, in one pass."""
    flat = [(column, figure, value) for column, own in asked.items() for figure, value in own.items()]
    numbered = {str(number): value for number, (*_, value) in enumerate(flat)}
    answer = only_row(table.aggregate(**numbered))
    found: dict[str, dict[str, Any]] = {column: {} for column in asked}
    for number, (column, figure, _) in enumerate(flat):
        found[column][figure] = answer[str(number)]
    return found


def only_row(question: ir.Table) -> dict[str, Any]:
    """The row of a question that has one."""
    found: dict[str, Any] = answer(question).to_pylist()[0]
    return found


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, columns as attributes: what `itertuples` gives, in a third of its time."""
    row = _row_type(tuple(frame.columns))
    return map(row._make, zip(*(frame[name].tolist() for name in frame.columns), strict=True))


@lru_cache
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)
