"""What kind of values a column holds, and which of them may be named."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.sources import TABLES, Canonical

LEAST_GROUP = 10  # customers a value needs to be named: below, it could tell who they are
FEW_VALUES = 50  # a text column with more is not made of categories
FREE_TEXT = {("feedback", "text")}  # what people have written
BRANCHES_AT_ONCE = 12  # grouped counts in one query
# Beyond it the squares that a standard deviation needs leave the range of doubles.
LARGEST = 1e100
EXACT_CUSTOMERS = 1_000_000  # rows; beyond, a set of customers for each value is too much to hold
DIGITS = 10  # sums of doubles differ in the last digits with the order of threads


def kinds_of(data: Canonical, table: str) -> dict[str, str]:
    """The kind of each column of a canonical table; of an attribute ``number`` or ``text``."""
    canonical, own = TABLES[table].columns, data.attributes(table)
    types = data.get(table).schema()
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


def counted(table: ir.Table, group: Any, number: int, n: int) -> ir.Table:
    """Rows and customers by the text `group`: column (`number`), value (None if empty), rows, customers.

    Each branch is one aggregate without steps before it: of many branches it is the engine's plan that costs.
    In a table of more than `EXACT_CUSTOMERS` of `n` rows customers are half of an estimate, which is never
    too many.
    """
    if "customer_id" not in table.columns:
        return _branch(table, group, number, None)
    who = table["customer_id"]
    people = who.nunique() if n <= EXACT_CUSTOMERS else (who.approx_nunique() / 2).floor()
    return _branch(table, group, number, people)


def tally(table: ir.Table, group: Any, number: int) -> ir.Table:
    """As `counted`, without the customers."""
    return _branch(table, group, number, None)


def _branch(table: ir.Table, group: Any, number: int, people: Any) -> ir.Table:
    wanted = {"rows": table.count()} | ({} if people is None else {"customers": people})
    found = table.aggregate(**wanted, by=[group.cast("string").name("value")])
    customers = ibis.null("int64") if people is None else found["customers"].cast("int64")
    return found.select(
        column=ibis.literal(number, "int32"),
        value=found["value"],
        rows=found["rows"].cast("int64"),
        customers=customers,
    )


def collected(branches: Sequence[ir.Table]) -> Iterable[dict[str, Any]]:
    """The rows of all grouped counts, many of them in one query."""
    for start in range(0, len(branches), BRANCHES_AT_ONCE):
        some = branches[start : start + BRANCHES_AT_ONCE]
        query = ibis.union(*some) if len(some) > 1 else some[0]
        yield from query.to_pyarrow().to_pylist()


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, columns as attributes."""
    return iter(frame.itertuples(index=False))
