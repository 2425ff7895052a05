"""The ladder of models: which rung a base can carry, and that the reason is said."""

import numpy as np
import pandas as pd
import pytest

from workbench import language
from workbench.results import Missing
from workbench.segmentation.forecast.ladder import Choice, choose, choose_spend
from workbench.segmentation.purchases.cohort_mean import CohortMean
from workbench.segmentation.purchases.gamma_gamma import GammaGamma
from workbench.segmentation.purchases.mean_spend import MeanSpend
from workbench.segmentation.purchases.negative_binomial import NegativeBinomial
from workbench.segmentation.purchases.pareto import ParetoNBD


def base(model, customers: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return model.simulate(rng.uniform(30, 90, customers), rng)


@pytest.fixture(scope="module")
def leavers() -> ParetoNBD:
    model = ParetoNBD()
    model.r_, model.alpha_, model.s_, model.beta_ = 0.8, 8.0, 0.9, 12.0
    return model


def verdicts(choice: Choice) -> dict[str, str]:
    return {rung.name: rung.verdict for rung in choice.rungs}


def test_customers_who_leave_by_the_clock_are_pareto_nbds(leavers):
    choice = choose(base(leavers, 4_000))
    assert choice.name == "pareto_nbd"
    assert verdicts(choice) == {"pareto_nbd": "used", "bg_nbd": "less_likely"}


def test_customers_who_leave_after_purchases_are_bg_nbds(known_model):
    choice = choose(base(known_model(0.8, 8.0, 0.8, 2.5), 4_000))
    assert choice.name == "bg_nbd"
    assert choice.log_likelihood == max(rung.log_likelihood for rung in choice.rungs)


def test_where_nobody_leaves_everybody_stays_and_it_is_said():
    rng = np.random.default_rng(5)
    T = np.full(400, 50.0)
    x = rng.poisson(rng.gamma(2.0, 0.1, 400) * T)
    recency = np.where(x > 0, T * rng.beta(np.maximum(x, 1), 1), 0.0)
    choice = choose(pd.DataFrame({"frequency": x, "recency": recency, "T": T}))
    assert verdicts(choice) == {"pareto_nbd": "not_told", "bg_nbd": "not_told", "nbd": "used"}
    assert isinstance(choice.model, NegativeBinomial)


def test_customers_who_are_all_the_same_get_their_mean():
    same = pd.DataFrame({"frequency": [2] * 200, "recency": 20.0, "T": 30.0})
    choice = choose(same)
    assert choice.name == "cohort_mean"
    assert choice.model.expected_orders(same, 30.0) == pytest.approx(2.0, rel=0.01)  # and half a purchase
    assert choice.log_likelihood is None


def test_few_who_came_back_get_the_mean_of_the_base(leavers):
    choice = choose(base(leavers, 60, seed=3))
    assert set(verdicts(choice).values()) == {"too_few", "used"}
    assert isinstance(choice.model, CohortMean)


def test_a_base_without_repeat_purchases_is_only_described():
    once = pd.DataFrame({"frequency": [0] * 500, "recency": 0.0, "T": np.linspace(0, 30, 500)})
    found = choose(once)
    assert found == Missing("segmentation.nothing_to_fit", {"n": 0, "needed": 10})
    assert found.reason == "only 0 repeat purchases; at least 10 are needed to expect anything"


def test_everybody_s_first_purchase_on_the_last_day_is_only_described():
    assert isinstance(choose(pd.DataFrame({"frequency": [0] * 90, "recency": 0.0, "T": 0.0})), Missing)


@pytest.mark.parametrize("wanted", ["pareto_nbd", "bg_nbd", "mbg_nbd", "nbd", "cohort_mean"])
def test_a_model_that_is_asked_for_is_used_where_the_data_carry_it(leavers, wanted):
    choice = choose(base(leavers, 2_000), wanted)
    assert choice.name == wanted
    assert verdicts(choice) == {wanted: "used"}


def test_every_verdict_has_words_in_both_languages(leavers):
    small, large = choose(base(leavers, 60, seed=3)), choose(base(leavers, 4_000))
    for speech in language.LANGUAGES:
        with language.speaking(speech):
            for rung in (*small.rungs, *large.rungs):
                assert language.say(f"segmentation.model_{rung.name}")
                assert "{" not in language.say(f"segmentation.verdict_{rung.verdict}", **rung.values)


@pytest.fixture
def paid() -> pd.DataFrame:
    model = GammaGamma()
    model.p_, model.q_, model.v_ = 6.0, 4.0, 15.0
    rng = np.random.default_rng(2)
    return model.simulate(rng.integers(1, 8, 800), rng)


def test_spend_that_differs_by_customer_is_gamma_gammas(paid):
    model, reason = choose_spend(paid)
    assert isinstance(model, GammaGamma)
    assert reason is None


def test_few_who_came_back_are_given_the_mean_spend(paid):
    model, reason = choose_spend(paid.assign(orders=1))
    assert isinstance(model, MeanSpend)
    assert reason == Missing("segmentation.few_repeaters", {"n": 0, "needed": 50})
    assert model.expected_spend(paid)[0] == pytest.approx(paid["mean_spend"].mean())


def test_customers_who_all_spend_the_same_are_given_the_mean():
    model, reason = choose_spend(pd.DataFrame({"orders": [3] * 200, "mean_spend": 20.0}))
    assert isinstance(model, MeanSpend)
    assert isinstance(reason, Missing)
    draws = model.simulate_spend(pd.DataFrame(), np.full((1, 4), 3), np.random.default_rng(0))
    assert draws == pytest.approx(60.0)


def test_gifts_alone_have_no_value(paid):
    assert choose_spend(paid.assign(mean_spend=0.0)) == Missing("segmentation.nobody_paid")
