"""What all models have in common: scikit-learn's conventions, covariates, seasons."""

import pickle
from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from workbench.segmentation.purchases.beta_binomial import BetaGeoBetaBinomial
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.covariates import CovariateModel
from workbench.segmentation.purchases.gamma_gamma import GammaGamma
from workbench.segmentation.purchases.negative_binomial import NegativeBinomial
from workbench.segmentation.purchases.pareto import ParetoNBD
from workbench.segmentation.purchases.seasonal import Season, SeasonalParetoNBD, season_of
from workbench.segmentation.purchases.shifted_beta import ShiftedBetaGeometric

MODELS = [
    BetaGeoNBD(), BetaGeoNBD(leaves_at_once=True), ParetoNBD(), NegativeBinomial(), BetaGeoBetaBinomial(),
    ShiftedBetaGeometric(), GammaGamma(), CovariateModel(), SeasonalParetoNBD(),
]  # fmt: skip
# These checks fit on arrays of random numbers. A model of purchase histories asks for named columns whose
# values fit each other, and refuses both; the tests below ask the same of frames that it accepts. (The last
# one needs a setting of SciPy that is off.)
BRING_RANDOM_ARRAYS = (
    "check_array_api_input",
    "check_complex_data",
    "check_dict_unchanged",
    "check_dont_overwrite_parameters",
    "check_dtype_object",
    "check_estimator_sparse_array",
    "check_estimator_sparse_matrix",
    "check_estimator_sparse_tag",
    "check_estimators_dtypes",
    "check_estimators_empty_data_messages",
    "check_estimators_fit_returns_self",
    "check_estimators_nan_inf",
    "check_estimators_overwrite_params",
    "check_estimators_pickle",
    "check_f_contiguous_array_estimator",
    "check_fit1d",
    "check_fit2d_1feature",
    "check_fit2d_1sample",
    "check_fit2d_predict1d",
    "check_fit_check_is_fitted",
    "check_fit_idempotent",
    "check_fit_score_takes_y",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_n_features_in",
    "check_n_features_in_after_fitting",
    "check_pipeline_consistency",
    "check_positive_only_tag_during_fit",
    "check_readonly_memmap_input",
)
CHECKS = [
    pytest.param(model, check, id=f"{model!r}-{getattr(check, 'func', check).__name__}")
    for each in MODELS
    for model, check in estimator_checks_generator(each, mark=None)
    if getattr(check, "func", check).__name__ not in BRING_RANDOM_ARRAYS
]


@pytest.mark.parametrize(("model", "check"), CHECKS)
def test_scikit_learns_own_checks_hold(model, check):
    check(model)


@pytest.fixture(scope="module")
def histories():
    """A base that every model of histories and of spend can be fitted to."""
    truth = ParetoNBD()
    truth.r_, truth.alpha_, truth.s_, truth.beta_ = 0.6, 9.0, 0.8, 12.0
    rng = np.random.default_rng(6)
    found = truth.simulate(np.ceil(rng.uniform(26, 78, 1_500)), rng)
    whole = np.ceil(found["recency"] * 7) / 7  # whole days, as a company knows them
    return found.assign(
        recency=np.minimum(whole, found["T"]),
        orders=found["frequency"] + 1,
        mean_spend=rng.gamma(6.0, 5.0, len(found)),
        web=rng.integers(0, 2, len(found)),
    )


def fresh():
    season = Season((1.0,) * 12)
    return [
        BetaGeoNBD(), BetaGeoNBD(leaves_at_once=True), ParetoNBD(), NegativeBinomial(), GammaGamma(),
        CovariateModel(BetaGeoNBD(), ["web"]), SeasonalParetoNBD(season, date(2026, 6, 30)),
    ]  # fmt: skip


def asked(model, rows):
    return model.expected_spend(rows) if isinstance(model, GammaGamma) else model.expected_orders(rows, 13.0)


@pytest.mark.parametrize("place", range(7))
def test_a_model_keeps_its_frame_its_parameters_and_the_order_of_rows(histories, place):
    model, before, given = fresh()[place], histories.copy(), fresh()[place].get_params()
    assert model.fit(histories) is model
    pd.testing.assert_frame_equal(histories, before)
    assert {str(v) for v in model.get_params().values()} == {str(v) for v in given.values()}
    found = asked(model, histories)
    shuffled = histories.sample(frac=1, random_state=2)
    assert asked(model, shuffled) == pytest.approx(found[shuffled.index], rel=1e-12)  # sums in another order
    assert asked(model, histories.head(9)) == pytest.approx(found[:9], rel=1e-12)
    assert np.array_equal(asked(pickle.loads(pickle.dumps(model)), histories), found)
    assert np.array_equal(asked(fresh()[place].fit(histories), histories), found)


@pytest.mark.parametrize("plain", [BetaGeoNBD(), BetaGeoNBD(leaves_at_once=True), ParetoNBD()])
def test_without_covariates_the_model_is_the_plain_one(histories, plain):
    one, other = CovariateModel(plain).fit(histories), plain.fit(histories)
    assert one.log_likelihood_ == pytest.approx(other.log_likelihood_, abs=1e-5)
    assert one.p_alive(histories) == pytest.approx(plain.p_alive(histories), abs=1e-4)  # where searches stop


