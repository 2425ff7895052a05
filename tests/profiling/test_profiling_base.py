"""Are months, concentration and one-time buyers counted right, by published figures and a second route?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.profiling.base import concentration as base

amounts = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40)


def naive_gini(values):
    """Half of the mean absolute difference of all pairs, over the mean: C. Gini's own definition."""
    values = np.asarray(values, dtype=float)
    return np.abs(values[:, np.newaxis] - values).mean() / (2 * values.mean())


@given(amounts)
def test_gini_equals_the_mean_difference_of_all_pairs(values):
    assert base.gini(np.sort(values)) == pytest.approx(naive_gini(values), abs=1e-12)  # sums of 40 floats


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5], 0),
        ([3, 3, 3, 3], 0),
        ([1, 3], 0.25),
        ([1, 2, 3, 4, 5], 4 / 15),
        ([1e-12] * 99 + [1], 0.99),  # one brings all: 1 - 1/n
    ],
)
def test_gini_of_cases_known_by_hand(values, expected):
    assert base.gini(np.array(values, dtype=float)) == pytest.approx(expected, abs=1e-9)


def test_gini_of_exponential_revenue_is_a_half():
    values = np.sort(np.random.default_rng(1).exponential(size=200_000))
    assert base.gini(values) == pytest.approx(0.5, abs=0.005)  # 4 standard errors of 200,000 draws


@given(amounts, st.floats(0.001, 1000))
def test_gini_does_not_depend_on_the_currency(values, rate):
    ordered = np.sort(values)
    assert base.gini(ordered * rate) == pytest.approx(base.gini(ordered), abs=1e-9)


@settings(max_examples=15, deadline=None)  # 200 bootstrap draws in each
@given(amounts, st.floats(0.01, 0.99))
def test_the_share_of_the_top_and_the_curve_equal_a_count_by_hand(values, top_share):
    found = base.concentration(pd.Series(values), top_share, seed=1)
    best_first = sorted(values, reverse=True)
    top = int(np.ceil(top_share * len(values)))
    assert found.top_revenue_share == pytest.approx(sum(best_first[:top]) / sum(values))
    assert found.n == len(values)
    curve = found.curve
    assert curve.revenue_share.is_monotonic_increasing
    assert (curve.revenue_share.iloc[0], curve.revenue_share.iloc[-1]) == pytest.approx((0, 1))
    assert (curve.revenue_share >= curve.customer_share - 1e-9).all()  # best first lies above equal shares


def test_the_interval_holds_the_coefficient_and_narrows_with_customers():
    revenue = pd.Series(np.random.default_rng(2).exponential(size=10_000))
    few, many = base.concentration(revenue[:100], 0.2, 1), base.concentration(revenue, 0.2, 1)
    for found in (few, many):
        assert found.gini_low < found.gini < found.gini_high
    # A hundred times the customers: a tenth of the width, give or take the noise of 200 draws.
    assert (many.gini_high - many.gini_low) < (few.gini_high - few.gini_low) / 5


def test_the_interval_is_the_same_for_the_same_seed_whatever_the_order_of_customers():
    revenue = pd.Series(np.random.default_rng(3).exponential(size=500))
    one, other = (base.concentration(r, 0.2, 7) for r in (revenue, revenue.sample(frac=1, random_state=1)))
    assert (one.gini_low, one.gini_high) == (other.gini_low, other.gini_high)
    assert base.concentration(revenue, 0.2, 8).gini_low != one.gini_low


def test_customers_whose_refunds_outweigh_their_purchases_are_left_out():
    found = base.concentration(pd.Series([10.0, 10.0, -5.0, 0.0]), 0.5, 1)
    assert (found.n, found.gini, found.top_revenue_share) == (3, 1 / 3, 1.0)


def test_orders_per_customer_end_with_one_group_of_many():
    features = pd.DataFrame(
        {"customer_id": list("abcdef"), "n_orders": [1, 1, 2, 6, 7, 90], "revenue": [1.0, 2, 4, 8, 16, 32]}
    )
    found = base.orders_per_customer(features)
    assert found.to_dict("list") == {"orders": [1, 2, 6], "customers": [2, 1, 3], "revenue": [3.0, 4.0, 56.0]}


def test_months_hold_revenue_orders_and_customers_and_gaps_are_zero(shop):
    found = shop.base.months.by_month.set_index(shop.base.months.by_month.month.dt.strftime("%Y-%m"))
    assert list(found.index) == ["2023-11", "2023-12", *(f"2024-0{n}" for n in range(1, 7))]
    assert found.revenue.tolist() == [40, 0, 100, 100, 100, 0, 100, 390]
    assert found.orders.tolist() == [1, 0, 1, 1, 1, 0, 1, 2]
    assert found.customers.tolist() == [1, 0, 1, 1, 1, 0, 1, 2]
    assert found.new_customers.tolist() == [1, 0, 1, 0, 0, 0, 0, 1]
    assert found.returning_customers.tolist() == [0, 0, 0, 1, 1, 0, 1, 1]
    assert not shop.base.months.partial


def test_only_the_last_months_are_shown_and_customers_stay_new_once(study):
    from_march = study({"transactions": (LINES, COLUMNS)}, as_of="2024-06-15", months=3).base.months
    assert from_march.by_month.month.dt.strftime("%Y-%m").tolist() == ["2024-04", "2024-05", "2024-06"]
    assert from_march.by_month.new_customers.tolist() == [0, 0, 1]
    assert from_march.partial


LINES = "who,day,paid,no\n" + "".join(
    f"{who},2024-0{month}-10,5,1\n" for who, months in (("a", (1, 4, 5, 6)), ("b", (6,))) for month in months
)
COLUMNS = {"customer_id": "who", "ordered_at": "day", "amount": "paid", "order_id": "no"}


def test_two_customers_may_use_the_same_order_number(study):
    text = "who,day,paid,no\na,2024-06-01,5,1\nb,2024-06-01,5,1\na,2024-06-02,5,1\n"
    found = study({"transactions": (text, COLUMNS)}, as_of="2024-06-30")
    assert found.base.months.by_month.orders.tolist() == [2]
    assert found.base.orders.customers.tolist() == [2]  # with one order each


def test_a_month_of_refunds_alone_has_negative_revenue_and_no_customer(study):
    text = "who,day,paid,no\na,2024-05-01,50,1\na,2024-06-02,-20,2\n"
    last = study({"transactions": (text, COLUMNS)}, as_of="2024-06-30").base.months.by_month.iloc[-1]
    assert (last.revenue, last.orders, last.customers) == (-20, 0, 0)
