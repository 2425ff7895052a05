"""Groups that the figures themselves form, beside the segments that a rule table makes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from workbench.results import Missing

MEASURES = ["days_since_last_order", "n_orders", "revenue"]
COUNTS = range(3, 7)
SAMPLE = 5_000  # the silhouette compares all pairs
FEWEST_CUSTOMERS = 50
STARTS = 5


@dataclass(frozen=True)
class Clusters:
    """k-means groups.

    Attributes
    ----------
    labels : pandas.Series
        1 for the cluster with the highest mean revenue, and so on; on the index of the customers.
    by_cluster : pandas.DataFrame
        ``cluster``, ``customers``, ``customer_share``, ``mean_revenue`` and the medians of the MEASURES.
    silhouettes : pandas.DataFrame
        ``k`` and ``silhouette`` (-1 to 1) of every number of clusters tried.
    silhouette : float
        Of the number chosen.
    """

    labels: pd.Series
    by_cluster: pd.DataFrame
    silhouettes: pd.DataFrame
    silhouette: float


def customer_clusters(orders: pd.DataFrame, seed: int) -> Clusters | Missing:
    """Cluster customers by k-means on the percentile ranks of MEASURES; k by the mean silhouette.

    Ranks keep a few very large customers from making up a cluster of their own. k-means finds round groups
    only, and finds some in any data: the silhouette says how clear they are (P. Rousseeuw, "Silhouettes",
    J. Comput. Appl. Math. 20 (1987), 53-65).
    """
    # In order of content, so that neither the ids nor their order can change a label.
    measured = orders[MEASURES].sort_values(MEASURES)
    points = (measured.rank(pct=True)).to_numpy()
    distinct = len(np.unique(points, axis=0))
    if len(points) < FEWEST_CUSTOMERS or distinct <= max(COUNTS):
        values = {"n": len(points), "needed": FEWEST_CUSTOMERS}
        return Missing("segmentation.few_for_clusters", values)
    chosen = np.random.default_rng(seed).permutation(len(points))[:SAMPLE]
    sample = points[np.sort(chosen)]
    with threadpool_limits(1):  # so few points are slower on two threads, whose sums also differ by run
        tried = pd.DataFrame({"k": k, "silhouette": _silhouette(sample, k, seed)} for k in COUNTS)
        best = int(tried["silhouette"].to_numpy().argmax())
        model = KMeans(COUNTS[best], n_init=STARTS, random_state=seed).fit(sample)
    labels = _by_revenue(pd.Series(model.predict(points), index=measured.index), measured["revenue"])
    labels = labels.reindex(orders.index)
    return Clusters(labels, _by_cluster(orders, labels), tried, float(tried["silhouette"].iloc[best]))


def _silhouette(points: npt.NDArray[np.float64], k: int, seed: int) -> float:
    labels = KMeans(k, n_init=STARTS, random_state=seed).fit_predict(points)
    return float(silhouette_score(points, labels))


def _by_revenue(labels: pd.Series, revenue: pd.Series) -> pd.Series:
    order = revenue.groupby(labels).mean().sort_values(ascending=False).index
    return labels.map({old: new for new, old in enumerate(order, start=1)}).astype("int64")


def _by_cluster(orders: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    grouped = orders.groupby(labels.rename("cluster"))
    table = grouped[MEASURES].median().add_prefix("median_")
    table.insert(0, "customers", grouped.size())
    table.insert(1, "customer_share", table["customers"] / len(orders))
    table.insert(2, "mean_revenue", grouped["revenue"].mean())
    return table.reset_index()
