"""Expected value: the analytic figure and the simulation agree; limits hold, of customers and of sums."""

import numpy as np
import pandas as pd
import pytest

from workbench.segmentation.forecast import expected_value as module
from workbench.segmentation.forecast.expected_value import SETS, WEEKS_PER_YEAR, Terms, expected_value
from workbench.segmentation.forecast.totals import total_intervals
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.cohort_mean import CohortMean
from workbench.segmentation.purchases.gamma_gamma import GammaGamma
from workbench.segmentation.purchases.mean_spend import MeanSpend
from workbench.segmentation.purchases.pareto import ParetoNBD

TERMS = Terms(horizon=52.0, interval=0.8, discount=0.0, seed=1)


@pytest.fixture(scope="module")
def spend(cdnow_spend):
    return GammaGamma().fit(cdnow_spend[cdnow_spend["orders"] > 0])


@pytest.fixture(scope="module")
def histories(cdnow_spend):
    return cdnow_spend.head(300)


@pytest.fixture(scope="module")
def valued(cdnow_model, spend, histories):
    return expected_value(cdnow_model, spend, histories, TERMS)


def test_value_is_orders_times_spend(valued):
    assert valued["expected_value"].to_numpy() == pytest.approx(
        (valued["expected_orders"] * valued["expected_spend"]).to_numpy()
    )


def test_simulated_mean_equals_the_analytic_value(cdnow_model, spend, histories, valued):
    chosen, draws, rng = histories.head(60), 20_000, np.random.default_rng(8)
    orders = cdnow_model.simulate_orders(chosen, 52.0, draws, rng)
    value = spend.simulate_spend(chosen, orders, rng)
    z = (value.mean(axis=1) - valued["expected_value"].head(60)) / (value.std(axis=1) / np.sqrt(draws))
    # The largest of 60 standard normal numbers exceeds 4 once in 260 tests; their mean square is near 1.
    assert np.abs(z).max() < 4
    assert np.mean(z**2) == pytest.approx(1, abs=0.75)


def test_limits_hold_with_the_probability_they_promise(cdnow_model, spend, cdnow_spend, monkeypatch):
    # Under parameters that are taken as known, as the draws below take them.
    monkeypatch.setattr(module, "replicas", lambda model, sets, rng: [model] * sets)
    frequent, rng = cdnow_spend.nlargest(150, "frequency"), np.random.default_rng(9)
    valued = expected_value(cdnow_model, spend, frequent, TERMS)
    orders = cdnow_model.simulate_orders(frequent, 52.0, 500, rng)
    value = spend.simulate_spend(frequent, orders, rng)
    low, high = (valued[f"expected_value_{end}"].to_numpy()[:, None] for end in ("low", "high"))
    # Whoever has a lower limit above 0 has no lump of probability at it.
    smooth = (low > 0).ravel()
    inside = ((value >= low) & (value <= high)).mean(axis=1)
    assert smooth.sum() >= 10
    # Limits from 400 draws are off by about 2 points each; their mean over customers by less.
    assert inside[smooth].mean() == pytest.approx(0.8, abs=0.02)
    # The lump at 0 lies inside: at least 90 %, less the error of 400 draws for the limits and 500 for this.
    assert (inside[~smooth] >= 0.82).all()


def test_limits_surround_each_other(valued):
    assert (valued["expected_value_low"] <= valued["expected_value_high"]).all()
    assert (valued["expected_value_low"] >= 0).all()


def test_customers_keep_their_figures_whatever_their_order(cdnow_model, spend, histories, valued):
    shuffled = histories.sample(frac=1, random_state=3)
    again = expected_value(cdnow_model, spend, shuffled, TERMS)
    pd.testing.assert_frame_equal(again.loc[valued.index], valued)


