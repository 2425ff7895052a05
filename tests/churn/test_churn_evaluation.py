"""Ranking and calibration figures, each by two routes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from workbench.churn.calibration import log_odds, observed_beside_expected, recalibration, wilson
from workbench.churn.evaluation import brier
from workbench.churn.ranking import auc_and_covariance, captured, decile_table, top_lift
from workbench.results import rate


def made_up(n: int = 800, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, a good score with ties, and a worse one."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n)
    churned = rng.random(n) < expit(truth - 1)
    return churned, np.round(truth + rng.normal(size=n), 1), truth + 3 * rng.normal(size=n)


def test_auc_equals_scikit_learns_with_ties() -> None:
    churned, good, bad = made_up()
    aucs, _ = auc_and_covariance(churned, good, bad)
    expected = [roc_auc_score(churned, good), roc_auc_score(churned, bad)]
    assert aucs == pytest.approx(expected, abs=1e-12)


def test_delongs_covariance_equals_its_definition_by_all_pairs() -> None:
    churned, good, bad = made_up(150)

    def structural(score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lost, kept = score[churned][:, None], score[~churned][None, :]
        wins = (lost > kept) + 0.5 * (lost == kept)  # the kernel psi of eq. 1
        return wins.mean(axis=1), wins.mean(axis=0)

    v10, v01 = zip(structural(good), structural(bad), strict=True)
    by_pairs = np.cov(v10) / churned.sum() + np.cov(v01) / (~churned).sum()
    assert auc_and_covariance(churned, good, bad)[1] == pytest.approx(by_pairs, abs=1e-14)


def test_delongs_interval_is_as_wide_as_a_bootstrap_over_customers() -> None:
    churned, good, bad = made_up()
    _, covariance = auc_and_covariance(churned, good, bad)
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(400):
        rows = rng.integers(len(churned), size=len(churned))
        draws.append(auc_and_covariance(churned[rows], good[rows], bad[rows])[0])
    contrast = np.array([1, -1])
    # The standard deviation of 400 draws has itself an error of 1 / sqrt(800) = 3.5 %; four of them.
    assert np.std(np.array(draws)[:, 0]) == pytest.approx(np.sqrt(covariance[0, 0]), rel=0.14)
    gain = np.sqrt(contrast @ covariance @ contrast)
    assert np.std(np.array(draws) @ contrast) == pytest.approx(gain, rel=0.14)


def test_the_brier_score_equals_scikit_learns() -> None:
    churned, good, _ = made_up()
    found = brier(churned.astype(float), expit(good))
    assert found.value == pytest.approx(brier_score_loss(churned, expit(good)))
    assert found.low < found.value < found.high


def test_the_line_of_recalibration_equals_a_logistic_regression() -> None:
    churned, good, _ = made_up()
    line = recalibration(churned.astype(float), good)
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(good[:, None], churned)
    # scikit-learn stops at a gradient, not at a step: four digits agree.
    assert line.slope == pytest.approx(model.coef_[0, 0], rel=1e-4)
    assert line.intercept == pytest.approx(model.intercept_[0], rel=1e-4)


def test_the_slope_tells_how_far_probabilities_were_stretched() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(size=40_000)
    happened = (rng.random(40_000) < expit(truth)).astype(float)
    for stretch in (0.5, 1.0, 2.0):
        line = recalibration(happened, log_odds(expit(stretch * truth)))
        assert line.low < 1 / stretch < line.high


def test_recalibration_stays_finite_where_classes_separate_perfectly() -> None:
    line = recalibration(np.repeat([0.0, 1.0], 60), np.repeat([-2.0, 2.0], 60))
    assert np.isfinite([line.intercept, line.slope]).all()


def test_a_constant_probability_has_no_slope() -> None:
    assert np.isnan(recalibration(np.repeat([0.0, 1.0], 60), np.zeros(120)).slope)


@given(st.integers(0, 50), st.integers(1, 50))
def test_the_interval_of_a_rate_equals_that_of_the_results(successes: int, failures: int) -> None:
    low, high = wilson(np.array([successes]), np.array([successes + failures]))
    metric = rate("base_rate", successes, successes + failures)
    assert (low[0], high[0]) == pytest.approx((metric.low, metric.high), abs=1e-9)


def test_captured_churners_are_counted_in_the_order_of_probability() -> None:
    happened = np.array([1.0, 0, 1, 0, 0, 0, 1, 0, 0, 0])
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05])
    found = captured(happened, probability, np.array([0.1, 0.2, 0.3, 1.0]))
    assert found == pytest.approx([1 / 3, 1 / 3, 2 / 3, 1])


def test_rows_of_equal_probability_are_taken_in_proportion() -> None:
    happened = np.array([1.0, 1, 0, 0])
    assert captured(happened, np.full(4, 0.5), np.array([0.25, 0.5])) == pytest.approx([0.25, 0.5])


def test_deciles_add_up_to_all_churners() -> None:
    churned, good, _ = made_up()
    table = decile_table(churned.astype(float), good)
    assert table["lost"].mean() == pytest.approx(churned.mean())
    assert table["captured"].iloc[-1] == pytest.approx(1)
    assert table["lift"].iloc[0] == pytest.approx(top_lift(churned.astype(float), good, seed=1).value)


def test_a_score_without_knowledge_lifts_by_one() -> None:
    rng = np.random.default_rng(3)
    lift = top_lift((rng.random(5_000) < 0.3).astype(float), rng.random(5_000), seed=1)
    assert lift.low < 1 < lift.high


def test_groups_of_probability_hold_all_rows_once() -> None:
    churned, good, _ = made_up()
    table = observed_beside_expected(churned.astype(float), expit(good))
    assert table["n"].sum() == len(churned)
    assert (table["expected"].diff().dropna() > 0).all()
    assert (table["observed"] * table["n"]).sum() == pytest.approx(churned.sum())
    # Ties at one decimal make groups uneven, but none may swallow another.
    assert table["n"].between(40, 130).all()
