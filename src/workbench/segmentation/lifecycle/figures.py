"""Stages in pictures. Nothing is computed here."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.figures import SMALL, beside, horizontal, percent, whole, with_words
from workbench.segmentation.lifecycle.ahead import Ahead
from workbench.segmentation.lifecycle.course import Course
from workbench.segmentation.lifecycle.return_curve import RETURN_SHARE
from workbench.segmentation.lifecycle.stages import STAGES, Lifecycle
from workbench.segmentation.lifecycle.tables import ahead_frame, head, history_frame, moves_frame
from workbench.segmentation.lifecycle.transitions import Transitions
from workbench.segmentation.wording import named, reader_frame, without_small_cells
from workbench.theme import (
    ACCENT,
    GREY,
    INK,
    PALE,
    STAGE_COLOURS,
    WARNING,
    finish,
    new_axes,
    passes_missing,
)

BLUES = LinearSegmentedColormap.from_list("blues", ["#ffffff", ACCENT])
DARK = 0.6  # of the scale; above it white numbers are read better than dark ones
BEYOND = 1.35  # the picture goes on so far past the later threshold
LABEL_GAP = 0.055  # of the height: names at the ends of lines or bars stand no closer


@passes_missing
def plot_lifecycle(stages: Lifecycle, *, ax: Axes | None = None) -> Axes:
    """Customers in each stage of the life cycle."""
    ax = new_axes(ax, height=2.5)
    table = without_small_cells(stages.by_stage)
    at = np.arange(len(table))[::-1]
    colours = [STAGE_COLOURS[code] for code in table["stage"]]
    ax.barh(at, table["customer_share"], color=colours, height=0.65)
    for y, row in zip(at, table.to_dict("records"), strict=True):
        text = say("segmentation.stage_label", share=row["customer_share"], n=row["customers"])
        beside(ax, text, row["customer_share"], y)
    ax.set_yticks(at, [named("stage", code) for code in table["stage"]])
    horizontal(ax)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlim(0, table["customer_share"].max() * 1.2)
    by_stage = table.set_index("stage")
    values = {name: by_stage.loc[name, "customer_share"] for name in ("loyal", "dormant", "lost")}
    limits = {"dormant_days": stages.dormant_after_days, "lost_days": stages.lost_after_days}
    limits |= {"loyal_from": stages.loyal_from_days, "n_gaps": stages.n_gaps}
    return finish(
        ax,
        title=say("segmentation.lifecycle_title", **values, **limits),
        sentence=say("segmentation.lifecycle_sentence", **values, **limits),
        alt=say("segmentation.lifecycle_alt", **values, **limits),
        data=reader_frame(table),
    )


@passes_missing
def plot_history(course: Course, *, ax: Axes | None = None) -> Axes:
    """Customers in each stage at the last month ends."""
    ax = new_axes(ax, height=3.4)
    wide = course.history.pivot(index="month_end", columns="stage", values="customers")[list(STAGES)]
    at, below = np.arange(len(wide)), np.zeros(len(wide))
    for code in STAGES:
        ax.bar(at, wide[code], bottom=below, color=STAGE_COLOURS[code], width=0.8)
        below = below + wide[code].to_numpy()
    _names_of_bars(ax, wide.iloc[-1], at[-1] + 0.45)
    ax.set_xticks(
        at[:: 1 if len(at) < 8 else 2], [f"{day:%Y-%m}" for day in wide.index][:: 1 if len(at) < 8 else 2]
    )
    ax.yaxis.set_major_formatter(FuncFormatter(whole))
    ax.set_ylabel(say("segmentation.column_customers"))
    ax.set_xlim(-0.6, len(at) + 0.9)
    shares = wide.div(wide.sum(axis=1), axis=0)
    first, last = shares.iloc[0], shares.iloc[-1]
    values: dict[str, Any] = {"begin": wide.index[0], "end": wide.index[-1], "n": wide.iloc[-1].sum()}
    values |= {f"{code}_before": first[code] for code in ("loyal", "lost")}
    values |= {code: last[code] for code in STAGES}
    return with_words(ax, "lifecycle_history", values, history_frame(course))


def _names_of_bars(ax: Axes, sizes: "pd.Series[int]", x: float) -> None:
    """Names of the parts beside the last bar, pushed apart where they would overlap."""
    middle, below, last = 0.0, 0.0, -np.inf
    for code, size in sizes.items():
        middle, below = below + size / 2, below + size
        if size > 0:
            last = max(middle, last + LABEL_GAP * sizes.sum())
            ax.annotate(named("stage", str(code)), (x, last), va="center", fontsize=SMALL, color=INK)


@passes_missing
def plot_thresholds(course: Course, *, ax: Axes | None = None) -> Axes:
    """Why the thresholds are what they are: pauses of those who came back, and who still comes back."""
    ax = new_axes(ax, height=3.6)
    gaps, threshold, curve = course.gaps, course.threshold, course.curve
    over = gaps["gaps"].cumsum() / gaps["gaps"].sum()
    ax.step(gaps["gap_days"], over, where="post", color=GREY, lw=1.8)
    limit, dormant = BEYOND * threshold.lost_days, threshold.dormant_days
    values: dict[str, Any] = {"dormant": dormant, "lost": threshold.lost_days}
    values |= {"n": threshold.n_gaps, "customers": len(course.customers)}
    name = "lifecycle_thresholds"
    if isinstance(curve, Missing):
        name = "lifecycle_thresholds_plain"
    else:
        shown = curve.curve
        ax.fill_between(shown["silent_days"], shown["low"], shown["high"], color=PALE, lw=0)
        ax.plot(shown["silent_days"], shown["share"], color=ACCENT, lw=2)
        ax.axhline(RETURN_SHARE, color=WARNING, lw=0.8, ls=":")
        limit = max(limit, BEYOND * (curve.lost_from_days or 0))
        values |= _curve_values(course)
        name += "_falls" if curve.lost_from_days is not None else "_stays"
        label = say("segmentation.lifecycle_label_return", days=curve.within_days)
        _line_name(ax, label, shown["silent_days"], shown["share"], limit, ACCENT, clear_of=dormant)
    _line_name(
        ax, say("segmentation.lifecycle_label_gaps"), gaps["gap_days"], over, limit, GREY, clear_of=dormant
    )
    for days, code in ((threshold.dormant_days, "dormant"), (threshold.lost_days, "lost")):
        ax.axvline(days, color=STAGE_COLOURS[code], lw=1.2)
        text = say("segmentation.lifecycle_label_threshold", stage=named("stage", code), days=days)
        ax.annotate(text, (days, 1.03), (3, 0), textcoords="offset points", fontsize=SMALL, color=INK)
    ax.set(xlim=(0, max(limit, 7)), ylim=(0, 1.1))
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(say("segmentation.lifecycle_axis_silent"))
    return with_words(ax, name, values, _threshold_frame(course))


def _curve_values(course: Course) -> dict[str, Any]:
    curve = course.curve
    assert not isinstance(curve, Missing)  # who draws it has it
    at_lost = curve.share_at(course.threshold.lost_days)
    found = at_lost or (None, None)
    values: dict[str, Any] = {"days": curve.within_days, "knee": curve.silent_from_days}
    values |= {"returns": found[0], "silences": found[1], "limit": RETURN_SHARE}
    values |= {"share": at_lost[0] / at_lost[1] if at_lost else None, "from_days": curve.lost_from_days}
    return values | {"low": curve.lost_low, "high": curve.lost_high, "reach": len(curve.curve) - 1}


def _line_name(
    ax: Axes, text: str, days: Any, share: Any, limit: float, colour: str, *, clear_of: int
) -> None:
    """`text` beside the line, a third of the way along, or behind the day `clear_of` if it stood on it."""
    x = 0.3 * limit
    if x < clear_of < 2 * x:
        x = clear_of + 0.02 * limit
    y = float(np.interp(x, np.asarray(days, dtype=float), np.asarray(share, dtype=float)))
    offset = 5 if y < 0.5 else -13  # a curve that has risen leaves room below
    ax.annotate(text, (x, y), (4, offset), textcoords="offset points", fontsize=SMALL, color=colour)


def _threshold_frame(course: Course) -> pd.DataFrame:
    threshold, curve = course.threshold, course.curve
    marked = {"median": threshold.median_days, "dormant": threshold.dormant_days}
    marked |= {"lost": threshold.lost_days}
    known: dict[str, tuple[int, int] | None] = dict.fromkeys(marked)
    if not isinstance(curve, Missing):
        marked |= {"knee": curve.silent_from_days}
        marked |= {} if curve.lost_from_days is None else {"return": curve.lost_from_days}
        known = {name: curve.share_at(days) for name, days in marked.items()}
    return pd.DataFrame({
        head("threshold"): [say(f"segmentation.lifecycle_threshold_{name}") for name in marked],
        head("silent_days"): list(marked.values()),
        head("returns"): [pair[0] if pair else None for pair in known.values()],
        head("silences"): [pair[1] if pair else None for pair in known.values()],
    })  # fmt: skip


@passes_missing
def plot_moves(moves: Transitions, *, ax: Axes | None = None) -> Axes:
    """Where the customers of a stage are a month later: per cent of each row."""
    ax = new_axes(ax, height=3.0)
    wide = moves.rates.pivot(index="stage", columns="to_stage", values="share")
    grid = wide.reindex(index=list(STAGES), columns=list(STAGES))
    ax.imshow(np.ma.masked_invalid(grid), cmap=BLUES, vmin=0, vmax=1, aspect="auto")
    for (y, x), share in np.ndenumerate(grid.to_numpy()):
        if share == share:
            colour = "white" if share > DARK else INK
            ax.text(x, y, percent(share), ha="center", va="center", fontsize=SMALL, color=colour)
    names = [named("stage", code) for code in STAGES]
    there = moves.stays["customer_months"]
    labels = [
        say("segmentation.lifecycle_label_row", stage=name, n=int(n))
        for name, n in zip(names, there, strict=True)
    ]
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), labels)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    values: dict[str, Any] = {"months": len(moves.steps)}
    for name, pair in {
        "leave": ("loyal", "dormant"),
        "gone": ("dormant", "lost"),
        "back": ("lost", "loyal"),
    }.items():
        hits, n = moves.rate(*pair)
        values |= {name: hits / n if n else None, f"{name}_n": n}
    more, n = moves.rate("lost", "returning")
    values |= {"back": (moves.rate("lost", "loyal")[0] + more) / n if n else None}
    values |= {"dwell": float(moves.stays.set_index("stage")["dwell_months"]["loyal"])}
    name = "lifecycle_moves" if values["dwell"] == values["dwell"] else "lifecycle_moves_none"
    return with_words(ax, name, values, moves_frame(moves))


@passes_missing
def plot_ahead(ahead: Ahead, *, ax: Axes | None = None) -> Axes:
    """Expected sizes of the stages in the next months, with limits."""
    ax = new_axes(ax, height=3.4)
    top, ends = float(ahead.sizes["high"].max()), []
    for code in STAGES:
        part = ahead.sizes[ahead.sizes["stage"] == code]
        if part["customers"].max() > 0:
            colour = STAGE_COLOURS[code]
            ax.fill_between(part["months_ahead"], part["low"], part["high"], color=colour, alpha=0.2, lw=0)
            ax.plot(part["months_ahead"], part["customers"], color=colour, lw=2)
            ends.append((float(part["customers"].iloc[-1]), code))
    last = -np.inf
    for size, code in sorted(ends):
        last = max(size, last + LABEL_GAP * top)
        text = f"{named('stage', code)} {whole(size)}"
        ax.annotate(
            text,
            (ahead.sizes["months_ahead"].max(), last),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    ax.yaxis.set_major_formatter(FuncFormatter(whole))
    ax.set(ylim=(0, top * 1.05), xlim=(0, ahead.sizes["months_ahead"].max() * 1.25))
    ax.set_xticks(ahead.sizes["months_ahead"].unique())
    ax.set_xlabel(say("segmentation.lifecycle_axis_ahead", begin=ahead.begin))
    ax.set_ylabel(say("segmentation.column_customers"))
    test, values = ahead.backtest, _ahead_values(ahead)
    if isinstance(test, Missing):
        return with_words(ax, "lifecycle_ahead_untested", values, ahead_frame(ahead))
    values |= {"error": test.error, "naive": test.error_naive, "origins": test.origins}
    name = "lifecycle_ahead_better" if test.error < test.error_naive else "lifecycle_ahead_worse"
    return with_words(ax, name, values, ahead_frame(ahead))


def _ahead_values(ahead: Ahead) -> dict[str, Any]:
    months = int(ahead.sizes["months_ahead"].max())
    lost = ahead.sizes[ahead.sizes["stage"] == "lost"].set_index("months_ahead")
    values: dict[str, Any] = {"months": months, "now": lost["customers"][0]}
    ends = {"then": "customers", "low": "low", "high": "high"}
    return values | {name: lost[column][months] for name, column in ends.items()}
