"""Are scores fair to equals, do natural breaks find the optimum, and do layers add up to the base?"""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.segmentation.layers.natural import MOST_STARTS, natural_breaks
from workbench.segmentation.layers.rfm import rfm_layers
from workbench.segmentation.layers.scheme import CLASSES, SEGMENTS
from workbench.segmentation.layers.scores import METHODS, rank_score, rfm_scores

EDGES = {
    "days_since_last_order": [30, 60, 90, 180],
    "n_orders": [2, 3, 5, 10],
    "revenue": [50, 100, 300, 1000],
}
SCORES = ["recency_score", "frequency_score", "monetary_score"]


def base(n=500, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "days_since_last_order": rng.integers(0, 400, n),
            "n_orders": rng.geometric(0.4, n),
            "revenue": rng.gamma(0.7, 150, n).round(2) - 2,
        }
    )


def test_half_of_the_base_with_one_order_scores_one():
    orders = pd.Series([1] * 51 + [2] * 20 + [3] * 29)
    assert rank_score(orders, 5).tolist() == [1] * 51 + [3] * 20 + [4] * 29


@given(st.lists(st.integers(-3, 12), min_size=1, max_size=60), st.integers(3, 10))
def test_rank_scores_follow_the_values_and_treat_equals_alike(values, groups):
    series = pd.Series(values)
    scores = rank_score(series, groups)
    assert scores.between(1, groups).all()
    assert scores[series == series.min()].eq(1).all()
    assert (scores == groups).mean() <= 1 / groups
    for value, score in zip(values, scores, strict=True):
        assert scores[series > value].ge(score).all()
        assert scores[series == value].eq(score).all()


@pytest.mark.parametrize("method", METHODS)
def test_better_customers_never_score_less_and_equals_score_alike(method):
    orders = base()
    scores, limits, groups = rfm_scores(orders, 5, method, EDGES)
    assert groups == 5
    for column, score, sign in zip(orders, SCORES, (-1, 1, 1), strict=True):
        by_value = scores[score].groupby(sign * orders[column])
        assert (by_value.nunique() == 1).all()
        assert by_value.first().is_monotonic_increasing
        assert scores[score].between(1, 5).all()
    assert limits.groupby("measure")["customers"].sum().eq(len(orders)).all()


@pytest.mark.parametrize("method", METHODS)
def test_without_net_revenue_a_customer_scores_one_in_money(method):
    orders = base().assign(revenue=[-5.0, 0.0] * 100 + [20.0, 400.0, 3000.0] * 100)
    scores, _, _ = rfm_scores(orders, 5, method, EDGES)
    assert scores.loc[orders["revenue"] <= 0, "monetary_score"].eq(1).all()
    assert scores.loc[orders["revenue"] == 3000, "monetary_score"].gt(1).all()


def test_limits_are_what_a_customer_needs_for_a_score():
    orders = base()
    scores, limits, _ = rfm_scores(orders, 5, "natural")
    for row in limits.dropna().itertuples():
        column = {"recency": 0, "frequency": 1, "monetary": 2}[row.measure]
        values, reached = orders.iloc[:, column], scores.iloc[:, column] >= row.score
        assert (values <= row.limit if row.measure == "recency" else values >= row.limit).equals(reached)


def test_fixed_edges_take_days_up_to_and_orders_and_money_from():
    orders = pd.DataFrame(
        {
            "days_since_last_order": [30, 31, 180, 181],
            "n_orders": [1, 2, 9, 10],
            "revenue": [49.99, 50.0, 300.0, 1000.0],
        }
    )
    scores, limits, groups = rfm_scores(orders, 3, "fixed", EDGES)
    assert scores.to_numpy().tolist() == [[5, 1, 1], [4, 2, 2], [2, 4, 4], [1, 5, 5]]
    assert groups == 5
    recency = limits[limits["measure"] == "recency"].set_index("score")
    assert recency["limit"].tolist()[1:] == [180, 90, 60, 30]
    assert recency["customers"].tolist() == [1, 1, 0, 1, 1]


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        (
            EDGES | {"n_orders": [2, 2, 5, 10]},
            "parameters: rfm_edges.n_orders must be 2 to 9 rising numbers above 0; got 2, 2, 5, 10. As in"
            " days_since_last_order: [30, 60, 90, 180].",
        ),
        (
            EDGES | {"revenue": [100, 300]},
            "parameters: rfm_edges must be of the same number for each measure; got 4 of"
            " days_since_last_order, 4 of n_orders, 2 of revenue. Give each measure the same number"
            " of groups.",
        ),
        (
            {"n_orders": [2, 3]},
            "parameters: rfm_edges.days_since_last_order must be 2 to 9 rising numbers above 0; got none. As"
            " in days_since_last_order: [30, 60, 90, 180].",
        ),
        (
            EDGES | {"orders": [2, 3]},
            "parameters: rfm_edges must be one of days_since_last_order, n_orders, revenue; got 'orders'. Did"
            " you mean 'n_orders'?",
        ),
    ],
)
def test_edges_that_can_not_be_scored_by_are_refused(edges, message):
    with pytest.raises(WorkbenchError) as error:
        rfm_scores(base(20), 5, "fixed", edges)
    assert str(error.value) == message


