"""Pictures of whether the data can be trusted. They compute nothing."""

from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from workbench.language import again, say
from workbench.profiling.figures import with_words
from workbench.profiling.tables import bridge_table
from workbench.profiling.trust.columns import Columns
from workbench.profiling.trust.drift import SOME, STRONG, Drift
from workbench.profiling.trust.feeds import Feeds
from workbench.profiling.trust.tables import SHOWN, drift_table, feeds_table
from workbench.profiling.trust.values import records
from workbench.results import Missing
from workbench.theme import ACCENT, GREY, INK, PALE, WARNING, new_axes, passes_missing

STEP_COLOURS = {"in": GREY, "excluded": PALE, "quarantined": WARNING, "used": ACCENT, "net": PALE}
FEEDS_SHOWN, DRIFTS_SHOWN = 14, 12
LABEL_LETTERS = 28


@passes_missing
def plot_bridge(bridge: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Rows that came in, and what became of them rule by rule, up to the as-of day."""
    ax = new_axes(ax, height=0.7 + 0.3 * len(bridge))
    rows, kinds = bridge.rows_as_of.to_numpy(), bridge.kind
    taken = np.where(kinds.isin(["excluded", "quarantined"]), rows, 0)
    starts = np.where(taken > 0, rows[0] - np.cumsum(taken), 0)
    places = np.arange(len(bridge))
    ax.barh(places, rows, left=starts, color=[STEP_COLOURS[kind] for kind in kinds], height=0.62)
    for place, end, width in zip(places, starts + rows, rows, strict=True):
        ax.annotate(f" {width:,}", (end, place), va="center", fontsize=9, color=INK)
    ax.set_yticks(places, [again(label) for label in bridge.label])
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.xaxis.set_visible(False)
    ax.spines[["bottom", "left"]].set_visible(False)
    ax.margins(x=0.12)
    by_kind = bridge.groupby("kind").rows_as_of.sum()
    parts = {"rows": "in", "used": "used", "excluded": "excluded", "bad": "quarantined"}
    values: dict[str, Any] = {name: int(by_kind.get(kind, 0)) for name, kind in parts.items()}
    values["share"] = values["used"] / values["rows"] if values["rows"] else None
    return with_words(ax, "bridge", values, bridge_table(bridge, "as_of"))


@passes_missing
def plot_feeds(feeds: Feeds, *, ax: Axes | None = None) -> Axes | Missing:
    """Rows per day of each feed over the last days as a strip; silences longer than usual are marked."""
    if feeds.judged.empty:
        return Missing("profiling.trust_unjudged")
    shown = feeds.feeds[feeds.feeds.status != "ended"].head(FEEDS_SHOWN)
    ax = new_axes(ax, height=0.9 + 0.26 * len(shown))
    wide = feeds.days.pivot(index="feed", columns="day", values="rows").reindex(shown.feed)
    full = np.maximum(wide.quantile(0.95, axis=1).to_numpy()[:, np.newaxis], 1)
    days = mdates.date2num(wide.columns.to_numpy())
    reach = (days[0] - 0.5, days[-1] + 0.5, len(shown) - 0.5, -0.5)
    pale = LinearSegmentedColormap.from_list("rows", ["#ffffff", ACCENT])
    ax.imshow(np.sqrt(np.minimum(wide.to_numpy() / full, 1)), aspect="auto", cmap=pale, vmin=0, vmax=1,
              extent=reach, interpolation="nearest")  # fmt: skip
    ax.hlines(np.arange(len(shown)) + 0.5, reach[0], reach[1], color="white", linewidth=3)
    for place, feed in enumerate(records(shown)):
        for first, last in _silences(feed, feeds, pd.Timestamp(feeds.days.day.max())):
            begin, end = max(mdates.date2num(first), days[0]) - 0.5, mdates.date2num(last) + 0.5
            mark = Rectangle((begin, place - 0.4), end - begin, 0.8, facecolor="white", edgecolor=WARNING,
                             hatch="////", linewidth=1.2)  # fmt: skip
            ax.add_patch(mark)
    ax.set_yticks(range(len(shown)), [_short(_feed_name(f)) for f in records(shown)])
    ax.grid(visible=False)
    ax.xaxis_date()
    ax.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=3, maxticks=7))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y-%m-%d"))
    judged, late, worst = feeds.judged, feeds.late, next(records(shown))
    values = {
        "n": len(judged),
        "late": len(late),
        "holed": int((judged.holes > 0).sum()),
        "days": wide.shape[1],
        "shown": len(shown),
        "worst": _feed_name(worst),
        "last": worst.last.date(),
    }
    name = "trust_feeds_late" if len(late) else "trust_feeds"
    return with_words(ax, name, values, feeds_table(feeds))


@passes_missing
def plot_drift(drift: Drift, *, ax: Axes | None = None) -> Axes | Missing:
    """The population stability index of the columns that have moved most, against the usual thresholds."""
    judged = drift.judged
    if judged.empty:
        return Missing("profiling.trust_few_rows")
    shown = judged.head(DRIFTS_SHOWN)
    ax = new_axes(ax, height=1.0 + 0.28 * len(shown))
    places = np.arange(len(shown))
    colours = [{"strong": WARNING, "some": "#e69f00"}.get(level, ACCENT) for level in shown.level]
    ax.barh(places, shown.psi, color=colours, height=0.6)
    ax.plot(shown.noise, places, linestyle="none", marker="|", markersize=12, color=INK)
    most = max(float(shown.psi.max()), STRONG)
    for limit in (SOME, STRONG):
        ax.axvline(limit, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    beside: Any = ("axes fraction", "data")  # a number behind the mark of chance would be read as its own
    for place, psi in zip(places, shown.psi, strict=True):
        ax.annotate(f"{psi:.2f}", (1, place), (6, 0), beside, "offset points", va="center", fontsize=9)
    ax.set_yticks(places, [_short(f"{t}.{c}") for t, c in zip(shown.table, shown["column"], strict=True)])
    ax.invert_yaxis()
    ax.set_xlim(0, most * 1.15)
    ax.grid(visible=False)
    ax.set_xlabel(say("profiling.trust_axis_psi"))
    first = judged.iloc[0]
    values = {
        "n": len(judged), "strong": len(drift.strong), "some": int((judged.level == "some").sum()),
        "column": f"{first.table}.{first['column']}", "psi": float(first.psi), "low": SOME, "high": STRONG,
        "shown": len(shown),
    }  # fmt: skip
    moved = "trust_drift" if values["strong"] or values["some"] else "trust_steady"
    return with_words(ax, moved, values, drift_table(drift))


@passes_missing
def plot_missing(columns: Columns, *, ax: Axes | None = None) -> Axes | Missing:
    """The columns with most empty cells."""
    if columns.profile.empty:
        return Missing("profiling.trust_no_rows")
    gappy = columns.due[columns.due.missing_share > 0]
    if gappy.empty:
        return Missing("profiling.trust_all_filled")
    shown = gappy.sort_values("missing_share", ascending=False, kind="stable").head(DRIFTS_SHOWN)
    ax = new_axes(ax, height=0.9 + 0.28 * len(shown))
    places = np.arange(len(shown))
    ax.barh(places, 1.0, color=PALE, height=0.6)
    ax.barh(places, shown.missing_share, color=WARNING, height=0.6)
    for place, share in zip(places, shown.missing_share, strict=True):
        ax.annotate(f" {share:.1%}", (share, place), va="center", fontsize=9, color=INK)
    ax.set_yticks(places, [_short(f"{t}.{c}") for t, c in zip(shown.table, shown["column"], strict=True)])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.08)
    ax.grid(visible=False)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel(say("profiling.trust_axis_missing"))
    worst = shown.iloc[0]
    values = {
        "n": len(columns.due), "gappy": len(gappy), "column": f"{worst.table}.{worst['column']}",
        "share": float(worst.missing_share), "empty": int(worst.rows - worst.filled), "rows": int(worst.rows),
    }  # fmt: skip
    data = pd.DataFrame({
        say("profiling.trust_column_column"): gappy.table + "." + gappy["column"],
        say("profiling.trust_column_empty"): gappy.rows - gappy.filled,
        say("profiling.trust_column_rows"): gappy.rows,
    }).head(SHOWN)  # fmt: skip
    return with_words(ax, "trust_missing", values, data)


def _silences(feed: Any, feeds: Feeds, end: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    own = feeds.holes[feeds.holes.feed == feed.feed]
    marked = list(zip(own["first"], own["last"], strict=True))
    if feed.status == "late":
        marked.append((feed.last + pd.Timedelta(days=1), end))
    return marked


def _feed_name(feed: Any) -> str:
    return f"{feed.table}: {feed.value}" if feed.value else str(feed.table)


def _short(text: str) -> str:
    """A label that leaves room for the picture."""
    return text if len(text) <= LABEL_LETTERS else f"{text[: LABEL_LETTERS - 1]}…"
