"""Cut-offs and labels: which days count."""

from datetime import date, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.churn.labels import Cutoffs, cutoffs_before, labels_at, step_days
from workbench.results import Missing

CUTOFF = date(2025, 6, 30)
HORIZON, ACTIVE = 90, 365


def labels_of(make: SimpleNamespace, *moments: str, amount: float = 10.0) -> dict[str, bool]:
    """The label at CUTOFF of a customer who ordered at `moments` (the first amounts to 10)."""
    amounts = [10.0] + [amount] * (len(moments) - 1)
    orders = pd.DataFrame({"customer_id": "c", "ordered_at": list(moments), "amount": amounts})
    transactions = make.canonical(transactions=orders).get("transactions")
    table = labels_at(transactions, CUTOFF, horizon_days=HORIZON, active_days=ACTIVE).to_pandas()
    return dict(zip(table["customer_id"], table["churned"], strict=True))


@pytest.mark.parametrize(
    ("later", "churned"),
    [
        ("2025-06-30 23:59:59", True),  # the end of the cut-off day is still the past
        ("2025-07-01 00:00:00", False),
        ("2025-09-28 23:59:59", False),  # the 90th day after the cut-off
        ("2025-09-29 00:00:00", True),
    ],
)
def test_a_customer_is_kept_by_an_order_on_the_days_after_the_cutoff_up_to_the_horizon(
    make: SimpleNamespace, later: str, churned: bool
) -> None:
    assert labels_of(make, "2025-06-01 12:00:00", later) == {"c": churned}


@pytest.mark.parametrize(
    ("moment", "active"),
    [
        ("2024-06-30 23:59:59", False),  # 365 days before the cut-off
        ("2024-07-01 00:00:00", True),  # the first of the 365 days that end with the cut-off
        ("2025-06-30 23:59:59", True),
        ("2025-07-01 00:00:00", False),  # not known yet
    ],
)
def test_only_who_ordered_on_the_active_days_is_judged(
    make: SimpleNamespace, moment: str, active: bool
) -> None:
    assert bool(labels_of(make, moment)) is active


def test_a_refund_keeps_nobody(make: SimpleNamespace) -> None:
    assert labels_of(make, "2025-06-01", "2025-07-15", amount=-5.0) == {"c": True}


def test_a_horizon_of_a_quarter_or_less_leaves_label_windows_apart() -> None:
    found = cutoffs_before(date(2025, 12, 31), date(2023, 1, 1), horizon_days=90, count=4)
    assert found == Cutoffs(date(2025, 10, 2), (date(2025, 1, 5), date(2025, 4, 5), date(2025, 7, 4)))


def test_a_longer_horizon_steps_by_quarters_before_the_last_closed_window() -> None:
    found = cutoffs_before(date(2025, 12, 31), date(2021, 1, 1), horizon_days=180, count=3)
    assert found == Cutoffs(date(2025, 7, 4), (date(2024, 10, 7), date(2025, 1, 5)))


def test_too_short_a_history_is_told_with_what_it_needs() -> None:
    found = cutoffs_before(date(2025, 12, 31), date(2025, 7, 1), horizon_days=90, count=4)
    assert isinstance(found, Missing)
    assert found.reason == (
        "churn is left out: a horizon of 90 days needs 270 days of history, for a training and a test "
        "whose outcomes are known; there are 183"
    )


days = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@given(as_of=days, history=st.integers(0, 4_000), horizon=st.integers(7, 730), count=st.integers(3, 24))
def test_no_cutoff_can_see_what_it_is_asked_to_foresee(
    as_of: date, history: int, horizon: int, count: int
) -> None:
    first_day = as_of - timedelta(days=history)
    found = cutoffs_before(as_of, first_day, horizon_days=horizon, count=count)
    window, step = timedelta(days=horizon), timedelta(days=step_days(horizon))
    if isinstance(found, Missing):
        assert history < 2 * horizon + step.days
        return
    assert history >= 2 * horizon + step.days
    assert found.test + window == as_of
    assert all(cutoff + window <= found.test for cutoff in found.training)
    assert found.training[-1] + window == found.test
    assert all(b - a == step for a, b in zip(found.training, found.training[1:], strict=False))
    assert found.training[0] - step >= first_day
    assert len(found.labelled) <= count
