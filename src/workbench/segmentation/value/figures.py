"""Value scores and their weights in pictures. Nothing is computed here."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from workbench.language import current, say
from workbench.segmentation.figures import beside, horizontal, percent, whole
from workbench.segmentation.value.groups import TierValues
from workbench.segmentation.value.score import DIMENSIONS, ValueScore
from workbench.segmentation.wording import named, reader_frame, without_small_cells
from workbench.theme import INK, SEQUENCE, TIER_COLOURS, finish, new_axes, passes_missing


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
        beside(ax, text, row["typical_high"], y, offset=9)
    ax.set_yticks(at, [named("tier", code) for code in table["tier"]])
    ax.set_ylim(-0.5, len(table) - 0.5)
    horizontal(ax)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(whole))
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
        text = f"{percent(row['weight_used'])}  {named('dimension', str(row['dimension']))}"
        beside(ax, text, row["weight_used"], y)
    ax.set_yticks(at, [named("indicator", code) for code in table["indicator"]])
    horizontal(ax)
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
