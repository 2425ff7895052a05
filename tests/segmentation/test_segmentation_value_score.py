"""AHP weights against published figures; scores, classes and tiers by their rules."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.segmentation.value.ahp import Judgements, reciprocal_matrix, total_ratio, weights
from workbench.segmentation.value.score import (
    CLASSES,
    DIMENSIONS,
    INDICATORS,
    indicators_of,
    tiers,
    value_score,
)


def judged(*upper: float) -> Judgements:
    n = round((1 + np.sqrt(1 + 8 * len(upper))) / 2)
    return Judgements("the goal", tuple("abcdefghij"[:n]), upper)


DRINKS = (9, 5, 2, 1, 1, 1 / 2, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 3, 1 / 4, 1 / 3, 1 / 9)
DRINKS += (1 / 2, 1, 1 / 3, 2, 1 / 2, 1 / 3)


@pytest.mark.parametrize(
    ("upper", "expected", "eigenvalue", "ratio"),
    [
        ((1 / 3, 5, 7), [0.279, 0.649, 0.072], 3.0649, 0.056),
        ((2, 4, 2), [0.5714, 0.2857, 0.1429], 3.0, 0.0),
        ((4, 3, 7, 1 / 3, 3, 5), [0.548, 0.127, 0.270, 0.056], 4.1184, 0.044),
        (DRINKS, [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], 7.1766, 0.022),
    ],
)
def test_weights_equal_the_published_ones(upper, expected, eigenvalue, ratio):
    found = weights(judged(*upper))
    assert list(found.by_element.values()) == pytest.approx(expected, abs=6e-4)  # printed to three decimals
    assert found.eigenvalue == pytest.approx(eigenvalue, abs=5e-5)
    assert found.ratio == pytest.approx(ratio, abs=5e-4)


def test_judgements_of_the_value_score_give_the_documented_weights():
    upper = weights(DIMENSIONS)
    lower = {name: weights(level) for name, level in INDICATORS.items()}
    assert list(upper.by_element.values()) == pytest.approx([0.5396, 0.2970, 0.1634], abs=5e-5)
    assert upper.ratio == pytest.approx(0.0079, abs=5e-5)
    documented = {
        "current": ([0.4554, 0.2628, 0.1409, 0.1409], 0.0038),
        "potential": ([0.4673, 0.1601, 0.2772, 0.0954], 0.0115),
        "relationship": ([0.1277, 0.3723, 0.2114, 0.1277, 0.1609], 0.0131),
    }
    for name, (expected, ratio) in documented.items():
        assert list(lower[name].by_element.values()) == pytest.approx(expected, abs=5e-5)
        assert lower[name].ratio == pytest.approx(ratio, abs=5e-5)
    assert total_ratio(upper, list(lower.values())) == pytest.approx(0.0079, abs=1e-4)


def test_contradicting_judgements_are_refused_with_the_one_to_look_at():
    message = (
        "judgements of the goal: the consistency ratio must be at most 0.10; got 4.77. "
        "Look again at 'a' against 'b'."
    )
    with pytest.raises(WorkbenchError, match=f"^{re.escape(message)}$"):
        weights(judged(9, 1 / 5, 9))


def test_the_judgement_that_breaks_an_agreeing_matrix_is_the_one_named():
    # Consistent for weights 8 : 4 : 2 : 1, but for b against d: 1/6 instead of 4.
    with pytest.raises(WorkbenchError, match=r"Look again at 'b' against 'd'\.$"):
        weights(judged(2, 4, 8, 2, 1 / 6, 2))


@pytest.mark.parametrize("upper", [(2.0, 3.0), (1.0, -2.0, 3.0), (1.0, 0.0, 3.0)])
def test_an_incomplete_or_senseless_triangle_is_refused(upper):
    message = (
        "judgements of the goal: the upper triangle must be 3 positive numbers; "
        f"got {len(upper)} numbers. Give one number per pair, above 0."
    )
    with pytest.raises(WorkbenchError, match=f"^{re.escape(message)}$"):
        reciprocal_matrix(Judgements("the goal", ("a", "b", "c"), upper))


@given(st.lists(st.floats(0.05, 20), min_size=2, max_size=8))
def test_judgements_made_from_weights_give_them_back(made):
    true = np.array(made) / np.sum(made)
    rows, columns = np.triu_indices(len(true), k=1)
    found = weights(judged(*(true[rows] / true[columns])))
    assert list(found.by_element.values()) == pytest.approx(true)
    assert found.ratio == pytest.approx(0, abs=1e-9)


@pytest.fixture
def indicators():
    rng = np.random.default_rng(2)
    columns = ("revenue", "frequency", "trend", "tenure", "expected_value", "loyalty")
    return pd.DataFrame({name: rng.gamma(1.0, 10.0, 400) for name in columns})


def test_weights_of_missing_indicators_go_to_the_others_of_their_dimension(indicators):
    table = value_score(indicators).weights
    used = table.set_index("indicator")["weight_used"]
    assert used.sum() == pytest.approx(1)
    assert used["revenue"] == pytest.approx(0.5396 * 0.2628 / (0.2628 + 0.1409), abs=1e-4)
    assert used["margin"] == used["referral"] == 0
    by_dimension = table.groupby("dimension")["weight_used"].sum()
    assert by_dimension["potential"] == pytest.approx(0.2970, abs=5e-5)


def test_scores_lie_between_0_and_100_and_are_50_on_average(indicators):
    scores = value_score(indicators).scores
    for name in ("current_value", "potential_value", "relationship_value", "value_score"):
        assert scores[name].between(0, 100).all()
        assert scores[name].mean() == pytest.approx(50)  # mean of percentile ranks, whatever the weights


def test_units_and_outliers_do_not_matter(indicators):
    scaled = indicators.assign(revenue=indicators["revenue"] ** 3 * 1e6)
    pd.testing.assert_frame_equal(value_score(scaled).scores, value_score(indicators).scores)


def test_a_missing_indicator_value_stands_in_the_middle(indicators):
    holed = indicators.assign(loyalty=indicators["loyalty"].where(indicators.index != 7))
    relation = value_score(holed).scores["relationship_value"]
    tenure = (holed["tenure"].rank() - 0.5) / 400
    share = 0.1277 / (0.1277 + 0.3723)
    assert relation[7] == pytest.approx(100 * (share * tenure[7] + (1 - share) * 0.5), abs=0.01)


def test_class_says_which_dimensions_lie_above_their_median(indicators):
    found = value_score(indicators)
    scores, medians = found.scores, found.medians
    assert set(scores["value_class"]) <= set(CLASSES)
    high = scores["value_class"].str.startswith("high-")
    assert (scores.loc[high, "current_value"] > medians["current_value"]).all()
    assert (scores.loc[~high, "current_value"] <= medians["current_value"]).all()


def test_tiers_take_20_30_and_50_per_cent(indicators):
    found = value_score(indicators)
    assert found.scores["tier"].value_counts().to_dict() == {"A": 80, "B": 120, "C": 200}
    assert found.tier_floors["A"] == found.scores.loc[found.scores["tier"] == "A", "value_score"].min()


@settings(max_examples=50)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=50))
def test_equal_scores_share_a_tier_and_higher_ones_stand_no_lower(values):
    scores = pd.Series(values, dtype="float64")
    found = tiers(scores)
    assert found[scores == scores.max()].eq("A").all()
    assert scores.groupby(found).min().sort_index(ascending=False).is_monotonic_increasing
    assert found.groupby(scores).nunique().eq(1).all()


def test_without_expected_values_the_score_rests_on_orders_alone():
    columns = ("revenue_365d", "n_orders_365d", "spend_trend", "days_since_first_order")
    orders = pd.DataFrame({name: [1.0, 2.0, 3.0] for name in columns})
    table = value_score(indicators_of(orders, None)).weights.set_index("indicator")
    assert table.loc["expected_value", "weight_used"] == table.loc["loyalty", "weight_used"] == 0
    assert table.loc["tenure", "weight_used"] == pytest.approx(0.1634, abs=5e-5)
