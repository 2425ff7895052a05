"""Groups that the figures themselves form, beside the layers that rules make."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from workbench.recall import recall, rows_digest
from workbench.results import Missing
from workbench.segmentation.book import UNITS
from workbench.segmentation.layers.matching import Kept, matched
from workbench.segmentation.layers.naming import traits
from workbench.segmentation.layers.points import FEATURES, CustomerPoints, customer_points
from workbench.segmentation.layers.trials import ALGORITHMS, COUNTS, chosen, fitted, sampled, trials

FEWEST_CUSTOMERS = 50
FEWEST_FEATURES = 2  # on one alone clusters are no more than cuts of a scale, and stable in any data


@dataclass(frozen=True)
class Clusters:
    """Groups of customers who are alike.

    Attributes
    ----------
    labels : pandas.Series
        The number of each customer's cluster, on the index of the customers: that of the earlier run's
        cluster it follows, else 1 for the highest mean revenue, and so on.
    by_cluster : pandas.DataFrame
        By number: ``cluster``, ``traits`` (see `naming.cluster_name`), ``customers``, ``customer_share``,
        ``mean_revenue``, ``revenue_share`` and the medians of the features, as ``median_n_orders``.
    profiles : pandas.DataFrame
        ``cluster``, ``traits``, ``feature``, ``deviation`` (median of the cluster less that of the base, in
        robust standard deviations), ``median`` (in units of the feature), ``customers``.
    trials : pandas.DataFrame
        What was tried, as `trials` gives it.
    algorithm : str
        ``kmeans`` or ``mixture``.
    k : int
    silhouette, stability : float
        Of the choice, on a sample.
    stable : bool
        Whether the choice is as stable as it must be; otherwise it is the most stable there is.
    features, left_out : tuple of str
        What the clusters are made of, and what does not vary.
    kept : Kept or Missing
        Customers that are in the same cluster as in the earlier run.
    """

    labels: pd.Series
    by_cluster: pd.DataFrame
    profiles: pd.DataFrame
    trials: pd.DataFrame
    algorithm: str
    k: int
    silhouette: float
    stability: float
    stable: bool
    features: tuple[str, ...]
    left_out: tuple[str, ...]
    kept: Kept | Missing


def customer_clusters(
    orders: pd.DataFrame,
    seed: int,
    *,
    algorithm: str = "auto",
    k: int | None = None,
    features: tuple[str, ...] = FEATURES,
    earlier: pd.DataFrame | None = None,
    keep: bool = False,
) -> Clusters | Missing:
    """Cluster customers on `features`, robustly scaled; algorithm and number of clusters by `trials`.

    Clusters are found in any data. The silhouette says how clear they are, the stability whether another
    sample of the same customers would show them; where none is stable the most stable is given, and said so.
    Stable clusters need not be kinds of customers: an even cloud that is longer than wide is also cut in the
    same place each time, with a silhouette of some 0.35.

    Parameters
    ----------
    orders : pandas.DataFrame
        ``customer_id``, ``revenue`` and those of `features` that are there, none missing.
    algorithm : str
        ``kmeans``, ``mixture``, or ``auto`` for the better one.
    k : int, optional
        Number of clusters, 2 to 8; none: the best.
    earlier : pandas.DataFrame, optional
        ``customer_id`` and ``cluster`` of the run before, whose numbers are kept on.
    keep : bool
        Whether trials and labels are kept for the next time.

    Returns
    -------
    Clusters or Missing
        Missing for fewer than FEWEST_CUSTOMERS, hardly any that differ, or fewer features that vary than
        FEWEST_FEATURES.
    """
    if len(orders) < FEWEST_CUSTOMERS:
        return Missing("segmentation.few_for_clusters", {"n": len(orders), "needed": FEWEST_CUSTOMERS})
    points = customer_points(orders, features)
    if points.distinct <= max(COUNTS) or len(points.features) < FEWEST_FEATURES:
        values = {"n": len(orders), "distinct": points.distinct, "needed": max(COUNTS) + 1}
        values |= {"features": len(points.features), "least": FEWEST_FEATURES}
        return Missing("segmentation.alike_for_clusters", values)
    basis = rows_digest(points.measured) if keep else None
    tried = _trials(points, basis, ALGORITHMS if algorithm == "auto" else (algorithm,), seed)
    place, stable = chosen(tried, k, _count(earlier))
    choice = tried.loc[[place]].to_dict("records")[0]
    found = _labels(points, basis, str(choice["algorithm"]), int(choice["k"]), seed)
    numbers = _by_revenue(found, orders["revenue"])
    labels, kept = matched(numbers, _ids(orders), earlier)
    profiles = _profiles(points, labels)
    return Clusters(
        labels=labels,
        by_cluster=_by_cluster(orders, labels, profiles),
        profiles=profiles,
        trials=tried,
        algorithm=str(choice["algorithm"]),
        k=int(choice["k"]),
        silhouette=float(choice["silhouette"]),
        stability=float(choice["stability"]),
        stable=stable,
        features=points.features,
        left_out=points.left_out,
        kept=kept,
    )


def _ids(orders: pd.DataFrame) -> pd.Series:
    """Without ids no customer is known from an earlier run."""
    return orders["customer_id"] if "customer_id" in orders else pd.Series(pd.NA, orders.index, dtype="str")


def _count(earlier: pd.DataFrame | None) -> int | None:
    return None if earlier is None else int(earlier["cluster"].nunique())


def _trials(
    points: CustomerPoints, basis: str | None, algorithms: tuple[str, ...], seed: int
) -> pd.DataFrame:
    of = {"seed": seed, "algorithms": algorithms, "features": points.features}
    return recall("segmentation.cluster_trials", basis, of, lambda: trials(points.scaled, seed, algorithms))


def _labels(points: CustomerPoints, basis: str | None, algorithm: str, k: int, seed: int) -> pd.Series:
    """The component of each customer, by a model that is fitted on a sample."""

    def label() -> pd.DataFrame:
        with threadpool_limits(1):
            model = fitted(sampled(points.scaled, seed), algorithm, k, seed)
            return pd.DataFrame({"label": model.predict(points.scaled)})

    of = {"seed": seed, "algorithm": algorithm, "k": k}
    found = recall("segmentation.cluster_labels", basis, of, label)["label"]
    return pd.Series(found.to_numpy(), index=points.measured.index)


def _by_revenue(found: pd.Series, revenue: pd.Series) -> pd.Series:
    """1 for the component with the highest mean revenue, and so on, on the index of `revenue`."""
    label = found.reindex(revenue.index)
    money = (revenue * UNITS).round().astype("int64").groupby(label)
    order = (money.sum() / money.size()).sort_values(ascending=False, kind="stable").index
    return label.map({old: new for new, old in enumerate(order, start=1)}).astype("int64")


def _profiles(points: CustomerPoints, labels: pd.Series) -> pd.DataFrame:
    cluster = pd.Series(labels, index=points.measured.index, name="cluster")
    scaled = pd.DataFrame(points.scaled, points.measured.index, list(points.features))
    deviations = scaled.groupby(cluster).median() - scaled.median()
    medians = points.measured[list(points.features)].groupby(cluster).median()
    long = deviations.reset_index().melt("cluster", var_name="feature", value_name="deviation")
    long["median"] = medians.reset_index().melt("cluster")["value"]
    long["customers"] = long["cluster"].map(cluster.value_counts())
    long.insert(1, "traits", long["cluster"].map(traits(deviations)))
    return long.sort_values("cluster", kind="stable", ignore_index=True)


def _by_cluster(orders: pd.DataFrame, labels: pd.Series, profiles: pd.DataFrame) -> pd.DataFrame:
    money = (orders["revenue"] * UNITS).round().astype("int64").groupby(labels.rename("cluster"))
    revenue, customers = money.sum(), money.size()
    table = profiles.drop_duplicates("cluster").set_index("cluster")[["traits"]]
    table["customers"] = customers
    table["customer_share"] = customers / len(orders)
    table["mean_revenue"] = revenue / customers / UNITS
    table["revenue_share"] = revenue / revenue.sum() if revenue.sum() > 0 else np.nan
    medians = profiles.pivot_table(index="cluster", columns="feature", values="median", sort=False)
    return table.join(medians.add_prefix("median_")).reset_index()
