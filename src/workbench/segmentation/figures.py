"""The pictures of notebook 02. Nothing is computed here."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from workbench.language import current, say, write_number
from workbench.segmentation.forecast.holdout import LAST_GROUP, Holdout
from workbench.segmentation.forecast.outlook import ONE_PURCHASE, Outlook, TierValues
from workbench.segmentation.layers.rfm import Layers
from workbench.segmentation.lifecycle.stages import Lifecycle
from workbench.segmentation.result import without_small_cells
from workbench.segmentation.tables import named, reader_frame
from workbench.segmentation.value.score import DIMENSIONS, ValueScore
from workbench.theme import (
    ACCENT,
    GREY,
    INK,
    PALE,
    SEQUENCE,
    TIER_COLOURS,
    WARNING,
    finish,
    new_axes,
    passes_missing,
)

BAR = 0.38  # height of one bar of a pair, in units of the distance between pairs
SMALL = 8.5  # points, of labels beside marks


@passes_missing
def plot_segments(layers: Layers, *, ax: Axes | None = None) -> Axes:
    """Share of customers beside share of revenue, by RFM segment."""
    table = without_small_cells(layers.by_segment)
    ax = new_axes(ax, height=0.6 + 0.36 * len(table))
    names = [named("segment", code) for code in table["segment"]]
    _paired_bars(ax, names, table["customer_share"], table["revenue_share"], say("segmentation.of_revenue"))
    top = table.iloc[int(table["revenue_share"].fillna(-1).argmax())]
    values = {
        "segment": named("segment", str(top["segment"])),
        "share": top["customer_share"],
        "revenue_share": top["revenue_share"],
        "n": top["customers"],
    }
    return finish(
        ax,
        title=say("segmentation.segments_title", **values),
        sentence=say("segmentation.segments_sentence", groups=layers.groups, **values),
        alt=say("segmentation.segments_alt", **values),
        data=reader_frame(table),
    )


@passes_missing
def plot_holdout(test: Holdout, *, ax: Axes | None = None) -> Axes:
    """Purchases in the holdout by past repeat purchases: actual with 95 % interval, model, naive rule."""
    ax = new_axes(ax)
    table = without_small_cells(test.by_frequency)
    at = table["repeats"]
    ax.plot(at, table["naive"], color=GREY, linestyle=(0, (4, 2)), linewidth=1.5)
    ax.plot(at, table["expected"], color=ACCENT, linewidth=2)
    ax.errorbar(at, table["actual"], 1.96 * table["actual_error"], color=INK, fmt="o", ms=4.5, capsize=3)
    labels = {"naive": GREY, "expected": ACCENT, "actual": INK}
    _end_labels(ax, table, {say(f"segmentation.line_{name}"): name for name in labels}, list(labels.values()))
    ax.set_xticks(list(at), [f"{n}" if n < LAST_GROUP else f"{n}+" for n in at])
    ax.set_xlabel(say("segmentation.axis_repeats"))
    ax.set_ylabel(say("segmentation.axis_holdout"))
    ax.set_ylim(bottom=0)
    sums = test.customers[["actual", "expected", "naive"]].sum()
    values = {"days": test.days, "mae": test.mae, "mae_naive": test.mae_naive, "n": len(test.customers)}
    values |= {name: float(sums[name]) for name in sums.index} | {"correlation": test.correlation}
    outcome = "better" if test.mae < test.mae_naive else "worse"
    return finish(
        ax,
        title=say(f"segmentation.holdout_title_{outcome}", **values),
        sentence=say("segmentation.holdout_sentence", cutoff=test.cutoff, **values),
        alt=say("segmentation.holdout_alt", **values),
        data=reader_frame(table),
    )


@passes_missing
def plot_alive(outlook: Outlook, *, ax: Axes | None = None) -> Axes:
    """Share of customers beside share of expected value, by the probability of being alive."""
    ax = new_axes(ax)
    table = without_small_cells(outlook.by_alive)
    names = [named("band", code) for code in table["band"]]
    _paired_bars(ax, names, table["customer_share"], table["value_share"], say("segmentation.of_value"))
    ax.set_ylabel(say("segmentation.axis_alive"))
    by_band = table.set_index("band")
    unsure = by_band["customers"].iloc[:-2].sum()
    sure, single = by_band.iloc[-2], by_band.loc[ONE_PURCHASE]
    values = {"share": sure["customer_share"], "value_share": sure["value_share"], "n": sure["customers"]}
    values |= {"single_share": single["customer_share"], "single_value_share": single["value_share"]}
    return finish(
        ax,
        title=say(f"segmentation.alive_title{'_all' if unsure == 0 else ''}", **values),
        sentence=say("segmentation.alive_sentence", days=outlook.horizon_days, **values),
        alt=say("segmentation.alive_alt", **values),
        data=reader_frame(table),
    )


@passes_missing
def plot_tiers(tiers: TierValues, *, ax: Axes | None = None) -> Axes:
    """Expected value of the typical customer of each tier, with predictive interval."""
    ax = new_axes(ax, height=2.4)
    table = without_small_cells(tiers.table)
    at = np.arange(len(table))[::-1]
    for y, row in zip(at, table.to_dict("records"), strict=True):
        colour = TIER_COLOURS[str(row["tier"])]
        ax.plot([row["typical_low"], row["typical_high"]], [y, y], color=colour, linewidth=9)
        ax.plot(row["typical"], y, "o", color=INK, ms=7)
        text = say("segmentation.tier_label", typical=row["typical"], n=row["customers"])
        _beside(ax, text, row["typical_high"], y, offset=9)
    ax.set_yticks(at, [named("tier", code) for code in table["tier"]])
    ax.set_ylim(-0.5, len(table) - 0.5)
    _horizontal(ax)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(_integer))
    ax.set_xlim(0, table["typical_high"].max() * 1.3)
    ax.set_xlabel(say("segmentation.axis_expected", interval=tiers.interval, currency=current().currency))
    first, last = table.iloc[0], table.iloc[-1]
    values = {"top": first["typical"], "bottom": last["typical"], "top_share": first["value_share"]}
    values |= {"low": first["typical_low"], "high": first["typical_high"], "top_n": first["customers"]}
    return finish(
        ax,
        title=say("segmentation.tiers_title", **values),
        sentence=say(
            "segmentation.tiers_sentence", interval=tiers.interval, days=tiers.horizon_days, **values
        ),
        alt=say("segmentation.tiers_alt", **values),
        data=reader_frame(table),
    )


@passes_missing
def plot_weights(score: ValueScore, *, ax: Axes | None = None) -> Axes:
    """Weight of each indicator in the value score, by dimension."""
    table = score.weights[score.weights["weight_used"] > 0].reset_index(drop=True)
    ax = new_axes(ax, height=0.7 + 0.34 * len(table))
    at = np.arange(len(table))[::-1]
    colours = dict(zip(DIMENSIONS.elements, SEQUENCE, strict=False))
    ax.barh(at, table["weight_used"], color=[colours[name] for name in table["dimension"]], height=0.65)
    for y, row in zip(at, table.to_dict("records"), strict=True):
        text = f"{_percent(row['weight_used'])}  {named('dimension', str(row['dimension']))}"
        _beside(ax, text, row["weight_used"], y)
    ax.set_yticks(at, [named("indicator", code) for code in table["indicator"]])
    _horizontal(ax)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlim(0, table["weight_used"].max() * 1.3)
    sums = table.groupby("dimension")["weight_used"].sum()
    values = {name: float(sums[name]) for name in DIMENSIONS.elements} | {"ratio": score.ratio}
    left_out = [named("indicator", c) for c in score.weights.query("weight_used == 0")["indicator"]]
    return finish(
        ax,
        title=say("segmentation.weights_title", **values),
        sentence=say(
            "segmentation.weights_sentence", left_out=say("segmentation.comma").join(left_out), **values
        ),
        alt=say("segmentation.weights_alt", **values),
        data=reader_frame(score.weights),
    )


@passes_missing
def plot_lifecycle(stages: Lifecycle, *, ax: Axes | None = None) -> Axes:
    """Customers in each stage of the life cycle."""
    ax = new_axes(ax, height=2.5)
    table = without_small_cells(stages.by_stage)
    at = np.arange(len(table))[::-1]
    colours = [WARNING if code == "lost" else ACCENT if code == "loyal" else GREY for code in table["stage"]]
    ax.barh(at, table["customer_share"], color=colours, height=0.65)
    for y, row in zip(at, table.to_dict("records"), strict=True):
        text = say("segmentation.stage_label", share=row["customer_share"], n=row["customers"])
        _beside(ax, text, row["customer_share"], y)
    ax.set_yticks(at, [named("stage", code) for code in table["stage"]])
    _horizontal(ax)
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


def _paired_bars(ax: Axes, names: list[str], people: Any, money: Any, money_name: str) -> None:
    """Two horizontal bars per name; the uppermost pair tells what the two are."""
    at = np.arange(len(names))[::-1]
    pairs = (
        (BAR / 2, people, PALE, GREY, say("segmentation.of_customers")),
        (-BAR / 2, money, ACCENT, ACCENT, money_name),
    )
    first = int((people > 0).to_numpy().argmax())  # an empty pair would explain nothing
    for offset, shares, colour, text_colour, what in pairs:
        ax.barh(at + offset, shares, color=colour, height=BAR)
        for position, (y, share) in enumerate(zip(at + offset, shares, strict=True)):
            text = f"{_percent(share)} {what}" if position == first else _percent(share)
            _beside(ax, text, max(share, 0), y, colour=text_colour)
    ax.set_yticks(at, names)
    _horizontal(ax)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.margins(x=0.22)
    ax.set_xlim(left=0)


def _end_labels(ax: Axes, table: pd.DataFrame, columns: dict[str, str], colours: list[str]) -> None:
    """Names at the right ends of lines, pushed apart where they would overlap."""
    ends = table.dropna().iloc[-1]
    order = sorted(zip(columns.items(), colours, strict=True), key=lambda item: ends[item[0][1]])
    gap, last = 0.07 * table[list(columns.values())].max().max(), -np.inf
    for (label, column), colour in order:
        last = max(ends[column], last + gap)
        _beside(ax, label, ends["repeats"], last, offset=8, colour=colour)


def _horizontal(ax: Axes) -> None:
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.spines["left"].set_visible(False)


def _percent(value: float) -> str:
    return write_number(value, "share", language=current().language, currency=current().currency)


def _integer(value: float, _position: int | None = None) -> str:
    return write_number(value, "customers", language=current().language, currency=current().currency)


def _beside(ax: Axes, text: str, x: float, y: float, *, offset: int = 4, colour: str = INK) -> None:
    """Write `text` to the right of a point of the data, `offset` points away; at 0 where x is not known."""
    start = x if x == x else 0.0
    ax.annotate(
        text, (start, y), (offset, 0), textcoords="offset points", va="center", fontsize=SMALL, color=colour
    )
