"""NBD, BG/BB and sBG: published figures, gradients, simulation."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

from workbench.errors import WorkbenchError
from workbench.segmentation.purchases import beta_binomial, negative_binomial, shifted_beta
from workbench.segmentation.purchases.beta_binomial import BetaGeoBetaBinomial
from workbench.segmentation.purchases.learned import standard_errors, untold
from workbench.segmentation.purchases.negative_binomial import NegativeBinomial
from workbench.segmentation.purchases.shifted_beta import ShiftedBetaGeometric

# Fader, Hardie and Shang 2010, table 1: donors by repeat gifts and year of the last one, of six years.
DONORS = {
    (0, 0): 3464, (1, 1): 1091, (1, 2): 277, (1, 3): 129, (1, 4): 78, (1, 5): 119, (1, 6): 129, (2, 2): 613,
    (2, 3): 255, (2, 4): 155, (2, 5): 173, (2, 6): 234, (3, 3): 322, (3, 4): 181, (3, 5): 225, (3, 6): 357,
    (4, 4): 240, (4, 5): 284, (4, 6): 512, (5, 5): 335, (5, 6): 728, (6, 6): 1203,
}  # fmt: skip
# Fader and Hardie 2007: per cent of contracts that survive seven years; the years 8 to 12 were held back.
SURVIVAL = {
    "regular": [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1],
    "high end": [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1],
}


@pytest.fixture(scope="module")
def donors():
    frame = pd.DataFrame(list(DONORS), columns=["frequency", "recency"]).assign(periods=6)
    return frame.loc[frame.index.repeat(list(DONORS.values()))].reset_index(drop=True)


@pytest.fixture(scope="module")
def giving(donors):
    return BetaGeoBetaBinomial().fit(donors)


def contracts(survival: list[float]) -> pd.DataFrame:
    left = np.round(10 * np.array(survival)).astype(int)  # of a thousand
    lost = -np.diff(left)
    years = np.concatenate([np.repeat(np.arange(1, 8), lost), np.full(left[-1], 7)])
    return pd.DataFrame({"periods": years, "lost": np.repeat([1, 0], [lost.sum(), left[-1]])})


def test_nbd_on_cdnow_equals_the_reference(cdnow):
    model = NegativeBinomial().fit(cdnow)
    assert (model.r_, model.alpha_) == pytest.approx((0.3848, 12.072), abs=6e-4)
    assert model.log_likelihood_ == pytest.approx(-9763.66, abs=0.005)
    assert untold(model) == ()


def test_nbd_rates_of_customers_average_to_the_rate_of_the_base(cdnow):
    model = NegativeBinomial().fit(cdnow)
    # The likelihood equation of alpha, as exact as the search is.
    assert model.expected_orders(cdnow, 1.0).mean() == pytest.approx(model.r_ / model.alpha_, rel=1e-5)


def test_bgbb_parameters_and_likelihood_equal_the_published_ones(giving):
    found = (giving.alpha_, giving.beta_, giving.gamma_, giving.delta_)
    assert np.round(found, 3) == pytest.approx([1.204, 0.750, 0.657, 2.783], abs=1e-9)
    assert giving.log_likelihood_ == pytest.approx(-33_225.6, abs=0.05)
    assert giving.n_ == 11_104
    assert untold(giving) == ()


def test_bgbb_expectations_equal_hardies_sheet(giving, donors):
    assert giving.expected_orders(donors, 5).sum() == pytest.approx(12_884.2, abs=0.05)
    counts = 11_104 * giving.p_orders_new([0, 6], 6)
    assert counts == pytest.approx([3_454.9, 1_253.1], abs=0.05)


def test_bgbb_probability_alive_equals_the_published_table(giving):
    rows = pd.DataFrame({"frequency": [0, 2, 6], "recency": [0, 4, 6], "periods": 6})
    assert giving.p_alive(rows, ahead=1) == pytest.approx([0.11, 0.59, 0.93], abs=0.005)
    assert giving.p_alive(rows)[2] == pytest.approx(1.0)


def test_bgbb_counts_of_new_customers_sum_to_one(giving):
    assert giving.p_orders_new(np.arange(7), 6).sum() == pytest.approx(1)


def test_bgbb_simulated_customers_are_as_the_model_says(giving):
    seen = giving.simulate(np.full(100_000, 6), np.random.default_rng(2))
    share = (seen["frequency"] == 6).mean()
    expected = giving.p_orders_new([6], 6)[0]
    assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / 100_000)
    again = BetaGeoBetaBinomial().fit(seen)
    for name, error in standard_errors(again).items():
        assert abs(getattr(again, f"{name}_") - getattr(giving, f"{name}_")) < 4 * error


@pytest.mark.parametrize(
    ("name", "alpha", "beta", "log_likelihood", "year_12"),
    [("regular", 0.704, 1.182, -1_680.3, 0.170), ("high end", 0.668, 3.806, -1_611.2, 0.378)],
)
def test_sbg_equals_the_published_fit(name, alpha, beta, log_likelihood, year_12):
    model = ShiftedBetaGeometric().fit(contracts(SURVIVAL[name]))
    assert (model.alpha_, model.beta_) == pytest.approx((alpha, beta), abs=5e-4)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=0.05)
    assert model.survival(12) == pytest.approx(year_12, abs=5e-4)


def test_sbg_retention_and_survival_are_one_story():
    model = ShiftedBetaGeometric().fit(contracts(SURVIVAL["regular"]))
    years = np.arange(1, 30)
    assert np.cumprod(model.retention(years)) == pytest.approx(model.survival(years))
    assert (np.diff(model.retention(years)) > 0).all()


def test_sbg_expects_the_periods_that_survival_sums_to():
    model = ShiftedBetaGeometric().fit(contracts(SURVIVAL["regular"]))
    assert model.expected_renewals([0, 3, 0], 4)[[0, 2]] == pytest.approx(model.survival([1, 2, 3, 4]).sum())
    by_hand = sum(model.survival(3 + k) / model.survival(3) / 1.1**k for k in (1, 2))
    assert model.expected_renewals([3], 2, discount=0.1)[0] == pytest.approx(by_hand)


def test_sbg_recovers_what_it_simulated():
    truth = ShiftedBetaGeometric().fit(contracts(SURVIVAL["regular"]))
    rng = np.random.default_rng(7)
    found = ShiftedBetaGeometric().fit(truth.simulate(rng.integers(1, 20, 20_000), rng))
    for name, error in standard_errors(found).items():
        assert abs(getattr(found, f"{name}_") - getattr(truth, f"{name}_")) < 4 * error


@pytest.mark.parametrize(
    ("likelihood", "at"),
    [
        (
            lambda p: negative_binomial._log_likelihood(
                p, np.array([0.0, 3, 40]), np.array([5.0, 9, 30]), np.array([1.0, 2, 3])
            ),
            (0.5, 8.0),
        ),
        (
            lambda p: beta_binomial._summed(
                p,
                [np.array([0.0, 2, 3]), np.array([0.0, 3, 5]), np.array([6.0, 6, 7])],
                np.array([1.0, 2, 3]),
            ),
            (1.2, 0.7, 0.6, 2.5),
        ),
        (
            lambda p: shifted_beta._log_likelihood(
                p, np.array([0.0, 2, 9]), np.array([0.0, 1, 0]), np.array([1.0, 2, 3])
            ),
            (0.7, 1.9),
        ),
    ],
)
def test_gradients_equal_finite_differences(likelihood, at):
    numeric = approx_fprime(at, lambda p: likelihood(p)[0], 1e-7)
    assert likelihood(np.array(at))[1] == pytest.approx(
        numeric, rel=1e-4, abs=1e-5
    )  # of a forward difference


@pytest.mark.parametrize(
    ("model", "columns", "message"),
    [
        (
            BetaGeoBetaBinomial(),
            {"frequency": [3], "recency": [2], "periods": [6]},
            "BetaGeoBetaBinomial: recency must be between frequency and periods; got 1 of 1 rows that are "
            "not. Correct or leave out these rows.",
        ),
        (
            ShiftedBetaGeometric(),
            {"periods": [0, 2], "lost": [1, 0]},
            "ShiftedBetaGeometric: periods must be at least 1 where the contract was lost; got 1 of 2 rows "
            "that are not. Correct or leave out these rows.",
        ),
        (
            ShiftedBetaGeometric(),
            {"periods": [1], "lost": [2]},
            "ShiftedBetaGeometric: lost must be 0 or 1; got 1 of 1 rows that are not. "
            "Correct or leave out these rows.",
        ),
        (
            NegativeBinomial(),
            {"frequency": [1], "T": [-1.0]},
            "NegativeBinomial: T must be 0 or more; got 1 of 1 rows that are not. "
            "Correct or leave out these rows.",
        ),
    ],
)
def test_rows_that_break_a_rule_are_refused(model, columns, message):
    with pytest.raises(WorkbenchError, match=f"^{re.escape(message)}$"):
        model.fit(pd.DataFrame(columns))
