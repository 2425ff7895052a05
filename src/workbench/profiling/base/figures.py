"""Pictures of the customer base. They compute nothing."""

from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, FuncFormatter, MaxNLocator, PercentFormatter

from workbench.language import current, say
from workbench.profiling.base.arpu import Arpu
from workbench.profiling.base.concentration import MANY_ORDERS, Concentration
from workbench.profiling.base.habits.figures import (
    ON_WHITE,
    plot_hours,
    plot_places,
    plot_season,
    plot_weekdays,
)
from workbench.profiling.base.months import Months
from workbench.profiling.base.returning.figures import (
    plot_categories,
    plot_cohorts,
    plot_gaps,
    plot_growth,
    plot_retention,
)
from workbench.profiling.base.tables import deciles_table, tier_name, tiers_table, written
from workbench.profiling.base.without_orders.figures import plot_fees, plot_ratings, plot_tenure, plot_voices
from workbench.profiling.figures import with_words
from workbench.theme import ACCENT, GREY, INK, PALE, WARNING, new_axes, passes_missing

__all__ = [
    "plot_arpu",
    "plot_categories",
    "plot_cohorts",
    "plot_concentration",
    "plot_customers",
    "plot_fees",
    "plot_gaps",
    "plot_growth",
    "plot_hours",
    "plot_orders",
    "plot_places",
    "plot_ratings",
    "plot_retention",
    "plot_revenue",
    "plot_season",
    "plot_tenure",
    "plot_tiers",
    "plot_voices",
    "plot_weekdays",
]
BAR_DAYS = 24  # width of a month's bar on a time axis


@passes_missing
def plot_revenue(months: Months, *, ax: Axes | None = None) -> Axes:
    """Net revenue by month; a month that is not over is paler."""
    ax = new_axes(ax)
    frame = months.by_month
    colours = [ACCENT] * len(frame)
    if months.partial:
        colours[-1] = PALE
    ax.bar(frame.month, frame.revenue, width=BAR_DAYS, color=colours)
    ax.yaxis.set_major_formatter(EngFormatter(sep=""))
    ax.set_ylabel(say("profiling.axis_revenue", currency=current().currency))
    _month_axis(ax)
    last = frame.iloc[-1]
    best = frame.iloc[int(frame.revenue.argmax())]
    values = {
        "n": len(frame),
        "month": last.month.date(),
        "revenue": last.revenue,
        "best_month": best.month.date(),
        "best": best.revenue,
        "total": frame.revenue.sum(),
        "change": _change(frame),
    }
    data = pd.DataFrame({
        say("profiling.column_month"): frame.month.dt.strftime("%Y-%m"),
        say("profiling.column_revenue"): frame.revenue,
        say("profiling.column_orders"): frame.orders,
    })  # fmt: skip
    return with_words(ax, "revenue_partial" if months.partial else "revenue", values, data)


def _change(frame: pd.DataFrame) -> str:
    """How the last month stands against the one before; nothing where that is no base to compare with."""
    if len(frame) < 2 or frame.revenue.iloc[-2] <= 0:
        return ""
    change = float(frame.revenue.iloc[-1] / frame.revenue.iloc[-2]) - 1
    return say(f"profiling.revenue_{'up' if change >= 0 else 'down'}", change=abs(change))


