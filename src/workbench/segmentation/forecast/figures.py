"""What was expected and what came, in pictures. Nothing is computed here."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from workbench.language import current, say
from workbench.results import Missing
from workbench.segmentation.figures import beside, end_labels, horizontal, paired_bars, whole, with_words
from workbench.segmentation.forecast.holdout import LAST_GROUP, Holdout
from workbench.segmentation.forecast.outlook import ONE_PURCHASE, Outlook
from workbench.segmentation.forecast.totals import Totals
from workbench.segmentation.wording import SMALLEST_CELL, named, reader_frame, without_small_cells
from workbench.theme import ACCENT, GREY, INK, PALE, finish, new_axes, passes_missing


@passes_missing
def plot_holdout(test: Holdout, *, ax: Axes | None = None) -> Axes | Missing:
    """Purchases in the holdout by past repeat purchases: actual with 95 % interval, model, naive rule."""
    table = without_small_cells(test.by_frequency)
    if table["actual"].isna().all():
        return Missing("segmentation.holdout_few", {"needed": SMALLEST_CELL})
    ax = new_axes(ax)
    at = table["repeats"]
    ax.plot(at, table["naive"], color=GREY, linestyle=(0, (4, 2)), linewidth=1.5)
    ax.plot(at, table["expected"], color=ACCENT, linewidth=2)
    ax.errorbar(at, table["actual"], 1.96 * table["actual_error"], color=INK, fmt="o", ms=4.5, capsize=3)
    labels = {"naive": GREY, "expected": ACCENT, "actual": INK}
    end_labels(ax, table, {say(f"segmentation.line_{name}"): name for name in labels}, list(labels.values()))
    ax.set_xticks(list(at), [f"{n}" if n < LAST_GROUP else f"{n}+" for n in at])
    ax.set_xlabel(say("segmentation.axis_repeats"))
    ax.set_ylabel(say("segmentation.axis_holdout"))
    ax.set_ylim(bottom=0)
    sums = test.customers[["actual", "expected", "naive"]].sum()
    values: dict[str, Any] = {
        "days": test.days,
        "mae": test.mae,
        "mae_naive": test.mae_naive,
        "n": len(test.customers),
    }
    values |= {name: float(sums[name]) for name in sums.index}
    values |= {"model": say(f"segmentation.model_{test.choice.name}")}
    outcome = "better" if test.wins else "worse"
    return finish(
        ax,
        title=say(f"segmentation.holdout_title_{outcome}", **values),
        sentence=say("segmentation.holdout_sentence", cutoff=test.cutoff, **values),
        alt=say("segmentation.holdout_alt", **values),
        data=reader_frame(table),
    )


@passes_missing
def plot_totals(totals: Totals, *, ax: Axes | None = None) -> Axes | Missing:
    """Expected value of each segment, with the 95 % interval of the sum; Missing where all are small."""
    table = without_small_cells(totals.table)
    if table["expected_value"].isna().all():
        return Missing("segmentation.totals_few", {"needed": SMALLEST_CELL})
    ax = new_axes(ax, height=0.9 + 0.3 * len(table))
    at = np.arange(len(table))[::-1]
    ax.hlines(at, table["low"], table["high"], color=PALE, linewidth=8)
    ax.plot(table["expected_value"], at, "o", color=ACCENT, ms=6)
    for y, row in zip(at, table.to_dict("records"), strict=True):
        text = say("segmentation.total_label", value=row["expected_value"], n=row["customers"])
        beside(ax, text, row["high"], y)
    ax.set_yticks(at, [named("segment", code) for code in table["segment"]])
    horizontal(ax)
    ax.xaxis.set_major_formatter(FuncFormatter(whole))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.set_xlim(0, 1.3 * table["high"].max())
    kind = "margin" if totals.on_margin else "spend"
    ax.set_xlabel(say(f"segmentation.axis_totals_{kind}", currency=current().currency))
    top = table.iloc[int(table["expected_value"].fillna(-1).argmax())]
    values = {"segment": named("segment", str(top["segment"])), "n": int(top["customers"])}
    values |= {"value": top["expected_value"], "share": top["value_share"], "days": totals.horizon_days}
    values |= {"low": top["low"], "high": top["high"]}
    return with_words(ax, "totals", values, reader_frame(table))


@passes_missing
def plot_alive(outlook: Outlook, *, ax: Axes | None = None) -> Axes | Missing:
    """Share of customers beside share of expected value, by the probability of being alive."""
    if isinstance(outlook.by_alive, Missing):
        return outlook.by_alive
    ax = new_axes(ax)
    table = without_small_cells(outlook.by_alive)
    names = [named("band", code) for code in table["band"]]
    paired_bars(ax, names, table["customer_share"], table["value_share"], say("segmentation.of_value"))
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
