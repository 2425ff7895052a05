"""How clear and how stable are clusters of each number, by two algorithms?"""

import warnings
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import pairwise_distances, silhouette_score
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from workbench.segmentation.layers.points import Points

Labels = npt.NDArray[np.int64]
ALGORITHMS = ("kmeans", "mixture")
COUNTS = range(2, 9)
SAMPLE = 5_000  # points that a model is fitted on
COMPARED = 1_500  # points of these whose pairs the silhouette compares, and that bootstrap fits label
BOOTSTRAPS = 8
BOOTSTRAP_SAMPLE = 1_000  # points that a bootstrap fit sees at most
STARTS, BOOTSTRAP_STARTS = 5, 2
MOST_STEPS = 60  # of the mixture; a fit that is not there by then is not stable either
# Variance added to each direction of a component: without it a component shrinks onto the many customers with
# exactly one order. A fifth of a standard deviation is less than two customers' difference in one order.
LEAST_VARIANCE = 0.05
# Steinley, "Properties of the Hubert-Arabie adjusted Rand index", Psychol. Methods 9 (2004), 386-396: 0.65 is
# moderate agreement, 0.8 good, 0.9 excellent.
LOWEST_STABILITY = 0.8
SMALLEST_SHARE = 0.01  # of the customers, that a cluster holds at least: a handful of outliers is no cluster
# Silhouettes of COMPARED points that differ by less are equal: two standard errors of their difference.
SAME_SILHOUETTE = 0.02


def sampled(points: Points, seed: int) -> Points:
    """Up to SAMPLE of the points, in their order."""
    chosen = np.random.default_rng(seed).permutation(len(points))[:SAMPLE]
    return points[np.sort(chosen)]


def trials(points: Points, seed: int, algorithms: tuple[str, ...] = ALGORITHMS) -> pd.DataFrame:
    """Try the algorithms with every number of clusters on a sample of the points.

    The silhouette says how much nearer customers are to their own cluster than to the next (P. Rousseeuw,
    "Silhouettes", J. Comput. Appl. Math. 20 (1987), 53-65). Stability is the mean adjusted Rand index of the
    labels that fits on pairs of bootstrap samples give to the same points (after Y. Fang and J. Wang,
    "Selection of the number of clusters via the bootstrap method", Comput. Stat. Data Anal. 56 (2012),
    468-477). The samples hold at most BOOTSTRAP_SAMPLE points: a larger base is somewhat stabler than that.

    Returns
    -------
    pandas.DataFrame
        ``algorithm``, ``k``, ``silhouette`` (-1 to 1), ``stability`` (1: always the same; 0: chance),
        ``smallest_share`` (of the sample in the smallest cluster; 0 where one is empty).
    """
    sample = sampled(points, seed)
    draws = np.random.default_rng(seed)
    compared = sample[np.sort(draws.permutation(len(sample))[:COMPARED])]
    size = min(len(sample), BOOTSTRAP_SAMPLE)
    bootstraps = [sample[np.sort(draws.integers(0, len(sample), size))] for _ in range(BOOTSTRAPS)]
    with threadpool_limits(1):  # so few points are slower on two threads, whose sums also differ by run
        distances = pairwise_distances(compared)
        rows = []
        for algorithm, k in product(algorithms, COUNTS):
            model = fitted(sample, algorithm, k, seed)
            sizes = np.bincount(model.predict(sample), minlength=k)
            found = {
                "silhouette": _silhouette(distances, model.predict(compared)),
                "stability": _stability(bootstraps, compared, algorithm, k, seed),
                "smallest_share": sizes.min() / len(sample),
            }
            rows.append({"algorithm": algorithm, "k": k} | found)
    return pd.DataFrame(rows)


def fitted(
    points: Points, algorithm: str, k: int, seed: int, *, starts: int = STARTS
) -> KMeans | GaussianMixture:
    """A model of `k` clusters. k-means finds round clusters of like size.

    The mixture of normal distributions lets each cluster have its own spread in each feature; within a
    cluster features are taken as independent (latent profile analysis).
    """
    model = (
        KMeans(k, n_init=starts, random_state=seed)
        if algorithm == "kmeans"
        else GaussianMixture(
            k, covariance_type="diag", reg_covar=LEAST_VARIANCE, max_iter=MOST_STEPS, random_state=seed
        )
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # what comes of it is measured
        return model.fit(points)


def _silhouette(distances: Points, labels: Labels) -> float:
    """-1, the worst there is, where all points are in one cluster."""
    if len(np.unique(labels)) < 2:
        return -1.0
    return float(silhouette_score(distances, labels, metric="precomputed"))


def _stability(bootstraps: list[Points], compared: Points, algorithm: str, k: int, seed: int) -> float:
    labels = [
        fitted(points, algorithm, k, seed + number, starts=BOOTSTRAP_STARTS).predict(compared)
        for number, points in enumerate(bootstraps)
    ]
    return float(np.mean([adjusted_rand(one, other, k) for one, other in combinations(labels, 2)]))


def adjusted_rand(one: Labels, other: Labels, k: int) -> float:
    """The adjusted Rand index of two labellings by 0 to `k` - 1.

    As `sklearn.metrics.adjusted_rand_score`, whose checks of its input take ten times as long as the index.
    Source: L. Hubert and P. Arabie, "Comparing partitions", J. Classif. 2 (1985), 193-218, eq. (5).
    """
    both = np.bincount(one.astype(np.int64) * k + other, minlength=k * k).reshape(k, k)
    together, ours, theirs = (_pairs(n) for n in (both, both.sum(axis=1), both.sum(axis=0)))
    expected = ours * theirs / _pairs(np.array([len(one)]))
    most = (ours + theirs) / 2
    return 1.0 if most == expected else float((together - expected) / (most - expected))


def _pairs(counts: Labels) -> float:
    """Pairs within groups of these sizes."""
    return float((counts * (counts - 1) // 2).sum())


def chosen(tried: pd.DataFrame, k: int | None = None, before: int | None = None) -> tuple[int, bool]:
    """Which row of `trials` to take, and whether it is stable.

    Of those that are stable and whose clusters all hold SMALLEST_SHARE, the one with the highest silhouette.
    Of those that are as good (SAME_SILHOUETTE) first one with as many clusters as before, then k-means. Where
    none is stable, the most stable one.

    Parameters
    ----------
    k : int, optional
        The number of clusters that is wanted; none: any.
    before : int, optional
        The number of clusters of the earlier run.
    """
    asked = tried if k is None else tried[tried["k"] == k]
    large = asked[asked["smallest_share"] >= SMALLEST_SHARE]
    eligible = large[large["stability"] >= LOWEST_STABILITY]
    if eligible.empty:
        return _highest(large if len(large) else asked, "stability"), False
    best = eligible[eligible["silhouette"] > eligible["silhouette"].max() - SAME_SILHOUETTE]
    for preferred in (best["k"] == before, best["algorithm"] == ALGORITHMS[0]):
        best = best[preferred.loc[best.index]] if preferred.loc[best.index].any() else best
    return _highest(best, "silhouette"), True


def _highest(rows: pd.DataFrame, measure: str) -> int:
    """The first of them."""
    return int(rows.index.to_numpy()[rows[measure].to_numpy().argmax()])
