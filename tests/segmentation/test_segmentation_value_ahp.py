"""AHP: published weights, experts, gaps, and judgements that are refused."""

import re

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.segmentation.value.ahp import (
    Judgements,
    consistency,
    on_scale,
    reciprocal_matrix,
    together,
    total_ratio,
    upper_triangle,
    weights,
)
from workbench.segmentation.value.hierarchy import DIMENSIONS, INDICATORS, read_hierarchy, weigh

DRINKS = (9, 5, 2, 1, 1, 1 / 2, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 3, 1 / 4, 1 / 3, 1 / 9)
DRINKS += (1 / 2, 1, 1 / 3, 2, 1 / 2, 1 / 3)
FOUR = (1, 5, 2, 3, 4, 3 / 4)  # the example of AHPy's README
# H. A. Donegan & F. J. Dodd, "A note on Saaty's random indexes", Math. Comput. Modelling 15 (1991), n = 4.
DONEGAN_DODD_4 = 0.8286


def judged(*upper: float | None) -> Judgements:
    n = round((1 + np.sqrt(1 + 8 * len(upper))) / 2)
    return Judgements("the goal", tuple("abcdefghij"[:n]), upper)


def expect_refusal(message: str):
    return pytest.raises(WorkbenchError, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize(
    ("upper", "expected", "eigenvalue", "index", "ratio"),
    [
        ((1 / 3, 5, 7), [0.279, 0.649, 0.072], 3.0649, 0.0324, 0.056),
        ((2, 4, 2), [0.5714, 0.2857, 0.1429], 3.0, 0.0, 0.0),
        ((4, 3, 7, 1 / 3, 3, 5), [0.548, 0.127, 0.270, 0.056], 4.1184, 0.0395, 0.044),
        (DRINKS, [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], 7.1766, 0.0294, 0.022),
    ],
)
def test_weights_equal_the_published_ones(upper, expected, eigenvalue, index, ratio):
    found = weights(judged(*upper))
    assert list(found.by_element.values()) == pytest.approx(expected, abs=6e-4)  # printed to three decimals
    assert found.eigenvalue == pytest.approx(eigenvalue, abs=5e-5)
    assert found.index == pytest.approx(index, abs=6e-5)
    assert found.ratio == pytest.approx(ratio, abs=5e-4)


def test_four_elements_agree_with_another_program_under_its_own_random_index():
    found = weights(judged(*FOUR))
    assert list(found.by_element.values()) == pytest.approx([0.3742, 0.3917, 0.0991, 0.1349], abs=5e-5)
    assert found.index / DONEGAN_DODD_4 == pytest.approx(0.0372, abs=5e-5)
    assert found.ratio == pytest.approx(found.index / 0.90)  # ours is Saaty's table of 1980


def test_a_missing_judgement_follows_from_the_others():
    found = weights(judged(*FOUR[:-1], None))
    # AHPy fills the gap so that λmax is least, Harker by w_i/w_j: they part in the fourth decimal.
    assert list(found.by_element.values()) == pytest.approx([0.3738, 0.392, 0.0985, 0.1357], abs=5e-4)
    assert found.random_index == pytest.approx(0.90 * (1 - 2 / 6))


@given(st.lists(st.floats(1, 3), min_size=3, max_size=8), st.integers(0, 2))
def test_a_gap_changes_nothing_where_the_judgements_agree(made, gap):
    true = np.array(made) / np.sum(made)
    rows, columns = np.triu_indices(len(true), k=1)
    upper = [float(v) for v in true[rows] / true[columns]]
    upper[gap] = None
    found = weights(judged(*upper))
    assert list(found.by_element.values()) == pytest.approx(true)
    assert found.index == pytest.approx(0, abs=1e-9)


@given(st.lists(st.floats(0.5, 4), min_size=2, max_size=8))
def test_judgements_made_from_weights_give_them_back(made):
    true = np.array(made) / np.sum(made)
    rows, columns = np.triu_indices(len(true), k=1)
    found = weights(judged(*(true[rows] / true[columns])))
    assert list(found.by_element.values()) == pytest.approx(true)
    assert found.ratio == pytest.approx(0, abs=1e-9)


def test_contradicting_judgements_are_refused_with_the_one_to_look_at():
    message = (
        "judgements of the goal: the consistency ratio must be at most 0.10; got 4.77. "
        "Look again at 'a' against 'b': 9 is judged, 1/9 would fit."
    )
    with expect_refusal(message):
        weights(judged(9, 1 / 5, 9))


def test_the_judgement_that_breaks_an_agreeing_matrix_is_the_one_named_with_what_would_fit():
    # Consistent for weights 8 : 4 : 2 : 1, but for b against d: 1/6 instead of 4.
    with pytest.raises(WorkbenchError, match=r"Look again at 'b' against 'd': 1/6 is judged, 4 would fit\.$"):
        weights(judged(2, 4, 8, 2, 1 / 6, 2))


@pytest.mark.parametrize(
    ("upper", "message"),
    [
        (
            (2.0, 3.0),
            "the upper triangle must be 3 numbers; got 2 numbers. Give one number (or null) per pair.",
        ),
        (
            (1.0, -2.0, 3.0),
            "the judgement 'a' against 'c' must be from 1/9 to 9; got -2. Judge on Saaty's scale.",
        ),
        (
            (1.0, 2.0, 9.5),
            "the judgement 'b' against 'c' must be from 1/9 to 9; got 9.5. Judge on Saaty's scale.",
        ),
        (
            (1.0, None, None),
            "the pairs judged must be enough to tie all elements together; "
            "got 1 judgements that leave some apart. Judge more.",
        ),
    ],
)
def test_an_incomplete_or_senseless_triangle_is_refused(upper, message):
    with expect_refusal(f"judgements of the goal: {message}"):
        reciprocal_matrix(Judgements("the goal", ("a", "b", "c"), upper))


def test_a_matrix_that_is_not_reciprocal_is_refused_with_the_pair():
    rows = [[1, 2, 4], [0.5, 1, 3], [0.25, 0.5, 1]]
    message = (
        "judgements of the goal: the judgement 'b' against 'c' must be the reciprocal of its opposite; "
        "got 3 and 0.5. Correct one of them."
    )
    with expect_refusal(message):
        upper_triangle("the goal", ("a", "b", "c"), rows)


def test_a_full_matrix_gives_its_upper_triangle():
    rows = [[1, 2, None], [0.5, 1, 3], [None, 0.333, 1]]
    assert upper_triangle("the goal", ("a", "b", "c"), rows).upper == (2, None, 3)


def test_experts_who_contradict_each_other_meet_in_the_middle():
    both = together([judged(4, 9, 1), judged(1, 1, 4)])
    assert both.upper == pytest.approx((2, 3, 2))


@pytest.mark.parametrize(
    ("value", "written"), [(3.2, "3"), (1, "1"), (1 / 3, "1/3"), (0.9, "1"), (0.12, "1/8")]
)
def test_a_judgement_is_written_on_the_scale(value, written):
    assert on_scale(value) == written


def test_the_proposal_gives_the_documented_weights():
    found = weigh(read_hierarchy())
    assert list(found.upper.by_element.values()) == pytest.approx([0.5396, 0.2970, 0.1634], abs=5e-5)
    assert found.upper.eigenvalue == pytest.approx(3.0092, abs=5e-5)
    assert found.upper.ratio == pytest.approx(0.0079, abs=5e-5)
    documented = {
        "current": ([0.4554, 0.2628, 0.1409, 0.1409], 0.0038),
        "potential": ([0.4673, 0.1601, 0.2772, 0.0954], 0.0115),
        "relationship": ([0.1277, 0.3723, 0.2114, 0.1277, 0.1609], 0.0131),
    }
    for name, (expected, ratio) in documented.items():
        assert list(found.lower[name].by_element.values()) == pytest.approx(expected, abs=5e-5)
        assert found.lower[name].ratio == pytest.approx(ratio, abs=5e-5)
    assert found.ratio == pytest.approx(0.0079, abs=1e-4)
    assert found.ratio == total_ratio(found.upper, list(found.lower.values()))
    assert found.table["global_weight"].sum() == pytest.approx(1)
    assert list(found.table["indicator"]) == [i for level in INDICATORS.values() for i in level]


HIERARCHY = """
indicators: {current: [margin, revenue], potential: [expected_value], relationship: [loyalty, tenure, credit]}
experts:
- name: sales
  dimensions: [3, 3, 1]
  indicators: {current: [1/2], potential: [], relationship: [[1, 2, 4], [1/2, 1, 2], [1/4, 1/2, 1]]}
- name: service
  dimensions: [1/3, 1/3, 1]
  indicators: {current: [2], potential: [], relationship: [9, 1/5, 9]}
"""


def test_a_company_brings_its_own_hierarchy_and_experts():
    mended = HIERARCHY.replace("[9, 1/5, 9]", "[2, null, 2]")
    found = weigh(read_hierarchy(yaml.safe_load(mended)))
    # The two experts are each other's mirror: together every dimension counts alike.
    assert list(found.upper.by_element.values()) == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    table = found.table.set_index("indicator")
    assert table.loc["margin", "global_weight"] == pytest.approx(1 / 6)
    # Alone, sales has 3/5 for current value and 1/3 of it for margin; service 1/7 and 2/3.
    assert table.loc["margin", "highest_weight"] == pytest.approx(0.6 / 3)
    assert table.loc["margin", "lowest_weight"] == pytest.approx(1 / 7 * 2 / 3)
    assert set(found.by_expert["expert"]) == {"sales", "service"}


def test_an_expert_who_contradicts_himself_is_told_apart_from_the_group():
    # Doubt of one expert, drawn into three, is bearable together.
    three = HIERARCHY + HIERARCHY.split("experts:\n")[1].split("- name: service")[0].replace("sales", "third")
    with pytest.raises(WorkbenchError, match=r"^judgements of 3 experts together: the consistency ratio"):
        weigh(read_hierarchy(yaml.safe_load(three)))
    milder = three.replace("[9, 1/5, 9]", "[3, 1, 1]")
    found = weigh(read_hierarchy(yaml.safe_load(milder)))
    row = found.by_expert.query("expert == 'service' and level == 'relationship'").iloc[0]
    assert row["ratio"] > 0.10
    assert len(row["pair"]) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("margin, ", "profit, "), "an indicator of current must be one of frequency, margin, revenue, "
         "service_cost; got 'profit'. Use one of these names."),
        (("margin, revenue]", "margin, margin]"), "indicators of current must be one or more, each once; "
         "got 2. Correct the list."),
        (("name: service", "name: sales"), "the names of experts must be different; got 2 with repetitions. "
         "Rename one."),
        (("potential: [expected_value], ", ""), "a dimension must be given for each of current, potential, "
         "relationship; got none for potential. Add it."),
    ],
)  # fmt: skip
def test_a_hierarchy_that_makes_no_sense_is_refused(change, message):
    with expect_refusal(f"hierarchy: {message}"):
        read_hierarchy(yaml.safe_load(HIERARCHY.replace(*change)))


def test_a_judgement_that_is_no_number_is_refused_with_its_place():
    with pytest.raises(WorkbenchError, match=r"^hierarchy: experts"):
        read_hierarchy(yaml.safe_load(HIERARCHY.replace("[3, 3, 1]", "[3, much, 1]")))


def test_dimensions_are_those_of_the_score():
    assert tuple(consistency(Judgements("x", DIMENSIONS, (1, 1, 1))).by_element) == DIMENSIONS
