"""What was expected and what came, in pictures. Nothing is computed here."""

from typing import Any

from matplotlib.axes import Axes

from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.figures import end_labels, paired_bars
from workbench.segmentation.forecast.holdout import LAST_GROUP, Holdout
from workbench.segmentation.forecast.outlook import ONE_PURCHASE, Outlook
from workbench.segmentation.wording import named, reader_frame, without_small_cells
from workbench.theme import ACCENT, GREY, INK, finish, new_axes, passes_missing


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
