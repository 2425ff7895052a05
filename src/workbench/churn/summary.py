"""What the first page and the archive are told: metrics, checks and findings."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.churn.backtest import MAIN
from workbench.churn.dataset import Dataset, Rule
from workbench.churn.evaluation import Evaluation
from workbench.churn.ranking import Estimate
from workbench.churn.reasons import feature_label
from workbench.churn.scores import Bands
from workbench.language import say
from workbench.results import Check, Finding, Metric, Missing, rate

# Outside of these the words of a probability mislead: 0.8 turns "90 %" into 85 %, its inverse into 94 %.
SLOPE_LOW, SLOPE_HIGH = 0.8, 1.25
LEVEL_TOLERANCE = 0.1  # of the observed rate
# Nobody foresees customers this well from their past; a column that knows the answer does.
SUSPICIOUS_AUC = 0.95
METRICS = (
    "base_rate", "auc", "auc_naive", "auc_logistic", "auc_gain", "brier", "brier_naive", "calibration_slope",
    "calibration_ratio", "top_decile_lift", "average_precision", "customers_scored", "expected_lost",
    "value_at_risk_total",
)  # fmt: skip


def missing_metrics(reason: Missing) -> tuple[Metric, ...]:
    """Every promised metric without a value, and why."""
    return tuple(Metric(name, None, reason=reason.reason) for name in METRICS)


def metrics(dataset: Dataset, tested: Evaluation, bands: Bands) -> tuple[Metric, ...]:
    """The figures of METRICS (and the spread over folds of a cross-validation); all out of sample."""
    n, line, summary = tested.n, tested.line[MAIN], bands.summary
    here, lost = int(summary["customers"].sum()), float(summary["expected_lost"].sum())
    found = [
        rate("base_rate", tested.churned, n),
        _estimated("auc", tested.auc[MAIN], n),
        _estimated("auc_naive", tested.auc["naive"], n),
        _estimated("auc_logistic", tested.auc["logistic"], n),
        _estimated("auc_gain", tested.gain["naive"], n),
        _estimated("brier", tested.brier[MAIN], n),
        _estimated("brier_naive", tested.brier["naive"], n),
        Metric("calibration_slope", line.slope, n=n, low=line.low, high=line.high),
        Metric("calibration_ratio", tested.expected / tested.observed, n=n),
        _estimated("top_decile_lift", tested.lift, n),
        Metric("average_precision", tested.average_precision[MAIN], n=n),
        Metric("customers_scored", here, n=here),
        Metric("expected_lost", lost, n=here),
        _money_at_risk(dataset, bands, here),
    ]
    if tested.fold_aucs:
        found.append(Metric("auc_fold_mean", float(np.mean(tested.fold_aucs)), n=n))
        found.append(Metric("auc_fold_sd", float(np.std(tested.fold_aucs, ddof=1)), n=n))
    return tuple(found)


def _estimated(name: str, estimate: Estimate, n: int) -> Metric:
    return Metric(name, estimate.value, n=n, low=estimate.low, high=estimate.high)


def _money_at_risk(dataset: Dataset, bands: Bands, customers: int) -> Metric:
    if np.isfinite(bands.value_at_risk):
        return Metric("value_at_risk_total", bands.value_at_risk, n=customers)
    return Metric("value_at_risk_total", None, n=customers, reason=say("churn.no_fee"))


def checks(dataset: Dataset, tested: Evaluation) -> tuple[Check, ...]:
    """What the figures rest on."""
    gain, line, observed = tested.gain["naive"], tested.line[MAIN], tested.observed
    better = {"gain": gain.value, "low": gain.low, "high": gain.high, "rule": say(rule_code(dataset.rule))}
    calibrated = {
        "expected": tested.expected, "observed": observed, "slope": line.slope,
        "low": line.low, "high": line.high, "slope_low": SLOPE_LOW, "slope_high": SLOPE_HIGH,
        "tolerance": LEVEL_TOLERANCE,
    }  # fmt: skip
    found = [
        Check("churn_beats_naive", gain.low > 0, better),
        Check("churn_calibrated", calibration_verdict(tested) == "right", calibrated),
        Check("churn_plausible", tested.auc[MAIN].value <= SUSPICIOUS_AUC,
              {"auc": tested.auc[MAIN].value, "limit": SUSPICIOUS_AUC}),
    ]  # fmt: skip
    if dataset.cutoffs is not None:
        days = windows(dataset)
        closed = days["trained"] <= days["test"] and days["ended"] <= days["as_of"]
        found.append(Check("churn_windows_closed", closed, days))
    return tuple(found)


def calibration_verdict(tested: Evaluation) -> str:
    """How the probabilities are: ``right``, ``too_high``, ``too_low``, ``too_sure`` or ``too_timid``."""
    ratio, slope = tested.expected / tested.observed, tested.line[MAIN].slope
    if abs(ratio - 1) > LEVEL_TOLERANCE:
        return "too_high" if ratio > 1 else "too_low"
    if slope < SLOPE_LOW:
        return "too_sure"
    return "too_timid" if slope > SLOPE_HIGH else "right"


def windows(dataset: Dataset) -> dict[str, date]:
    """When the training outcomes were known, the date of the test, when its outcomes were known, `as_of`."""
    cutoffs, horizon = dataset.cutoffs, timedelta(days=dataset.horizon_days)
    assert cutoffs is not None
    trained, ended = cutoffs.training[-1] + horizon, cutoffs.test + horizon
    return {"trained": trained, "test": cutoffs.test, "ended": ended, "as_of": dataset.as_of}


def findings(
    dataset: Dataset, tested: Evaluation, bands: Bands, drivers: pd.DataFrame
) -> tuple[Finding, ...]:
    """Sentences for the first page, money first."""
    found = [_stake(bands), _comparison(dataset, tested)]
    verdict = calibration_verdict(tested)
    if verdict != "right":
        slope = tested.line[MAIN].slope
        values = {"expected": tested.expected, "observed": tested.observed, "slope": slope, "n": tested.n}
        found.append(Finding(f"churn.finding_{verdict}", values))
    simple = tested.gain["logistic"]
    if simple.high < 0:
        values = {"gain": -simple.value, "low": -simple.high, "high": -simple.low, "n": tested.n}
        found.append(Finding("churn.finding_simple", values))
    first = drivers.iloc[0]
    driver = {"feature": feature_label(first["feature"]), "share": float(first["share"])}
    return (*found, Finding("churn.finding_driver", driver), *_decisions(dataset, found[0], tested))


def _decisions(dataset: Dataset, stake: Finding, tested: Evaluation) -> list[Finding]:
    """What somebody has to decide: how many to contact, and by what they are ranked."""
    asked = []
    if "total" in stake.values:
        names = ("high", "by_value", "total", "held")
        asked.append(Finding("decide.contact", {name: stake.values[name] for name in names}))
    if not tested.gain["naive"].low > 0:
        asked.append(Finding("decide.ranking", {"rule": say(rule_code(dataset.rule))}))
    return asked


def _stake(bands: Bands) -> Finding:
    high = bands.summary.iloc[0]
    n, lost = int(bands.summary["customers"].sum()), float(bands.summary["expected_lost"].sum())
    values = {"high": int(high["customers"]), "n": n, "lost": lost}
    if not bands.value_at_risk > 0:
        return Finding("churn.finding_high", values)
    money = {"held": float(high["value_at_risk"]) / bands.value_at_risk, "total": bands.value_at_risk}
    money["by_value"] = bands.by_value
    return Finding("churn.finding_stake", values | money)


def _comparison(dataset: Dataset, tested: Evaluation) -> Finding:
    gain = tested.gain["naive"]
    values = {
        "auc": tested.auc[MAIN].value, "auc_naive": tested.auc["naive"].value, "low": gain.low,
        "high": gain.high, "n": tested.n, "rule": say(rule_code(dataset.rule)),
    }  # fmt: skip
    return Finding("churn.finding_better" if gain.low > 0 else "churn.finding_not_better", values)


def rule_code(rule: Rule) -> str:
    """The message that names the naive rule."""
    return f"churn.rule.{rule.feature}"
