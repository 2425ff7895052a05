"""How revenue and orders are spread over customers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

MANY_ORDERS = 6  # customers with so many orders or more are shown as one group
BOOTSTRAP_DRAWS = 200  # enough for two digits of a 95 % interval


@dataclass(frozen=True)
class Concentration:
    """How revenue is spread over customers whose net revenue is not negative.

    Attributes
    ----------
    gini : float
        0 when all bring the same, near 1 when one brings all.
    gini_low, gini_high : float
        95 % bootstrap interval over customers.
    top_share : float
        Share of customers looked at as the top.
    top_revenue_share : float
        Their share of revenue.
    curve : pandas.DataFrame
        customer_share, revenue_share: the Lorenz curve read from the top, at each per cent of customers.
    n : int
        Customers.
    """

    gini: float
    gini_low: float
    gini_high: float
    top_share: float
    top_revenue_share: float
    curve: pd.DataFrame
    n: int


def concentration(revenue: "pd.Series[float]", top_share: float, seed: int) -> Concentration:
    """Gini coefficient, Lorenz curve and the share of the top.

    Assumes net revenue per customer; customers whose refunds outweigh their purchases are left out, as the
    coefficient is not defined for negative parts.
    """
    kept = np.sort(revenue[revenue >= 0].to_numpy())
    share = np.concatenate([[0.0], np.cumsum(kept[::-1]) / kept.sum()])
    at = np.linspace(0, 1, 101)
    curve = np.interp(at, np.linspace(0, 1, len(share)), share)
    draws = _bootstrap_gini(kept, seed)
    top = int(np.ceil(top_share * len(kept)))
    return Concentration(
        gini(kept),
        float(np.quantile(draws, 0.025)),
        float(np.quantile(draws, 0.975)),
        top_share,
        float(share[top]),
        pd.DataFrame({"customer_share": at, "revenue_share": curve}),
        len(kept),
    )


def gini(values: np.ndarray) -> float:
    """The Gini coefficient of `values`, none negative, in ascending order.

    Source: Damgaard & Weiner, "Describing inequality in plant size or fecundity", Ecology 81 (2000), eq. 1,
    without the small-sample factor n/(n-1).
    """
    n = len(values)
    ranks = np.arange(1, n + 1)
    return float(((2 * ranks - n - 1) * values).sum() / (n * values.sum()))


def _bootstrap_gini(kept: np.ndarray, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    n = len(kept)
    return np.array([gini(np.sort(generator.choice(kept, n))) for _ in range(BOOTSTRAP_DRAWS)])


def orders_per_customer(features: pd.DataFrame) -> pd.DataFrame:
    """Customers by their number of orders: orders (``MANY_ORDERS`` and more together), customers, revenue."""
    capped = features.n_orders.clip(upper=MANY_ORDERS)
    grouped = features.groupby(capped.rename("orders"))
    return grouped.agg(customers=("customer_id", "size"), revenue=("revenue", "sum")).reset_index()
