"""Satisfaction per customer, CSAT, NPS and their intervals."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.feedback.satisfaction import (
    COLUMNS,
    csat,
    net_promoter,
    rating_counts,
    satisfaction_table,
    ticket_counts,
)
from workbench.feedback.shares import MIN_CELL, split, wilson
from workbench.results import Missing, rate


def test_the_closed_form_of_wilson_agrees_with_scipy():
    pairs = [(0, 10), (1, 10), (7, 13), (400, 400), (3, 4000)]
    low, high = wilson([a for a, _ in pairs], [b for _, b in pairs])
    expected = [rate("csat_share", a, b) for a, b in pairs]
    # Six digits of the quantile of the normal distribution.
    assert low == pytest.approx([m.low for m in expected], abs=1e-6)
    assert high == pytest.approx([m.high for m in expected], abs=1e-6)


def test_nps_is_promoters_less_detractors_with_the_variance_of_a_difference():
    found = net_promoter(pd.Series([10] * 50 + [8] * 30 + [3] * 20))
    half_width = 1.959964 * math.sqrt((0.5 + 0.2 - 0.3**2) / 100)
    assert found.value == pytest.approx(0.3)
    assert (found.low, found.high) == pytest.approx((0.3 - half_width, 0.3 + half_width))
    assert (found.numerator, found.denominator, found.n) == (30, 100, 100)


def test_nps_covers_the_truth_as_often_as_it_says():
    rng, truth = np.random.default_rng(2), 0.5 - 0.2
    answers = rng.choice([10.0, 7.0, 4.0], (400, 200), p=[0.5, 0.3, 0.2])
    found = [net_promoter(pd.Series(row)) for row in answers]
    covered = np.mean([m.low <= truth <= m.high for m in found])
    # 400 draws: standard error 0.011 around 0.95.
    assert covered == pytest.approx(0.95, abs=0.035)


def test_nps_of_answers_that_all_agree_still_has_an_interval():
    found = net_promoter(pd.Series([10.0] * 20))
    assert found.value == 1
    assert 0.5 < found.low < 0.95
    assert found.high == 1


@given(st.lists(st.integers(0, 10), min_size=MIN_CELL, max_size=60))
def test_nps_and_its_interval_stay_between_minus_one_and_one(answers):
    found = net_promoter(pd.Series(answers, dtype=float))
    assert -1 <= found.low <= found.value <= found.high <= 1


def test_csat_counts_fours_and_fives():
    found = csat(pd.Series([5.0] * 6 + [4.0] * 6 + [3.5] * 4 + [1.0] * 4 + [np.nan]))
    assert (found.numerator, found.denominator, found.value) == (12, 20, 0.6)


def test_fewer_answers_than_a_cell_are_not_told():
    assert csat(pd.Series([5.0] * 9)).reason == (
        "ratings are left out: there are 9 on the scale of one to five, 10 are needed"
    )
    assert isinstance(net_promoter(pd.Series([9.0] * 9)), Missing)


@given(st.lists(st.integers(1, 5), min_size=MIN_CELL, max_size=200))
def test_no_cell_of_the_ratings_is_small_and_none_is_lost(ratings):
    counts = rating_counts(pd.Series(ratings, dtype=float))
    assert counts["n"].sum() == len(ratings)
    assert counts["n"].min() >= MIN_CELL
    assert counts["share"].sum() == pytest.approx(1)


def test_small_groups_are_left_out_and_counted():
    groups = pd.Series(["a"] * 20 + ["b"] * 9)
    found = split(groups, pd.Series(["negative", "positive"] * 14 + ["negative"]))
    assert found.groups["group"].tolist() == ["a"]
    assert (found.n_left_out, found.groups["share"].item()) == (9, 20 / 29)


def test_satisfaction_has_one_row_per_known_customer(as_feedback):
    feedback = as_feedback(
        customer_id=["c2", "c1", "c1", "c1", None],
        rating=[None, 5, 2, None, 1],
        nps=[None, 10, 3, None, 0],
        given_at=pd.to_datetime(["2026-01-01", "2026-01-05", "2026-01-02", "2026-01-09", "2026-01-01"]),
    )
    table = satisfaction_table(feedback, feedback["rating"], None)
    assert tuple(table.columns) == COLUMNS
    assert table["customer_id"].tolist() == ["c1", "c2"]
    assert table["n_feedback"].tolist() == [3, 1]
    assert table["mean_rating"].iloc[0] == 3.5
    assert table["nps_class"].iloc[0] == "promoter"  # the later of two answers
    assert table[["mean_rating", "nps_class"]].iloc[1].isna().all()


def test_without_tickets_their_columns_are_empty_not_zero(as_feedback):
    feedback = as_feedback(customer_id=["c1"], rating=[4])
    table = satisfaction_table(feedback, feedback["rating"], None)
    assert table[["n_tickets", "n_complaints", "open_complaint"]].isna().all(axis=None)


def test_tickets_and_open_complaints_are_counted(as_feedback, as_tickets, as_canonical):
    feedback = as_feedback(customer_id=["c1", "c2", "c3"], rating=[4, 4, 4])
    times = pd.to_datetime(["2026-01-01"] * 4)
    tickets = as_tickets(
        customer_id=["c1", "c1", "c2", "c9"],
        kind=["Complaint", "question", "投诉", "complaint"],
        opened_at=times,
        resolved_at=pd.to_datetime([None, None, "2026-01-03", None]),
    )
    table = satisfaction_table(
        feedback, feedback["rating"], ticket_counts(as_canonical(feedback, tickets).get("tickets"))
    )
    assert table["n_tickets"].tolist() == [2, 1, 0]
    assert table["n_complaints"].tolist() == [1, 1, 0]
    assert table["open_complaint"].tolist() == [True, False, False]


def test_tickets_without_kind_tell_nothing_of_complaints(as_feedback, as_tickets, as_canonical):
    feedback = as_feedback(customer_id=["c1"], rating=[4])
    tickets = as_tickets(customer_id=["c1"], opened_at=pd.to_datetime(["2026-01-01"]))
    table = satisfaction_table(
        feedback, feedback["rating"], ticket_counts(as_canonical(feedback, tickets).get("tickets"))
    )
    assert table["n_tickets"].tolist() == [1]
    assert table[["n_complaints", "open_complaint"]].isna().all(axis=None)
