"""Is every combination of scores named once, as published, and is a gap or an overlap refused?"""

from copy import deepcopy
from importlib import resources
from itertools import product

import numpy as np
import pandas as pd
import pytest
import yaml

from workbench.errors import WorkbenchError
from workbench.segmentation.layers.scheme import (
    CLASSES,
    FILE,
    MEASURES,
    SEGMENTS,
    classes_of,
    level,
    own_scheme,
    read_scheme,
    segments_of,
)

# Recency and frequency & money of each segment, as the scheme of eleven is usually published (0 or 1 is the
# lowest score). The ranges overlap; a ruling has to stay inside of them.
PUBLISHED = {
    "champions": ((4, 5), (4, 5)),
    "loyal": ((2, 5), (3, 5)),
    "potential_loyal": ((3, 5), (1, 3)),
    "recent": ((4, 5), (0, 1)),
    "promising": ((3, 4), (0, 1)),
    "attention": ((2, 3), (2, 3)),
    "about_to_sleep": ((2, 3), (0, 2)),
    "at_risk": ((0, 2), (2, 5)),
    "cannot_lose": ((0, 1), (4, 5)),
    "hibernating": ((1, 2), (1, 2)),
    "lost": ((0, 2), (0, 2)),
}
# R, F, M above the mean (1) or not (0), as 客户运营 texts have them.
CHINESE = {
    "key_value": "111", "key_develop": "101", "key_keep": "011", "key_win_back": "001",
    "general_value": "110", "general_develop": "100", "general_keep": "010", "general_win_back": "000",
}  # fmt: skip


@pytest.fixture
def declared():
    text = (resources.files("workbench.segmentation.layers") / FILE).read_text(encoding="utf-8")
    return deepcopy(yaml.safe_load(text))


def all_scores(groups):
    names = [f"{name}_score" for name in MEASURES]
    return pd.DataFrame(list(product(range(1, groups + 1), repeat=3)), columns=names)


def test_each_cell_lies_in_the_published_range_of_its_segment():
    grid = own_scheme().grid()
    assert grid.shape == (5, 5)
    assert set(grid.ravel()) == set(SEGMENTS) == set(PUBLISHED)
    for r, v in product(range(1, 6), repeat=2):
        (r_low, r_high), (v_low, v_high) = PUBLISHED[grid[r - 1, v - 1]]
        assert r_low <= r <= r_high
        assert v_low <= v <= v_high


@pytest.mark.parametrize("groups", range(3, 11))
def test_every_combination_of_scores_has_exactly_one_segment(groups):
    scores = all_scores(groups)
    found = segments_of(scores, groups)
    assert len(found) == groups**3
    assert set(found["segment"]) <= set(SEGMENTS)
    for rule, row in product(own_scheme().segments, [found]):
        here = [(r, v) in rule.cells() for r, v in zip(row["recency_level"], row["value_level"], strict=True)]
        assert (row.loc[here, "segment"] == rule.segment).all()
    best, worst = scores.eq(groups).all(axis=1), scores.eq(1).all(axis=1)
    assert found.loc[best, "segment"].tolist() == ["champions"]
    assert found.loc[worst, "segment"].tolist() == ["lost"]


@pytest.mark.parametrize(
    ("groups", "levels"),
    [
        (3, [1, 3, 5]),
        (4, [1, 2, 4, 5]),
        (5, [1, 2, 3, 4, 5]),
        (7, [1, 2, 2, 3, 4, 4, 5]),
        (10, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
    ],
)
def test_levels_are_the_fifths_of_the_scale_in_which_steps_have_their_middle(groups, levels):
    assert level(pd.Series(range(1, groups + 1)), groups).tolist() == levels


@pytest.mark.parametrize(
    ("r", "f", "m", "segment"),
    [
        (5, 4, 4, "champions"),
        (5, 4, 3, "potential_loyal"),  # a half is not given: 3.5 counts as 3
        (5, 1, 1, "recent"),
        (5, 1, 2, "recent"),
        (4, 1, 1, "promising"),
        (3, 5, 5, "loyal"),
        (2, 5, 5, "at_risk"),
        (1, 5, 5, "cannot_lose"),
        (1, 3, 3, "at_risk"),
    ],
)
def test_segments_by_hand(r, f, m, segment):
    scores = pd.DataFrame([[r, f, m]], columns=[f"{name}_score" for name in MEASURES])
    assert segments_of(scores, 5)["segment"].tolist() == [segment]


def test_the_eight_classes_have_their_patterns():
    scores = pd.DataFrame(list(product((1, 5), repeat=3)), columns=[f"{name}_score" for name in MEASURES])
    pattern = scores.eq(5).astype(int).astype(str).agg("".join, axis=1)
    found = classes_of(scores)
    assert dict(zip(found, pattern, strict=True)) == CHINESE
    assert set(CHINESE) == set(CLASSES)


def test_a_score_at_the_mean_is_not_above_it():
    scores = pd.DataFrame(np.full((6, 3), 2), columns=[f"{name}_score" for name in MEASURES])
    assert set(classes_of(scores)) == {"general_win_back"}


def refused(content):
    with pytest.raises(WorkbenchError) as error:
        read_scheme(content, "rfm.yml")
    return str(error.value)


def test_a_cell_without_a_rule_is_refused(declared):
    declared["segments"] = [rule for rule in declared["segments"] if rule["segment"] != "loyal"]
    assert refused(declared) == (
        "rfm.yml: segments must be rules that name each of the 25 cells exactly once; got none for recency 3,"
        " value 4. Add the cell to a rule. 1 more cells have none."
    )


def test_a_cell_with_two_rules_is_refused(declared):
    declared["segments"][0]["recency"] = [3, 5]
    assert refused(declared) == (
        "rfm.yml: segments must be rules that name each of the 25 cells exactly once; got champions and loyal"
        " for recency 3, value 4. Take the cell out of one of the two rules."
    )


def test_a_range_that_runs_backwards_leaves_a_gap(declared):
    declared["segments"][0]["recency"] = [5, 4]
    assert "got none for recency 4, value 4." in refused(declared)


def test_a_level_that_does_not_exist_is_refused(declared):
    declared["segments"][0]["recency"] = [4, 6]
    assert refused(declared).startswith("rfm.yml: segments must be less than or equal to 5; got 6.")


def test_an_unknown_segment_is_refused(declared):
    declared["segments"][0]["segment"] = "champion"
    message = refused(declared)
    assert message.startswith("rfm.yml: segments must be 'champions', 'loyal', ")
    assert message.endswith("; got 'champion'. Correct the value.")


def test_two_classes_with_one_pattern_are_refused(declared):
    declared["classes"]["key_keep"] = declared["classes"]["key_value"]
    assert refused(declared) == (
        "rfm.yml: classes must be classes that name each of the 8 patterns exactly once; got key_value and"
        " key_keep for high, high, high. Correct one of the two."
    )


def test_a_class_that_is_missing_is_refused(declared):
    del declared["classes"]["key_keep"]
    assert "got key_keep too many or missing. Correct the names." in refused(declared)
