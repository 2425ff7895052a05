"""Pictures of the customer base. They compute nothing."""

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, FuncFormatter, MaxNLocator, PercentFormatter

from workbench.language import current, say
from workbench.profiling.base.concentration import Concentration
from workbench.profiling.base.months import Months
from workbench.profiling.figures import with_words
from workbench.theme import ACCENT, GREY, PALE, WARNING, new_axes, passes_missing

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
    }
    data = pd.DataFrame({
        say("profiling.column_month"): frame.month.dt.strftime("%Y-%m"),
        say("profiling.column_revenue"): frame.revenue,
        say("profiling.column_orders"): frame.orders,
    })  # fmt: skip
    return with_words(ax, "revenue_partial" if months.partial else "revenue", values, data)


@passes_missing
def plot_customers(months: Months, *, ax: Axes | None = None) -> Axes:
    """Customers with an order by month, new and returning."""
    ax = new_axes(ax)
    frame = months.by_month
    ax.bar(frame.month, frame.returning_customers, width=BAR_DAYS, color=ACCENT)
    ax.bar(frame.month, frame.new_customers, bottom=frame.returning_customers, width=BAR_DAYS, color=PALE)
    last = frame.iloc[-1]
    for part, height in (
        ("returning", last.returning_customers / 2),
        ("new", last.returning_customers + last.new_customers / 2),
    ):
        label = say(f"profiling.label_{part}")
        ax.annotate(
            label, (last.month, height), xytext=(16, 0), textcoords="offset points", va="center", fontsize=9
        )
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
    ax.annotate(
        f"{top:.0%} → {share:.1%}", (top + 0.02, share - 0.06), color=WARNING, fontsize=10, weight="bold"
    )
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
    labels = [*(str(n) for n in orders.orders[:-1]), f"{orders.orders.iloc[-1]}+"]
    bars = ax.bar(labels, orders.customers, color=[WARNING, *[ACCENT] * (len(orders) - 1)], width=0.7)
    share = orders.customers / orders.customers.sum()
    ax.bar_label(bars, [f"{s:.1%}" for s in share], fontsize=9, padding=2)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set_xlabel(say("profiling.axis_orders"))
    ax.set_ylabel(say("profiling.axis_customers"))
    once = int(orders.customers[orders.orders == 1].sum())
    n = int(orders.customers.sum())
    money = orders.revenue[orders.orders == 1].sum() / orders.revenue.sum()
    data = pd.DataFrame({
        say("profiling.axis_orders"): labels,
        say("profiling.column_customers"): orders.customers,
        say("profiling.column_revenue"): orders.revenue,
    })  # fmt: skip
    return with_words(ax, "orders", {"share": once / n, "once": once, "n": n, "money": money}, data)


def _month_axis(ax: Axes) -> None:
    locator = mdates.AutoDateLocator(minticks=4, maxticks=9)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y-%m"))
