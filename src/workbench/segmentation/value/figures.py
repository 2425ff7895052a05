"""Value scores and their weights in pictures. Nothing is computed here."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from workbench.language import say
from workbench.segmentation.figures import beside, horizontal, paired_bars, percent, with_words
from workbench.segmentation.value.backtest import Backtest
from workbench.segmentation.value.hierarchy import DIMENSIONS
from workbench.segmentation.value.score import ValueScore
from workbench.segmentation.value.sensitivity import Sensitivity
from workbench.segmentation.wording import named, reader_frame, without_small_cells
from workbench.theme import (
    ACCENT,
    GREY,
    INK,
    PALE,
    SEQUENCE,
    new_axes,
    passes_missing,
)

WEIGHTS = ["ahp", "entropy", "critic"]
SHORTEST_AXIS = 0.1
MOST_BARS = 12  # of a tornado: those below move hardly anybody


@passes_missing
def plot_weights(score: ValueScore, *, ax: Axes | None = None) -> Axes:
    """Weight of each indicator by judgement, by entropy and by CRITIC."""
    judged = score.weights[score.weights["indicator"].isin(score.objective.table["indicator"])]
    table = judged.merge(score.objective.table, on="indicator").reset_index(drop=True)
    ax = new_axes(ax, height=1.0 + 0.32 * len(table))
    at = np.arange(len(table))[::-1]
    ax.hlines(at, table[WEIGHTS].min(axis=1), table[WEIGHTS].max(axis=1), color=PALE, lw=2, zorder=1)
    for name, marker, colour in zip(WEIGHTS, "oDs", SEQUENCE, strict=False):
        label = say(f"segmentation.rule_{name}")
        ax.plot(table[name], at, marker, color=colour, ms=7 if name == "ahp" else 5, label=label, zorder=2)
    ax.set_yticks(at, [named("indicator", code) for code in table["indicator"]])
    horizontal(ax)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlim(left=0)
    ax.set_xlabel(say("segmentation.value_axis_weight"))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(WEIGHTS))
    sums = table.groupby("dimension")[WEIGHTS].sum()
    by_kind = {kind: sums[kind].to_dict() for kind in WEIGHTS}
    values: dict[str, Any] = {name: float(by_kind["ahp"][name]) for name in DIMENSIONS}
    values |= {f"{kind}_current": float(by_kind[kind]["current"]) for kind in ("entropy", "critic")}
    values |= {"ratio": score.ratio}
    lost = [named("indicator", c) for c in score.weights["indicator"] if c not in set(table["indicator"])]
    names = say("segmentation.comma").join(lost)
    values |= {"left_out": say("segmentation.value_left_out", names=names) if lost else ""}
    values |= {"experts": score.n_experts}
    shown = table[["dimension", "indicator", "global_weight", "lowest_weight", "highest_weight", *WEIGHTS]]
    return with_words(ax, "value_weights", values, reader_frame(shown))


@passes_missing
def plot_classes(classes: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Share of customers and of expected value per value class."""
    table = without_small_cells(classes)
    ax = new_axes(ax, height=0.8 + 0.5 * len(table))
    names = [named("value_class", code) for code in table["value_class"]]
    has_value = "value_share" in table
    money = table["value_share"] if has_value else table["value_score"] / 100
    what = say("segmentation.of_value") if has_value else say("segmentation.value_mean_score")
    paired_bars(ax, names, table["customer_share"], money, what)
    longest = np.nanmax([table["customer_share"].max(), money.max()])
    ax.set_xlim(0, max(float(longest), SHORTEST_AXIS) * 1.7)  # room for the words beside the first bars
    best = table.iloc[0]
    values: dict[str, Any] = {"n": int(best["customers"]), "share": float(best["customer_share"])}
    values |= {"best": names[0], "money": float(money.iloc[0]), "what": what, "classes": len(table)}
    return with_words(
        ax, "value_classes" if has_value else "value_classes_plain", values, reader_frame(table)
    )


@passes_missing
def plot_sensitivity(found: Sensitivity, *, ax: Axes | None = None) -> Axes:
    """Tornado: share of customers who change class (bars) or grade (dots) as one weight moves."""
    table = found.table.head(MOST_BARS)
    ax = new_axes(ax, height=1.0 + 0.32 * len(table))
    at = np.arange(len(table))[::-1]
    for sign, direction, colour in ((-1, "down", PALE), (1, "up", ACCENT)):
        ax.barh(at, sign * table[f"class_{direction}"] / found.n, color=colour, height=0.6)
        ax.plot(sign * table[f"grade_{direction}"] / found.n, at, "o", color=INK, ms=4)
    names = [named(row["kind"], row["name"]) for row in table.to_dict("records")]
    ax.set_yticks(at, names)
    horizontal(ax)
    ax.axvline(0, color=GREY, lw=1)
    ax.xaxis.set_major_locator(MaxNLocator(5, symmetric=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(abs(value))))
    ax.set_xlabel(say("segmentation.value_axis_moved", step=found.step))
    first = table.iloc[0]
    values = {"first": names[0], "share": float(first["class_share"]), "step": found.step, "n": found.n}
    values |= {"moved": int(max(first["class_down"], first["class_up"]))}
    values |= {"grade": float(found.table["grade_share"].max())}
    shown = found.table.assign(name=[named(r["kind"], r["name"]) for r in found.table.to_dict("records")])
    return with_words(ax, "value_sensitivity", values, reader_frame(shown.drop(columns="kind")))


@passes_missing
def plot_backtest(test: Backtest, *, ax: Axes | None = None) -> Axes:
    """Share of what came that each rule's top tenth brought, with interval; Kendall's tau beside."""
    table = test.rules
    ax = new_axes(ax, height=2.9)
    at = np.arange(len(table))[::-1]
    naive, best = test.of("naive"), test.of(test.used)
    ax.axvline(naive["capture"], color=GREY, ls="--", lw=1, zorder=0)
    for y, row in zip(at, table.to_dict("records"), strict=True):
        colour = GREY if row["rule"] == "naive" else ACCENT if row["rule"] == test.used else SEQUENCE[5]
        ax.plot([row["capture_low"], row["capture_high"]], [y, y], color=colour, lw=3)
        ax.plot(row["capture"], y, "o", color=colour, ms=7)
        text = say("segmentation.value_tau", tau=row["tau"], low=row["tau_low"], high=row["tau_high"])
        beside(ax, text, row["capture_high"], y, offset=8)
    ax.set_yticks(at, [named("rule", code) for code in table["rule"]])
    ax.set_ylim(-0.6, len(table) - 0.4)
    horizontal(ax)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlim(0, float(table["capture_high"].max()) * 1.45)
    ax.set_xlabel(say(f"segmentation.value_axis_capture_{test.outcome}"))
    values: dict[str, Any] = {"cutoff": test.cutoff, "as_of": test.as_of, "n": test.n, "total": test.total}
    values |= {"outcome": say(f"segmentation.value_outcome_{test.outcome}")}
    values |= {
        "ahp": best["capture"],
        "naive": naive["capture"],
        "tau": best["tau"],
        "tau_naive": naive["tau"],
    }
    values |= {
        "gain": best["capture_gain"],
        "low": best["capture_gain_low"],
        "high": best["capture_gain_high"],
    }
    name = "value_backtest_better" if test.better(test.used) else "value_backtest_naive"
    return with_words(ax, name, values, reader_frame(table))
