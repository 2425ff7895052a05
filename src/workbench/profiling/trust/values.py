"""What kind of values a column holds, and which of them may be named."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.sources import TABLES, Canonical, answer

LEAST_GROUP = 10  # customers a value needs to be named: below, it could tell who they are
FEW_VALUES = 50  # a text column with more is not made of categories
FREE_TEXT = {("feedback", "text")}  # what people have written
BRANCHES_AT_ONCE = 12  # grouped counts in one query
# Beyond it the squares that a standard deviation needs leave the range of doubles.
LARGEST = 1e100
WHOLE = 2.0**53  # below it doubles hold every whole number
MOST_DIGITS = 18  # of a decimal that fits a 64-bit number
COUNTS = ["column", "value", "rows", "customers"]  # of `collected` rows
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


def in_units(column: Any, *, whole: bool) -> Any:
    """A numeric column to take quantiles from, in parts of one: see `parts_of_one`.

    Decimals, and doubles of which all are `whole` numbers, become 64-bit numbers: an engine puts these in
    order in a fraction of the time that doubles take.
    """
    if _fits_64_bits(column):
        return (column * parts_of_one(column)).cast("int64")
    return finite(column).cast("int64") if whole else finite(column)


def parts_of_one(column: Any) -> int:
    """By what to divide the quantiles of `in_units`: 10 to the decimals of the column's type."""
    return 10 ** int(column.type().scale or 0) if _fits_64_bits(column) else 1


def _fits_64_bits(column: Any) -> bool:
    kind = column.type()
    return bool(kind.is_decimal() and kind.precision and kind.precision <= MOST_DIGITS)


def is_fraction(column: Any) -> Any:
    """Whether a cell of a numeric column holds what no 64-bit number can stand for."""
    x = finite(column)
    return (x != x.floor()) | (x.abs() >= WHOLE)


def rounded(value: Any) -> float | None:
    """A double cut to DIGITS significant digits."""
    return None if value is None else float(f"{value:.{DIGITS}g}")


def time_of(table: ir.Table, name: str) -> Any:
    """When a row of the canonical table `name` happened, as an expression; None if that is not told."""
    times = [table[column] for column in TABLES[name].times if column in table.columns]
    return ibis.coalesce(*times) if len(times) > 1 else times[0] if times else None


def may_be_named(table: str, column: str, kind: str) -> bool:
    """Whether values of this column may be shown at all: never ids, never what people wrote."""
    return kind in ("text", "truth") and (table, column) not in FREE_TEXT


def counted(table: ir.Table, group: Any, number: int, among: Any = None) -> ir.Table:
    """Rows and customers by `group`: column (`number`), value as text (None if empty), rows, customers.

    Customers are half of an estimate `among` some of the rows, which is never too many: see `with_enough`.
    """
    if "customer_id" not in table.columns:
        return tally(table, group, number)
    people = table["customer_id"].approx_nunique(where=among)
    return _branch(table, group, number, (people / 2).floor())


def tally(table: ir.Table, group: Any, number: int) -> ir.Table:
    """As `counted`, without the customers."""
    return _branch(table, group, number, None)


def _branch(table: ir.Table, group: Any, number: int, people: Any) -> ir.Table:
    """One aggregate without steps before it: of many branches it is the engine's plan that costs."""
    wanted = {"rows": table.count()} | ({} if people is None else {"customers": people})
    found = table.aggregate(**wanted, by=[group.name("value")])
    customers = ibis.null("int64") if people is None else found["customers"].cast("int64")
    return found.select(
        column=ibis.literal(number, "int32"),
        value=found["value"].cast("string"),
        rows=found["rows"].cast("int64"),
        customers=customers,
    )


def with_enough(table: ir.Table, names: Mapping[int, str], counts: pd.DataFrame) -> pd.DataFrame:
    """The `counts` of values that enough customers hold for a value to be named.

    Where the estimate is not enough, but the rows would be, the customers are counted.

    Parameters
    ----------
    names : mapping of int to str
        The columns by their number; of others no value is returned.
    counts : pandas.DataFrame
        column, value, rows, customers (missing where the table knows none: then rows are judged).
    """
    asked = counts[counts.column.isin(list(names)) & (counts.rows >= LEAST_GROUP)].dropna(subset="value")
    if "customer_id" not in table.columns:
        return asked
    doubtful = asked.customers < LEAST_GROUP
    branches = []
    for number, about in asked[doubtful].groupby("column"):
        text = table[names[int(str(number))]].cast("string")
        rows = table.filter(text.isin(sorted(about["value"])))
        branches.append(_branch(rows, text, int(str(number)), rows["customer_id"].nunique()))
    exact = {(row["column"], row["value"]): row["customers"] for row in collected(branches)}
    keys = zip(asked.column, asked["value"], asked.customers, strict=True)
    enough = [exact.get((column, value), n) >= LEAST_GROUP for column, value, n in keys]
    return asked[np.array(enough, dtype=bool)]


def collected(branches: Sequence[ir.Table]) -> Iterable[dict[str, Any]]:
    """The rows of all grouped counts, many of them in one query."""
    for start in range(0, len(branches), BRANCHES_AT_ONCE):
        some = branches[start : start + BRANCHES_AT_ONCE]
        query = ibis.union(*some) if len(some) > 1 else some[0]
        yield from answer(query).to_pylist()


def only_row(question: ir.Table) -> dict[str, Any]:
    """The row of a question that has one."""
    found: dict[str, Any] = answer(question).to_pylist()[0]
    return found


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, columns as attributes."""
    return iter(frame.itertuples(index=False))
