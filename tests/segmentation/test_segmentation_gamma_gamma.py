"""Gamma-Gamma: published figures, two routes that agree, recovery, refusals."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

from workbench.errors import WorkbenchError
from workbench.segmentation.purchases.gamma_gamma import GammaGamma, Terms, spend_correlation


@pytest.fixture(scope="module")
def repeaters(cdnow_spend):
    return cdnow_spend[cdnow_spend["orders"] > 0]


@pytest.fixture(scope="module")
def model(repeaters):
    return GammaGamma().fit(repeaters)


def test_cdnow_parameters_equal_the_published_ones(model):
    # 6.249 / 3.745 / 15.448 in shared reference figures; Fader and Hardie print 6.25 / 3.74 / 15.44.
    assert np.round([model.p_, model.q_, model.v_], 3) == pytest.approx([6.249, 3.745, 15.448], abs=1e-9)
    assert model.log_likelihood_ == pytest.approx(-4055.92, abs=0.005)  # rounded to two decimals
    assert model.n_ == 946


def test_mean_over_customers_equals_the_published_one(model):
    assert model.population_mean_ == pytest.approx(35.17, abs=0.005)


def test_conditional_means_equal_those_of_hardies_sheet(model, cdnow_spend):
    sheet = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    # The sheet uses parameters of three digits.
    assert model.expected_spend(cdnow_spend.head(10)) == pytest.approx(sheet, abs=0.1)


def test_gradient_equals_finite_differences(repeaters):
    x, z = (repeaters[c].to_numpy(dtype=float)[:100] for c in ("orders", "mean_spend"))
    at, terms = np.array([5.0, 3.0, 20.0]), Terms(x, z, np.ones(100))
    numeric = approx_fprime(at, lambda p: terms.log_likelihood(p)[0], 1e-7)
    # A forward difference of step 1e-7 on a value near 400 keeps about five digits.
    assert terms.log_likelihood(at)[1] == pytest.approx(numeric, rel=1e-4, abs=1e-3)


def test_fitting_simulated_customers_recovers_the_parameters(model):
    rng = np.random.default_rng(2)
    fitted = GammaGamma().fit(model.simulate(rng.integers(1, 12, 20_000), rng))
    # Sampling error at 20,000 customers is about 2 % of each parameter and 0.5 % of the mean.
    assert [fitted.p_, fitted.q_, fitted.v_] == pytest.approx([model.p_, model.q_, model.v_], rel=0.1)
    assert fitted.population_mean_ == pytest.approx(model.population_mean_, rel=0.02)


def test_simulated_spend_has_the_expected_mean(model):
    rows = pd.DataFrame({"orders": [1, 4, 30], "mean_spend": [10.0, 50.0, 200.0]})
    orders = np.full((3, 50_000), 7)
    draws = model.simulate_spend(rows, orders, np.random.default_rng(4))
    z = (draws.mean(axis=1) - 7 * model.expected_spend(rows)) / (draws.std(axis=1) / np.sqrt(50_000))
    assert np.all(np.abs(z) < 4)  # four standard errors


def test_no_order_means_no_spend(model):
    rows = pd.DataFrame({"orders": [2], "mean_spend": [10.0]})
    assert model.simulate_spend(rows, np.zeros((1, 5), dtype=int), np.random.default_rng(0)).sum() == 0


def test_order_of_rows_changes_not_a_bit(model, repeaters):
    shuffled = GammaGamma().fit(repeaters.sample(frac=1, random_state=1))
    assert (shuffled.p_, shuffled.q_, shuffled.v_) == (model.p_, model.q_, model.v_)


def test_a_tail_without_a_mean_is_said_and_not_made_negative():
    rng = np.random.default_rng(6)
    scale = rng.gamma(0.6, 1.0, 5_000)  # q below 1
    frame = pd.DataFrame({"orders": 5, "mean_spend": rng.gamma(10.0, size=5_000) / (5 * scale)})
    fitted = GammaGamma().fit(frame)
    assert fitted.q_ < 1
    assert fitted.population_mean_ == float("inf")


def test_correlation_ignores_customers_with_one_order_and_one_huge_value():
    frame = pd.DataFrame({"orders": [1, 2, 3, 4, 5, 6], "mean_spend": [1e6, 10.0, 20.0, 30.0, 40.0, 1e9]})
    assert spend_correlation(frame) == pytest.approx(1.0)


def test_correlation_of_what_does_not_vary_is_not_known():
    assert np.isnan(spend_correlation(pd.DataFrame({"orders": [2, 2], "mean_spend": [1.0, 2.0]})))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"orders": [1, 2], "mean_spend": [5.0, 0.0]},
            "GammaGamma: mean_spend must be above 0 in a row to fit on; got 1 of 2 rows that are not. "
            "Correct or leave out these rows.",
        ),
        (
            {"orders": [0], "mean_spend": [5.0]},
            "GammaGamma: orders must be at least 1 in a row to fit on; got 1 of 1 rows that are not. "
            "Correct or leave out these rows.",
        ),
        (
            {"orders": [2.5], "mean_spend": [5.0]},
            "GammaGamma: orders must be a whole number of at least 0; got 1 of 1 rows that are not. "
            "Correct or leave out these rows.",
        ),
    ],
)
def test_rows_that_break_a_rule_are_refused(columns, message):
    with pytest.raises(WorkbenchError, match=f"^{re.escape(message)}$"):
        GammaGamma().fit(pd.DataFrame(columns))
