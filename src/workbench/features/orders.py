"""Orders and days of purchase, as a day sees them. Ibis expressions in and out, for every engine."""

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from workbench.calendar import end_of_day

WINDOWS = (30, 90, 180, 365)  # days back from as_of, the as-of day included
TREND_WINDOW_DAYS = 90
AVAILABLE = "available_at"  # where a table has it: when a row reached the company


def visible(table: ir.Table, time_column: str, as_of: date) -> ir.Table:
    """The rows of `table` up to the end of the day `as_of`, those that arrived later left out."""
    end = ibis.timestamp(end_of_day(as_of))
    rows = table.filter(table[time_column] < end)
    if AVAILABLE not in table.columns:
        return rows
    return rows.filter(rows[AVAILABLE].isnull() | (rows[AVAILABLE] < end))


def orders(transactions: ir.Table, as_of: date) -> ir.Table:
    """One row per order: customer_id, order_id, day, amount.

    An order is the set of a customer's lines under one order id, or of one day where no id is given. It may
    cost nothing, as one paid with a voucher: the customer has bought, and the literature counts it.
    Refunds (negative lines) are no orders; they lower the revenue.
    """
    lines = visible(transactions, "ordered_at", as_of)
    lines = lines.filter(lines.amount >= 0)
    day = lines.ordered_at.date()
    order_id = ibis.coalesce(lines.order_id, day.cast("string"))
    grouped = lines.mutate(order_id=order_id, day=day).group_by(["customer_id", "order_id"])
    return grouped.agg(day=lambda t: t.day.min(), amount=lambda t: _sum(t.amount))


def purchase_days(transactions: ir.Table, as_of: date) -> ir.Table:
    """One row per customer and day with a purchase: customer_id, day, amount (>= 0).

    Purchases of one day are one purchase: the convention of the purchase models' literature.
    """
    lines = visible(transactions, "ordered_at", as_of)
    lines = lines.filter(lines.amount >= 0).mutate(day=lambda t: t.ordered_at.date())
    # No group is empty: nothing has to stand in for NULL.
    return lines.group_by(["customer_id", "day"]).agg(amount=lambda t: t.amount.sum().cast("float64"))


def order_times(transactions: ir.Table, as_of: date) -> ir.Table:
    """When each customer with an order bought for the first and the last time.

    Returns
    -------
    ibis.Table
        customer_id, first_order_at, last_order_at (timestamp).
    """
    lines = visible(transactions, "ordered_at", as_of)
    lines = lines.filter(lines.amount >= 0)
    return lines.group_by("customer_id").agg(
        first_order_at=lines.ordered_at.min(), last_order_at=lines.ordered_at.max()
    )


def _sum(amount: Any) -> Any:
    """The sum as a double; summed as decimals first, so that it does not depend on the order of rows."""
    return ibis.coalesce(amount.sum().cast("float64"), 0.0)