def test_a_covariate_that_parts_the_base_is_as_good_as_two_models_that_share_two_parameters(histories):
    both = CovariateModel(ParetoNBD(), ["web"]).fit(histories)
    plain = ParetoNBD().fit(histories)
    apart = [ParetoNBD().fit(group).log_likelihood_ for _, group in histories.groupby("web")]
    assert plain.log_likelihood_ - 1e-6 <= both.log_likelihood_ <= sum(apart) + 1e-6
    web = histories[histories["web"] == 1]
    own = both.population_of([1.0])
    assert both.p_purchase(web, 13.0) == pytest.approx(own.p_purchase(web, 13.0), rel=1e-12)


@pytest.mark.parametrize("model", [BetaGeoNBD(), ParetoNBD()])
def test_groups_are_as_likely_together_as_each_alone(histories, model):
    rows = [histories[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T")]
    group = histories["web"].to_numpy(dtype=int)
    populations = np.array([[0.6, 9.0, 0.8, 12.0], [0.6, 5.0, 0.8, 20.0]])
    values, slopes = model.grouped_terms(rows, group)(populations)
    for number, at in enumerate(populations):
        own = [column[group == number] for column in rows]
        value, slope = model.terms(own, np.ones(len(own[0]))).log_likelihood(at)
        # Many rows together are taken from polynomials, few from the quadrature that these meet.
        assert values[number] == pytest.approx(value, rel=1e-9)
        assert slopes[number] == pytest.approx(slope, rel=1e-7)


def test_effects_of_covariates_are_recovered_within_their_errors():
    rng, parts = np.random.default_rng(8), []
    for web in (0, 1):
        truth = ParetoNBD()
        truth.r_, truth.s_ = 0.6, 0.8
        truth.alpha_, truth.beta_ = 9.0 * np.exp(-0.4 * web), 12.0 * np.exp(-0.5 * web)
        parts.append(truth.simulate(np.ceil(rng.uniform(26, 78, 3_000)), rng).assign(web=web))
    model = CovariateModel(ParetoNBD(), ["web"]).fit(pd.concat(parts, ignore_index=True))
    for row, true in zip(model.effects_.itertuples(), (0.4, 0.5), strict=True):
        assert abs(row.coefficient - true) < 4 * row.standard_error


def test_a_season_without_seasons_is_plain_time(histories):
    seasonal = SeasonalParetoNBD(Season((1.0,) * 12), date(2026, 6, 30)).fit(histories)
    plain = ParetoNBD().fit(histories)
    assert seasonal.expected_orders(histories, 13.0) == pytest.approx(plain.expected_orders(histories, 13.0))


def test_a_season_weighs_days_by_their_month():
    season = Season((2.0, *(1.0,) * 11))
    first = np.array([0, 30, 31, 58])  # 1 January, 31 January, 1 February, 28 February 1970
    weeks = season.weeks(first, date(1970, 2, 28))
    assert 7 * weeks == pytest.approx([2 * 30 + 28, 28, 27, 0])


def test_seasonal_time_keeps_who_bought_once_at_no_time_at_all(histories):
    whole = np.floor(histories[["recency", "T"]] * 7) / 7
    known = histories.assign(recency=whole["recency"].where(histories["frequency"] > 0, 0.0), T=whole["T"])
    model = SeasonalParetoNBD(Season(tuple(1 + np.sin(np.arange(12)) / 3)), date(2026, 6, 30))
    warped = model.warped(known[(known["recency"] > 0) == (known["frequency"] > 0)])
    assert (warped.loc[warped["frequency"] == 0, "recency"] == 0).all()
    assert (warped["recency"] <= warped["T"]).all()


def test_seasons_are_told_from_purchases_beyond_the_expected_ones():
    months = pd.period_range("2024-01", "2025-12", freq="M")
    expected = pd.Series(np.linspace(4_000, 9_000, 24), index=months)
    true = np.array([0.8, 0.7, 1.0, 1.0, 1.0, 1.0, 0.9, 0.9, 1.0, 1.1, 1.3, 1.3])
    found = np.array(season_of(1.7 * expected * np.tile(true, 2), expected).factors)
    # The prior of 50 purchases moves a month of some 13,000 by less than 1 %.
    assert found / found.mean() == pytest.approx(true / true.mean(), rel=0.01)


def test_a_busy_season_ahead_raises_what_is_expected(histories):
    until = date(2026, 10, 31)
    quiet, busy = (SeasonalParetoNBD(Season(f), until).fit(histories) for f in (FLAT, DECEMBER))
    assert busy.expected_orders(histories, 8.7).sum() > 1.1 * quiet.expected_orders(histories, 8.7).sum()


FLAT, DECEMBER = (1.0,) * 12, (0.9,) * 10 + (1.4, 1.6)
