"""What groups of customers are expected to bring, with an interval for the sum.

A sum is far surer than its parts, but not as sure as independent parts would make it: all customers share
the parameters of the models. The interval holds both: outcomes vary by customer, parameters for all alike.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import gamma

from workbench.segmentation.forecast.expected_value import SETS

INTERVAL = 0.95  # of sums, as of every rate


@dataclass(frozen=True)
class Totals:
    """What each segment is expected to bring.

    Attributes
    ----------
    table : pandas.DataFrame
        ``segment``, ``customers``, ``expected_value``, ``value_share``, ``low``, ``high``.
    horizon_days : int
    on_margin : bool
    """

    table: pd.DataFrame
    horizon_days: int
    on_margin: bool


def total_intervals(expected: pd.DataFrame, group: pd.Series, interval: float = INTERVAL) -> pd.DataFrame:
    """Expected value of each group.

    Parameters
    ----------
    expected : pandas.DataFrame
        As `expected_value` gives it.
    group : pandas.Series
        Name of each customer's group, on the same index.
    interval : float
        Probability between the limits.

    Returns
    -------
    pandas.DataFrame
        ``group``, ``customers``, ``expected_value``, ``value_share``, ``low``, ``high``: quantiles of the
        Gamma distribution with the sum's mean and variance, which can not fall below 0.
    """
    sums = expected[["expected_value", "value_variance", *SETS]].groupby(group.to_numpy()).sum()
    sizes = group.value_counts().reindex(sums.index)
    variance = sums["value_variance"] + sums[SETS].var(axis=1, ddof=1)
    low, high = limits(sums["expected_value"], variance, interval)
    total = sums["expected_value"].sum()
    return pd.DataFrame(
        {
            "group": sums.index,
            "customers": sizes.to_numpy(),
            "expected_value": sums["expected_value"].to_numpy(),
            "value_share": (sums["expected_value"] / total).to_numpy() if total > 0 else np.nan,
            "low": low,
            "high": high,
        }
    )


def limits(
    mean: "pd.Series[float]", variance: "pd.Series[float]", interval: float
) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of Gamma distributions with these moments; the mean itself where nothing varies."""
    m, v = mean.to_numpy(dtype=float), variance.to_numpy(dtype=float)
    known = (m > 0) & (v > 0)
    shape, scale = np.ones(len(m)), np.ones(len(m))
    shape[known], scale[known] = m[known] ** 2 / v[known], v[known] / m[known]
    low, high = (gamma.ppf(q, shape, scale=scale) for q in ((1 - interval) / 2, (1 + interval) / 2))
    return np.where(known, low, m), np.where(known, high, m)
