"""Lifetime value of a contract, as telecom literature adds it up.

H. Hwang, T. Jung & E. Suh, "An LTV model and customer segmentation based on customer value: a case study on
the wireless telecommunication industry", Expert Systems with Applications 26 (2004), 181-188.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import refusal

Floats = npt.NDArray[np.float64]
MONTHS_A_YEAR = 12


def lifetime_value(
    past: Sequence[float], future_profit: float, benefit: float, *, expected_periods: int, rate: float
) -> float:
    """LTV of one customer, the paper's equation term by term.

    Σ_{t=0..N} π_p(t)·(1+d)^(N-t) + Σ_{t=N+1..N+E+1} [π_f(t) + B(t)]/(1+d)^(t-N)

    Parameters
    ----------
    past : sequence of float
        π_p(0), …, π_p(N): profit of each period so far, the oldest first.
    future_profit, benefit : float
        π_f and B of each period to come: expected profit, and what further services may add.
    expected_periods : int
        E: the sum runs over E + 1 periods, as the paper writes it.
    rate : float
        d: interest per period, above -1.

    Raises
    ------
    WorkbenchError
        If `rate` is -1 or less, or `expected_periods` is negative.
    """
    if rate <= -1 or expected_periods < 0:
        rule, got = "above -1, over 0 periods or more", f"{rate:g}, {expected_periods}"
        raise refusal("lifetime value", "the interest per period", rule, got, "Correct the parameters.")
    n = len(past) - 1
    so_far = sum(profit * (1 + rate) ** (n - t) for t, profit in enumerate(past))
    to_come = sum((future_profit + benefit) / (1 + rate) ** t for t in range(1, expected_periods + 2))
    return float(so_far + to_come)


def lifetime_values(
    profit: Floats, benefit: Floats, *, periods: Floats, expected_periods: Floats, rate: float
) -> pd.DataFrame:
    """The same for many customers whose profit is the same in each period, as geometric series.

    Parameters
    ----------
    profit, benefit : ndarray
        Per period.
    periods : ndarray of whole numbers
        N of each customer.
    expected_periods : ndarray
        E of each; parts of a period are cut off.

    Returns
    -------
    pandas.DataFrame
        ``past_value``, ``future_value``, ``lifetime_value``. What is past is earned: decisions rest on
        ``future_value``.
    """
    grown = _series(1 + rate, np.floor(periods) + 1)
    left = np.floor(expected_periods) + 1
    shrunk = _series(1 / (1 + rate), left) / (1 + rate)
    past, future = profit * grown, (profit + benefit) * shrunk
    return pd.DataFrame({"past_value": past, "future_value": future, "lifetime_value": past + future})


def monthly_rate(yearly: float) -> float:
    """Interest per month that makes `yearly` a year."""
    return float((1 + yearly) ** (1 / MONTHS_A_YEAR) - 1)


def _series(ratio: float, terms: Floats) -> Floats:
    """1 + ratio + … over `terms` terms."""
    return terms if ratio == 1 else (ratio**terms - 1) / (ratio - 1)
