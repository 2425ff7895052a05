"""How long contracts last: by hand, against lifelong simulation, and in words."""

import numpy as np
import pandas as pd
import pytest

from workbench.results import Missing
from workbench.segmentation.purchases.shifted_beta import ShiftedBetaGeometric
from workbench.segmentation.value.telecom import survival as module
from workbench.segmentation.value.telecom.survival import contract_survival, kaplan_meier


def test_the_share_that_survives_equals_figures_by_hand(monkeypatch):
    monkeypatch.setattr(module, "FEWEST_AT_RISK", 1)
    # Ten contracts: two lost in month 1, one in month 2, one runs since one month, six since three.
    lived = pd.DataFrame({"periods": [1, 1, 2, 1, *[3] * 6], "lost": [1, 1, 1, 0, *[0] * 6]})
    found = kaplan_meier(lived)
    assert found["at_risk"].tolist() == [10, 10, 7, 6]
    assert found["kept"].tolist() == pytest.approx([1, 0.8, 0.8 * 6 / 7, 0.8 * 6 / 7])
    # Greenwood at month 1: the variance of ln S is d/(n(n - d)) = 2/80.
    spread = 1.959964 * np.sqrt(2 / 80) / abs(np.log(0.8))
    assert found["kept_low"][1] == pytest.approx(0.8 ** np.exp(spread), rel=1e-6)
    assert found["kept_high"][1] == pytest.approx(0.8 ** np.exp(-spread), rel=1e-6)


@pytest.fixture(scope="module")
def truth():
    model = ShiftedBetaGeometric()
    model.alpha_, model.beta_ = 0.7, 8.0
    return model


def test_survival_and_model_find_the_law_that_contracts_follow(truth):
    rng = np.random.default_rng(4)
    found = contract_survival(truth.simulate(rng.integers(1, 60, 6_000), rng))
    year = found.at(12)
    assert year["kept_low"] < truth.survival(12) < year["kept_high"]
    assert found.table["model"].to_numpy() == pytest.approx(truth.survival(found.table["month"]), abs=0.02)
    assert found.largest_gap < 0.05
    assert 6 < found.months_ahead < 12
    beyond = found.table["kept"].isna()
    assert beyond.sum() == 12
    assert found.table.loc[beyond, "model"].notna().all()


def test_intervals_hold_as_often_as_they_promise(truth):
    held = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        year = kaplan_meier(truth.simulate(rng.integers(1, 40, 300), rng)).loc[12]
        held += year["kept_low"] <= truth.survival(12) <= year["kept_high"]
    # Of 200 intervals of 95 % fewer than 180 hold once in a thousand times.
    assert held >= 180


def test_contracts_that_never_end_tell_no_model():
    lived = pd.DataFrame({"periods": [12] * 300, "lost": [0] * 299 + [1]})
    found = contract_survival(lived)
    assert isinstance(found, Missing)
    assert found.code == "segmentation.survival_not_told"


def test_a_month_beyond_what_was_seen_has_no_share(truth):
    rng = np.random.default_rng(4)
    found = contract_survival(truth.simulate(np.full(6_000, 6), rng))
    assert found.at(12) is None
    assert found.at(5)["at_risk"] >= 30
