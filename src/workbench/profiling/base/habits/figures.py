"""Pictures of when, where and through what customers buy. They compute nothing."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import EngFormatter, MaxNLocator, PercentFormatter

from workbench.language import current, say
from workbench.profiling.base.places import Places
from workbench.profiling.base.rhythm import HOURS, WEEK, Rhythm
from workbench.profiling.base.tables import (
    clipped,
    hours_table,
    month_name,
    place_names,
    places_table,
    season_table,
    weekday_name,
    weekdays_table,
    written,
)
from workbench.profiling.figures import with_words
from workbench.theme import ACCENT, GREY, INK, PALE, new_axes, passes_missing

SMALL = 8.5  # points, of labels beside marks
ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}  # a label that a line runs behind
WHOLE_STEPS = [1, 2, 5, 10]  # ticks whose whole per cents are not rounded
BLUES = LinearSegmentedColormap.from_list("blues", ["#ffffff", ACCENT])
LEAST_SHARE = 0.0005  # of what one decimal of a per cent can say
DARK = 0.8  # of the scale; above it white numbers are read better than dark ones


@passes_missing
def plot_weekdays(rhythm: Rhythm, *, ax: Axes | None = None) -> Any:
    """Share of orders by weekday; what is Missing is handed through."""
    return _weekdays(rhythm.weekdays, rhythm=rhythm, ax=ax)


@passes_missing
def _weekdays(weekdays: Any, *, rhythm: Rhythm, ax: Axes | None = None) -> Axes:
    ax = new_axes(ax, height=2.6)
    best = int(weekdays.share.argmax())
    colours = [ACCENT if place == best else PALE for place in range(WEEK)]
    bars = ax.bar([weekday_name(day) for day in weekdays.weekday], weekdays.share, color=colours, width=0.7)
    ax.bar_label(bars, [f"{share:.1%}" for share in weekdays.share], fontsize=SMALL, padding=2, bbox=ON_WHITE)
    ax.axhline(1 / WEEK, color=GREY, lw=1, ls="--", zorder=0)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=WHOLE_STEPS))
    ax.set_ylabel(say("profiling.base_axis_orders_share"))
    least = int(weekdays.share.argmin())
    values = {"day": weekday_name(best), "share": weekdays.share[best], "weeks": rhythm.weeks}
    values |= {"least_day": weekday_name(least), "least": weekdays.share[least]}
    values |= {"n": int(weekdays.orders.sum())}
    return with_words(ax, "base_weekdays", values, written(weekdays_table(rhythm)))


@passes_missing
def plot_hours(rhythm: Rhythm, *, ax: Axes | None = None) -> Any:
    """Orders by weekday and hour; what is Missing is handed through."""
    return _hours(rhythm.hours, rhythm=rhythm, ax=ax)


@passes_missing
def _hours(hours: Any, *, rhythm: Rhythm, ax: Axes | None = None) -> Axes:
    ax = new_axes(ax, height=2.9)
    grid = hours.pivot(index="weekday", columns="hour", values="share")
    top = float(hours.share.max())
    ax.imshow(grid, cmap=BLUES, vmin=0, vmax=top, aspect="auto")
    for cell in hours[hours.share >= LEAST_SHARE].to_dict("records"):
        colour = "white" if cell["share"] > DARK * top else INK
        place, text = (cell["hour"], cell["weekday"]), f"{cell['share'] * 100:.1f}"
        ax.text(*place, text, ha="center", va="center", fontsize=6.2, color=colour)
    ax.set_yticks(range(WEEK), [weekday_name(day) for day in range(WEEK)])
    ax.set_xticks(range(0, HOURS, 2), [f"{hour}:00" for hour in range(0, HOURS, 2)])
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.set_xlabel(say("profiling.base_axis_hour"))
    best = hours.iloc[int(hours.share.argmax())]
    by_hour = hours.groupby("hour").share.sum()
    values = {"day": weekday_name(int(best.weekday)), "share": best.share, "n": int(hours.orders.sum())}
    values |= {"clock": f"{int(best.hour)}:00", "next": f"{int(best.hour) + 1}:00", "weeks": rhythm.weeks}
    values |= {"hour": f"{int(by_hour.argmax())}:00", "hour_share": float(by_hour.max())}
    return with_words(ax, "base_hours", values, written(hours_table(rhythm)))


@passes_missing
def plot_season(rhythm: Rhythm, *, ax: Axes | None = None) -> Any:
    """Orders and money of each month of the year over those of a usual month; Missing is handed through."""
    return _season(rhythm.season, rhythm=rhythm, ax=ax)


@passes_missing
def _season(season: Any, *, rhythm: Rhythm, ax: Axes | None = None) -> Axes:
    ax = new_axes(ax, height=2.8)
    ax.axhline(1, color=GREY, lw=1)
    lines = (("orders", season.index_orders, INK, "--"), ("revenue", season.index_revenue, ACCENT, "-"))
    for name, index, colour, style in lines:
        ax.plot(
            season.month, index, style, color=colour, lw=1.8, marker="o", ms=4, label=_money_or_orders(name)
        )
    ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.2)
    ax.set_xticks(season.month, [month_name(int(month)) for month in season.month])
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_ylabel(say("profiling.base_axis_index"))
    best, least = (
        season.iloc[int(place)] for place in (season.index_revenue.argmax(), season.index_revenue.argmin())
    )
    values = {
        "month": month_name(int(best.month), width="wide"),
        "index": best.index_revenue,
        "years": int(season.years.min()),
    }
    values |= {"least_month": month_name(int(least.month), width="wide"), "least": least.index_revenue}
    return with_words(ax, "base_season", values, written(season_table(rhythm)))


def _money_or_orders(name: str) -> str:
    return say(f"profiling.base_column_{name}")


@passes_missing
def plot_places(places: Places, *, ax: Axes | None = None) -> Axes:
    """Revenue per customer with its interval, by the values of one attribute."""
    table = places.table
    ax = new_axes(ax, height=0.9 + 0.3 * len(table))
    at = np.arange(len(table))
    colours = [ACCENT if kind == "named" else GREY for kind in table.kind]
    ax.hlines(at, table.low, table.high, color=colours, lw=1.6)
    ax.scatter(table.per_customer, at, color=colours, s=34, zorder=3)
    ax.axvline(places.overall, color=GREY, lw=1, ls="--")
    right = max(float(table.high.max()), float(table.per_customer.max()))
    for y, share, n in zip(at, table.share, table.customers, strict=True):
        text = say("profiling.base_label_place", share=share, n=int(n))
        beside: Any = ("axes fraction", "data")  # outside, so that long names take no room from it
        ax.annotate(
            text, (1, y), (6, 0), xycoords=beside, textcoords="offset points", va="center", fontsize=SMALL
        )
    ax.set_yticks(at, place_names(places))
    ax.set_ylim(len(table) - 0.4, -0.6)
    left = min(0.0, float(table.low.min()))
    ax.set_xlim(left, right + 0.03 * (right - left))
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set_xlabel(say("profiling.base_axis_per_customer", currency=current().currency))
    best = places.named.iloc[0]
    rich = places.named.iloc[int(places.named.per_customer.argmax())]
    values = {"name": clipped(best["name"]), "share": best.share, "customers": int(best.customers)}
    values |= {
        "rich": clipped(rich["name"]),
        "per_customer": rich.per_customer,
        "low": rich.low,
        "high": rich.high,
    }
    values |= {"n": len(places.named), "folded": places.folded, "overall": places.overall}
    name = f"base_{places.attribute}"
    return with_words(ax, name, values, written(places_table(places)))