def test_an_unknown_method_is_refused():
    with pytest.raises(WorkbenchError) as error:
        rfm_scores(base(20), 5, "jenks")
    assert str(error.value) == (
        "parameters: rfm_method must be one of fixed, natural, quantile; got 'jenks'. Use one of these names."
    )


def spread(values, breaks):
    """Sum of squared deviations within the classes that `breaks` make."""
    classes = np.searchsorted(breaks, values, side="right")
    return sum(((values[classes == c] - values[classes == c].mean()) ** 2).sum() for c in np.unique(classes))


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=14), st.integers(2, 5))
def test_natural_breaks_are_the_best_of_all_cuts(values, groups):
    values = np.array(values, dtype=float)
    distinct = np.unique(values)
    found = natural_breaks(values, groups)
    assert len(found) == min(groups, len(distinct)) - 1
    possible = combinations(distinct[1:], len(found))
    best = min(spread(values, np.array(cuts)) for cuts in possible)
    assert spread(values, found) == pytest.approx(best, abs=1e-9)  # sums of squares of some thousands


def test_natural_breaks_lie_between_groups_that_lie_apart():
    # The centres are ten standard deviations apart: no value crosses over.
    rng = np.random.default_rng(3)
    groups = [rng.normal(centre, 1, 400) for centre in (0, 10, 20, 40)]
    found = natural_breaks(np.concatenate(groups), 4)
    assert found.tolist() == [group.min() for group in groups[1:]]


def test_many_distinct_values_are_cut_almost_as_well_as_can_be(monkeypatch):
    rng = np.random.default_rng(4)
    values = rng.lognormal(3, 1, MOST_STARTS)
    exact = natural_breaks(values, 5, logarithmic=True)
    monkeypatch.setattr("workbench.segmentation.layers.natural.MOST_STARTS", 256)
    found = natural_breaks(values, 5, logarithmic=True)
    assert not np.array_equal(found, exact)
    scaled = np.log1p(values)
    best = spread(scaled, np.log1p(exact))
    # A start is at most 1 / 128 of the range away from the best one: the loss is of second order in that.
    assert best <= spread(scaled, np.log1p(found)) <= 1.005 * best


def test_few_distinct_values_are_a_class_each_and_score_from_one():
    assert natural_breaks([3, 1, 1, 2], 5).tolist() == [2, 3]
    orders = base(30).assign(n_orders=[1, 2, 2] * 10)
    scores, _, _ = rfm_scores(orders, 5, "natural")
    assert scores["frequency_score"].tolist() == [1, 2, 2] * 10


def test_one_value_far_out_takes_a_class_of_its_own():
    assert natural_breaks([1, 2, 3, 4, 1_000_000], 2).tolist() == [1_000_000]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("customers", [1, 3, 500])
def test_layers_add_up_to_the_base(method, customers):
    orders = base(customers)
    layers = rfm_layers(orders, 5, method=method, edges=EDGES)
    for table, name, codes in (
        (layers.by_segment, "segment", SEGMENTS),
        (layers.by_class, "rfm_class", CLASSES),
    ):
        assert table["customers"].sum() == customers
        assert round(table["revenue"].sum(), 2) == round(orders["revenue"].sum(), 2)
        assert table["customer_share"].sum() == pytest.approx(1)
        assert table[name].tolist() == [code for code in codes if code in set(table[name])]
    assert layers.by_cell["customers"].sum() == customers
    by_cell = layers.by_cell.groupby("segment")["customers"].sum()
    by_segment = layers.by_segment.set_index("segment")["customers"]
    assert by_cell[by_cell > 0].to_dict() == by_segment.to_dict()


def test_tables_do_not_depend_on_the_order_of_rows():
    orders = base()
    mixed = orders.sample(frac=1, random_state=2)
    for method in METHODS:
        one, other = (rfm_layers(rows, 5, method=method, edges=EDGES) for rows in (orders, mixed))
        pd.testing.assert_frame_equal(one.scores, other.scores.sort_index())
        for part in ("by_segment", "by_class", "by_cell", "limits"):
            pd.testing.assert_frame_equal(getattr(one, part), getattr(other, part), check_exact=True)


def test_refunds_as_large_as_purchases_leave_no_share_of_revenue():
    layers = rfm_layers(base(60).assign(revenue=0.0), 5)
    assert layers.by_segment["revenue_share"].isna().all()
    assert layers.scores["monetary_score"].eq(1).all()
