"""Texts with few different values counted by value, once, and which of the values may be named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.profiling.trust.values import collected, in_last_month, may_be_named, records, time_of
from workbench.sources import Canonical

LEAST_GROUP = 10  # customers a value needs to be named: below, it could tell who they are
FEW_VALUES = 50  # a text column with more is not made of categories
MOST_COLUMNS = 200  # of a table
MANY_ROWS = 500_000  # from which the customers of one day a month are enough to look for LEAST_GROUP of them
# Of a table and which of its rows: how many customers they have.
People = Callable[[ir.Table, Any], Any]


@dataclass(frozen=True)
class Value:
    """One value of a text column.

    Attributes
    ----------
    text : str or None
        None for the rows without a value.
    rows, month_rows : int
        In the table, and in the study's last month.
    customers, month_customers : int
        Not more than there are, and exact below LEAST_GROUP; rows, where the table knows no customers.
    """

    text: str | None
    rows: int
    month_rows: int
    customers: int
    month_customers: int

    @property
    def named(self) -> bool:
        """Whether the value may be named beside its rows in the table."""
        return self.text is not None and self.customers >= LEAST_GROUP

    @property
    def named_in_month(self) -> bool:
        """Whether it may be named beside its rows in the last month."""
        return self.text is not None and self.month_customers >= LEAST_GROUP

    @property
    def doubtful(self) -> bool:
        """Whether there are rows for more customers than an estimate has found."""
        pairs = ((self.customers, self.rows), (self.month_customers, self.month_rows))
        return self.text is not None and any(people < LEAST_GROUP <= rows for people, rows in pairs)


TextCounts = Mapping[tuple[str, str], Sequence[Value]]


def counted(data: Canonical, profile: pd.DataFrame) -> TextCounts:
    """The values of each text column of `Columns.profile` that has few of them, by (table, column)."""
    found: dict[tuple[str, str], list[Value]] = {}
    few = profile[(profile.distinct > 0) & (profile.distinct <= FEW_VALUES)]
    for name, about in few.groupby("table", sort=False):
        chosen = [row.column for row in records(about) if may_be_named(row.table, row.column, row.kind)]
        if chosen:
            found |= _of(data, str(name), chosen[:MOST_COLUMNS], int(about.rows.iloc[0]))
    return found


def _of(data: Canonical, name: str, columns: Sequence[str], rows: int) -> dict[tuple[str, str], list[Value]]:
    table, time = data.get(name), time_of(data.get(name), name)
    some = None if time is None or rows < MANY_ROWS else time.day() == 1

    def estimated(table: ir.Table, where: Any) -> Any:
        # Half of an estimate is never too many.
        return (table["customer_id"].approx_nunique(where=some if where is None else where) / 2).floor()

    def exact(table: ir.Table, where: Any) -> Any:
        return table["customer_id"].nunique(where=where)

    known = "customer_id" in table.columns
    people: People = estimated if known else lambda table, where: table.count(where=where)
    found = _counted(data, name, dict.fromkeys(columns, ()), people)
    doubtful = {column: values for column, values in found.items() if any(v.doubtful for v in values)}
    again = _counted(data, name, doubtful, exact) if known else {}
    by_text = {column: {value.text: value for value in values} for column, values in again.items()}
    return {
        (name, column): [by_text.get(column, {}).get(value.text, value) for value in values]
        for column, values in found.items()
    }


def _counted(
    data: Canonical, name: str, columns: Mapping[str, Sequence[Value]], people: People
) -> dict[str, list[Value]]:
    """The values of `columns`; where some are given, those that are not in doubt may be left out."""
    branches = []
    for number, (column, values) in enumerate(columns.items()):
        table = data.get(name)
        clear = sorted(value.text for value in values if value.text is not None and not value.doubtful)
        if clear:
            table = table.filter(table[column].cast("string").notin(clear))
        branches.append(_branch(table, column, number, in_last_month(table, name, data.as_of), people))
    found: dict[str, list[Value]] = {column: [] for column in columns}
    names = list(columns)
    for row in collected(branches):
        figures = (int(row[figure]) for figure in ("rows", "month_rows", "customers", "month_customers"))
        found[names[row["column"]]].append(Value(row["value"], *figures))
    return found


def _branch(table: ir.Table, column: str, number: int, recent: Any, people: People) -> ir.Table:
    asked = {"rows": table.count(), "month_rows": table.count(where=recent)}
    asked |= {"customers": people(table, None), "month_customers": people(table, recent)}
    found = table.aggregate(**asked, by=[table[column].name("value")])
    value = found["value"].cast("string")
    return found.select(*asked, column=ibis.literal(number, "int32"), value=value)
