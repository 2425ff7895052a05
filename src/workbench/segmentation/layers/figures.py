"""Layers and clusters in pictures. Nothing is computed here."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from workbench.language import current, say, write_number
from workbench.segmentation.figures import SMALL, beside, paired_bars, whole, with_words
from workbench.segmentation.layers.clusters import Clusters
from workbench.segmentation.layers.naming import cluster_name
from workbench.segmentation.layers.rfm import Layers
from workbench.segmentation.layers.scheme import LEVELS
from workbench.segmentation.layers.tables import cluster_frame
from workbench.segmentation.layers.trials import LOWEST_STABILITY, SAME_SILHOUETTE
from workbench.segmentation.wording import UNITS, named, reader_frame, without_small_cells
from workbench.theme import ACCENT, GREY, INK, PALE, new_axes, passes_missing

SHADES = LinearSegmentedColormap.from_list("shades", ["white", ACCENT])
PALENESS = 1.8  # the fullest cell takes this part of the scale's inverse: dark text stays readable on it
NAME_WIDTH = {"en": 26, "zh": 13}  # letters of a line of a cluster's name
BAR_REACH = 0.42  # of the width of a feature's column, that the largest deviation takes
LINES = {"kmeans": (ACCENT, "-"), "mixture": (GREY, "--")}
APART = 0.08  # least distance of names at the ends of lines
GAP = 1.5  # between the two panels of the choice, in numbers of clusters


@passes_missing
def plot_segments(layers: Layers, *, ax: Axes | None = None) -> Axes:
    """Share of customers beside share of revenue, by RFM segment."""
    return _layers(layers.by_segment, "segment", "segments", layers.groups, ax)


@passes_missing
def plot_classes(layers: Layers, *, ax: Axes | None = None) -> Axes:
    """Share of customers beside share of revenue, by RFM class."""
    return _layers(layers.by_class, "rfm_class", "rfm_classes", layers.groups, ax)


def _layers(layers: pd.DataFrame, kind: str, message: str, groups: int, ax: Axes | None) -> Axes:
    table = without_small_cells(layers)
    ax = new_axes(ax, height=0.6 + 0.36 * len(table))
    names = [named(kind, code) for code in table[kind]]
    paired_bars(ax, names, table["customer_share"], table["revenue_share"], say("segmentation.of_revenue"))
    top = table.iloc[int(table["revenue_share"].fillna(-1).argmax())]
    values = {
        "segment": named(kind, str(top[kind])),
        "share": top["customer_share"],
        "revenue_share": top["revenue_share"],
        "n": top["customers"],
        "groups": groups,
    }
    return with_words(ax, message, values, reader_frame(table))


@passes_missing
def plot_cells(layers: Layers, *, ax: Axes | None = None) -> Axes:
    """Where the segments lie: customers by recency level and by level of frequency and money."""
    ax = new_axes(ax, height=4.2)
    cells = layers.by_cell
    shape = (LEVELS, LEVELS)
    share = cells["customer_share"].to_numpy().reshape(shape)
    names = cells["segment"].to_numpy().reshape(shape)
    ax.pcolormesh(share, cmap=SHADES, vmin=0, vmax=PALENESS * share.max(), rasterized=False)
    for cell in cells.to_dict("records"):
        x, y = cell["value_level"] - 0.5, cell["recency_level"] - 0.5
        ax.text(x, y - 0.17, whole(cell["customers"]), ha="center", va="center", fontsize=SMALL, color=INK)
    for name in dict.fromkeys(names.ravel()):
        rows, columns = np.nonzero(names == name)
        x, y = columns[rows == rows.max()].mean() + 0.5, rows.max() + 0.5
        words = named("segment", name)
        ax.text(x, y + 0.2, words, ha="center", va="center", fontsize=SMALL, weight="bold", color=INK)
    _borders(ax, names)
    ticks = np.arange(LEVELS) + 0.5
    ax.set_xticks(ticks, [str(level) for level in range(1, LEVELS + 1)])
    ax.set_yticks(ticks, [str(level) for level in range(1, LEVELS + 1)])
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel(say("segmentation.axis_value_level"))
    ax.set_ylabel(say("segmentation.axis_recency_level"))
    fullest = cells.iloc[int(cells["customers"].argmax())]
    values = {
        "segment": named("segment", str(fullest["segment"])),
        "recency": int(fullest["recency_level"]),
        "value": int(fullest["value_level"]),
        "n": int(fullest["customers"]),
        "share": float(fullest["customer_share"]),
        "total": int(cells["customers"].sum()),
    }
    # Counts and shares of counts alone: nothing here is a figure of persons.
    return with_words(ax, "cells", values, reader_frame(cells))


def _borders(ax: Axes, names: Any) -> None:
    """Lines between cells of different segments, and around all."""
    rows, columns = names.shape
    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns and names[r, c] != names[r, c + 1]:
                ax.plot([c + 1, c + 1], [r, r + 1], color=INK, linewidth=1)
            if r + 1 < rows and names[r, c] != names[r + 1, c]:
                ax.plot([c, c + 1], [r + 1, r + 1], color=INK, linewidth=1)
    ax.plot([0, columns, columns, 0, 0], [0, 0, rows, rows, 0], color=INK, linewidth=1, clip_on=False)
    ax.set(xlim=(0, columns), ylim=(0, rows))


@passes_missing
def plot_clusters(clusters: Clusters, *, ax: Axes | None = None) -> Axes:
    """What sets each cluster apart: its median of each feature beside that of the base."""
    table = without_small_cells(clusters.by_cluster)
    ax = new_axes(ax, height=0.9 + 0.75 * len(table))
    rows = {number: len(table) - 1 - place for place, number in enumerate(table["cluster"])}
    columns = {feature: place for place, feature in enumerate(clusters.features)}
    shown = without_small_cells(clusters.profiles.assign(share=1.0)).dropna()
    reach = BAR_REACH / clusters.profiles["deviation"].abs().max()
    for cell in shown.to_dict("records"):
        x, y = columns[cell["feature"]], rows[cell["cluster"]]
        length = reach * cell["deviation"]
        ax.barh(y, length, left=x, height=0.3, color=ACCENT if length > 0 else GREY)
        _median(ax, cell, x, y)
    for x in columns.values():
        ax.axvline(x, color=PALE, linewidth=1, zorder=0)
    heads = [say(f"segmentation.feature_{feature}") for feature in columns]
    ax.set_xticks(list(columns.values()), heads)
    ax.xaxis.tick_top()
    ax.set_yticks(list(rows.values()), [_row_name(row) for row in table.to_dict("records")])
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-0.6, len(table) - 0.4))
    return with_words(
        ax, f"clusters_{_stable(clusters)}", _cluster_values(clusters, table), cluster_frame(table)
    )


def _median(ax: Axes, cell: dict[Any, Any], x: float, y: float) -> None:
    """The median on the side of the centre line that the bar leaves free."""
    speech = current()
    unit = UNITS.get(f"median_{cell['feature']}", "number")
    whole_number = unit != "currency" and float(cell["median"]).is_integer()  # 7 orders, not 7.00
    value = int(cell["median"]) if whole_number else cell["median"]
    words = write_number(value, unit, language=speech.language, currency=speech.currency)
    left = cell["deviation"] > 0
    ax.annotate(
        words, (x, y), (-5 if left else 5, 0), textcoords="offset points", va="center",
        ha="right" if left else "left", fontsize=SMALL, color=INK,
    )  # fmt: skip


def _row_name(row: dict[Any, Any]) -> str:
    name = f"{row['cluster']}  {cluster_name(row['traits'])}"
    lines = textwrap.wrap(name, NAME_WIDTH[current().language])
    return "\n".join(
        [*lines, say("segmentation.stage_label", share=row["customer_share"], n=row["customers"])]
    )


def _stable(clusters: Clusters) -> str:
    return "stable" if clusters.stable else "unstable"


def _cluster_values(clusters: Clusters, table: pd.DataFrame) -> dict[str, Any]:
    top = table.iloc[int(table["revenue_share"].fillna(-1).argmax())]
    return {
        "k": clusters.k,
        "algorithm": named("algorithm", clusters.algorithm),
        "silhouette": clusters.silhouette,
        "stability": clusters.stability,
        "limit": LOWEST_STABILITY,
        "same": SAME_SILHOUETTE,
        "name": cluster_name(str(top["traits"])),
        "cluster": int(top["cluster"]),
        "share": top["customer_share"],
        "revenue_share": top["revenue_share"],
        "n": int(top["customers"]),
    }


@passes_missing
def plot_cluster_choice(clusters: Clusters, *, ax: Axes | None = None) -> Axes:
    """Silhouette and stability of every number of clusters tried, beside each other."""
    ax = new_axes(ax, height=3.0)
    tried, counts = clusters.trials, sorted(clusters.trials["k"].unique())
    shift = counts[-1] - counts[0] + GAP
    panels = {"silhouette": 0.0, "stability": shift}
    for algorithm, rows in tried.groupby("algorithm", sort=False):
        colour, dashes = LINES[str(algorithm)]
        for measure, offset in panels.items():
            ax.plot(rows["k"] + offset, rows[measure], dashes, color=colour, marker="o", ms=4, linewidth=1.5)
    _name_lines(ax, tried, shift)
    for measure, offset in panels.items():
        height = getattr(clusters, measure)
        ax.plot(clusters.k + offset, height, "o", ms=11, mfc="none", mec=INK, mew=1.5)
        ax.text(
            counts[0] + offset, 1.04, say(f"segmentation.column_{measure}"), weight="bold", fontsize=SMALL
        )
    ends = [counts[0] + shift, counts[-1] + shift]
    ax.plot(ends, [LOWEST_STABILITY] * 2, color=INK, linewidth=1, linestyle=":")
    ax.set_xticks([k + offset for offset in panels.values() for k in counts], [str(k) for k in counts] * 2)
    ax.set_xlim(counts[0] - 0.5, ends[1] + 2.2)
    ax.set_ylim(min(0.0, tried["silhouette"].min()), 1.12)
    ax.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    ax.set_xlabel(say("segmentation.axis_k"))
    data = tried[["algorithm", "k", "silhouette", "stability", "smallest_share"]]
    table = without_small_cells(clusters.by_cluster)
    return with_words(ax, f"choice_{_stable(clusters)}", _cluster_values(clusters, table), reader_frame(data))


def _name_lines(ax: Axes, tried: pd.DataFrame, shift: float) -> None:
    """The algorithms at the right ends of their lines, pushed apart where they would overlap."""
    height = -np.inf
    for row in tried[tried["k"] == tried["k"].max()].sort_values("stability").to_dict("records"):
        height = max(row["stability"], height + APART)
        name = named("algorithm", row["algorithm"])
        beside(ax, name, row["k"] + shift, height, offset=7, colour=LINES[row["algorithm"]][0])
