"""Stage in the life cycle: how long a customer has been silent, against how long customers usually pause."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.results import Missing

STAGES = ("new", "returning", "loyal", "dormant", "lost")
FEWEST_GAPS = 100  # a P95 from fewer gaps rests on less than five of them
DORMANT_QUANTILE, LOST_QUANTILE = 0.80, 0.95
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


def lifecycle(orders: pd.DataFrame, gaps: pd.DataFrame) -> Lifecycle | Missing:
    """Place each customer by ``days_since_last_order`` and ``n_order_days``.

    Silent up to P80 of the gaps: new (one day of purchase), returning, or loyal; up to P95: dormant; longer:
    lost, however much was bought before. A one-time buyer is new as long as others would still come back.

    Gaps are seen of those who came back, and only if they did before the end of the data: in a young base
    the thresholds are too short. One threshold holds for all: a seasonal buyer is called dormant off season.

    Parameters
    ----------
    gaps : pandas.DataFrame
        ``gap_days`` and ``gaps``, as `histories.gap_counts` gives them.
    """
    n_gaps = int(gaps["gaps"].sum())
    if n_gaps < FEWEST_GAPS:
        return Missing("segmentation.few_gaps", {"n": n_gaps, "needed": FEWEST_GAPS})
    dormant, lost = (gap_quantile(gaps, share) for share in (DORMANT_QUANTILE, LOST_QUANTILE))
    loyal = loyal_from(orders["n_order_days"])
    silent, days = orders["days_since_last_order"], orders["n_order_days"]
    conditions = [silent > lost, silent > dormant, days >= loyal, days >= 2]
    found = np.select(conditions, ["lost", "dormant", "loyal", "returning"], default="new")
    stages = pd.Series(found, index=orders.index, dtype="str")
    return Lifecycle(stages, _by_stage(orders, stages), dormant, lost, loyal, n_gaps)


def gap_quantile(gaps: pd.DataFrame, share: float) -> int:
    """The shortest gap in days that at least `share` of all gaps do not exceed."""
    ordered = gaps.sort_values("gap_days")
    reached = ordered["gaps"].cumsum() >= share * ordered["gaps"].sum()
    return int(ordered.loc[reached, "gap_days"].iloc[0])


def loyal_from(n_order_days: pd.Series) -> int:
    """The smallest count n, from 3 to 10, from which P(n + 2 reached | n + 1) hardly exceeds P(n + 1 | n).

    Customers still on their way count as not having reached more, which lowers all the shares alike.
    """
    for n in range(LOYAL_FROM, LOYAL_UP_TO):
        here, next_one, after = (int((n_order_days >= n + step).sum()) for step in range(3))
        if next_one == 0:
            return n
        first, second = next_one / here, after / next_one
        noise = math.sqrt(first * (1 - first) / here + second * (1 - second) / next_one)
        if second - first < max(SMALL_GAIN, 2 * noise):
            return n
    return LOYAL_UP_TO


def _by_stage(orders: pd.DataFrame, stages: pd.Series) -> pd.DataFrame:
    grouped = orders.groupby(stages.rename("stage")).agg(
        customers=("revenue", "size"), revenue=("revenue_365d", "sum")
    )
    table = grouped.reindex(list(STAGES), fill_value=0)
    table.insert(1, "customer_share", table["customers"] / len(orders))
    return table.rename_axis("stage").reset_index()
