"""How revenue and orders are spread over customers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.profiling.base.intervals import Floats, binned, ends, redrawn
from workbench.results import Missing

MANY_ORDERS = 6  # customers with so many orders or more are shown as one group
TOP_TENTH = 0.1
MOST_OF_REVENUE = 0.8  # the 80 of the rule of 80 and 20
HEAD_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
LEAST_CUSTOMERS = 10  # a smaller group is not shown


@dataclass(frozen=True)
class Concentration:
    """How revenue is spread over customers whose net revenue is not negative.

    Attributes
    ----------
    gini : float
        0 when all bring the same, near 1 when one brings all.
    gini_low, gini_high : float
        95 % bootstrap interval over customers, as all `_low` and `_high` here.
    top_share : float
        Share of customers looked at as the top.
    top_revenue_share, top_low, top_high : float
        Their share of revenue.
    tenth_revenue_share, tenth_low, tenth_high : float
        Share of revenue of the best tenth of customers.
    most_count : int
        The fewest customers who bring MOST_OF_REVENUE.
    most_share, most_low, most_high : float
        Their share of customers.
    curve : pandas.DataFrame
        customer_share, revenue_share: the Lorenz curve read from the top, at each per cent of customers.
    heads : pandas.DataFrame or Missing
        customer_share (HEAD_SHARES and all), customers, revenue, revenue_share, least (what the last of them
        brings, not of a group below LEAST_CUSTOMERS): the head and the long tail in numbers.
    n : int
        Customers.
    """

    gini: float
    gini_low: float
    gini_high: float
    top_share: float
    top_revenue_share: float
    top_low: float
    top_high: float
    tenth_revenue_share: float
    tenth_low: float
    tenth_high: float
    most_count: int
    most_share: float
    most_low: float
    most_high: float
    curve: pd.DataFrame
    heads: pd.DataFrame | Missing
    n: int


def concentration(revenue: "pd.Series[float]", top_share: float, seed: int) -> Concentration:
    """Gini coefficient, Lorenz curve, the share of the top and the customers who bring most.

    Assumes net revenue per customer; customers whose refunds outweigh their purchases are left out, as the
    coefficient is not defined for negative parts. At least one must be positive. The intervals come from 200
    bootstrap samples of all customers; of more than 10,000 customers, neighbours in revenue are drawn
    together as one of 10,000 bins.
    """
    kept: Floats = np.sort(revenue[revenue >= 0].to_numpy(dtype=np.float64))
    n, total = len(kept), kept.sum()
    share = np.concatenate([[0.0], np.cumsum(kept[::-1]) / total])
    at = np.linspace(0, 1, 101)
    curve = np.interp(at, np.linspace(0, 1, len(share)), share)
    most = int(np.argmax(share >= MOST_OF_REVENUE - 1e-12))  # sums of doubles stop a hair short
    draws = _drawn(kept, top_share, seed)
    return Concentration(
        gini(kept),
        *ends(draws[:, 0]),
        top_share,
        float(share[int(np.ceil(top_share * n))]),
        *ends(draws[:, 1]),
        float(share[int(np.ceil(TOP_TENTH * n))]),
        *ends(draws[:, 2]),
        most,
        most / n,
        *ends(draws[:, 3]),
        pd.DataFrame({"customer_share": at, "revenue_share": curve}),
        _heads(kept[::-1], total),
        n,
    )


def gini(values: Floats) -> float:
    """The Gini coefficient of `values`, none negative, in ascending order.

    Source: Damgaard & Weiner, "Describing inequality in plant size or fecundity", Ecology 81 (2000), eq. 1,
    without the small-sample factor n/(n-1).
    """
    n = len(values)
    ranks = np.arange(1, n + 1)
    return float(((2 * ranks - n - 1) * values).sum() / (n * values.sum()))


def _drawn(kept: Floats, top_share: float, seed: int) -> Floats:
    """Gini, share of the top, share of the top tenth and share of customers for most, in each draw."""
    values, sizes = binned(kept)
    rows = [_figures(values, weights, top_share) for weights in redrawn(sizes, seed)]
    return np.array([row for row in rows if row is not None])


def _figures(values: Floats, weights: Floats, top_share: float) -> tuple[float, ...] | None:
    """The four figures of values that stand for `weights` customers each; None without revenue."""
    n, parts = weights.sum(), weights * values
    total = parts.sum()
    if total == 0:
        return None
    upto = np.cumsum(weights)
    middle = upto - (weights - 1) / 2  # mean rank of the customers of a bin
    coefficient = ((2 * middle - n - 1) * parts).sum() / (n * total)
    people = np.concatenate([[0], np.cumsum(weights[::-1])]) / n
    money = np.concatenate([[0], np.cumsum(parts[::-1])]) / total
    top, tenth = np.interp([top_share, TOP_TENTH], people, money)
    bringing = money[1:] > money[:-1]  # an inverse is read where the curve rises
    rising = np.concatenate([[True], bringing])
    most = np.interp(MOST_OF_REVENUE, money[rising], people[rising])
    whole = np.ceil(most * n - 1e-9) / n  # customers, as they are counted in the figure itself
    return float(coefficient), float(top), float(tenth), float(whole)


def _heads(best_first: Floats, total: float) -> pd.DataFrame | Missing:
    n = len(best_first)
    cuts = [(share, int(np.ceil(share * n))) for share in (*HEAD_SHARES, 1.0)]
    shown = [(share, count) for share, count in cuts if count >= LEAST_CUSTOMERS]
    if not shown:
        return Missing("profiling.base_missing_heads", {"n": n, "least": LEAST_CUSTOMERS})
    rows = [
        {
            "customer_share": share,
            "customers": count,
            "revenue": float(best_first[:count].sum()),
            "revenue_share": float(best_first[:count].sum() / total),
            "least": float(best_first[count - 1]),
        }
        for share, count in shown
    ]
    return pd.DataFrame(rows)


def orders_per_customer(features: pd.DataFrame) -> pd.DataFrame:
    """Customers by their number of orders: orders (``MANY_ORDERS`` and more together), customers, revenue."""
    capped = features.n_orders.clip(upper=MANY_ORDERS)
    grouped = features.groupby(capped.rename("orders"))
    return grouped.agg(customers=("customer_id", "size"), revenue=("revenue", "sum")).reset_index()
