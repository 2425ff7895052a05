"""How well a score ranks: AUC with covariance, lift, churners captured."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from workbench.churn.calibration import Vector

TOP_SHARE = 0.1
BOOTSTRAPS = 400  # the ends of a 95 % interval are then the 10th from either side
DECILES = 10


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def auc_and_covariance(churned: NDArray[np.bool_], *scores: Vector) -> tuple[Vector, NDArray[np.float64]]:
    """AUCs of several scores on the same rows, and their covariance.

    Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988), 837-845, eq. 3-5, by the
    midranks of X. Sun, W. Xu, IEEE Signal Processing Letters 21 (2014), 1389-1393. Assumes independent
    rows: each customer stands in the test once. It says how the test rows vary, not how training does.
    """
    m, n = int(churned.sum()), int((~churned).sum())
    lost, kept, values = [], [], []
    for score in scores:
        ranks = rankdata(score)
        above = (ranks[churned] - rankdata(score[churned])) / n
        lost.append(above)
        kept.append(1 - (ranks[~churned] - rankdata(score[~churned])) / m)
        values.append(above.mean())
    covariance = np.atleast_2d(np.cov(lost)) / m + np.atleast_2d(np.cov(kept)) / n
    return np.array(values), covariance


def captured(happened: Vector, probability: Vector, shares: Vector) -> Vector:
    """Share of all churners among the rows of highest probability, for each share of rows taken.

    Rows of equal probability are taken in proportion: the mean over all orders they could be taken in.
    """
    return _captured(happened, _blocks(probability), shares, np.ones(len(happened)))


def _blocks(probability: Vector) -> NDArray[np.int64]:
    """The number of each row's probability, counted from the highest down."""
    return np.asarray(np.unique(-probability, return_inverse=True)[1], dtype="int64")


def _captured(happened: Vector, block: NDArray[np.int64], shares: Vector, weight: Vector) -> Vector:
    rows = np.concatenate([[0.0], np.cumsum(np.bincount(block, weight))])
    churners = np.concatenate([[0.0], np.cumsum(np.bincount(block, weight * happened))])
    return np.asarray(np.interp(shares * rows[-1], rows, churners) / churners[-1], dtype="float64")


def top_lift(happened: Vector, probability: Vector, seed: int) -> Estimate:
    """Churn rate in the TOP_SHARE of highest probability over that of all rows; bootstrap interval by row."""
    block, share, n = _blocks(probability), np.array([TOP_SHARE]), len(happened)
    rng = np.random.default_rng(seed)
    weights = (np.bincount(rng.integers(n, size=n), minlength=n).astype("float64") for _ in range(BOOTSTRAPS))
    draws = [_captured(happened, block, share, weight)[0] / TOP_SHARE for weight in weights]
    low, high = np.quantile(draws, [0.025, 0.975])
    value = captured(happened, probability, share)[0] / TOP_SHARE
    return Estimate(float(value), float(low), float(high))


def decile_table(happened: Vector, probability: Vector) -> pd.DataFrame:
    """Tenths of the rows from the highest probability down: churn rate, lift, share of churners so far."""
    ends = np.arange(1, DECILES + 1) / DECILES
    so_far = captured(happened, probability, ends)
    lift = np.diff(so_far, prepend=0) * DECILES
    columns = {"decile": np.arange(1, DECILES + 1), "lost": lift * happened.mean(), "lift": lift}
    return pd.DataFrame(columns | {"captured": so_far})
