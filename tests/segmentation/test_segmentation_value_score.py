"""The value score: what its weights do, how customers are classed, what moves them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.segmentation.value.backtest import Backtest, backtest, capture
from workbench.segmentation.value.blends import blends
from workbench.segmentation.value.objective import critic_weights, entropy_weights, objective
from workbench.segmentation.value.scaling import normalised
from workbench.segmentation.value.score import CLASSES, grades, value_score
from workbench.segmentation.value.sensitivity import sensitivity

COLUMNS = ("revenue", "frequency", "trend", "tenure", "expected_value", "loyalty")


@pytest.fixture
def indicators():
    rng = np.random.default_rng(2)
    return pd.DataFrame({name: rng.gamma(1.0, 10.0, 400) for name in COLUMNS})


def test_weights_of_missing_indicators_go_to_the_others_of_their_dimension(indicators):
    table = value_score(indicators).weights
    used = table.set_index("indicator")["weight_used"]
    assert used.sum() == pytest.approx(1)
    assert used["revenue"] == pytest.approx(0.5396 * 0.2628 / (0.2628 + 0.1409), abs=1e-4)
    assert used["margin"] == used["referral"] == 0
    by_dimension = table.groupby("dimension")["weight_used"].sum()
    assert by_dimension["potential"] == pytest.approx(0.2970, abs=5e-5)


def test_a_dimension_without_an_indicator_is_refused(indicators):
    message = (
        "value score: the indicators must be one or more of each dimension; got none of relationship. "
        "Map a table that tells one, or judge others in the hierarchy."
    )
    with pytest.raises(WorkbenchError, match=f"^{message}$"):
        value_score(indicators.drop(columns=["tenure", "loyalty"]))


def test_scores_lie_between_0_and_100_and_are_50_on_average(indicators):
    scores = value_score(indicators).scores
    for name in ("current_value", "potential_value", "relationship_value", "value_score"):
        assert scores[name].between(0, 100).all()
        assert scores[name].mean() == pytest.approx(50)  # mean of percentile ranks, whatever the weights


def test_units_and_outliers_do_not_matter(indicators):
    scaled = indicators.assign(revenue=indicators["revenue"] ** 3 * 1e6)
    pd.testing.assert_frame_equal(value_score(scaled).scores, value_score(indicators).scores)


@pytest.mark.parametrize("scale", ["rank", "min_max"])
def test_order_of_rows_does_not_matter(indicators, scale):
    shuffled = indicators.sample(frac=1, random_state=1)
    expected = value_score(indicators, ahp_share=0.5, scale=scale).scores
    found = value_score(shuffled, ahp_share=0.5, scale=scale).scores.sort_index()
    # Sums of floats in another order differ in the last digits.
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)


def test_a_cost_counts_the_less_the_higher_it_is(indicators):
    dear = indicators.assign(service_cost=indicators["revenue"])
    points = normalised(dear)
    assert points["service_cost"].to_numpy() == pytest.approx(1 - points["revenue"].to_numpy())


def test_min_max_keeps_distances_and_cuts_outliers():
    values = pd.DataFrame({"revenue": [*range(1, 201), 1e9], "trend": [np.nan, *range(200)]}, dtype=float)
    points = normalised(values, method="min_max")
    assert points["revenue"].iloc[-1] == points["revenue"].iloc[-2] == 1  # beyond P99 all count alike
    assert points["revenue"].iloc[50] - points["revenue"].iloc[49] == pytest.approx(
        points["revenue"].iloc[100] - points["revenue"].iloc[99]
    )
    assert points["trend"].iloc[0] == pytest.approx(0.5, abs=0.01)  # not known: the middle


def test_a_missing_indicator_value_stands_in_the_middle(indicators):
    holed = indicators.assign(loyalty=indicators["loyalty"].where(indicators.index != 7))
    found = value_score(holed)
    share = 0.1277 / (0.1277 + 0.3723)
    expected = 100 * (share * found.points["tenure"][7] + (1 - share) * 0.5)
    assert found.scores["relationship_value"][7] == pytest.approx(expected, abs=0.01)


def test_class_says_which_dimensions_lie_above_their_median(indicators):
    found = value_score(indicators)
    scores, medians = found.scores, found.medians
    assert set(scores["value_class"]) <= set(CLASSES)
    for place, name in enumerate(("current_value", "potential_value", "relationship_value")):
        high = scores["value_class"].str.split("-").str[place] == "high"
        assert (scores.loc[high, name] > medians[name]).all()
        assert (scores.loc[~high, name] <= medians[name]).all()


def test_grades_take_20_30_and_50_per_cent(indicators):
    found = value_score(indicators)
    assert found.scores["value_grade"].value_counts().to_dict() == {"A": 80, "B": 120, "C": 200}
    best = found.scores.loc[found.scores["value_grade"] == "A", "value_score"]
    assert found.grade_floors["A"] == best.min()


@settings(max_examples=50)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=50))
def test_equal_scores_share_a_grade_by_the_share_that_stands_higher(values):
    scores = pd.Series(values, dtype="float64")
    above = np.array([sum(other > value for other in values) for value in values])
    expected = np.where(above * 5 < len(values), "A", np.where(above * 2 < len(values), "B", "C"))
    assert list(grades(scores)) == list(expected)


def test_entropy_weights_follow_the_formula():
    scaled = pd.DataFrame({"a": [0.0, 0.0, 1.0], "b": [0.5, 0.5, 1.0], "c": [1.0, 1.0, 1.0]})
    # e_a = 0; p_b = 1/4, 1/4, 1/2, so e_b = 1.5 ln 2 / ln 3; c tells nothing.
    e_b = 1.5 * np.log(2) / np.log(3)
    expected = np.array([1, 1 - e_b, 0]) / (2 - e_b)
    assert entropy_weights(scaled).to_numpy() == pytest.approx(expected)


def test_critic_weights_follow_the_formula():
    scaled = pd.DataFrame(
        {"a": [0.0, 0.5, 1.0], "b": [0.0, 0.5, 1.0], "c": [1.0, 0.5, 0.0], "d": [1.0, 1, 1]}
    )
    # σ is the same for a, b and c; r_ab = 1, r_ac = r_bc = -1: conflicts 2, 2 and 4.
    assert critic_weights(scaled).to_numpy() == pytest.approx([0.25, 0.25, 0.5, 0])


def test_an_indicator_that_does_not_vary_weighs_nothing_and_is_named(indicators):
    scaled = normalised(indicators.assign(trend=1.0), method="min_max")
    found = objective(scaled, pd.Series(1 / 6, index=scaled.columns))
    assert found.constant == ("trend",)
    row = found.table.set_index("indicator").loc["trend"]
    assert row["entropy"] == row["critic"] == 0
    assert found.table[["ahp", "entropy", "critic"]].sum().to_numpy() == pytest.approx(1)


def test_the_blend_lies_between_judgement_and_data(indicators):
    judged, half, data = (value_score(indicators, ahp_share=share) for share in (1.0, 0.5, 0.0))
    middle = (judged.weights["weight_used"] + data.weights["weight_used"]) / 2
    assert half.weights["weight_used"].to_numpy() == pytest.approx(middle.to_numpy())
    table = data.weights.merge(data.objective.table, on="indicator")
    assert table["weight_used"].to_numpy() == pytest.approx(table["entropy"].to_numpy())


def test_moving_a_weight_counts_those_whom_a_new_score_moves(indicators):
    score = value_score(indicators)
    found = sensitivity(score, step=0.1).table.set_index(["kind", "name"])
    weights = score.weights.copy()
    own, others = weights["indicator"].eq("loyalty"), weights["indicator"].eq("tenure")
    whole = weights.loc[own | others, "weight_used"].sum()
    weights.loc[own, "weight_used"] *= 1.1
    weights.loc[others, "weight_used"] = whole - weights.loc[own, "weight_used"].sum()
    used = weights.set_index("indicator")["weight_used"].loc[lambda w: w > 0]
    relation = score.points[["tenure", "loyalty"]] @ used[["tenure", "loyalty"]] / whole
    high = score.scores["value_class"].str.endswith("high")
    moved = int((high != (relation > relation.median())).sum())
    assert found.loc[("indicator", "loyalty"), "class_up"] == moved > 0
    assert (found.loc["dimension", ["class_up", "class_down"]] == 0).all(axis=None)
    assert found.loc["dimension", ["grade_up", "grade_down"]].to_numpy().max() > 0


def test_a_step_of_nothing_moves_nobody(indicators):
    table = sensitivity(value_score(indicators), step=0.0).table
    assert table[["class_up", "class_down", "grade_up", "grade_down"]].to_numpy().sum() == 0


def test_capture_is_the_share_of_the_top_and_equals_count_in_proportion():
    outcome = np.array([50.0, 30, 20, 0, 0, 0, 0, 0, 0, 0])
    assert capture(outcome, outcome, top=0.1) == pytest.approx(0.5)
    assert capture(outcome, outcome, top=0.25) == pytest.approx((50 + 30 + 10) / 100)
    assert capture(np.ones(10), outcome, top=0.1) == pytest.approx(0.1)  # a rule that tells nothing


def brought(indicators: pd.DataFrame, outcome: np.ndarray) -> Backtest:
    found = backtest(
        value_score(indicators), indicators["revenue"], pd.Series(outcome, index=indicators.index),
        cutoff=date(2025, 6, 30), as_of=date(2025, 12, 31), kind="margin", seed=1,
    )  # fmt: skip
    assert isinstance(found, Backtest)
    return found


def test_the_backtest_finds_a_rule_that_is_right_and_one_that_is_not(indicators):
    by_revenue = brought(indicators, indicators["revenue"].to_numpy())
    naive = by_revenue.of("naive")
    assert naive["tau"] == pytest.approx(1)
    assert not by_revenue.better("ahp")
    assert by_revenue.of("ahp")["tau_gain_high"] < 0
    by_score = brought(indicators, value_score(indicators).scores["value_score"].to_numpy())
    assert by_score.of("ahp")["tau"] == pytest.approx(1)
    assert by_score.better("ahp")


def test_the_backtest_does_not_depend_on_the_order_of_customers(indicators):
    outcome = pd.Series(np.random.default_rng(3).gamma(1.0, 1.0, 400), index=indicators.index)
    shuffled = indicators.sample(frac=1, random_state=5)
    first, second = (
        brought(indicators, outcome.to_numpy()),
        brought(shuffled, outcome[shuffled.index].to_numpy()),
    )
    pd.testing.assert_frame_equal(first.rules, second.rules, rtol=1e-9)  # as above: last digits of sums


def test_intervals_of_a_large_base_are_narrower_in_the_right_measure():
    rng = np.random.default_rng(4)

    def width(n: int) -> float:
        values = pd.DataFrame({name: rng.gamma(1.0, 10.0, n) for name in COLUMNS})
        row = brought(values, values["revenue"] * rng.gamma(2.0, 1.0, n)).of("ahp")
        return row["tau_high"] - row["tau_low"]

    # 16 times as many customers, drawn two thousand at a time: a quarter as wide, within the noise of both.
    assert width(9_600) / width(600) == pytest.approx(0.25, abs=0.1)


def test_with_few_customers_or_nothing_after_the_backtest_says_so(indicators):
    days = {"cutoff": date(2025, 6, 30), "as_of": date(2025, 12, 31), "kind": "margin", "seed": 1}
    few, none = indicators.head(99), pd.Series(0.0, index=indicators.index)
    found = backtest(value_score(few), few["revenue"], few["revenue"], **days)
    assert found.code == "segmentation.value_few_before"
    found = backtest(value_score(indicators), indicators["revenue"], none, **days)
    assert found.code == "segmentation.value_nothing_after"


def test_the_table_of_blends_ends_with_judgement_alone(indicators):
    score = value_score(indicators)
    table = blends(score, score, indicators["revenue"])
    assert list(table["ahp_share"]) == [0.0, 0.25, 0.5, 0.75, 1.0]
    last = table.iloc[-1]
    assert last["grade_moved"] == 0
    found = brought(indicators, indicators["revenue"].to_numpy()).of("ahp")
    assert last["tau"] == pytest.approx(found["tau"])
    assert last["capture"] == pytest.approx(found["capture"])
