"""Stage in the life cycle: how long a customer has been silent, against how long customers usually pause."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

STAGES = ("new", "returning", "loyal", "dormant", "lost")
# Loyal begins where one more purchase raises the chance of a further one by less than this, or by less than
# twice the standard error of that gain: in a small base, noise must not move the threshold every month.
SMALL_GAIN = 0.03
LOYAL_FROM, LOYAL_UP_TO = 3, 10


@dataclass(frozen=True)
class Lifecycle:
    """One stage per customer, and the thresholds behind it.

    Attributes
    ----------
    stages : pandas.Series
        Of STAGES, on the index of the customers.
    by_stage : pandas.DataFrame
        In the order of STAGES: ``stage``, ``customers``, ``customer_share``, ``revenue`` (last 365 days).
    dormant_after_days, lost_after_days : int
        P80 and P95 of the gaps between purchases of one customer.
    loyal_from_days : int
        Days of purchase from which an active customer is loyal.
    n_gaps : int
    """

    stages: pd.Series
    by_stage: pd.DataFrame
    dormant_after_days: int
    lost_after_days: int
    loyal_from_days: int
    n_gaps: int


def loyal_from(n_order_days: pd.Series) -> int:
    """The smallest count n, from 3 to 10, from which P(n + 2 reached | n + 1) hardly exceeds P(n + 1 | n).

    Customers still on their way count as not having reached more, which lowers all the shares alike.
    """
    return loyal_from_reached(np.bincount(n_order_days.to_numpy()))


def loyal_from_reached(customers: npt.NDArray[np.int64]) -> int:
    """As `loyal_from`, of the numbers of customers with 0, 1, 2, … days of purchase."""
    reached = np.zeros(max(len(customers), LOYAL_UP_TO + 3), dtype=np.int64)
    reached[: len(customers)] = np.cumsum(customers[::-1])[::-1]
    for n in range(LOYAL_FROM, LOYAL_UP_TO):
        here, next_one, after = (int(reached[n + step]) for step in range(3))
        if next_one == 0:
            return n
        first, second = next_one / here, after / next_one
        noise = math.sqrt(first * (1 - first) / here + second * (1 - second) / next_one)
        if second - first < max(SMALL_GAIN, 2 * noise):
            return n
    return LOYAL_UP_TO


def by_stage(orders: pd.DataFrame, stages: pd.Series) -> pd.DataFrame:
    """Per stage, in their order: ``stage``, ``customer_share``, ``customers``, ``revenue`` (365 days)."""
    grouped = orders.groupby(stages.rename("stage")).agg(
        customers=("revenue", "size"), revenue=("revenue_365d", "sum")
    )
    table = grouped.reindex(list(STAGES), fill_value=0)
    table.insert(1, "customer_share", table["customers"] / len(orders))
    return table.rename_axis("stage").reset_index()
