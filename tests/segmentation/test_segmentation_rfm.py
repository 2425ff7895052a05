"""RFM: every cell of the rule table is named once; scores are fair to equals."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.segmentation.layers.rfm import (
    BANDS,
    RULES,
    SEGMENTS,
    band,
    rank_score,
    rfm_layers,
    segment_names,
)


@pytest.mark.parametrize("cell", list(product(BANDS, repeat=3)))
def test_every_combination_of_bands_falls_under_exactly_one_rule(cell):
    r, f, m = cell
    under = [x for x in RULES if r in x.recency and f in x.frequency and m in x.monetary]
    assert len(under) == 1


def test_rules_and_segments_name_the_same():
    assert {rule.segment for rule in RULES} == set(SEGMENTS)


@pytest.mark.parametrize("groups", range(3, 11))
def test_every_combination_of_scores_has_a_segment(groups):
    names = ("recency_score", "frequency_score", "monetary_score")
    scores = pd.DataFrame(list(product(range(1, groups + 1), repeat=3)), columns=names)
    assert set(segment_names(scores, groups)) == set(SEGMENTS)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (3, ["low", "middle", "high"]),
        (5, ["low", "low", "middle", "high", "high"]),
        (10, ["low"] * 3 + ["middle"] * 4 + ["high"] * 3),
    ],
)
def test_bands_are_the_thirds_of_the_scale(groups, expected):
    assert band(pd.Series(range(1, groups + 1)), groups).tolist() == expected


def test_half_of_the_base_with_one_order_scores_one():
    orders = pd.Series([1] * 51 + [2] * 20 + [3] * 29)
    assert rank_score(orders, 5).tolist() == [1] * 51 + [3] * 20 + [4] * 29


@given(st.lists(st.integers(-3, 12), min_size=1, max_size=60), st.integers(3, 10))
def test_scores_follow_the_values_and_treat_equals_alike(values, groups):
    series = pd.Series(values)
    scores = rank_score(series, groups)
    assert scores.between(1, groups).all()
    assert scores[series == series.min()].eq(1).all()
    assert (scores == groups).mean() <= 1 / groups
    for value, score in zip(values, scores, strict=True):
        assert scores[series > value].ge(score).all()
        assert scores[series == value].eq(score).all()


def test_layers_add_up_to_the_base():
    rng = np.random.default_rng(1)
    orders = pd.DataFrame(
        {
            "days_since_last_order": rng.integers(0, 400, 500),
            "n_orders": rng.geometric(0.4, 500),
            "revenue": rng.gamma(2, 50, 500),
        }
    )
    layers = rfm_layers(orders, 5)
    table = layers.by_segment
    assert table["customers"].sum() == 500
    assert table["revenue"].sum() == pytest.approx(orders["revenue"].sum())
    assert table["customer_share"].sum() == pytest.approx(1)
    assert table["revenue_share"].sum() == pytest.approx(1)
    best = layers.scores[["recency_score", "frequency_score", "monetary_score"]].eq(5).all(axis=1)
    assert (layers.scores.loc[best, "rfm_segment"] == "champions").all()
    recent = orders["days_since_last_order"].idxmin()
    assert layers.scores.loc[recent, "recency_score"] == 5
