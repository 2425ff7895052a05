"""Are groups found that are there, and none that are not?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from workbench.results import Missing
from workbench.segmentation.layers.clusters import FEWEST_CUSTOMERS, customer_clusters
from workbench.segmentation.layers.matching import Kept
from workbench.segmentation.layers.points import customer_points
from workbench.segmentation.layers.trials import LOWEST_STABILITY, adjusted_rand, chosen, trials


def groups_apart(sizes=(200, 120, 80), seed=1):
    """Customers of three kinds: lost small ones, regular ones, wholesalers; and which kind each is."""
    rng = np.random.default_rng(seed)
    kinds = [(300, 1, 30), (60, 6, 400), (10, 40, 20_000)]
    parts = [
        pd.DataFrame(
            {
                "days_since_last_order": rng.normal(days, 5, n).round().clip(0),
                "n_orders": rng.poisson(orders, n) + 1,
                "revenue": (money * rng.lognormal(0, 0.2, n)).round(2),
            }
        )
        for n, (days, orders, money) in zip(sizes, kinds, strict=True)
    ]
    frame = pd.concat(parts, ignore_index=True).astype({"days_since_last_order": "int64"})
    frame.insert(0, "customer_id", [f"c{number:04d}" for number in range(len(frame))])
    return frame, np.repeat(range(3), sizes)


@pytest.fixture(scope="module")
def apart():
    return groups_apart()


@pytest.fixture(scope="module")
def clusters(apart):
    return customer_clusters(apart[0], 1)


def test_groups_that_are_there_are_found_and_named(clusters, apart):
    assert clusters.k == 3
    assert clusters.stable
    assert clusters.silhouette > 0.5  # the kinds lie several standard deviations apart
    assert adjusted_rand_score(apart[1], clusters.labels) > 0.98  # a Poisson tail may cross over
    table = clusters.by_cluster
    assert table["customers"].sum() == 400
    assert table["mean_revenue"].is_monotonic_decreasing
    assert table["customer_share"].sum() == pytest.approx(1)
    assert table["revenue_share"].sum() == pytest.approx(1)
    wholesalers = table.iloc[0]
    assert "revenue.very_high" in wholesalers["traits"]
    assert "n_orders.very_high" in wholesalers["traits"]
    assert "days_since_last_order.high" in table.iloc[2]["traits"]


def test_tables_of_clusters_agree_with_the_labels(clusters, apart):
    orders = apart[0]
    grouped = orders.groupby(clusters.labels)
    table = clusters.by_cluster.set_index("cluster")
    for name in ("days_since_last_order", "n_orders", "revenue"):
        assert table[f"median_{name}"].to_dict() == grouped[name].median().to_dict()
    assert table["mean_revenue"].to_numpy() == pytest.approx(grouped["revenue"].mean())
    own = clusters.profiles.pivot(index="cluster", columns="feature", values="median")
    assert own["revenue"].to_dict() == table["median_revenue"].to_dict()


def test_neither_ids_nor_the_order_of_rows_change_a_label(clusters, apart):
    orders = apart[0]
    mixed = orders.sample(frac=1, random_state=3).assign(customer_id=lambda t: t["customer_id"].str[::-1])
    other = customer_clusters(mixed, 1)
    pd.testing.assert_series_equal(other.labels.sort_index(), clusters.labels, check_names=False)
    for part in ("by_cluster", "profiles", "trials"):
        pd.testing.assert_frame_equal(getattr(other, part), getattr(clusters, part), check_exact=True)


def test_what_is_kept_is_what_was_computed(clusters, apart, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    customer_clusters(apart[0], 1, keep=True)
    assert len(list(tmp_path.rglob("*.parquet"))) == 2  # trials and labels
    monkeypatch.setattr("workbench.segmentation.layers.clusters.fitted", None)
    monkeypatch.setattr("workbench.segmentation.layers.clusters.trials", None)
    found = customer_clusters(apart[0], 1, keep=True)
    pd.testing.assert_series_equal(found.labels, clusters.labels)
    pd.testing.assert_frame_equal(found.trials, clusters.trials, check_exact=True)


def test_the_number_and_the_algorithm_can_be_asked_for(apart):
    found = customer_clusters(apart[0], 1, algorithm="mixture", k=4)
    assert (found.algorithm, found.k) == ("mixture", 4)
    assert found.labels.nunique() == 4
    assert set(found.trials["algorithm"]) == {"mixture"}


def test_another_scale_of_money_changes_no_label(clusters, apart):
    # log(1 + x) is not quite free of scale, so a few customers between two groups may change.
    found = customer_clusters(apart[0].assign(revenue=lambda t: 7 * t["revenue"]), 1, algorithm="kmeans")
    assert adjusted_rand_score(found.labels, clusters.labels) > 0.98


def test_an_even_base_has_no_stable_clusters():
    # Five independent even features have no groups: fits to samples cut them up each in another way.
    rng = np.random.default_rng(5)
    tried = trials(rng.uniform(size=(400, 5)), 1)
    place, stable = chosen(tried)
    assert not stable
    assert tried["stability"].max() < LOWEST_STABILITY
    assert place == int(tried.loc[tried["smallest_share"] >= 0.01, "stability"].idxmax())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40))
def test_two_routes_to_the_adjusted_rand_index_agree(pairs):
    one, other = np.array(pairs).T
    # The same whole numbers of pairs, divided in another order.
    assert adjusted_rand(one, other, 4) == pytest.approx(adjusted_rand_score(one, other), abs=1e-12)


def tried(*rows):
    columns = ["algorithm", "k", "silhouette", "stability", "smallest_share"]
    return pd.DataFrame(rows, columns=columns)


def test_the_clearest_of_the_stable_is_chosen():
    table = tried(
        ("kmeans", 2, 0.40, 0.95, 0.3),
        ("kmeans", 3, 0.70, 0.79, 0.3),
        ("kmeans", 4, 0.60, 0.99, 0.001),
        ("mixture", 2, 0.45, 0.90, 0.3),
    )
    assert chosen(table) == (3, True)
    assert chosen(table, k=3) == (1, False)
    assert chosen(table[1:3]) == (1, False)


def test_of_equals_the_number_of_before_and_then_k_means_is_chosen():
    table = tried(
        ("kmeans", 2, 0.445, 0.9, 0.3), ("kmeans", 3, 0.435, 0.9, 0.3), ("mixture", 2, 0.45, 0.9, 0.3)
    )
    assert chosen(table) == (0, True)
    assert chosen(table, before=3) == (1, True)
    assert chosen(table, before=5) == (0, True)


def test_few_customers_are_not_clustered(apart):
    few = apart[0].head(FEWEST_CUSTOMERS - 1)
    found = customer_clusters(few, 1)
    assert isinstance(found, Missing)
    assert found.reason == "only 49 customers; clusters take at least 50"


def test_equal_customers_are_not_clustered(apart):
    same = apart[0].assign(days_since_last_order=3, n_orders=1, revenue=9.5)
    found = customer_clusters(same, 1)
    assert isinstance(found, Missing)
    assert found.reason == (
        "the 400 customers differ too little to be clustered: different customers 1 (needed: 9), figures that"
        " vary 0 (needed: 2)"
    )


def test_one_figure_alone_is_not_clustered(apart):
    found = customer_clusters(apart[0].assign(n_orders=1, revenue=20.0), 1)
    assert isinstance(found, Missing)
    assert found.reason.endswith("figures that vary 1 (needed: 2)")


def test_a_column_that_does_not_vary_is_left_out(apart):
    found = customer_clusters(apart[0].assign(n_orders=1), 1, algorithm="kmeans")
    assert found.features == ("days_since_last_order", "revenue")
    assert found.left_out == ("n_orders",)


def test_one_extreme_customer_makes_no_cluster(clusters, apart):
    orders = apart[0].copy()
    orders.loc[0, ["n_orders", "revenue"]] = [100_000, 1e9]
    found = customer_clusters(orders, 1, algorithm="kmeans")
    assert found.k == clusters.k
    assert found.by_cluster["customers"].min() > 50
    assert adjusted_rand_score(found.labels, clusters.labels) > 0.98


def test_wholesalers_who_are_two_in_five_are_a_cluster_of_their_own():
    orders, kinds = groups_apart((180, 60, 160))
    found = customer_clusters(orders, 1, algorithm="kmeans")
    wholesalers = found.labels[kinds == 2]
    assert (wholesalers == 1).mean() > 0.98


def test_refunds_larger_than_purchases_and_the_order_value_can_be_clustered(apart):
    orders = apart[0].assign(revenue=lambda t: t["revenue"] - 30)
    orders["mean_order_value"] = orders["revenue"] / orders["n_orders"]
    assert (orders["revenue"] < 0).any()
    points = customer_points(orders)
    assert points.features[-1] == "mean_order_value"
    assert np.isfinite(points.scaled).all()


def test_scaled_features_have_median_zero_and_a_robust_deviation_of_one():
    rng = np.random.default_rng(6)
    orders = pd.DataFrame({"days_since_last_order": rng.normal(500, 20, 20_000)})
    scaled = customer_points(orders).scaled[:, 0]
    assert np.median(scaled) == pytest.approx(0, abs=1e-12)
    # Of a normal sample the robust deviation is the standard deviation: s.e. of the range about 1 %.
    assert scaled.std() == pytest.approx(1, abs=0.04)
    assert np.abs(scaled).max() < 2.6  # winsorised at 1 and 99 %, 2.33 deviations


def test_numbers_follow_the_clusters_of_the_earlier_run(clusters, apart):
    orders = apart[0]
    other_numbers = clusters.labels.map({1: 2, 2: 3, 3: 1})
    earlier = pd.DataFrame({"customer_id": orders["customer_id"], "cluster": other_numbers})
    shuffled = earlier.sample(frac=1, random_state=1)
    found = customer_clusters(orders, 1, algorithm="kmeans", earlier=shuffled)
    assert found.labels.equals(other_numbers)
    assert found.kept == Kept(400, 400)
    assert found.by_cluster["cluster"].tolist() == [1, 2, 3]


def test_online_retail_has_three_clusters_or_two(shared_data):
    # Wholesalers and gift buyers of one year: no published clusters; the figures are those of this copy.
    lines = pd.read_csv(shared_data / "online_retail" / "online_retail.csv.gz", dtype={"CustomerID": str})
    lines = lines[lines["CustomerID"].notna() & (lines["UnitPrice"] > 0) & (lines["Quantity"] > 0)]
    lines = lines.assign(amount=lines["Quantity"] * lines["UnitPrice"], day=lines["InvoiceDate"].str[:10])
    grouped = lines.groupby("CustomerID")
    days = (pd.Timestamp("2011-12-09") - pd.to_datetime(grouped["day"].max())).dt.days
    orders = pd.DataFrame({
        "days_since_last_order": days, "n_orders": grouped["InvoiceNo"].nunique(),
        "revenue": grouped["amount"].sum().round(4),
    }).rename_axis("customer_id").reset_index()  # fmt: skip
    assert len(orders) == 4338
    assert orders["revenue"].sum() == pytest.approx(8_911_407.904, abs=0.001)
    found = customer_clusters(orders, 1, algorithm="kmeans")
    assert found.stable
    assert found.k in (2, 3)  # both are stable, and their silhouettes differ by less than their error
    top = found.by_cluster.iloc[0]
    assert top["revenue_share"] > 0.75
    assert top["customer_share"] < 0.5
