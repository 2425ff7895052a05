"""Pictures of how customers come back. They compute nothing."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from workbench.language import say
from workbench.profiling.base.cohorts import Cohorts
from workbench.profiling.base.gaps import QUANTILES, Gaps
from workbench.profiling.base.growth import Growth
from workbench.profiling.base.tables import (
    MOST_AGES,
    categories_table,
    clipped,
    cohorts_table,
    gaps_table,
    growth_table,
    months_text,
    retention_table,
    written,
)
from workbench.profiling.figures import with_words
from workbench.theme import ACCENT, GREY, INK, PALE, SEQUENCE, WARNING, new_axes, passes_missing

SMALL = 8.5  # points, of labels beside marks
BLUES = LinearSegmentedColormap.from_list("blues", ["#ffffff", ACCENT])
DARK = 0.8  # of the scale; above it white numbers are read better than dark ones
WHOLE_STEPS = [1, 2, 5, 10]  # ticks whose whole per cents are not rounded
RESURRECTED = SEQUENCE[5]
MOST_TICKS = 12
LEVEL_TICKS = 8  # so many months fit beside each other


@passes_missing
def plot_gaps(gaps: Gaps, *, ax: Axes | None = None) -> Axes:
    """The share of gaps between purchases that are over within so many days."""
    ax = new_axes(ax)
    curve = gaps.curve
    ax.step(curve.days, curve.share, where="post", color=ACCENT, lw=2)
    for quantile in QUANTILES:
        days = gaps.days(quantile)
        ax.plot([days, days, 0], [0, quantile, quantile], color=GREY, lw=0.8, ls=":")
        ax.plot(days, quantile, "o", color=WARNING, ms=6)
        text = say("profiling.base_label_days", days=days)
        ax.annotate(text, (days, quantile), xytext=(7, -11), textcoords="offset points", fontsize=SMALL)
    longest = gaps.quantiles.days.max()
    ax.set(xlim=(0, max(1.35 * longest, 2)), ylim=(0, 1.02))
    ax.set_yticks([0, *QUANTILES])
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    ax.set_xlabel(say("profiling.base_axis_days"))
    ax.set_ylabel(say("profiling.base_axis_gaps"))
    values: dict[str, Any] = {f"p{q * 100:.0f}": gaps.days(q) for q in QUANTILES}
    last = gaps.quantiles.iloc[-1]
    values |= {"n": gaps.n, "customers": gaps.customers, "low": int(last.low), "high": int(last.high)}
    return with_words(ax, "base_gaps", values, written(gaps_table(gaps)))


@passes_missing
def plot_categories(gaps: Gaps, *, ax: Axes | None = None) -> Any:
    """Days between purchases within each category: half, 80 % and 95 %; what is Missing is handed through."""
    return _categories(gaps.by_category, gaps=gaps, ax=ax)


@passes_missing
def _categories(by_category: Any, *, gaps: Gaps, ax: Axes | None = None) -> Axes:
    frame = by_category.sort_values(["p50", "category"], ignore_index=True)
    ax = new_axes(ax, height=1.0 + 0.27 * len(frame))
    at = np.arange(len(frame))
    ax.hlines(at, frame.p50, frame.p95, color=PALE, lw=3)
    for name, marker, colour in (("p50", "o", ACCENT), ("p80", "s", INK), ("p95", "D", WARNING)):
        ax.plot(frame[name], at, marker, color=colour, ms=5.5)
        label = say("profiling.base_label_share", share=float(name[1:]) / 100)
        place = (frame[name].iloc[0], -0.75)
        ax.annotate(label, place, ha="center", va="bottom", fontsize=SMALL, color=colour)
    ax.set_yticks(at, [clipped(name) for name in frame.category])
    ax.set_ylim(len(frame) - 0.5, -1.1)
    ax.set_xlim(left=0)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set_xlabel(say("profiling.base_axis_days"))
    first, last = frame.iloc[0], frame.iloc[-1]
    values = {"short": int(first.p50), "fast": clipped(first.category), "n": len(frame)}
    values |= {"long": int(last.p50), "slow": clipped(last.category), "hidden": gaps.categories - len(frame)}
    name = "base_categories" if len(frame) > 1 else "base_one_category"
    return with_words(ax, name, values, written(categories_table(gaps)))


@passes_missing
def plot_cohorts(cohorts: Cohorts, *, ax: Axes | None = None) -> Axes:
    """The retention triangle: per cent of each cohort active so many months after the first order."""
    triangle = cohorts.triangle[cohorts.triangle.age.between(1, MOST_AGES)]
    share = triangle.pivot(index="cohort", columns="age", values="share")
    sizes = cohorts.triangle[cohorts.triangle.age == 0].set_index("cohort").denominator
    share = share.reindex(sizes.index)
    ax = new_axes(ax, height=1.1 + 0.23 * len(share))
    top = max(float(triangle.share.max()), 0.01)
    ax.imshow(share, cmap=BLUES, vmin=0, vmax=top, aspect="auto", extent=_extent(share))
    small = 8 if share.shape[1] <= MOST_AGES // 2 else 6.5
    rows = {cohort: place for place, cohort in enumerate(share.index)}
    for cell in triangle.to_dict("records"):
        number = f"{cell['share'] * 100:.0f}"
        text = f"({number})" if cell["partial"] else number
        colour = "white" if cell["share"] > DARK * top else INK
        y = rows[cell["cohort"]]
        ax.text(cell["age"], y, text, ha="center", va="center", fontsize=small, color=colour)
    labels = [
        say("profiling.base_label_cohort", month=text, n=int(size))
        for text, size in zip(months_text(share.index), sizes, strict=True)
    ]
    ax.set_yticks(range(len(share)), labels)
    ages = triangle.age.unique().tolist()
    ax.set_xticks(ages[:: 1 if len(ages) <= MOST_TICKS else 2])
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.set_xlabel(say("profiling.base_axis_age"))
    return with_words(ax, _cohorts_name(cohorts), _cohorts_values(cohorts), written(cohorts_table(cohorts)))


def _extent(share: pd.DataFrame) -> tuple[float, float, float, float]:
    """Cells stand around their age and the place of their cohort, the first on top."""
    return (0.5, share.shape[1] + 0.5, len(share) - 0.5, -0.5)


def _cohorts_name(cohorts: Cohorts) -> str:
    return "base_cohorts_partial" if cohorts.partial else "base_cohorts"


def _cohorts_values(cohorts: Cohorts) -> dict[str, Any]:
    by_age = cohorts.curve.set_index("age")
    share, customers, n = cohorts.after_a_month
    age, last = cohorts.far
    values: dict[str, Any] = {"share": share, "customers": customers, "n": n}
    values |= {name: float(by_age[name].iloc[1]) for name in ("low", "high")}
    values |= {"age": age, "last": last, "hidden": cohorts.small + cohorts.earlier}
    return values | {"cohorts": cohorts.triangle.cohort.nunique()}


@passes_missing
def plot_retention(cohorts: Cohorts, *, ax: Axes | None = None) -> Axes:
    """The share of all cohorts together that is active, by age, with its interval."""
    ax = new_axes(ax, height=2.8)
    curve = cohorts.curve[cohorts.curve.age >= 1]
    ax.fill_between(curve.age, curve.low, curve.high, color=ACCENT, alpha=0.2, lw=0)
    ax.plot(curve.age, curve.share, color=ACCENT, lw=2, marker="o", ms=4)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=WHOLE_STEPS))
    ax.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    ax.set_xlabel(say("profiling.base_axis_age"))
    ax.set_ylabel(say("profiling.base_axis_active"))
    values = _cohorts_values(cohorts)
    best = curve.iloc[int(curve.share.argmax())]
    values |= {"best_age": int(best.age), "best": best.share}
    return with_words(ax, "base_retention", values, written(retention_table(cohorts)))


@passes_missing
def plot_growth(growth: Growth, *, ax: Axes | None = None) -> Axes:
    """Customers who came (new, resurrected) above the line, and who were lost below it."""
    ax = new_axes(ax)
    frame = growth.by_month
    at = np.arange(len(frame))
    # A month that is not over would show everybody lost who has not ordered yet.
    drawn = frame.assign(lost=frame.lost.where(at < len(frame) - growth.partial, 0))
    parts = (
        ("new", drawn.new, 0 * drawn.new, ACCENT),
        ("resurrected", drawn.resurrected, drawn.new, RESURRECTED),
    )
    for name, height, bottom, colour in (*parts, ("lost", -drawn.lost, 0 * drawn.lost, WARNING)):
        ax.bar(at, height, bottom=bottom, width=0.75, color=colour, label=say(f"profiling.base_label_{name}"))
    ax.plot(at[: len(growth.whole)], growth.whole.net, color=INK, lw=1.2, marker=".", ms=5)
    ax.axhline(0, color=GREY, lw=0.8)
    ax.lines[0].set_label(say("profiling.base_label_net"))
    ax.legend(ncols=4, loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.2)
    step = -(-len(frame) // MOST_TICKS)
    ax.set_xticks(
        at[::step], months_text(frame.month)[::step], rotation=45 if len(frame) > LEVEL_TICKS else 0
    )
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,.0f}"))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.set_ylabel(say("profiling.axis_customers"))
    last = growth.whole.iloc[-1]
    counts = ("active", "new", "retained", "resurrected", "lost")
    values: dict[str, Any] = {name: int(last[name]) for name in counts}
    values |= {"month": last.month.date(), "came": int(last.new + last.resurrected), "n": len(frame)}
    values |= {"ratio": float(last.quick_ratio), "low": float(last.low), "high": float(last.high)}
    name = "base_growth_no_loss" if last.lost == 0 else "base_growth"
    return with_words(ax, name, values, written(growth_table(growth)))