@passes_missing
def plot_customers(months: Months, *, ax: Axes | None = None) -> Axes:
    """Customers with an order by month, new and returning."""
    ax = new_axes(ax)
    frame = months.by_month
    ax.bar(frame.month, frame.returning_customers, width=BAR_DAYS, color=ACCENT)
    ax.bar(frame.month, frame.new_customers, bottom=frame.returning_customers, width=BAR_DAYS, color=PALE)
    last = frame.iloc[-1]
    stays, came = last.returning_customers, last.new_customers
    for part, bottom, height in (("returning", 0, stays), ("new", stays, came)):
        if height:
            label, place = say(f"profiling.label_{part}"), (last.month, bottom + height / 2)
            ax.annotate(label, place, (16, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_xlim(
        frame.month.iloc[0] - pd.Timedelta(days=20), last.month + pd.Timedelta(days=20 + 4 * len(frame))
    )
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.set_ylabel(say("profiling.axis_customers"))
    _month_axis(ax)
    values = {
        "month": last.month.date(),
        "customers": int(last.customers),
        "new": int(last.new_customers),
        "share": last.returning_customers / last.customers if last.customers else None,
    }
    data = pd.DataFrame({
        say("profiling.column_month"): frame.month.dt.strftime("%Y-%m"),
        say("profiling.column_customers"): frame.customers,
        say("profiling.column_new"): frame.new_customers,
        say("profiling.column_returning"): frame.returning_customers,
    })  # fmt: skip
    return with_words(ax, "customers", values, data)


@passes_missing
def plot_concentration(concentration: Concentration, *, ax: Axes | None = None) -> Axes:
    """The share of revenue that the top customers bring, for every share of customers."""
    ax = new_axes(ax, height=3.6)
    curve = concentration.curve
    ax.plot(curve.customer_share, curve.revenue_share, color=ACCENT, lw=2)
    ax.plot([0, 1], [0, 1], color=GREY, lw=1, ls="--")
    ax.annotate(say("profiling.label_equal"), (0.62, 0.56), color=GREY, fontsize=9)
    top, share = concentration.top_share, concentration.top_revenue_share
    ax.plot([top, top, 0], [0, share, share], color=WARNING, lw=1)
    place = (top + 0.02, share - 0.06)
    words = f"{top:.0%} → {share:.1%}"
    ax.annotate(words, place, color=WARNING, fontsize=10, weight="bold", bbox=ON_WHITE)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.set_xlabel(say("profiling.axis_customer_share"))
    ax.set_ylabel(say("profiling.axis_revenue_share"))
    values = {
        "top": top, "share": share, "gini": concentration.gini, "n": concentration.n,
        "low": concentration.gini_low, "high": concentration.gini_high,
    }  # fmt: skip
    tenths = curve.iloc[::10]
    data = pd.DataFrame({
        say("profiling.axis_customer_share"): [f"{s:.0%}" for s in tenths.customer_share],
        say("profiling.axis_revenue_share"): [f"{s:.1%}" for s in tenths.revenue_share],
    })  # fmt: skip
    return with_words(ax, "concentration", values, data)


@passes_missing
def plot_orders(orders: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Customers by number of orders."""
    ax = new_axes(ax, height=2.8)
    labels = [f"{n}+" if n == MANY_ORDERS else str(n) for n in orders.orders]
    colours = [WARNING if n == 1 else ACCENT for n in orders.orders]
    bars = ax.bar(labels, orders.customers, color=colours, width=0.7)
    share = orders.customers / orders.customers.sum()
    ax.bar_label(bars, [f"{s:.1%}" for s in share], fontsize=9, padding=2)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set_xlabel(say("profiling.axis_orders"))
    ax.set_ylabel(say("profiling.axis_customers"))
    once = int(orders.customers[orders.orders == 1].sum())
    n = int(orders.customers.sum())
    total = orders.revenue.sum()
    money = orders.revenue[orders.orders == 1].sum() / total if total else None
    data = pd.DataFrame({
        say("profiling.axis_orders"): labels,
        say("profiling.column_customers"): orders.customers,
        say("profiling.column_revenue"): orders.revenue,
    })  # fmt: skip
    return with_words(ax, "orders", {"share": once / n, "once": once, "n": n, "money": money}, data)


@passes_missing
def plot_arpu(arpu: Arpu, *, ax: Axes | None = None) -> Any:
    """Revenue per active customer by decile; what is Missing is handed through."""
    return _deciles(arpu.by_decile, arpu=arpu, ax=ax)


@passes_missing
def _deciles(by_decile: Any, *, arpu: Arpu, ax: Axes | None = None) -> Axes:
    ax = new_axes(ax, height=3.0)
    best = by_decile.iloc[0]
    colours = [ACCENT, *[PALE] * (len(by_decile) - 1)]
    bars = ax.bar([str(n) for n in by_decile.decile], by_decile.arpu, color=colours, width=0.75)
    labels = ["" if share != share else f"{share:.0%}" for share in by_decile.share]
    ax.bar_label(bars, labels, fontsize=9, padding=2, bbox=ON_WHITE)
    ax.axhline(arpu.arpu, color=GREY, lw=1, ls="--", zorder=0)
    label = say("profiling.base_label_mean", arpu=arpu.arpu)
    place = (len(by_decile) - 0.6, arpu.arpu)
    ax.annotate(label, place, xytext=(0, 3), textcoords="offset points", ha="right", fontsize=9, color=INK)
    ax.yaxis.set_major_formatter(EngFormatter(sep=""))
    ax.set_xlabel(say("profiling.base_axis_decile", groups=len(by_decile)))
    ax.set_ylabel(say("profiling.base_axis_arpu", currency=current().currency))
    values = {"best": best.arpu, "share": best.share, "part": best.customers / arpu.n, "arpu": arpu.arpu}
    values |= {"low": arpu.low, "high": arpu.high, "median": arpu.median, "n": arpu.n}
    return with_words(ax, "base_arpu", values, written(deciles_table(arpu)))


@passes_missing
def plot_tiers(arpu: Arpu, *, ax: Axes | None = None) -> Any:
    """Revenue per active customer by tier: quartiles and mean; what is Missing is handed through."""
    return _tiers(arpu.by_tier, arpu=arpu, ax=ax)


@passes_missing
def _tiers(by_tier: Any, *, arpu: Arpu, ax: Axes | None = None) -> Axes:
    ax = new_axes(ax, height=1.0 + 0.34 * len(by_tier))
    at = np.arange(len(by_tier))
    ax.hlines(at, by_tier.p25, by_tier.p75, color=PALE, lw=9)
    ax.plot(by_tier["median"], at, "|", color=INK, ms=13, mew=2)
    ax.plot(by_tier.arpu, at, "o", color=ACCENT, ms=6)
    names = [tier_name(tier) for tier in by_tier.tier]
    ax.set_yticks(at, [f"{name} ({n:,})" for name, n in zip(names, by_tier.customers, strict=True)])
    ax.set_ylim(len(by_tier) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))
    ax.set_xlabel(say("profiling.base_axis_arpu", currency=current().currency))
    best = by_tier.iloc[0]
    values = {"tier": names[0], "arpu": best.arpu, "share": best.share, "n": int(best.customers)}
    values |= {"overall": arpu.arpu}
    return with_words(ax, "base_tiers", values, written(tiers_table(arpu)))


def _month_axis(ax: Axes) -> None:
    locator = mdates.AutoDateLocator(minticks=4, maxticks=9)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y-%m"))
