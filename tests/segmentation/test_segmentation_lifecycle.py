"""Life cycle: one stage per customer, by stated thresholds."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from workbench.results import Missing
from workbench.segmentation.lifecycle.stages import gap_quantile, lifecycle, loyal_from

GAPS = pd.DataFrame({"gap_days": [10, 30, 60, 90], "gaps": [50, 30, 15, 5]})  # P80 = 30, P95 = 60


def order_frame(silent, days):
    return pd.DataFrame(
        {"days_since_last_order": silent, "n_order_days": days, "revenue": 1.0, "revenue_365d": 1.0}
    )


def test_quantiles_are_the_shortest_gap_that_reaches_the_share():
    assert [gap_quantile(GAPS, share) for share in (0.5, 0.51, 0.8, 0.95, 1.0)] == [10, 30, 30, 60, 90]


@pytest.mark.parametrize(
    ("silent", "days", "stage"),
    [
        (0, 1, "new"),
        (30, 1, "new"),  # the last day of an ordinary pause
        (31, 1, "dormant"),
        (30, 2, "returning"),
        (30, 3, "loyal"),
        (60, 50, "dormant"),
        (61, 50, "lost"),  # however much was bought before
        (61, 1, "lost"),
    ],
)
def test_stage_follows_silence_and_purchases(silent, days, stage):
    assert lifecycle(order_frame([silent], [days]), GAPS).stages.tolist() == [stage]


def test_every_stage_has_a_line_and_all_customers_are_counted_once():
    found = lifecycle(order_frame([0, 40, 99], [1, 2, 3]), GAPS)
    assert found.by_stage["stage"].tolist() == ["new", "returning", "loyal", "dormant", "lost"]
    assert found.by_stage["customers"].tolist() == [1, 0, 0, 1, 1]


def test_few_gaps_tell_no_threshold():
    found = lifecycle(order_frame([1], [1]), GAPS.assign(gaps=1))
    assert isinstance(found, Missing)
    assert found.reason == (
        "only 4 gaps between purchases; at least 100 are needed to tell a pause from a loss"
    )


def test_loyal_begins_where_a_further_purchase_adds_little():
    # Customers who reach 1, 2, … days: shares .5, .6, .7, .72: from 3 on the gain is below 3 points.
    reach = [10_000, 5_000, 3_000, 2_100, 1_512, 0]
    exact = [here - after for here, after in pairwise(reach)]
    days = pd.Series(np.repeat(range(1, 6), exact))
    assert loyal_from(days) == 3
    # With a steeper climb, shares .5, .6, .7, .8, .81: from 4 on.
    reach = [10_000, 5_000, 3_000, 2_100, 1_680, 1_361, 0]
    exact = [here - after for here, after in pairwise(reach)]
    assert loyal_from(pd.Series(np.repeat(range(1, 7), exact))) == 4


def test_loyal_does_not_follow_noise_in_a_small_base():
    # Of 60 customers with three days of purchase 39 reach a fourth, of these 28 a fifth: .65 and .72, ± .11.
    days = pd.Series(np.repeat([3, 4, 5], [21, 11, 28]))
    assert loyal_from(days) == 3
