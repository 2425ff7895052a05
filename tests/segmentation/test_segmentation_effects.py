"""Channel and region beside purchases: recovered where they matter, said to tell nothing where not."""

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench import language
from workbench.results import Missing
from workbench.segmentation import forecast
from workbench.segmentation.forecast.effects import Effects, effects
from workbench.segmentation.forecast.ladder import choose
from workbench.segmentation.purchases.pareto import ParetoNBD


def base(faster: float) -> tuple[pd.DataFrame, ibis.Table]:
    """Customers of two channels, of which one buys so many times as fast; one region has few customers."""
    rng, parts = np.random.default_rng(9), []
    for channel, times in (("shop", 1.0), ("web", faster)):
        truth = ParetoNBD()
        truth.r_, truth.alpha_, truth.s_, truth.beta_ = 0.8, 8.0 / times, 0.9, 12.0
        seen = truth.simulate(np.ceil(rng.uniform(30, 90, 2_400 if channel == "shop" else 1_600)), rng)
        parts.append(seen.assign(acquisition_channel=channel))
    frame = pd.concat(parts, ignore_index=True)
    frame["customer_id"] = [f"c{i:05d}" for i in range(len(frame))]
    frame["region"] = np.where(np.arange(len(frame)) % 50 == 0, "isle", "main")
    customers = ibis.memtable(frame[["customer_id", "acquisition_channel", "region"]])
    return frame[["customer_id", "frequency", "recency", "T"]], customers


@pytest.fixture(scope="module")
def faster():
    histories, customers = base(1.6)
    return effects(histories, customers, choose(histories))


def test_a_channel_that_buys_faster_is_told_with_its_interval(faster):
    assert isinstance(faster, Effects)
    bought = faster.table[faster.table["on"] == "purchases"].iloc[0]
    assert (bought["column"], bought["trait"], bought["customers"]) == ("acquisition_channel", "web", 1_600)
    assert bought["low"] < 1.6 < bought["high"]
    assert bought["low"] > 1
    assert faster.p_value < 1e-6
    assert set(faster.table["column"]) == {"acquisition_channel"}  # of the isle there are 80 customers


def test_a_channel_that_buys_alike_is_said_to_tell_nothing():
    histories, customers = base(1.0)
    found = effects(histories, customers, choose(histories))
    assert found.p_value > 0.01  # two coefficients that are 0: below once in a hundred bases
    assert found.gain < 5


def test_ids_and_order_change_no_figure(faster):
    histories, customers = base(1.6)
    shuffled = histories.sample(frac=1, random_state=4)
    again = effects(shuffled, customers, choose(histories))
    pd.testing.assert_frame_equal(again.table, faster.table)


def test_without_a_column_or_a_model_of_leaving_it_is_said():
    histories, customers = base(1.0)
    choice = choose(histories)
    none = Missing("segmentation.effects_no_column")
    assert effects(histories, None, choice) == none
    assert effects(histories, customers.select("customer_id"), choice) == none
    one = customers.mutate(acquisition_channel=ibis.literal("shop"), region=ibis.literal("main"))
    assert effects(histories, one, choice) == Missing("segmentation.effects_one_level", {"needed": 200})
    mean = choose(histories, "cohort_mean")
    assert effects(histories, customers, mean) == Missing("segmentation.effects_need_a_model")


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_effects_are_shown_in_both_languages(faster, speech, monkeypatch):
    shown = []
    monkeypatch.setattr("workbench.show.display", lambda thing, **_: shown.append(thing.data))
    with language.speaking(speech):
        forecast.show_effects(faster)
        forecast.show_effects(Missing("segmentation.effects_no_column"))
    assert len(shown) == 3
    assert not any("{" in html or "acquisition_channel" in html for html in shown)
