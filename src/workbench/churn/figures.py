"""The pictures of notebook 03. Nothing is computed here."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from workbench.churn import tables
from workbench.churn.backtest import MAIN, MODELS
from workbench.churn.evaluation import Evaluation
from workbench.churn.reasons import feature_label
from workbench.churn.scores import Bands
from workbench.churn.summary import calibration_verdict, rule_code
from workbench.language import current, say, write_number
from workbench.results import Missing
from workbench.theme import ACCENT, GREY, INK, PALE, RISK_COLOURS, WARNING, finish, new_axes, passes_missing

MODEL_COLOURS = {MAIN: ACCENT, "logistic": INK, "naive": GREY}
DRIVERS_SHOWN = 10
ROOM_FOR_WORDS = 0.1  # of the width of the picture
COIN_TOSS = 0.5  # AUC of no knowledge at all


@passes_missing
def plot_rule(evaluation: Evaluation, *, ax: Axes | None = None) -> Axes | Missing:
    """Share lost by the feature of the naive rule, with 95 % intervals, and the share of all."""
    table = evaluation.by_rule
    if isinstance(table, Missing):
        return table
    ax, feature = new_axes(ax), evaluation.rule.feature
    _with_intervals(ax, table, ACCENT, line=True)
    _rate_line(ax, evaluation.observed)
    ax.set_xlabel(feature_label(feature))
    ax.set_ylabel(say("churn.axis_lost"))
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.xaxis.set_major_formatter(FuncFormatter(_thousands))
    ends = table.iloc[[0, -1]]["observed"].tolist()
    values = {"first": ends[0], "last": ends[1], "n": evaluation.n, "observed": evaluation.observed}
    return finish(
        ax,
        title=say(f"churn.title_{feature}", **values),
        sentence=say("churn.sentence_rule", groups=len(table), feature=feature_label(feature), **values),
        alt=say("churn.alt_rule", feature=feature_label(feature), **values),
        data=_readable(table, feature_label(feature), "churn.axis_lost"),
    )


@passes_missing
def plot_comparison(evaluation: Evaluation, *, ax: Axes | None = None) -> Axes:
    """AUC of the three models with 95 % intervals, from no knowledge up."""
    ax = new_axes(ax, height=2.2)
    for place, name in enumerate(reversed(MODELS)):
        auc = evaluation.auc[name]
        ax.plot([auc.low, auc.high], [place, place], color=MODEL_COLOURS[name], linewidth=2)
        ax.plot(auc.value, place, "o", color=MODEL_COLOURS[name], markersize=7)
        ax.annotate(f"{auc.value:.3f}", (auc.value, place), (0, 7), textcoords="offset points", ha="center",
                    fontsize=9)  # fmt: skip
    ax.set_yticks(range(len(MODELS)), [_model(evaluation, name) for name in reversed(MODELS)])
    ax.set_ylim(-0.5, len(MODELS) - 0.4)
    ax.set_xlim(left=min(COIN_TOSS, *(auc.low for auc in evaluation.auc.values())) - 0.005)
    ax.axvline(COIN_TOSS, color=GREY, linewidth=0.8)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(say("churn.axis_auc"))
    gain, simple = evaluation.gain["naive"], evaluation.gain["logistic"]
    values = {
        "auc": evaluation.auc[MAIN].value, "auc_naive": evaluation.auc["naive"].value, "n": evaluation.n,
        "gain": gain.value, "low": gain.low, "high": gain.high, "rule": say(rule_code(evaluation.rule)),
        "simple": simple.value, "simple_low": simple.low, "simple_high": simple.high,
    }  # fmt: skip
    return finish(
        ax,
        title=say("churn.title_better" if gain.low > 0 else "churn.title_not_better", **values),
        sentence=say("churn.sentence_comparison", **values),
        alt=say("churn.alt_comparison", **values),
        data=tables.models(evaluation),
    )


@passes_missing
def plot_calibration(evaluation: Evaluation, *, ax: Axes | None = None) -> Axes:
    """Observed rates beside expected ones in ten groups by probability, of the model and of the rule."""
    ax = new_axes(ax, height=4.2)
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    for name in ("naive", MAIN):
        table = evaluation.calibration[evaluation.calibration["model"] == name]
        _with_intervals(ax, table, MODEL_COLOURS[name], line=False, label=_model(evaluation, name))
    ax.text(0.98, 0.04, say("churn.label_right"), ha="right", color=GREY, fontsize=9)
    ax.legend(loc="upper left")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_xlabel(say("churn.axis_expected"))
    ax.set_ylabel(say("churn.axis_observed"))
    line = evaluation.line[MAIN]
    values = {
        "expected": evaluation.expected, "observed": evaluation.observed, "n": evaluation.n,
        "slope": line.slope, "low": line.low, "high": line.high,
        "brier": evaluation.brier[MAIN].value, "brier_naive": evaluation.brier["naive"].value,
    }  # fmt: skip
    table = evaluation.calibration.assign(
        model=[say(f"churn.model.{m}") for m in evaluation.calibration["model"]]
    )
    return finish(
        ax,
        title=say(f"churn.title_{calibration_verdict(evaluation)}", **values),
        sentence=say("churn.sentence_calibration", **values),
        alt=say("churn.alt_calibration", **values),
        data=_readable(table, say("churn.axis_expected"), "churn.axis_observed"),
    )


@passes_missing
def plot_deciles(evaluation: Evaluation, *, ax: Axes | None = None) -> Axes:
    """Share lost in each tenth of the customers, from the riskiest down, and the share of all."""
    ax, table = new_axes(ax), evaluation.deciles
    ax.bar(table["decile"], table["lost"], width=0.75, color=[ACCENT] + [PALE] * (len(table) - 1))
    _rate_line(ax, evaluation.observed)
    for row in table.itertuples():
        ax.annotate(f"{row.lost:.0%}", (row.decile, row.lost), (0, 3), textcoords="offset points",
                    ha="center", fontsize=9)  # fmt: skip
    ax.set_xticks(table["decile"])
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.set_ylim(0, float(table["lost"].max()) * 1.15)
    ax.set_xlabel(say("churn.axis_decile"))
    ax.set_ylabel(say("churn.axis_lost"))
    lift, captured = evaluation.lift, table["captured"].tolist()
    values = {
        "lift": lift.value, "low": lift.low, "high": lift.high, "captured": captured[0], "third": captured[2],
        "lost": table["lost"].tolist()[0], "observed": evaluation.observed, "n": evaluation.n,
    }  # fmt: skip
    heads = {name: say(f"churn.head_{name}") for name in table.columns}
    return finish(
        ax,
        title=say("churn.title_deciles", **values),
        sentence=say("churn.sentence_deciles", **values),
        alt=say("churn.alt_deciles", **values),
        data=table.rename(columns=heads),
    )


@passes_missing
def plot_drivers(drivers: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """The features that move the risk most: mean |SHAP|, and which way."""
    table = drivers.head(DRIVERS_SHOWN)
    ax = new_axes(ax, height=1.0 + 0.32 * len(table))
    colours = [{1: WARNING, -1: ACCENT}.get(way, GREY) for way in table["direction"]]
    places = np.arange(len(table))[::-1]
    ax.barh(places, table["mean_abs"], color=colours, height=0.65)
    ways = [_way(row.direction, row.riskiest) for row in table.itertuples()]
    for place, size, way in zip(places, table["mean_abs"], ways, strict=True):
        ax.annotate(
            way, (size, place), (5, 0), textcoords="offset points", va="center", fontsize=9, color=INK
        )
    ax.set_yticks(places, [feature_label(name) for name in table["feature"]])
    ax.set_xlim(0, float(table["mean_abs"].max()) * 1.45)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(say("churn.axis_shap"))
    first = table.iloc[0]
    values = {"feature": feature_label(first["feature"]), "share": float(first["share"]), "way": ways[0],
              "odds": float(np.exp(first["mean_abs"])), "shown": len(table),
              "together": float(table["share"].sum())}  # fmt: skip
    data = {
        say("churn.head_feature"): [feature_label(name) for name in table["feature"]],
        say("churn.axis_shap"): table["mean_abs"].to_numpy(),
        say("churn.head_share"): table["share"].to_numpy(),
        say("churn.head_way"): ways,
    }
    return finish(
        ax,
        title=say("churn.title_drivers", **values),
        sentence=say("churn.sentence_drivers", **values),
        alt=say("churn.alt_drivers", **values),
        data=pd.DataFrame(data),
    )


@passes_missing
def plot_stakes(bands: Bands, *, ax: Axes | None = None) -> Axes:
    """Each risk band's share of the customers beside its share of the value at risk."""
    summary = bands.summary
    known = bands.value_at_risk > 0
    at_risk = summary["value_at_risk"] if known else summary["expected_lost"]
    rows = ((say("churn.row_customers"), summary["share"]),
            (say("churn.row_value" if known else "churn.row_lost"), at_risk / at_risk.sum()))  # fmt: skip
    ax = new_axes(ax, height=2.0)
    for place, (_, shares) in zip((1, 0), rows, strict=True):
        left = 0.0
        for band, share in zip(summary["band"], shares, strict=True):
            ax.barh(place, share, left=left, color=RISK_COLOURS[band], height=0.6, edgecolor="white")
            words = f"{say(f'churn.band.{band}')} {share:.0%}" if share >= ROOM_FOR_WORDS else ""
            ax.annotate(words, (left + share / 2, place), ha="center", va="center", fontsize=9, color=INK)
            left += share
    ax.set_yticks((1, 0), [name for name, _ in rows])
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.grid(visible=False)
    values = {"share": float(summary["share"].iloc[0]), "held": float(rows[1][1].iloc[0]),
              "high": int(summary["customers"].iloc[0]), "n": int(summary["customers"].sum()),
              "total": bands.value_at_risk, "by_value": bands.by_value,
              "lost": float(summary["expected_lost"].sum()),
              "high_from": bands.high_from, "medium_from": bands.medium_from}  # fmt: skip
    kind = "stakes" if known else "stakes_lost"
    return finish(
        ax,
        title=say(f"churn.title_{kind}", **values),
        sentence=say(f"churn.sentence_{kind}", **values),
        alt=say(f"churn.alt_{kind}", **values),
        data=tables.risk_bands(bands),
    )


