"""Revenue, orders and customers month by month."""

from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import pandas as pd

from workbench.calendar import month_end
from workbench.features import orders


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


def months(transactions: ir.Table, as_of: date, shown: int) -> Months:
    """Revenue, orders and customers of the last `shown` months up to `as_of`.

    An order counts in the month of its first day, a customer in every month with a purchase.
    """
    lines = transactions.mutate(month=transactions.ordered_at.truncate("M").date())
    bought = lines.filter(lines.amount >= 0)
    placed = orders(transactions, as_of).mutate(month=lambda t: t.day.truncate("M"))
    revenue = lines.group_by("month").agg(revenue=lines.amount.sum().cast("float64"))
    counts = placed.group_by("month").agg(orders=placed.count())
    buyers = bought.group_by("month").agg(customers=bought.customer_id.nunique())
    first = bought.group_by("customer_id").agg(month=bought.month.min())
    new = first.group_by("month").agg(new_customers=first.count())
    frames = [
        table.to_pandas().assign(month=lambda f: pd.to_datetime(f.month))
        for table in (revenue, counts, buyers, new)
    ]
    first_month = min(frame.month.min() for frame in frames)
    every = pd.DataFrame({"month": pd.date_range(first_month, as_of, freq="MS")})
    for frame in frames:
        every = every.merge(frame, on="month", how="left")
    every = every.fillna(0).astype({"orders": int, "customers": int, "new_customers": int})
    every["returning_customers"] = every.customers - every.new_customers
    return Months(every.tail(shown).reset_index(drop=True), as_of != month_end(as_of))
