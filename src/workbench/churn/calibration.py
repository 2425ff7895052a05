"""Are the probabilities right? Logistic recalibration, and observed rates beside expected ones."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

Vector = NDArray[np.float64]

Z95 = float(norm.ppf(0.975))
NEVER_SURE = 1e-6  # probabilities are kept this far from 0 and 1, where log odds have no value
NEWTON_STEPS = 50
TOLERANCE = 1e-10
PRIOR_PRECISION = 1e-6  # towards slope 1: keeps the line finite where the classes separate perfectly


@dataclass(frozen=True)
class Line:
    """Log odds of what happened = intercept + slope · log odds that were foretold.

    Attributes
    ----------
    slope : float
        1 is right; below 1 the probabilities are too extreme, above 1 too timid.
    low, high : float
        Ends of the slope's 95 % interval (Wald).
    """

    intercept: float
    slope: float
    low: float
    high: float


def log_odds(probability: Vector) -> Vector:
    """Log odds of probabilities, which are first kept NEVER_SURE away from 0 and 1."""
    return np.asarray(logit(np.clip(probability, NEVER_SURE, 1 - NEVER_SURE)), dtype="float64")


def recalibration(happened: Vector, foretold: Vector) -> Line:
    """The logistic regression of 0/1 outcomes on foretold log odds, by Newton's method.

    Source: D. R. Cox, "Two further applications of a model for binary regression", Biometrika 45 (1958),
    562-565. Assumes independent rows; foretold log odds that do not vary have no slope, which is NaN then.
    """
    if np.ptp(foretold) < TOLERANCE:
        return Line(float(logit(happened.mean())), float("nan"), float("nan"), float("nan"))
    design = np.column_stack([np.ones_like(foretold), foretold])
    right = np.array([0.0, 1.0])
    beta, prior = right, PRIOR_PRECISION * np.eye(2)
    for _ in range(NEWTON_STEPS):
        expected = expit(design @ beta)
        information = (design * (expected * (1 - expected))[:, None]).T @ design + prior
        step = np.linalg.solve(information, design.T @ (happened - expected) - prior @ (beta - right))
        beta = beta + step
        if np.abs(step).max() < TOLERANCE:
            break
    error = Z95 * np.sqrt(np.linalg.inv(information)[1, 1])
    return Line(float(beta[0]), float(beta[1]), float(beta[1] - error), float(beta[1] + error))


def wilson(successes: Vector, n: Vector) -> tuple[Vector, Vector]:
    """Ends of the 95 % Wilson interval of each rate; `results.rate` explains its source."""
    rate, z2 = successes / n, Z95**2
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * np.sqrt(rate * (1 - rate) / n + z2 / (4 * n**2))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def observed_beside_expected(happened: Vector, probability: Vector, groups: int = 10) -> pd.DataFrame:
    """Groups of equal size by probability; equal probabilities stay together.

    Returns
    -------
    pandas.DataFrame
        expected (mean probability), observed (rate), low, high (95 % Wilson), n.
    """
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, groups + 1)))
    return rates_by_group(happened, probability, np.searchsorted(edges[1:-1], probability, side="left"))


def rates_by_group(happened: Vector, value: Vector, group: NDArray[np.int64]) -> pd.DataFrame:
    """Mean of `value` and rate of `happened` with its interval in each group."""
    frame = pd.DataFrame({"expected": value, "happened": happened, "group": group})
    table = frame.groupby("group").agg(
        expected=("expected", "mean"), observed=("happened", "mean"), n=("happened", "size")
    )
    low, high = wilson((table["observed"] * table["n"]).to_numpy(), table["n"].to_numpy("float64"))
    return table.assign(low=low, high=high).reset_index(drop=True)
