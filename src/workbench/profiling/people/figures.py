"""Pictures of tags and groups. They compute nothing."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from workbench.language import again, say
from workbench.profiling.figures import with_words
from workbench.profiling.people.catalogue import named
from workbench.profiling.people.groups import GroupPortrait, most_typical
from workbench.profiling.people.health import MONTH_DAYS, Health
from workbench.profiling.people.tables import MIN_SHOWN, group_table, health_table
from workbench.results import Missing
from workbench.theme import ACCENT, GREY, INK, PALE, WARNING, new_axes, passes_missing

ROW_INCHES, MARGIN_INCHES = 0.21, 0.9
MOST_TRAITS = 15
BASE = 100  # the index of what is as common in the group as in the base
STEPS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@passes_missing
def plot_coverage(found: Health, *, ax: Axes | None = None) -> Axes | Missing:
    """Share of customers who carry each tag, by group, with the share of last month's who kept it."""
    lasting = [tag.expiry_days >= MONTH_DAYS for tag in found.tags]
    table = found.by_tag.assign(group=[tag.group for tag in found.tags], lasting=lasting)
    table = table.assign(label=pd.Series([tag.label for tag in found.tags], dtype=object))
    groups = {group: place for place, group in enumerate(dict.fromkeys(table["group"]))}
    shown = table[table["carriers"] >= MIN_SHOWN].assign(place=lambda t: t["group"].map(groups))
    if shown.empty:
        return Missing("profiling.people_no_carriers")
    shown = shown.sort_values(["place", "share"], ascending=[True, False], ignore_index=True)
    ax = new_axes(ax, height=MARGIN_INCHES + ROW_INCHES * len(shown))
    _bars(ax, shown)
    _stability(ax, shown)
    _group_marks(ax, shown)
    verdicts = shown["verdict"].value_counts()
    values = {name: int(verdicts.get(name, 0)) for name in ("fine", "flat", "unstable")}
    values |= {
        "n": found.n,
        "tags": len(shown),
        "edge": int(verdicts.reindex(["rare", "everyone"]).sum()),
        "small": int(table["carriers"].between(1, MIN_SHOWN - 1).sum()),
    }
    data = health_table(found)
    assert not isinstance(data, Missing)
    return with_words(ax, "people_coverage", values, data)


def _bars(ax: Axes, shown: pd.DataFrame) -> None:
    places = range(len(shown))
    colours = [PALE if verdict != "fine" else ACCENT for verdict in shown["verdict"]]
    edges = [GREY if verdict != "fine" else ACCENT for verdict in shown["verdict"]]
    ax.barh(places, shown["share"], color=colours, edgecolor=edges, height=0.62, linewidth=0.6)
    ax.hlines(places, shown["low"], shown["high"], color=INK, linewidth=1)
    ax.set_yticks(list(places), [again(label) for label in shown["label"]])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(0, 1.16)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.xaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    ax.set_xlabel(say("profiling.people_axis_coverage"))
    ax.grid(visible=False)


def _stability(ax: Axes, shown: pd.DataFrame) -> None:
    """A mark at the share that was kept: hollow where it can be, a cross where too few kept it."""
    for verdict, marker, colour in (("fine", "o", INK), ("unstable", "X", WARNING)):
        chosen = shown["verdict"].eq("unstable") == (verdict == "unstable")
        judged = shown[chosen & shown["lasting"] & (shown["carriers_before"] >= MIN_SHOWN)]
        face = colour if verdict == "unstable" else "white"
        ax.plot(judged["kept_share"], judged.index, marker, markersize=5, color=colour, markerfacecolor=face)
    marks = [
        Line2D([], [], marker="o", linestyle="", color=INK, markerfacecolor="white", markersize=5),
        Line2D([], [], marker="X", linestyle="", color=WARNING, markersize=5),
    ]
    words = [say(f"profiling.people_mark_{name}") for name in ("kept", "unstable")]
    ax.legend(marks, words, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)


def _group_marks(ax: Axes, shown: pd.DataFrame) -> None:
    for group, rows in shown.groupby("place", sort=True):
        if group:
            ax.axhline(rows.index[0] - 0.5, color=PALE, linewidth=0.8)
        word = named("group", rows["group"].iloc[0])
        ax.annotate(word, (1.155, rows.index[0]), ha="right", va="center", fontsize=8, color=GREY)


@passes_missing
def plot_group(portrait: GroupPortrait, *, ax: Axes | None = None) -> Axes | Missing:
    """TGI of the traits that differ most clearly, with 95 % intervals, around 100."""
    shown = _clearest(portrait.traits)
    if shown.empty:
        return Missing("profiling.people_no_traits", {"group": portrait.label})
    ax = new_axes(ax, height=MARGIN_INCHES + ROW_INCHES * len(shown))
    ax.axvline(BASE, color=GREY, linewidth=1, linestyle="--")
    rows: Any = shown.itertuples()
    for place, row in enumerate(rows):
        colour = ACCENT if row.significant else GREY
        ax.hlines(place, row.low, row.high, color=colour, linewidth=1.6 if row.significant else 1)
        face = colour if row.significant else "white"
        ax.plot(row.tgi, place, "o", color=colour, markerfacecolor=face, markersize=6)
        words = (
            f"{row.tgi:.0f}" if row.significant else say("profiling.people_not_sure", tgi=f"{row.tgi:.0f}")
        )
        ax.annotate(words, (row.high, place), (5, 0), textcoords="offset points", va="center", fontsize=8)
    _index_axis(ax, shown)
    typical = most_typical(portrait.traits)
    first = shown.iloc[0] if typical is None else typical
    figures = {name: float(first[name]) for name in ("tgi", "low", "high", "share", "share_base")}
    values = figures | {
        "trait": first["label"], "group": portrait.label, "n": portrait.n, "n_base": portrait.n_base,
        "tested": len(portrait.traits), "significant": int(portrait.traits["significant"].sum()),
        "shown": len(shown), "base": say(f"profiling.people_base_{'buyers' if portrait.buyers else 'all'}"),
    }  # fmt: skip
    data = group_table(portrait)
    assert not isinstance(data, Missing)
    return with_words(ax, "people_group_traits", values, data)


def _clearest(traits: pd.DataFrame) -> pd.DataFrame:
    """The traits with the smallest p-values, from the highest index down."""
    chosen = traits.sort_values(["p", "trait", "value"]).head(MOST_TRAITS)
    return chosen.sort_values(["tgi", "trait", "value"], ascending=[False, True, True], ignore_index=True)


def _index_axis(ax: Axes, shown: pd.DataFrame) -> None:
    ax.set_xscale("log")
    low, high = min(shown["low"].min(), BASE / 1.5), max(shown["high"].max(), BASE * 1.5)
    ax.set_xlim(max(low, 1) / 1.15, high * 1.5)
    ax.xaxis.set_major_locator(FixedLocator([step for step in STEPS if low / 1.15 <= step <= high * 1.5]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    ax.set_xlabel(say("profiling.people_axis_tgi"))
    ax.set_yticks(range(len(shown)), [again(label) for label in shown["label"]])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.grid(visible=False)