def test_a_large_base_is_simulated_in_parts_with_fewer_draws(cdnow_model, spend, histories, monkeypatch):
    sizes = []
    simulate = type(cdnow_model).simulate_orders

    def watched(self, X, t, draws, rng, p_alive):
        sizes.append(len(X) * draws)
        assert draws == module.FEWEST_DRAWS // module.PARAMETER_SETS
        return simulate(self, X, t, draws, rng, p_alive)

    monkeypatch.setattr(type(cdnow_model), "simulate_orders", watched)
    monkeypatch.setattr(module, "TOTAL_DRAWS", 1)
    monkeypatch.setattr(module, "DRAWS_AT_ONCE", 4_000)
    expected_value(cdnow_model, spend, histories, TERMS)
    assert len(sizes) > 1
    assert max(sizes) <= 4_000 / module.PARAMETER_SETS


def test_discounted_value_equals_the_sum_over_many_short_steps(cdnow_model, spend, histories, valued):
    terms = Terms(horizon=52.0, interval=0.8, discount=0.15, seed=1)
    found = expected_value(cdnow_model, spend, histories, terms)
    moments = np.linspace(0, 52, 521)
    until = np.array([cdnow_model.expected_orders(histories, t) for t in moments[1:]])
    steps = np.diff(until, axis=0, prepend=np.zeros((1, len(histories))))
    weights = 1.15 ** -((moments[1:] + moments[:-1]) / 2 / WEEKS_PER_YEAR)
    by_hand = (weights @ steps) * valued["expected_spend"].to_numpy()
    # Steps of a tenth of a week misplace a purchase by half a step at most: 0.13 % of a year's discount.
    assert found["expected_value"].to_numpy() == pytest.approx(by_hand, rel=1e-4)
    assert (found["expected_value"] <= valued["expected_value"]).all()


def test_little_data_makes_wide_limits(spend, cdnow):
    whole = cdnow.assign(orders=cdnow["frequency"] + 1, mean_spend=30.0)
    some = whole.sample(250, random_state=4)
    everyone = pd.Series("all", index=some.index)
    widths = []
    for base in (some, whole):
        model = BetaGeoNBD().fit(base)
        total = total_intervals(expected_value(model, spend, some, TERMS), everyone).iloc[0]
        widths.append((total["high"] - total["low"]) / total["expected_value"])
    assert widths[0] > 1.2 * widths[1]


def test_the_interval_of_a_sum_is_that_of_simulated_sums(cdnow_model, spend, histories):
    valued = expected_value(cdnow_model, spend, histories, TERMS)
    found = total_intervals(valued, pd.Series("all", index=histories.index), 0.8).iloc[0]
    rng, sums = np.random.default_rng(10), []
    models = (module.replicas(model, 150, rng) for model in (cdnow_model, spend))
    for model, other in zip(*models, strict=True):
        orders = model.simulate_orders(histories, 52.0, 1, rng)
        sums.append(other.simulate_spend(histories, orders, rng).sum())
    # The spread of 150 sums errs by 6 %, the twenty sets of parameters by 15 % of their part.
    assert found["high"] - found["low"] == pytest.approx(np.diff(np.quantile(sums, [0.1, 0.9]))[0], rel=0.3)


def test_sums_of_groups_add_up_and_are_surer_than_their_members(cdnow_model, spend, histories):
    valued = expected_value(cdnow_model, spend, histories, TERMS)
    group = pd.Series(np.where(histories["frequency"] > 0, "returned", "once"), index=histories.index)
    found = total_intervals(valued, group, 0.8)
    assert found["expected_value"].sum() == pytest.approx(valued["expected_value"].sum())
    assert found["value_share"].sum() == pytest.approx(1)
    assert (found["low"] < found["expected_value"]).all()
    apart = valued["expected_value_high"].groupby(group).sum()
    assert (found.set_index("group")["high"] < apart).all()


@pytest.mark.parametrize("model", [ParetoNBD(), CohortMean()])
def test_every_rung_of_the_ladder_gives_finite_values(model, cdnow, spend):
    base = cdnow.head(400).assign(orders=cdnow["frequency"] + 1, mean_spend=25.0)
    for spent in (spend, MeanSpend().fit(base)):
        found = expected_value(model.fit(base), spent, base, TERMS)
        assert np.isfinite(found.drop(columns="p_alive")).all().all()
        assert (found["expected_value_low"] <= found["expected_value_high"]).all()
        assert found[SETS].mean().mean() == pytest.approx(found["expected_value"].mean(), rel=0.2)
