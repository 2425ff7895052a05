"""What each customer is expected to bring, and between which limits.

The expectation is analytic; the limits are quantiles of the predictive distribution, simulated from both
models. Spend is not discounted. The parameters of the models are taken as known: with few customers the
true limits are wider; the holdout test counts how often the limits hold.
"""

import numpy as np
import pandas as pd

from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.gamma_gamma import GammaGamma

MOST_DRAWS, FEWEST_DRAWS = 1_000, 200  # per customer; a P90 from 200 draws lies between P86 and P94
TOTAL_DRAWS = 20_000_000  # shared by the customers of a large base: bounds the time
DRAWS_AT_ONCE = 1_000_000  # bounds the memory, about 100 MB
KEYS = ["frequency", "recency", "T", "orders", "mean_spend"]


def expected_value(
    purchases: BetaGeoNBD,
    spend: GammaGamma,
    histories: pd.DataFrame,
    *,
    horizon: float,
    interval: float,
    seed: int,
) -> pd.DataFrame:
    """Expected orders and value of every customer in the time `horizon` after observation.

    Parameters
    ----------
    histories : pandas.DataFrame
        ``frequency``, ``recency``, ``T`` as in `BetaGeoNBD.fit`; ``orders``, ``mean_spend`` as in
        `GammaGamma.fit`. One row per customer.
    horizon : float
        In the unit of time of `purchases`.
    interval : float
        Probability between the limits; half of the rest lies on either side.
    seed : int
        Customers with equal histories share their draws, so no limit depends on the order of the rows.

    Returns
    -------
    pandas.DataFrame
        On the index of `histories`: ``p_alive``, ``p_purchase`` (of one order or more), ``expected_orders``,
        ``expected_spend`` (per order), ``expected_value`` (orders × spend: independent by assumption),
        ``expected_value_low`` and ``expected_value_high``.
    """
    groups = histories.groupby(KEYS, sort=True)
    rows = groups.size().index.to_frame(index=False)
    orders = purchases.expected_orders(rows, horizon)
    per_order = spend.expected_spend(rows)
    limits = predictive_limits(purchases, spend, rows, horizon=horizon, interval=interval, seed=seed)
    by_row = pd.DataFrame(
        {
            "p_alive": purchases.p_alive(rows),
            "p_purchase": purchases.p_purchase(rows, horizon),
            "expected_orders": orders,
            "expected_spend": per_order,
            "expected_value": orders * per_order,
            "expected_value_low": limits[0],
            "expected_value_high": limits[1],
        }
    )
    return by_row.iloc[groups.ngroup().to_numpy()].set_axis(histories.index)


def predictive_limits(
    purchases: BetaGeoNBD,
    spend: GammaGamma,
    rows: pd.DataFrame,
    *,
    horizon: float,
    interval: float,
    seed: int,
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Lower and upper limit of the value of each row, shape (2, rows); the order of the rows matters."""
    rng = np.random.default_rng(seed)
    draws = int(np.clip(TOTAL_DRAWS // len(rows), FEWEST_DRAWS, MOST_DRAWS))
    tails = [(1 - interval) / 2, (1 + interval) / 2]
    limits = np.empty((2, len(rows)))
    step = DRAWS_AT_ONCE // draws
    for start in range(0, len(rows), step):
        part = rows.iloc[start : start + step]
        orders = purchases.simulate_orders(part, horizon, draws, rng)
        value = spend.simulate_spend(part, orders, rng)
        limits[:, start : start + step] = np.quantile(value, tails, axis=1)
    return limits
