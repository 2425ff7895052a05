"""Features of a customer's orders. Ibis expressions in and out: every engine computes the same."""

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
    Refunds (negative lines) are no orders; they lower the revenue in `order_features`.
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


def order_features(transactions: ir.Table, as_of: date) -> ir.Table:
    """The features of every customer with an order up to `as_of`.

    Returns
    -------
    ibis.Table
        One row per customer:

        - ``first_order_at``, ``last_order_at`` (timestamp), ``days_since_last_order``,
          ``days_since_first_order`` (days up to `as_of`; 0 on the as-of day itself)
        - ``n_orders``, ``n_order_days``, ``revenue`` (net of refunds), ``mean_order_value``
        - ``n_orders_30d`` … ``_365d``, ``revenue_30d`` … ``_365d`` (the last days, `as_of` included)
        - ``mean_gap_days`` (between purchase days; NULL with one), ``last_gap_days``
        - ``refund_share`` (refunds / gross revenue; NULL where nothing was paid)
        - ``n_products``, ``n_categories``, ``n_channels``
        - ``spend_trend``: log((revenue of the last 90 days + 1) / (of the 90 days before + 1))
    """
    features = _of_lines(transactions, as_of)
    for part in (_of_orders(transactions, as_of), _of_gaps(transactions, as_of)):
        features = features.inner_join(part, "customer_id")
    span = (features.last_order_at.date() - features.first_order_at.date()).cast("int64")
    gaps = features.n_order_days - 1
    return features.mutate(
        days_since_last_order=_days_until(features.last_order_at.date(), as_of),
        days_since_first_order=_days_until(features.first_order_at.date(), as_of),
        mean_order_value=features.gross / features.n_orders,
        mean_gap_days=ibis.ifelse(gaps > 0, span / gaps, ibis.null("float64")),
        refund_share=features.refunds.abs() / features.gross.nullif(0),
        spend_trend=((features.revenue_90d.clip(0) + 1) / (features.revenue_before.clip(0) + 1)).ln(),
    ).drop("gross", "refunds", "revenue_before")


def _days_until(day: Any, as_of: date) -> Any:
    return (ibis.date(as_of) - day).cast("int64")


def _of_lines(transactions: ir.Table, as_of: date) -> ir.Table:
    lines = visible(transactions, "ordered_at", as_of)
    lines = lines.mutate(age=_days_until(lines.ordered_at.date(), as_of))
    bought = lines.amount >= 0
    windows = {f"revenue_{days}d": _sum(lines.amount, lines.age < days) for days in WINDOWS}
    before = (lines.age >= TREND_WINDOW_DAYS) & (lines.age < 2 * TREND_WINDOW_DAYS)
    return lines.group_by("customer_id").agg(
        first_order_at=lines.ordered_at.min(where=bought),
        last_order_at=lines.ordered_at.max(where=bought),
        revenue=_sum(lines.amount),
        gross=_sum(lines.amount, bought),
        refunds=_sum(lines.amount, ~bought),
        revenue_before=_sum(lines.amount, before),
        n_products=lines.product_id.nunique(where=bought),
        n_categories=lines.category.nunique(where=bought),
        n_channels=lines.channel.nunique(where=bought),
        **windows,
    )


def _sum(amount: Any, where: Any = None) -> Any:
    """The sum as a double; summed as decimals first, so that it does not depend on the order of rows."""
    return ibis.coalesce(amount.sum(where=where).cast("float64"), 0.0)


def _of_orders(transactions: ir.Table, as_of: date) -> ir.Table:
    """Counts of orders; the inner join with them drops customers who only have refunds."""
    placed = orders(transactions, as_of).mutate(age=lambda t: _days_until(t.day, as_of))
    windows = {f"n_orders_{days}d": (placed.age < days).sum() for days in WINDOWS}
    return placed.group_by("customer_id").agg(n_orders=placed.count(), **windows)


def _of_gaps(transactions: ir.Table, as_of: date) -> ir.Table:
    """The number of purchase days, and the days between the last two of them."""
    days = purchase_days(transactions, as_of)
    newest_first = ibis.window(group_by="customer_id", order_by=ibis.desc("day"))
    ranked = days.mutate(place=ibis.row_number().over(newest_first))
    last, previous = ranked.day.max(where=ranked.place == 0), ranked.day.max(where=ranked.place == 1)
    return ranked.group_by("customer_id").agg(
        n_order_days=ranked.count(), last_gap_days=(last - previous).cast("int64").cast("float64")
    )
