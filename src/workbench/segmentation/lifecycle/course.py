"""The life cycle as a whole: stages today and before, why the thresholds are what they are, what comes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.book import PurchaseBook
from workbench.segmentation.lifecycle.ahead import Ahead, ahead
from workbench.segmentation.lifecycle.buying import FEWEST_GAPS, Buying, buying
from workbench.segmentation.lifecycle.potential import potential
from workbench.segmentation.lifecycle.return_curve import ReturnCurve, return_curve
from workbench.segmentation.lifecycle.signals import Signals, overdue, signals
from workbench.segmentation.lifecycle.stages import STAGES, Lifecycle, by_stage
from workbench.segmentation.lifecycle.thresholds import (
    FEWEST_DAYS,
    Threshold,
    gap_counts,
    thresholds_by_category,
    thresholds_by_end,
)
from workbench.segmentation.lifecycle.transitions import Transitions, transitions
from workbench.segmentation.lifecycle.walk import Walk, walk


@dataclass(frozen=True)
class Course:
    """The life cycle of the base; every part a result or Missing.

    Attributes
    ----------
    today : Lifecycle
        Stages as of the last day.
    threshold : Threshold
    gaps : pandas.DataFrame
        ``gap_days``, ``gaps``: the distribution that the thresholds are quantiles of.
    curve : ReturnCurve or Missing
    categories : pandas.DataFrame or Missing
        As `thresholds.thresholds_by_category` gives it.
    history : pandas.DataFrame
        One row per month end and stage: ``month_end``, ``stage``, ``customers``, ``customer_share``,
        ``dormant_days``, ``lost_days``, ``loyal_from_days``.
    moves : Transitions or Missing
    ahead : Ahead or Missing
    signals : Signals or Missing
    potential : pandas.DataFrame or Missing
        As `potential.potential` gives it, of the same month ends.
    customers : pandas.DataFrame
        On the index of the customers: ``lifecycle_stage``, ``lifecycle_overdue`` (bool).
    overdue_customers, overdue_revenue : int, float
        Active customers who are overdue by their own rhythm, and what they brought in the last 365 days.
    refunds_only, unpaid : int
        Customers of the book without a purchase, who have no stage; customers with purchases whose amounts
        come to 0 or less after refunds, who have one like all others.
    """

    today: Lifecycle
    threshold: Threshold
    gaps: pd.DataFrame
    curve: ReturnCurve | Missing
    categories: pd.DataFrame | Missing
    history: pd.DataFrame
    moves: Transitions | Missing
    ahead: Ahead | Missing
    signals: Signals | Missing
    potential: pd.DataFrame | Missing
    customers: pd.DataFrame
    overdue_customers: int
    overdue_revenue: float
    refunds_only: int
    unpaid: int


def life_course(
    book: PurchaseBook,
    orders: pd.DataFrame,
    *,
    within_days: int,
    seed: int,
    p_alive: pd.Series | None = None,
    categories: npt.NDArray[np.object_] | None = None,
    registered: pd.DataFrame | None = None,
) -> Course | Missing:
    """The life cycle of the customers in `orders`.

    Parameters
    ----------
    orders : pandas.DataFrame
        One row per customer with a purchase by the last day of `book`: ``customer_id``, ``n_order_days``,
        ``revenue``, ``revenue_365d``.
    within_days : int
        The return curve asks who buys again within so many days.
    p_alive : pandas.Series, optional
        Probability of being alive, on the index of `orders`.
    categories : ndarray of str, optional
        Of each customer of the book, as `categories.first_categories` gives it.
    registered : pandas.DataFrame, optional
        As `potential.registrations` gives them.
    """
    days = buying(book, categories)
    walked = walk(days, thresholds_by_end(days))
    if not walked.ends:
        return _too_little(book, days)
    place = book.places(orders["customer_id"])
    stages = pd.Series(np.array(STAGES)[walked.stages[-1][place]], index=orders.index, dtype="str")
    late = pd.Series(overdue(days, walked)[place], index=orders.index)
    return Course(
        today=_today(orders, stages, walked),
        threshold=walked.thresholds[-1],
        gaps=gap_counts(days),
        curve=return_curve(days, book.number(book.as_of), within_days, seed),
        categories=_categories(days, walked.thresholds[-1], categories),
        history=_history(walked),
        moves=transitions(walked.steps),
        ahead=ahead(walked.steps, seed),
        signals=signals(stages, orders["n_order_days"], p_alive),
        potential=potential(registered, book, days, walked.ends),
        customers=pd.DataFrame({"lifecycle_stage": stages, "lifecycle_overdue": late}),
        overdue_customers=int(late.sum()),
        overdue_revenue=float(orders.loc[late, "revenue_365d"].sum()),
        refunds_only=len(book.customer_id) - len(orders),
        unpaid=int((orders["revenue"] <= 0).sum()),
    )


def _too_little(book: PurchaseBook, days: Buying) -> Missing:
    n = int((days.gap > 0).sum())
    if n < FEWEST_GAPS:
        return Missing("segmentation.few_gaps", {"n": n, "needed": FEWEST_GAPS})
    seen = book.number(book.as_of) - int(days.day.min()) + 1
    return Missing("segmentation.lifecycle_young", {"days": seen, "needed": FEWEST_DAYS})


def _today(orders: pd.DataFrame, stages: pd.Series, walked: Walk) -> Lifecycle:
    last = walked.thresholds[-1]
    return Lifecycle(
        stages,
        by_stage(orders, stages),
        last.dormant_days,
        last.lost_days,
        walked.loyal_from[-1],
        last.n_gaps,
    )


def _categories(
    days: Buying, last: Threshold, categories: npt.NDArray[np.object_] | None
) -> pd.DataFrame | Missing:
    if categories is None or not (categories != "").any():
        return Missing("segmentation.lifecycle_no_categories")
    if not days.categories:
        return Missing("segmentation.lifecycle_few_category_gaps", {"needed": FEWEST_GAPS})
    return thresholds_by_category(days, last)


def _history(walked: Walk) -> pd.DataFrame:
    parts = []
    rows = zip(walked.ends, walked.stages, walked.thresholds, walked.loyal_from, strict=True)
    for end, codes, threshold, loyal in rows:
        counts = np.bincount(codes[codes >= 0], minlength=len(STAGES))
        part = {"month_end": end, "stage": STAGES, "customers": counts}
        part |= {"customer_share": counts / counts.sum(), "dormant_days": threshold.dormant_days}
        parts.append(pd.DataFrame(part | {"lost_days": threshold.lost_days, "loyal_from_days": loyal}))
    return pd.concat(parts, ignore_index=True)
