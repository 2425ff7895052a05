"""Tiers in pictures. Nothing is computed here."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import EngFormatter, FuncFormatter, PercentFormatter

from workbench.language import current, say, write_number
from workbench.segmentation.book import UNITS
from workbench.segmentation.figures import SMALL, beside, horizontal, percent, whole, with_words
from workbench.segmentation.tiers.ledger import Ledger, without_small_lines
from workbench.segmentation.tiers.migration import NEW, Migration
from workbench.segmentation.tiers.rules import TierRules
from workbench.segmentation.tiers.standing import Standing
from workbench.segmentation.tiers.tables import (
    ledger_frame,
    moves_frame,
    state_name,
    tiers_frame,
    what_if_frame,
    without_small_moves,
    without_small_tiers,
)
from workbench.theme import ACCENT, GREY, INK, MEMBER_COLOURS, PALE, WARNING, new_axes, passes_missing

BLUES = LinearSegmentedColormap.from_list("blues", ["#ffffff", ACCENT])
DARK = 0.6  # of the scale; above it white numbers are read better than dark ones
NARROW = 0.045  # a part of a bar so small has no room for its number
RAMP = tuple(MEMBER_COLOURS[name] for name in ("diamond", "gold", "silver", "regular"))


def tier_colours(rules: TierRules) -> dict[str, Any]:
    """The colour of each tier: those of the theme by name, others by their place from the top."""
    names = rules.names[::-1]
    if set(names) <= set(MEMBER_COLOURS):
        return {name: MEMBER_COLOURS[name] for name in names}
    ramp = LinearSegmentedColormap.from_list("tiers", list(RAMP))
    return {name: ramp(at / (len(names) - 1)) for at, name in enumerate(names)}


@passes_missing
def plot_members(standing: Standing, *, ax: Axes | None = None) -> Axes:
    """Who is in the tiers, and who brings the revenue: two bars of 100 %."""
    ax = new_axes(ax, height=2.3)
    table, colours = without_small_tiers(standing.by_tier), tier_colours(standing.rules)
    bars = ((1.0, "customer_share", "of_customers"), (0.0, "revenue_share", "of_revenue"))
    for y, column, _ in bars:
        left = 0.0
        for row in table.to_dict("records"):
            share = float(row[column]) if row[column] == row[column] else 0.0
            ax.barh(y, share, left=left, color=colours[str(row["tier"])], height=0.55, edgecolor="white")
            if share >= NARROW:
                dark = row["tier"] != standing.rules.names[0]
                text = percent(share)
                ax.text(
                    left + share / 2,
                    y,
                    text,
                    ha="center",
                    va="center",
                    fontsize=SMALL,
                    color="white" if dark else INK,
                )
            left += share
    _tier_names(ax, standing, colours)
    ax.set_yticks([1.0, 0.0], [say(f"segmentation.tiers_{name}") for _, _, name in bars])
    ax.set(xlim=(0, 1), ylim=(-0.4, 1.9))
    horizontal(ax)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return with_words(ax, "tiers_members", _member_values(standing), tiers_frame(table, standing.rules))


def _tier_names(ax: Axes, standing: Standing, colours: dict[str, Any]) -> None:
    """The names of the tiers above the bars, each beside a square of its colour."""
    x = 0.0
    for name in standing.rules.names[::-1]:
        word = standing.rules.tier(name).word
        ax.plot(x + 0.01, 1.65, "s", color=colours[name], ms=8, clip_on=False)
        ax.annotate(word, (x + 0.025, 1.65), va="center", fontsize=SMALL, color=INK)
        x += 0.07 + 0.013 * len(word)


def _member_values(standing: Standing) -> dict[str, Any]:
    table = standing.by_tier.set_index("tier")
    upper = table.drop(index=standing.rules.names[0])
    top, words = table.iloc[0], standing.rules.tier(str(table.index[0])).word
    values: dict[str, Any] = {"upper_share": upper["customer_share"].sum()}
    values |= {"upper_revenue": upper["revenue_share"].sum(), "top": words, "n": table["customers"].sum()}
    values |= {"top_n": top["customers"], "certainty": top["certainty"], "days": standing.rules.window_days}
    floors = [
        say(
            "segmentation.tiers_floor",
            tier=standing.rules.tier(str(name)).word,
            floor=_value(floor, standing.rules),
        )
        for name, floor in upper["floor"].items()
    ]
    return values | {"floors": say("segmentation.comma").join(floors)}


def _value(floor: float, rules: TierRules) -> str:
    unit = "orders" if rules.value == "orders" else "currency"
    return str(write_number(floor, unit, language=current().language, currency=current().currency))


@passes_missing
def plot_moves(moves: Migration, *, rules: TierRules, ax: Axes | None = None) -> Axes:
    """Where the members of each tier are a month later: numbers, coloured by their share of the row."""
    wide = moves.table.pivot(index="from_tier", columns="to_tier", values="customers")
    columns = [state for state in moves.states if state != NEW]
    grid = wide.reindex(index=list(moves.states), columns=columns).fillna(0)
    grid = grid[grid.sum(axis=1) > 0]
    ax = new_axes(ax, height=0.9 + 0.4 * len(grid))
    shares = grid.div(grid.sum(axis=1), axis=0)
    ax.imshow(shares, cmap=BLUES, vmin=0, vmax=1, aspect="auto")
    for (y, x), n in np.ndenumerate(grid.to_numpy()):
        if n:
            colour = "white" if shares.to_numpy()[y, x] > DARK else INK
            ax.text(x, y, whole(n), ha="center", va="center", fontsize=SMALL, color=colour)
    ax.set_xticks(range(len(columns)), [state_name(state, rules) for state in columns])
    ax.set_yticks(range(len(grid)), [state_name(state, rules) for state in grid.index])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    judged = moves.up + moves.down + moves.stayed
    values: dict[str, Any] = {"up": moves.up, "down": moves.down, "stayed": moves.stayed, "n": judged}
    values |= {"share": (moves.up + moves.down) / judged if judged else None}
    return with_words(ax, "tiers_moves", values, moves_frame(moves, rules))


@passes_missing
def plot_ledger(ledger: Ledger, *, ax: Axes | None = None) -> Axes:
    """From the value at one month end to that at the next, line by line."""
    lines = without_small_lines(ledger.last)
    lines = lines[lines["customers"] > 0]
    ax = new_axes(ax, height=1.0 + 0.32 * (len(lines) + 2))
    names = ["opening", *lines["line"], "closing"]
    level, span = ledger.opening / UNITS, []
    for change in lines["change"]:
        span.append((level, change / UNITS))
        level += change / UNITS
    bars = [(0.0, ledger.opening / UNITS), *span, (0.0, ledger.closing / UNITS)]
    for at, (name, (left, width)) in enumerate(zip(names, bars, strict=True)):
        whole_bar = name in ("opening", "closing")
        colour = GREY if whole_bar else ACCENT if width >= 0 else WARNING
        ax.barh(-at, width, left=left, color=colour, height=0.62)
        text = write_number(width, "currency", language=current().language, currency=current().currency)
        beside(ax, str(text), max(left, left + width), -at)
    ax.set_yticks([-at for at in range(len(names))], [say(f"segmentation.ledger_{name}") for name in names])
    horizontal(ax)
    # Changes are small beside the value of a year: the axis begins where they are seen, and says so.
    levels = [left + width for left, width in bars] + [left for left, _ in span]
    low, high = min(levels), max(levels)
    start = max(low - 1.2 * (high - low), 0.0)
    ax.set_xlim(start, high + 0.35 * (high - start))
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))
    code = "ledger_axis_cut" if start > 0 else "ledger_axis"
    ax.set_xlabel(say(f"segmentation.{code}", currency=current().currency))
    row = ledger.last.iloc[0]
    values: dict[str, Any] = {"opening": ledger.opening / UNITS, "closing": ledger.closing / UNITS}
    values |= {
        "change": abs(ledger.closing - ledger.opening) / UNITS,
        "begin": row["begin"],
        "end": row["end"],
    }
    name = "tiers_ledger_up" if ledger.closing >= ledger.opening else "tiers_ledger_down"
    return with_words(ax, name, values, ledger_frame(ledger))


@passes_missing
def plot_what_if(standing: Standing, *, ax: Axes | None = None) -> Axes:
    """Members gained or lost if one floor stood elsewhere."""
    table = standing.what_if[~standing.what_if["crosses"]].reset_index(drop=True)
    ax = new_axes(ax, height=0.9 + 0.27 * len(table))
    at = -np.arange(len(table), dtype=float)
    colours = tier_colours(standing.rules)
    ax.barh(at, table["customers"], color=[colours[name] for name in table["tier"]], height=0.7)
    reach = max(float(table["customers"].abs().max()), 1.0) if len(table) else 1.0
    for y, row in zip(at, table.to_dict("records"), strict=True):
        beside(ax, whole(row["customers"]), max(row["customers"], 0.0), y)
    labels = [
        say(
            "segmentation.tiers_label_move",
            tier=standing.rules.tier(str(row["tier"])).word,
            floor=_value(row["floor"], standing.rules),
            move=f"{row['move']:+.0%}",
        )
        for row in table.to_dict("records")
    ]
    ax.set_yticks(at, labels)
    ax.axvline(0, color=PALE, lw=1)
    ax.set_xlim(-1.15 * reach, 1.25 * reach)
    horizontal(ax)
    ax.xaxis.set_major_formatter(FuncFormatter(whole))
    ax.set_xlabel(say("segmentation.tiers_axis_gained"))
    return with_words(ax, "tiers_what_if", _what_if_values(standing), what_if_frame(standing))


def _what_if_values(standing: Standing) -> dict[str, Any]:
    """Of the lowest floor, lowered and raised by a tenth."""
    tier = standing.rules.names[1]
    frame = without_small_moves(standing.what_if[standing.what_if["tier"] == tier]).set_index("move")
    values: dict[str, Any] = {"tier": standing.rules.tier(tier).word}
    for name, move in (("lower", -0.1), ("higher", 0.1)):
        values |= {name: abs(frame["customers"][move]), f"{name}_revenue": float(frame["revenue"][move])}
    return values
