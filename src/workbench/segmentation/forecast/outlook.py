"""Where the expected value sits, by the chance of being alive."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

ALIVE_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
ONE_PURCHASE = "one"  # BG/NBD holds every customer with one purchase alive: they stand apart


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
        Probability between the limits.
    total : float
        Sum of the expected values.
    by_alive : pandas.DataFrame
        ``band`` (lower end of P(alive) in per cent as text, or ``one`` for customers with one purchase),
        ``customers``, ``customer_share``, ``expected_value``, ``value_share``.
    """

    customers: pd.DataFrame
    horizon_days: int
    history_days: int
    interval: float
    total: float
    by_alive: pd.DataFrame


def outlook(expected: pd.DataFrame, orders: pd.DataFrame, *, horizon_days: int, interval: float) -> Outlook:
    """Sum up the expected values of the customers in `orders`, on one index with `expected`."""
    total = float(expected["expected_value"].sum())
    history_days = int(orders["days_since_first_order"].max()) + 1
    bands = _by_alive(expected, orders["n_order_days"])
    return Outlook(expected, horizon_days, history_days, interval, total, bands)


def _by_alive(expected: pd.DataFrame, n_order_days: pd.Series) -> pd.DataFrame:
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