def _with_intervals(ax: Axes, table: pd.DataFrame, colour: str, *, line: bool, label: str = "") -> None:
    distance = np.abs(table[["low", "high"]].to_numpy().T - table["observed"].to_numpy())
    ax.errorbar(table["expected"], table["observed"], yerr=distance, fmt="o-" if line else "o", color=colour,
                markersize=5, linewidth=1.2, elinewidth=1.2, label=label or None)  # fmt: skip


def _rate_line(ax: Axes, rate: float) -> None:
    ax.axhline(rate, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    ax.annotate(say("churn.label_all", rate=rate), (1, rate), (-2, 3), xycoords=("axes fraction", "data"),
                textcoords="offset points", ha="right", fontsize=9, color=GREY)  # fmt: skip


def _model(evaluation: Evaluation, name: str) -> str:
    return (
        say("churn.label_rule", rule=say(rule_code(evaluation.rule)))
        if name == "naive"
        else say(f"churn.model.{name}")
    )


def _way(direction: Any, riskiest: Any) -> str:
    if riskiest:
        return say("churn.way_riskiest", level=riskiest)
    return say({1: "churn.way_more", -1: "churn.way_less"}.get(direction, "churn.way_mixed"))


def _thousands(value: float, _: int) -> str:
    speech = current()
    return write_number(round(value), "integer", language=speech.language, currency=speech.currency)


def _readable(table: pd.DataFrame, value: str, rate: str) -> pd.DataFrame:
    heads = {"expected": value, "observed": say(rate), "low": say("churn.head_low"),
             "high": say("churn.head_high"), "model": say("churn.head_model")}  # fmt: skip
    return table.rename(columns=heads)
