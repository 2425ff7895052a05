"""Groups that the figures themselves form, beside the segments that a rule table makes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin, silhouette_score
from threadpoolctl import threadpool_limits

from workbench.recall import recall, rows_digest
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


def customer_clusters(orders: pd.DataFrame, seed: int, *, keep: bool = False) -> Clusters | Missing:
    """Cluster customers by k-means on the percentile ranks of MEASURES; k by the mean silhouette.

    Ranks keep a few very large customers from making up a cluster of their own. k-means finds round groups
    only, and finds some in any data: the silhouette says how clear they are (P. Rousseeuw, "Silhouettes",
    J. Comput. Appl. Math. 20 (1987), 53-65).

    Parameters
    ----------
    keep : bool
        Whether the centres are kept for the next time.
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
        basis = rows_digest(measured) if keep else None
        centres = recall("segmentation.centres", basis, {"seed": seed}, lambda: _centres(sample, seed))
        tried = centres[["k", "silhouette"]].drop_duplicates(ignore_index=True)
        best = int(tried["silhouette"].to_numpy().argmax())
        chosen_centres = centres.loc[centres["k"] == COUNTS[best], MEASURES].to_numpy()
        nearest = pairwise_distances_argmin(points, chosen_centres)
    labels = _by_revenue(pd.Series(nearest, index=measured.index), measured["revenue"])
    labels = labels.reindex(orders.index)
    return Clusters(labels, _by_cluster(orders, labels), tried, float(tried["silhouette"].iloc[best]))


def _centres(points: npt.NDArray[np.float64], seed: int) -> pd.DataFrame:
    """The centres of each number of clusters, with the silhouette of that number."""
    found = []
    for k in COUNTS:
        model = KMeans(k, n_init=STARTS, random_state=seed).fit(points)
        silhouette = float(silhouette_score(points, model.labels_))
        centres = pd.DataFrame(model.cluster_centers_, columns=MEASURES)
        found.append(centres.assign(k=k, silhouette=silhouette))
    return pd.concat(found, ignore_index=True)


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
