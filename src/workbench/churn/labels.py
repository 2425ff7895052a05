"""Who counts as lost without a contract: cut-off dates, and labels on either side of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from workbench import features
from workbench.results import Missing

# Cut-offs lie one horizon apart, so that the label windows of one customer do not overlap; a longer horizon
# than a quarter would use up the history, and quarters already show the seasons.
LONGEST_STEP_DAYS = 90


@dataclass(frozen=True)
class Cutoffs:
    """Past dates at which the answer is known today.

    Attributes
    ----------
    test : date
        The latest date whose label window has closed: held back for the test.
    training : tuple of date
        Oldest first. Each label window ends on or before the day `test`, where the features of the test
        end too: nothing that the test is asked to foresee has been seen in training.
    """

    test: date
    training: tuple[date, ...]

    @property
    def labelled(self) -> tuple[date, ...]:
        """All dates with known labels, oldest first."""
        return (*self.training, self.test)


def step_days(horizon_days: int) -> int:
    """Days from one training cut-off to the next."""
    return min(horizon_days, LONGEST_STEP_DAYS)


def cutoffs_before(as_of: date, first_day: date, *, horizon_days: int, count: int) -> Cutoffs | Missing:
    """The test cut-off and up to ``count - 1`` earlier ones, as far as the history reaches.

    The test cut-off is ``as_of - horizon_days``. The latest training cut-off lies one horizon before it and
    the others one step apart before that. A cut-off counts if at least one step of history lies before it.

    Parameters
    ----------
    first_day : date
        Where the history begins.
    """
    horizon, step = timedelta(days=horizon_days), timedelta(days=step_days(horizon_days))
    test = as_of - horizon
    earlier = (test - horizon - step * back for back in range(count - 1))
    training = tuple(sorted(cutoff for cutoff in earlier if cutoff - step >= first_day))
    if not training:
        needed = 2 * horizon_days + step.days
        values = {"days": (as_of - first_day).days, "needed": needed, "horizon_days": horizon_days}
        return Missing("churn.missing_window", values)
    return Cutoffs(test, training)


def labels_at(transactions: Any, cutoff: date, *, horizon_days: int, active_days: int) -> Any:
    """Who of the customers active at `cutoff` was lost: no purchase in the days (cutoff, cutoff + horizon].

    Active is who purchased on one of the `active_days` days that end with `cutoff`. Days are whole calendar
    days of the study's time zone; a purchase is a row that is no refund.

    Returns
    -------
    ibis.Table
        customer_id, churned (bool): one row per customer active at `cutoff`.
    """
    horizon, window = timedelta(days=horizon_days), timedelta(days=active_days)
    days = features.purchase_days(transactions, cutoff + horizon)
    before = days.day <= cutoff
    customers = days.group_by("customer_id").agg(
        last_day=days.day.max(where=before), returned=(~before).any()
    )
    active = customers.filter(customers.last_day > cutoff - window)
    return active.select("customer_id", churned=~active.returned)
