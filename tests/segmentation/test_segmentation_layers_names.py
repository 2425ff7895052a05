"""Do numbers of clusters last from run to run, and do their names tell what sets them apart?"""

import pandas as pd
import pytest

from workbench.language import LANGUAGES, again, speaking
from workbench.results import Missing
from workbench.segmentation.layers.matching import Kept, matched
from workbench.segmentation.layers.naming import cluster_name, traits


def frame(ids, cluster):
    return pd.DataFrame({"customer_id": list(ids), "cluster": pd.array(cluster, dtype="Int64")})


def test_matching_keeps_as_many_customers_as_can_be():
    ids = pd.Series(list("abcdefgh"))
    labels = pd.Series([1, 1, 1, 2, 2, 2, 3, 3])
    # a, b, d were 7; c, e, f were 5; g is new; h was in none.
    new, kept = matched(labels, ids, frame("abdcefh", [7, 7, 7, 5, 5, 5, None]))
    assert new.tolist() == [7, 7, 7, 5, 5, 5, 8, 8]
    assert kept == Kept(6, 4)
    assert kept.share == pytest.approx(2 / 3)


def test_fewer_clusters_than_before_leave_a_number_out():
    new, kept = matched(pd.Series([1, 1, 2]), pd.Series(list("abc")), frame("abc", [3, 3, 1]))
    assert new.tolist() == [3, 3, 1]
    assert kept == Kept(3, 3)


@pytest.mark.parametrize(
    ("earlier", "reason"),
    [
        (None, "no earlier run has clusters to compare with"),
        (frame("xyz", [1, 2, 3]), "no customer was in a cluster of the earlier run"),
        (frame("abc", [None] * 3), "no customer was in a cluster of the earlier run"),
    ],
)
def test_without_an_earlier_cluster_numbers_stay(earlier, reason):
    labels = pd.Series([2, 1, 1])
    new, kept = matched(labels, pd.Series(list("abc")), earlier)
    assert new.equals(labels)
    assert isinstance(kept, Missing)
    assert kept.reason == reason


def test_names_tell_the_largest_deviations_and_differ():
    deviations = pd.DataFrame(
        {
            "days_since_last_order": [-0.6, 0.1, 0.0, 0.9],
            "n_orders": [2.0, 0.2, 0.1, 0.6],
            "revenue": [1, 0, 0, 1],
        },
        index=[1, 2, 3, 4],
    )
    assert traits(deviations).tolist() == [
        "n_orders.very_high revenue.high days_since_last_order.low",
        "n_orders.high days_since_last_order.high",
        "n_orders.high",
        "revenue.high days_since_last_order.high n_orders.high",
    ]


def test_clusters_that_differ_in_nothing_get_a_number():
    names = traits(pd.DataFrame({"n_orders": [0.0, 0.0, 3.0]}, index=[1, 2, 3]))
    assert names.tolist() == ["average number.1", "average number.2", "n_orders.very_high"]


def test_names_are_said_in_both_languages():
    code = "n_orders.very_high revenue.high days_since_last_order.low number.2"
    said = cluster_name(code)
    assert said == "many more orders, higher spend, bought more recently, no. 2"
    with speaking("zh"):
        assert again(said) == cluster_name(code) == "订单很多、消费较高、购买较近之 2"


def test_every_trait_has_a_word_in_both_languages():
    features = ("days_since_last_order", "n_orders", "revenue", "mean_order_value", "spend_trend")
    degrees = ("low", "very_low", "high", "very_high")
    for language in LANGUAGES:
        with speaking(language):
            words = [cluster_name(f"{feature}.{degree}") for feature in features for degree in degrees]
        assert len(set(words)) == len(words)
