"""BG/NBD and MBG/NBD: published figures, two routes that agree, recovery, refusals."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.special import gammaln
from scipy.stats import nbinom
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from workbench.errors import WorkbenchError
from workbench.segmentation.purchases import maximum_likelihood
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.learned import standard_errors, untold
from workbench.segmentation.purchases.maximum_likelihood import LARGEST, maximise

PUBLISHED = (0.243, 4.414, 0.793, 2.426)  # Fader, Hardie, Lee 2005, table 2


def row(frequency, recency, T):
    return pd.DataFrame({"frequency": [frequency], "recency": [recency], "T": [T]})


def by_summation(r, alpha, a, b, t):
    """E[X(t)] as the sum over purchases: an independent, slow route."""
    last = int(nbinom.ppf(1 - 1e-15, r, alpha / (alpha + t))) + 50
    k = np.arange(1, last)
    there = np.exp(gammaln(b + k - 1) - gammaln(b) + gammaln(a + b) - gammaln(a + b + k - 1))
    return float(np.sum(there * nbinom.sf(k - 1, r, alpha / (alpha + t))))


def test_cdnow_parameters_equal_the_published_ones_to_three_digits(cdnow_model):
    fitted = (cdnow_model.r_, cdnow_model.alpha_, cdnow_model.a_, cdnow_model.b_)
    assert np.round(fitted, 3) == pytest.approx(PUBLISHED, abs=1e-9)


def test_cdnow_log_likelihood_equals_the_published_one(cdnow_model):
    assert cdnow_model.log_likelihood_ == pytest.approx(-9582.43, abs=0.005)  # rounded to two decimals
    assert cdnow_model.n_ == 2_357
    assert cdnow_model.converged_
    assert cdnow_model.at_bound_ == ()


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [(0.1429, 0.0078), (1, 0.0532), (3, 0.1506), (31.8571, 1.0405), (32, 1.0437), (78, 1.858)],
)
def test_expectation_of_a_new_customer_equals_the_published_curve(cdnow_model, weeks, expected):
    digits = 0.5 * 10.0 ** -len(str(expected).split(".")[1])  # half a unit of the last printed digit
    assert cdnow_model.expected_orders_new(weeks) == pytest.approx(expected, abs=digits)


def test_conditional_expectation_equals_the_worked_example(cdnow_model):
    assert cdnow_model.expected_orders(row(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=5e-4)


def test_probabilities_of_counts_equal_the_published_ones(known_model):
    # Walkthrough of the BTYD package, printed with five and seven digits.
    model = known_model(*PUBLISHED)
    assert model.p_orders_new([0], 39)[0] == pytest.approx(0.57379, abs=5e-6)
    assert model.p_orders_new([11, 12, 13], 30) == pytest.approx([0.0019995, 0.0015170, 0.0011633], abs=5e-8)
    assert model.p_purchase(row(0, 0, 0), 39)[0] == pytest.approx(1 - 0.57379, abs=5e-6)


@pytest.mark.parametrize("leaves_at_once", [False, True])
def test_probabilities_of_counts_sum_to_one_and_have_the_expected_mean(known_model, leaves_at_once):
    model = known_model(*PUBLISHED).set_params(leaves_at_once=leaves_at_once)
    n = np.arange(400)
    found = model.p_orders_new(n, 39)
    assert found.sum() == pytest.approx(1, abs=1e-9)  # what lies beyond 400 purchases
    assert n @ found == pytest.approx(model.expected_orders_new(39), rel=1e-7)


def test_the_modified_model_equals_the_published_one_on_cdnow(cdnow):
    model = BetaGeoNBD(leaves_at_once=True).fit(cdnow)
    # Printed with three digits by two packages that stop a little apart in the last one.
    assert list(model.population_) == pytest.approx([0.525, 6.183, 0.891, 1.614], abs=6e-4)
    assert model.log_likelihood_ == pytest.approx(-9582.13, abs=0.005)
    assert model.expected_orders(row(2, 30.43, 38.86), 39)[0] == pytest.approx(1.263, abs=5e-4)


def test_in_the_modified_model_a_first_purchase_may_be_the_last(known_model):
    model = known_model(*PUBLISHED).set_params(leaves_at_once=True)
    soon, late = (model.p_alive(row(0, 0, T))[0] for T in (1, 300))
    assert late < soon < 1


def test_the_modified_models_expectations_equal_its_simulation(known_model):
    model, rng = known_model(0.6, 8.0, 0.8, 2.5).set_params(leaves_at_once=True), np.random.default_rng(12)
    seen = model.simulate(np.full(200_000, 52.0), rng)["frequency"]
    error = seen.std() / np.sqrt(len(seen))
    assert abs(seen.mean() - model.expected_orders_new(52.0)) < 4 * error  # four standard errors
    rows = pd.DataFrame({"frequency": [0, 1, 5], "recency": [0, 3, 30], "T": [20, 50, 32]})
    draws = model.simulate_orders(rows, 26.0, 40_000, rng)
    z = (draws.mean(axis=1) - model.expected_orders(rows, 26.0)) / (draws.std(axis=1) / np.sqrt(40_000))
    assert np.all(np.abs(z) < 4)


def test_standard_errors_equal_those_of_an_independent_curvature(cdnow, cdnow_model):
    rows = [cdnow[c].to_numpy(dtype=float) for c in ("frequency", "recency", "T")]
    terms, at = cdnow_model.terms(rows, np.ones(len(cdnow))), np.array(cdnow_model.population_)
    steps = 1e-4 * at
    hessian = np.array(
        [
            (terms.log_likelihood(at + step)[1] - terms.log_likelihood(at - step)[1]) / (2 * step[i])
            for i, step in enumerate(np.diag(steps))
        ]
    )
    errors = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    # At the optimum the curvature in logarithms is that of the parameters themselves, but for the slope left.
    assert list(standard_errors(cdnow_model).values()) == pytest.approx(errors, rel=1e-3)
    assert untold(cdnow_model) == ()


def test_a_base_whose_drop_out_is_not_seen_names_the_parameters_that_are_not_told():
    rng = np.random.default_rng(4)
    T = np.full(400, 50.0)
    x = rng.poisson(rng.gamma(2.0, 0.1, 400) * T)  # nobody leaves
    recency = np.where(x > 0, T * rng.beta(np.maximum(x, 1), 1), 0.0)
    model = BetaGeoNBD().fit(pd.DataFrame({"frequency": x, "recency": recency, "T": T}))
    assert set(untold(model)) & {"a", "b"}
    assert not set(untold(model)) & {"r", "alpha"}


def test_a_search_that_begins_in_a_part_of_many_rows_ends_in_the_same_optimum(
    cdnow, cdnow_model, monkeypatch
):
    monkeypatch.setattr("workbench.segmentation.purchases.maximum_likelihood.MANY_ROWS", 500)
    monkeypatch.setattr("workbench.segmentation.purchases.maximum_likelihood.SEARCHED_ROWS", 100)
    model = BetaGeoNBD().fit(cdnow)
    assert model.log_likelihood_ == pytest.approx(cdnow_model.log_likelihood_, abs=1e-4)
    assert list(model.population_) == pytest.approx(list(cdnow_model.population_), rel=1e-4)


def test_a_thousand_purchases_and_a_long_silence_give_zero_without_a_warning(cdnow_model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cdnow_model.p_alive(row(1000, 10, 100))[0] == 0


@pytest.mark.parametrize("leaves_at_once", [False, True])
def test_gradient_equals_finite_differences(cdnow, leaves_at_once):
    rows = [cdnow[c].to_numpy(dtype=float)[:200] for c in ("frequency", "recency", "T")]
    terms = BetaGeoNBD(leaves_at_once=leaves_at_once).terms(rows, np.ones(200))
    at = np.array([0.4, 5.0, 0.7, 2.0])
    numeric = approx_fprime(at, lambda p: terms.log_likelihood(p)[0], 1e-7)
    # A forward difference of step 1e-7 on a value near 900 keeps about five digits.
    assert terms.log_likelihood(at)[1] == pytest.approx(numeric, rel=1e-4, abs=1e-3)


@settings(max_examples=80, deadline=None)
@given(
    r=st.floats(0.05, 20),
    alpha=st.floats(0.5, 100),
    a=st.floats(0.01, 50),
    b=st.floats(0.05, 2_000),
    x=st.integers(0, 300),
    T=st.floats(0, 200),
    t=st.floats(0.5, 150),
)
def test_closed_form_equals_the_sum_over_purchases(known_model, *, r, alpha, a, b, x, T, t):
    history = row(x, T if x else 0.0, T) if x == 0 or T > 0 else row(0, 0.0, T)
    x = int(history["frequency"].iloc[0])
    model = known_model(r, alpha, a, b)
    expected = model.p_alive(history)[0] * by_summation(r + x, alpha + T, a, b + x, t)
    # Near a = 1 the closed form loses up to five of sixteen digits.
    assert model.expected_orders(history, t)[0] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("a", [1.0, 1 + 1e-7, 1 - 1e-7])
def test_expectation_has_no_gap_at_a_equal_one(known_model, a):
    exact = by_summation(0.5, 8.0, a, 2.0, 52.0)
    assert known_model(0.5, 8.0, a, 2.0).expected_orders_new(52.0) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("parameters", [(153.0, 0.22, 774.0, 2.0), (0.94, 30.0, 45_700.0, 145.0)])
def test_expectation_exists_where_the_hypergeometric_function_has_no_value(known_model, parameters):
    exact = by_summation(*parameters, 95.0)
    assert known_model(*parameters).expected_orders_new(95.0) == pytest.approx(exact, rel=1e-9)


def test_simulated_orders_have_the_expected_mean(known_model):
    model, rng = known_model(0.6, 8.0, 0.8, 2.5), np.random.default_rng(11)
    rows = pd.DataFrame({"frequency": [0, 1, 5, 40], "recency": [0, 3, 30, 50], "T": [20, 50, 32, 51]})
    draws = model.simulate_orders(rows, 26.0, 40_000, rng)
    error = draws.std(axis=1) / np.sqrt(40_000)
    z = (draws.mean(axis=1) - model.expected_orders(rows, 26.0)) / error
    assert np.all(np.abs(z) < 4)  # four standard errors: once in 4,000 such tests


def test_fitting_simulated_customers_recovers_the_curve(known_model):
    truth, rng = known_model(0.5, 8.0, 0.8, 2.5), np.random.default_rng(3)
    seen = truth.simulate(rng.uniform(20, 78, 30_000), rng)
    fitted = BetaGeoNBD().fit(seen)
    assert fitted.converged_
    assert fitted.r_ == pytest.approx(0.5, rel=0.05)  # its sampling error at 30,000 customers is 1.5 %
    for weeks in (13, 52):
        # The curve is told far better than the four parameters, which trade off against each other.
        assert fitted.expected_orders_new(weeks) == pytest.approx(truth.expected_orders_new(weeks), rel=0.03)


def test_every_customer_twice_changes_nothing_but_the_sum(cdnow, cdnow_model):
    twice = BetaGeoNBD().fit(pd.concat([cdnow, cdnow]))
    assert twice.log_likelihood_ == pytest.approx(2 * cdnow_model.log_likelihood_, rel=1e-10)
    assert twice.r_ == pytest.approx(cdnow_model.r_, rel=1e-5)  # where the search stops


def test_order_of_rows_changes_not_a_bit(cdnow, cdnow_model):
    shuffled = BetaGeoNBD().fit(cdnow.sample(frac=1, random_state=1))
    assert shuffled.population_ == cdnow_model.population_


def test_days_instead_of_weeks_scale_alpha_and_shift_the_likelihood(cdnow, cdnow_model):
    in_days = BetaGeoNBD().fit(cdnow.assign(recency=7 * cdnow["recency"], T=7 * cdnow["T"]))
    assert in_days.alpha_ == pytest.approx(7 * cdnow_model.alpha_, rel=1e-4)  # where the search stops
    # The density of x moments changes by 7^-x.
    shift = cdnow["frequency"].sum() * np.log(7)
    assert in_days.log_likelihood_ == pytest.approx(cdnow_model.log_likelihood_ - shift, abs=1e-4)


@given(x=st.integers(1, 500), share=st.floats(0.01, 1), T=st.floats(0.1, 500))
def test_probability_alive_is_a_probability_and_falls_with_silence(known_model, x, share, T):
    model = known_model(*PUBLISHED)
    now, later = (model.p_alive(row(x, share * T, until))[0] for until in (T, 2 * T))
    assert 0 <= later <= now <= 1


def test_a_customer_with_one_purchase_is_alive_but_ever_less_likely_to_buy(known_model):
    model = known_model(*PUBLISHED)
    assert model.p_alive(row(0, 0, 300))[0] == 1
    assert model.p_purchase(row(0, 0, 300), 52)[0] < 0.2 * model.p_purchase(row(0, 0, 1), 52)[0]


def test_predictions_keep_rows_apart_and_in_order(cdnow_model):
    rows = pd.concat([row(2, 30.43, 38.86), row(0, 0, 10), row(2, 30.43, 38.86)], ignore_index=True)
    found = cdnow_model.expected_orders(rows, 39)
    assert found[0] == found[2] != found[1]


def test_scikit_learn_can_clone_the_model(cdnow_model):
    assert not hasattr(clone(cdnow_model), "r_")


def test_a_search_that_finds_no_optimum_warns_and_says_so(cdnow, monkeypatch):
    monkeypatch.setattr(maximum_likelihood, "MAX_ITERATIONS", 1)
    with pytest.warns(ConvergenceWarning, match=r"^BG/NBD: no start led to an optimum$"):
        model = BetaGeoNBD().fit(cdnow)
    assert not model.converged_


def test_a_parameter_that_runs_away_is_named():
    found = maximise(lambda p: (float(np.log(p[0])), 1 / p), [(1.0,)], n=1)
    assert found.converged
    assert found.at_bound == (0,)
    assert found.parameters[0] == pytest.approx(LARGEST)


REFUSED = [
    (
        {"frequency": [1], "T": [5]},
        "BetaGeoNBD: recency must be a column of the frame; got the columns frequency, T. "
        "Give a frame with the columns frequency, recency, T.",
    ),
    (
        {"frequency": ["1"], "recency": [1.0], "T": [5.0]},
        "BetaGeoNBD: frequency must be numeric; got the type str. Convert the column.",
    ),
    (
        {"frequency": [1, 2], "recency": [1.0, np.nan], "T": [5.0, 5.0]},
        "BetaGeoNBD: every value must be a finite number; got 1 of 2 rows that are not. "
        "Correct or leave out these rows.",
    ),
    (
        {"frequency": [1.5], "recency": [1.0], "T": [5.0]},
        "BetaGeoNBD: frequency must be a whole number of at least 0; got 1 of 1 rows that are not. "
        "Correct or leave out these rows.",
    ),
    (
        {"frequency": [1], "recency": [6.0], "T": [5.0]},
        "BetaGeoNBD: recency must be between 0 and T; got 1 of 1 rows that are not. "
        "Correct or leave out these rows.",
    ),
    (
        {"frequency": [0], "recency": [2.0], "T": [5.0]},
        "BetaGeoNBD: recency must be 0 exactly where frequency is 0; got 1 of 1 rows that are not. "
        "Correct or leave out these rows.",
    ),
    (
        {"frequency": [], "recency": [], "T": []},
        "BetaGeoNBD: the frame must be at least one row long; got 0 rows. Give at least one customer.",
    ),
]


@pytest.mark.parametrize(("columns", "message"), REFUSED)
def test_rows_that_break_a_rule_are_refused_before_anything_is_cast(columns, message):
    frame = pd.DataFrame(columns)
    if frame.empty:
        frame = frame.astype("float64")
    with pytest.raises(WorkbenchError, match=f"^{re.escape(message)}$"):
        BetaGeoNBD().fit(frame)
