"""As-of features of what customers bought: orders, money, rhythm, refunds, breadth, habits."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from workbench.features.breadth import breadth, mix
from workbench.features.cut_offs import (
    WHO,
    bucket,
    days_between,
    keys,
    known,
    put_together,
    settled,
    spread,
    tally,
)
from workbench.features.orders import TREND_WINDOW_DAYS, WINDOWS

SATURDAY = 5  # Monday is 0
EVENING, NIGHT_ENDS = 18, 6  # hours of the day
HABITS = ("weekend", "evening", "night")


def purchase_features(transactions: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """One row per customer and cut-off that sees a line of hers, a refund alone included."""

    def bought(column: str) -> ir.Table:
        return _bought(transactions, cut_offs, [column])

    found = put_together(
        _of_days(transactions, cut_offs),
        _of_orders(transactions, cut_offs),
        breadth(bought("product_id"), "product_id", "n_products", cut_offs),
        mix(bought("category"), "category", "category", "categories", cut_offs),
        mix(bought("channel"), "channel", "channel", "channels", cut_offs),
    )
    return _rhythm(_per_order(_money(found)))


def _bought(transactions: ir.Table, cut_offs: Sequence[date], columns: Sequence[str]) -> ir.Table:
    rows = known(transactions, "ordered_at", cut_offs, ["amount", *columns])
    return rows.filter(rows.amount >= 0)


def _days(transactions: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """Money per customer and day. A day is what a cut-off sees whole or not at all, an order is not."""
    rows = settled(transactions, known(transactions, "ordered_at", cut_offs, ["amount"]), cut_offs)
    who, bought = keys(rows), rows.amount >= 0
    days = rows.group_by([*who, "day"]).agg(
        seen_from=rows.seen_from.min(),
        net=rows.amount.sum(),
        gross=rows.amount.sum(where=bought),
        n_lines=tally(rows, bought),
        n_refunds=tally(rows, ~bought),
    )
    days = days.mutate(purchased=days.n_lines > 0, refunded=days.n_refunds > 0)
    # Days with nothing but refunds stand apart, so that the day before a purchase is one of purchase too.
    before = days.day.lag().over(ibis.window(group_by=[*who, "purchased"], order_by="day"))
    return days.mutate(gap=ibis.ifelse(days.purchased, days_between(before, days.day), ibis.null("int64")))


def _orders(transactions: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """Orders and the hours they are placed at; an order stands at its first line."""
    rows = settled(transactions, _bought(transactions, cut_offs, ["order_id"]), cut_offs)
    rows = rows.mutate(order_id=ibis.coalesce(rows.order_id, rows.day.cast("string")))
    placed = rows.group_by([*keys(rows), "order_id"]).agg(
        first=rows.ordered_at.min(), seen_from=rows.seen_from.min()
    )
    day, hour = placed["first"].date(), placed["first"].hour()
    return placed.mutate(
        day=day,
        weekend=day.day_of_week.index() >= SATURDAY,
        evening=hour >= EVENING,
        night=hour < NIGHT_ENDS,
    ).drop("first", "order_id")


def _of_days(transactions: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    days = _days(transactions, cut_offs)
    rows = spread(_stretches(days.mutate(bucket=bucket(days.day, cut_offs))), cut_offs)
    return rows.group_by([WHO, "as_of"]).agg(
        net=rows.net.sum(),
        gross=rows.gross.sum(),
        n_lines=rows.n_lines.sum(),
        n_refunds=rows.n_refunds.sum(),
        n_order_days=rows.n_order_days.sum(),
        first_day=rows.first_day.min(),
        last_day=rows.last_day.max(),
        last_refund_day=rows.last_refund_day.max(),
        max_day_value=rows.max_value.max(),
        last_day_value=rows.last_value.argmax(rows.last_day, where=rows.last_day.notnull()),
        gaps_squared=rows.gaps_squared.sum(),
        max_gap_days=rows.max_gap.max(),
        last_gap_days=rows.last_gap.argmax(rows.last_day, where=rows.last_gap.notnull()),
        **{f"net_{days}": rows.net.sum(where=rows.age < days) for days in WINDOWS},
    )


def _stretches(days: ir.Table) -> ir.Table:
    """Days summed as far as no window parts them."""
    gap = days.gap.cast("float64")  # whole numbers: the sum of their squares is exact
    return days.group_by([*keys(days), "seen_from", "bucket"]).agg(
        net=days.net.sum(),
        gross=days.gross.sum(),
        n_lines=days.n_lines.sum().cast("int32"),
        n_refunds=days.n_refunds.sum().cast("int32"),
        n_order_days=tally(days, days.purchased),
        first_day=days.day.min(where=days.purchased),
        last_day=days.day.max(where=days.purchased),
        last_refund_day=days.day.max(where=days.refunded),
        max_value=days.gross.max(where=days.purchased),
        last_value=days.gross.argmax(days.day, where=days.purchased),
        gaps_squared=(gap * gap).sum(),
        max_gap=days.gap.max(),
        # The first day alone has no gap: the last one that has is the last of all.
        last_gap=days.gap.argmax(days.day, where=days.gap.notnull()),
    )


def _of_orders(transactions: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    placed = _orders(transactions, cut_offs)
    placed = placed.mutate(bucket=bucket(placed.day, cut_offs))
    partial = placed.group_by([*keys(placed), "seen_from", "bucket"]).agg(
        n_orders=tally(placed), **{name: tally(placed, placed[name]) for name in HABITS}
    )
    rows = spread(partial, cut_offs)
    windows = {f"n_orders_{days}d": rows.n_orders.sum(where=rows.age < days) for days in WINDOWS}
    return rows.group_by([WHO, "as_of"]).agg(
        n_orders=rows.n_orders.sum(), **windows, **{name: rows[name].sum() for name in HABITS}
    )


def _money(found: ir.Table) -> ir.Table:
    """Decimals become doubles here, after the last sum."""
    windows = {f"revenue_{days}d": amount(found[f"net_{days}"]) for days in WINDOWS}
    last = amount(found[f"net_{TREND_WINDOW_DAYS}"])
    # One window holds the other: their difference are the days before.
    both = ibis.coalesce(found[f"net_{2 * TREND_WINDOW_DAYS}"], 0)
    before = amount(both - ibis.coalesce(found[f"net_{TREND_WINDOW_DAYS}"], 0))
    refunds, gross = amount(found.gross - found.net), amount(found.gross)
    return found.mutate(
        **windows,
        revenue=amount(found.net),
        gross=gross,
        refund_share=refunds / gross.nullif(0),
        spend_trend=((last.clip(0) + 1) / (before.clip(0) + 1)).ln(),
    ).drop("net", *[f"net_{days}" for days in WINDOWS])


def _per_order(found: ir.Table) -> ir.Table:
    orders = found.n_orders.cast("float64").nullif(0)
    return found.mutate(
        mean_order_value=found.gross / orders,
        lines_per_order=found.n_lines / orders,
        **{f"{name}_order_share": found[name] / orders for name in HABITS},
    ).drop("gross", "n_lines", *HABITS)


def _rhythm(found: ir.Table) -> ir.Table:
    span = days_between(found.first_day, found.last_day).cast("float64")  # the sum of all gaps
    n = (found.n_order_days - 1).cast("float64")
    mean = span / n.nullif(0)
    # Sums of whole numbers are exact: nothing cancels, and every engine finds the same bits.
    variance = (n * found.gaps_squared - span * span) / (n * (n - 1)).nullif(0)
    silent = days_between(found.last_day, found.as_of)
    return found.mutate(
        days_since_last_order=silent,
        days_since_first_order=days_between(found.first_day, found.as_of),
        days_since_last_refund=days_between(found.last_refund_day, found.as_of),
        mean_gap_days=mean,
        sd_gap_days=variance.sqrt(),
        cv_gap=variance.sqrt() / mean,
        overdue_ratio=silent.cast("float64") / mean,
    ).drop("gaps_squared", "first_day", "last_day", "last_refund_day")


def amount(money: Any) -> Any:
    """A sum of decimals as a double, 0 where nothing was summed."""
    return ibis.coalesce(money.cast("float64"), 0.0)
