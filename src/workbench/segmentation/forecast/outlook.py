"""Where the expected value sits, and how sure its sum is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.forecast.totals import total_intervals

ALIVE_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
ONE_PURCHASE = "one"  # little is known of a customer with one purchase: they stand apart


@dataclass(frozen=True)
class Outlook:
    """Expected orders and value of every customer, and their sums.

    Attributes
    ----------
    customers : pandas.DataFrame
        As `expected_value` returns it, on the index of the customers.
    horizon_days : int
    history_days : int
        From the first day with a purchase to the as-of date, both counted.
    interval : float
        Probability between the limits of one customer.
    discount : float
        Rate per year.
    on_margin : bool
        Whether the value is margin; otherwise it is spend.
    total, total_low, total_high : float
        Sum of the expected values, with its 95 % interval.
    by_alive : pandas.DataFrame or Missing
        ``band`` (lower end of P(alive) in per cent as text, or ``one`` for customers with one purchase),
        ``customers``, ``customer_share``, ``expected_value``, ``value_share``. Missing where the model used
        does not tell who is still there.
    """

    customers: pd.DataFrame
    horizon_days: int
    history_days: int
    interval: float
    discount: float
    on_margin: bool
    total: float
    total_low: float
    total_high: float
    by_alive: pd.DataFrame | Missing


def outlook(
    expected: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    horizon_days: int,
    interval: float,
    discount: float,
    on_margin: bool,
) -> Outlook:
    """Sum up the expected values of the customers in `orders`, on one index with `expected`."""
    everyone = pd.Series("all", index=expected.index)
    total = total_intervals(expected, everyone).iloc[0]
    return Outlook(
        customers=expected,
        horizon_days=horizon_days,
        history_days=int(orders["days_since_first_order"].max()) + 1,
        interval=interval,
        discount=discount,
        on_margin=on_margin,
        total=float(total["expected_value"]),
        total_low=float(total["low"]),
        total_high=float(total["high"]),
        by_alive=_by_alive(expected, orders["n_order_days"]),
    )


def _by_alive(expected: pd.DataFrame, n_order_days: pd.Series) -> pd.DataFrame | Missing:
    if expected["p_alive"].isna().any():
        return Missing("segmentation.nobody_known_to_leave")
    position = np.clip(np.searchsorted(ALIVE_EDGES, expected["p_alive"], side="right") - 1, 0, 4)
    labels = [f"{100 * edge:.0f}" for edge in ALIVE_EDGES[:-1]]
    band = pd.Series([labels[i] for i in position], index=expected.index)
    band = band.where(n_order_days > 1, ONE_PURCHASE)
    grouped = expected.groupby(band.rename("band"))["expected_value"]
    table = pd.DataFrame({"customers": grouped.size(), "expected_value": grouped.sum()})
    table = table.reindex([*labels, ONE_PURCHASE], fill_value=0)
    table.insert(1, "customer_share", table["customers"] / len(expected))
    table["value_share"] = table["expected_value"] / table["expected_value"].sum()
    return table.rename_axis("band").reset_index()
