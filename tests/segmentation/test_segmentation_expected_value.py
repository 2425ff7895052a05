"""Expected value: the analytic figure and the simulation agree; limits hold; nothing hangs on row order."""

import numpy as np
import pandas as pd
import pytest

from workbench.segmentation.forecast import expected_value as module
from workbench.segmentation.forecast.expected_value import expected_value
from workbench.segmentation.purchases.gamma_gamma import GammaGamma


@pytest.fixture(scope="module")
def spend(cdnow_spend):
    return GammaGamma().fit(cdnow_spend[cdnow_spend["orders"] > 0])


@pytest.fixture(scope="module")
def histories(cdnow_spend):
    return cdnow_spend.head(300)


@pytest.fixture(scope="module")
def valued(cdnow_model, spend, histories):
    return expected_value(cdnow_model, spend, histories, horizon=52.0, interval=0.8, seed=1)


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


def test_limits_hold_with_the_probability_they_promise(cdnow_model, spend, cdnow_spend):
    frequent, rng = cdnow_spend.nlargest(150, "frequency"), np.random.default_rng(9)
    valued = expected_value(cdnow_model, spend, frequent, horizon=52.0, interval=0.8, seed=1)
    orders = cdnow_model.simulate_orders(frequent, 52.0, 500, rng)
    value = spend.simulate_spend(frequent, orders, rng)
    low, high = (valued[f"expected_value_{end}"].to_numpy()[:, None] for end in ("low", "high"))
    # Whoever has a lower limit above 0 has no lump of probability at it.
    smooth = (low > 0).ravel()
    inside = ((value >= low) & (value <= high)).mean(axis=1)
    assert smooth.sum() >= 10
    # Limits from 1,000 draws are off by about 1.3 points each; their mean over customers by less.
    assert inside[smooth].mean() == pytest.approx(0.8, abs=0.02)
    assert (inside[~smooth] >= 0.85).all()  # the lump at 0 lies inside: at least 90 % less sampling error


def test_limits_surround_each_other(valued):
    assert (valued["expected_value_low"] <= valued["expected_value_high"]).all()
    assert (valued["expected_value_low"] >= 0).all()


def test_customers_keep_their_figures_whatever_their_order(cdnow_model, spend, histories, valued):
    shuffled = histories.sample(frac=1, random_state=3)
    again = expected_value(cdnow_model, spend, shuffled, horizon=52.0, interval=0.8, seed=1)
    pd.testing.assert_frame_equal(again.loc[valued.index], valued)


def test_a_large_base_is_simulated_in_parts_with_fewer_draws(cdnow_model, spend, histories, monkeypatch):
    sizes = []
    simulate = type(cdnow_model).simulate_orders

    def watched(self, X, t, draws, rng):
        sizes.append(len(X) * draws)
        assert draws == module.FEWEST_DRAWS
        return simulate(self, X, t, draws, rng)

    monkeypatch.setattr(type(cdnow_model), "simulate_orders", watched)
    monkeypatch.setattr(module, "TOTAL_DRAWS", 1)
    monkeypatch.setattr(module, "DRAWS_AT_ONCE", 4_000)
    expected_value(cdnow_model, spend, histories, horizon=52.0, interval=0.8, seed=1)
    assert len(sizes) > 1
    assert max(sizes) <= 4_000
