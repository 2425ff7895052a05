"""What the held-out rows say of each model: ranking, probabilities, and how sure that is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.churn.backtest import MAIN, MODELS, RULE, Tested
from workbench.churn.calibration import (
    Z95,
    Line,
    Vector,
    log_odds,
    observed_beside_expected,
    rates_by_group,
    recalibration,
)
from workbench.churn.dataset import Dataset, Rule
from workbench.churn.ranking import Estimate, auc_and_covariance, decile_table, top_lift
from workbench.results import Missing

RULE_GROUPS = 8


@dataclass(frozen=True)
class Evaluation:
    """What the held-out rows say. Nothing in here was measured on training rows.

    Attributes
    ----------
    expected : float
        Mean probability of the main model.
    auc, brier, average_precision : mapping of model name to value
        Models are those of `MODELS`.
    gain : mapping of model name to Estimate
        AUC of the main model minus that of another model, on the same rows.
    fold_aucs : tuple of float
        AUC of the main model in each fold of a cross-validation; empty out of time.
    calibration : pandas.DataFrame
        model, expected, observed, low, high, n: ten groups by probability.
    by_rule : pandas.DataFrame or Missing
        expected (mean of the rule's feature), observed, low, high, n: groups by the rule's feature. Missing
        if no row has a value of it.
    deciles : pandas.DataFrame
        decile, lost (share of the decile), captured (share of all lost so far), lift.
    """

    rule: Rule
    horizon_days: int
    n: int
    churned: int
    expected: float
    auc: dict[str, Estimate]
    gain: dict[str, Estimate]
    brier: dict[str, Estimate]
    average_precision: dict[str, float]
    lift: Estimate
    line: dict[str, Line]
    fold_aucs: tuple[float, ...]
    calibration: pd.DataFrame
    by_rule: pd.DataFrame | Missing
    deciles: pd.DataFrame

    @property
    def observed(self) -> float:
        """Share of the held-out rows that churned."""
        return self.churned / self.n


def brier(happened: Vector, probability: Vector) -> Estimate:
    """Mean squared distance of probability and outcome; interval from its standard error over rows."""
    squared = (happened - probability) ** 2
    error = Z95 * squared.std(ddof=1) / np.sqrt(len(squared))
    return Estimate(float(squared.mean()), float(squared.mean() - error), float(squared.mean() + error))


def evaluate(data: Dataset, tested: Tested, seed: int) -> Evaluation:
    """All figures of the held-out rows."""
    from sklearn.metrics import average_precision_score

    rows = tested.rows
    churned = rows["churned"].to_numpy("bool")
    happened = churned.astype("float64")
    # The naive rule ranks by its feature; the isotonic steps would only add ties.
    rank = {name: rows[RULE if name == "naive" else name].to_numpy("float64") for name in MODELS}
    probability = {name: rows[name].to_numpy("float64") for name in MODELS}
    aucs, covariance = auc_and_covariance(churned, *rank.values())
    return Evaluation(
        rule=data.rule,
        horizon_days=data.horizon_days,
        n=len(rows),
        churned=int(churned.sum()),
        expected=float(probability[MAIN].mean()),
        auc={name: _estimate(aucs[i], covariance[i, i]) for i, name in enumerate(MODELS)},
        gain={name: _gain(aucs, covariance, i) for i, name in enumerate(MODELS) if name != MAIN},
        brier={name: brier(happened, probability[name]) for name in MODELS},
        average_precision={
            name: float(average_precision_score(churned, probability[name])) for name in MODELS
        },
        lift=top_lift(happened, probability[MAIN], seed),
        line={name: recalibration(happened, log_odds(probability[name])) for name in MODELS},
        fold_aucs=_fold_aucs(rows),
        calibration=pd.concat(
            [
                observed_beside_expected(happened, probability[name]).assign(model=name)
                for name in (MAIN, "naive")
            ],
            ignore_index=True,
        ),
        by_rule=_by_rule(happened, tested.rule_values),
        deciles=decile_table(happened, probability[MAIN]),
    )


def _estimate(value: float, variance: float) -> Estimate:
    half = Z95 * float(np.sqrt(variance))
    return Estimate(float(value), max(0.0, float(value) - half), min(1.0, float(value) + half))


def _gain(aucs: Vector, covariance: NDArray[np.float64], other: int) -> Estimate:
    contrast = np.zeros(len(aucs))
    contrast[MODELS.index(MAIN)], contrast[other] = 1, -1
    difference = float(contrast @ aucs)
    half = Z95 * float(np.sqrt(contrast @ covariance @ contrast))
    return Estimate(difference, difference - half, difference + half)


def _fold_aucs(rows: pd.DataFrame) -> tuple[float, ...]:
    if rows["fold"].nunique() < 2:
        return ()
    folds = [part for _, part in rows.groupby("fold")]
    return tuple(
        float(auc_and_covariance(part["churned"].to_numpy("bool"), part[MAIN].to_numpy("float64"))[0][0])
        for part in folds
    )


def _by_rule(happened: Vector, values: Vector) -> pd.DataFrame | Missing:
    """Churn rate in groups of about equal size by the rule's feature; equal values stay together."""
    known = np.isfinite(values)
    if not known.any():
        return Missing("churn.missing_rule")
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, RULE_GROUPS + 1)))
    group = np.searchsorted(edges[1:-1], values[known], side="left")
    return rates_by_group(happened[known], values[known], group)
