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
FEW_CUSTOMERS = 10_000  # of a table; of more, estimates come first, by those of one day a month
FIGURES = ("rows", "month_rows", "customers", "month_customers")
# Of a table, a column, whether a row lies in the last month, and when it happened: FIGURES by value.
Asked = Callable[[ir.Table, Any, Any, Any], ir.Table]


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
    known = list(records(profile))
    customers = {row.table: row.distinct for row in known if row.column == "customer_id"}
    for name in data.tables:
        few = [row for row in known if row.table == name and 0 < row.distinct <= FEW_VALUES]
        chosen = [row.column for row in few if may_be_named(name, row.column, row.kind)]
        if chosen:
            found |= _of(data, name, chosen[:MOST_COLUMNS], customers.get(name, 0))
    return found


def _of(
    data: Canonical, name: str, chosen: Sequence[str], customers: int
) -> dict[tuple[str, str], list[Value]]:
    columns: dict[str, Sequence[Value]] = dict.fromkeys(chosen, ())
    if "customer_id" not in data.get(name).columns:
        found = _counted(data, name, columns, _by_rows)
    elif customers <= FEW_CUSTOMERS:
        found = _counted(data, name, columns, _exact)
    else:
        found = _counted(data, name, columns, _estimated)
        doubtful = {column: values for column, values in found.items() if any(v.doubtful for v in values)}
        for column, values in _counted(data, name, doubtful, _exact).items():
            exact = {value.text: value for value in values}
            found[column] = [exact.get(value.text, value) for value in found[column]]
    return {(name, column): found[column] for column in columns}


def _counted(
    data: Canonical, name: str, columns: Mapping[str, Sequence[Value]], asked: Asked
) -> dict[str, list[Value]]:
    """The values of `columns`; where some are given, those that are not in doubt may be left out."""
    branches = []
    for number, (column, values) in enumerate(columns.items()):
        table = data.get(name)
        clear = sorted(value.text for value in values if value.text is not None and not value.doubtful)
        if clear:
            table = table.filter(table[column].cast("string").notin(clear))
        recent = in_last_month(table, name, data.as_of)
        counts = asked(table, table[column].name("value"), recent, time_of(table, name))
        value = counts["value"].cast("string")
        branches.append(counts.select(*FIGURES, column=ibis.literal(number, "int32"), value=value))
    found: dict[str, list[Value]] = {column: [] for column in columns}
    names = list(columns)
    for row in collected(branches):
        found[names[row["column"]]].append(Value(row["value"], *(int(row[figure]) for figure in FIGURES)))
    return found


def _by_rows(table: ir.Table, value: Any, recent: Any, _: Any) -> ir.Table:
    rows = {"rows": table.count(), "month_rows": table.count(where=recent)}
    return table.aggregate(**rows, customers=rows["rows"], month_customers=rows["month_rows"], by=[value])


def _exact(table: ir.Table, value: Any, recent: Any, _: Any) -> ir.Table:
    """First by value and customer, so that nobody is counted twice: sooner done than distinct customers."""
    rows = {"rows": table.count(), "month_rows": table.count(where=recent)}
    each = table.aggregate(**rows, by=[value, "customer_id"])
    return each.aggregate(
        rows=each["rows"].sum(),
        month_rows=each["month_rows"].sum(),
        customers=each["customer_id"].count(),
        month_customers=each["customer_id"].count(where=each["month_rows"] > 0),
        by=["value"],
    )


def _estimated(table: ir.Table, value: Any, recent: Any, time: Any) -> ir.Table:
    def people(where: Any) -> Any:
        # Half of an estimate is never too many.
        return (table["customer_id"].approx_nunique(where=where) / 2).floor()

    rows = {"rows": table.count(), "month_rows": table.count(where=recent)}
    some = None if time is None else time.day() == 1
    month_customers = people(some if recent is None else recent)
    return table.aggregate(**rows, customers=people(some), month_customers=month_customers, by=[value])
