"""Revenue, orders and customers month by month."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from workbench.calendar import month_end
from workbench.profiling.base.activity import MONTHS_A_YEAR, months_of
from workbench.profiling.base.orders_book import placed


@dataclass(frozen=True)
class Months:
    """Month by month.

    Attributes
    ----------
    by_month : pandas.DataFrame
        month (first day), revenue (net), orders, customers, new_customers, returning_customers.
    partial : bool
        Whether the last month is not over on the as-of day.
    """

    by_month: pd.DataFrame
    partial: bool


def months(transactions: ir.Table, book: ir.Table, activity: pd.DataFrame, as_of: date, shown: int) -> Months:
    """Revenue, orders and customers of the last `shown` months up to `as_of`.

    An order counts in the month of its first purchase, a customer in every month with an order, a refund in
    the month it was booked.

    Parameters
    ----------
    book : ibis.Table
        `orders_book.order_book` of the transactions.
    activity : pandas.DataFrame
        `activity.activity` of the book.
    """
    lines, orders = transactions.mutate(month=_number(transactions)), placed(book)
    orders = orders.mutate(month=_number(orders))
    revenue = lines.group_by("month").agg(revenue=lines.amount.sum().cast("float64"))
    counts = orders.group_by("month").agg(orders=orders.count())
    counted = [table.to_pandas().set_index("month") for table in (revenue, counts)]
    frames = [frame.set_axis(months_of(frame.index.to_series())) for frame in counted]
    by_month = activity.groupby("month").customers.sum()
    new = activity[activity.kind == "new"].groupby("month").customers.sum().rename("new_customers")
    first_month = min(frame.index.min() for frame in frames)
    every = pd.DataFrame(index=pd.date_range(first_month, as_of, freq="MS", name="month", unit="us"))
    every = every.join([*frames, by_month, new]).fillna(0).reset_index()
    every = every.astype({"orders": int, "customers": int, "new_customers": int})
    every["returning_customers"] = every.customers - every.new_customers
    return Months(every.tail(shown).reset_index(drop=True), as_of != month_end(as_of))


def _number(rows: ir.Table) -> Any:
    return (rows.ordered_at.year() * MONTHS_A_YEAR + rows.ordered_at.month() - 1).cast("int64")
