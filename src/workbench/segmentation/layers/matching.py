"""Clusters that keep their numbers from one run to the next."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from workbench.results import Missing


@dataclass(frozen=True)
class Kept:
    """How many customers are in the same cluster as in the earlier run.

    Attributes
    ----------
    customers : int
        In a cluster in both runs.
    kept : int
        Of these, in clusters of the same number. Numbers are matched so that these are as many as can be.
    """

    customers: int
    kept: int

    @property
    def share(self) -> float:
        """`kept` of `customers`."""
        return self.kept / self.customers


def matched(
    labels: pd.Series, customer_id: pd.Series, earlier: pd.DataFrame | None
) -> tuple[pd.Series, Kept | Missing]:
    """`labels` with the numbers of an earlier run.

    Clusters are matched one to one so that most customers keep their number (H. W. Kuhn, "The Hungarian
    method for the assignment problem", Nav. Res. Logist. Q. 2 (1955), 83-97). A cluster without a
    counterpart gets a number that the earlier run has not used; a number may so be left out.

    Parameters
    ----------
    labels : pandas.Series
        Whole numbers from 1.
    customer_id : pandas.Series
        On the index of `labels`.
    earlier : pandas.DataFrame or None
        ``customer_id``, ``cluster`` (may be missing).

    Returns
    -------
    labels : pandas.Series
        The same where there is no earlier run, or no customer in both.
    kept : Kept or Missing
    """
    if earlier is None:
        return labels, Missing("segmentation.no_earlier_clusters")
    known = earlier[["customer_id", "cluster"]].dropna().drop_duplicates("customer_id")
    before = pd.Series(known["cluster"].to_numpy(dtype=np.int64), index=known["customer_id"])
    was = customer_id.map(before).dropna().astype("int64")
    if was.empty:
        return labels, Missing("segmentation.no_common_customers")
    numbers = _best_match(labels[was.index], was)
    new = sorted(set(labels.unique()) - set(numbers))
    numbers |= {label: int(known["cluster"].max()) + place for place, label in enumerate(new, start=1)}
    renumbered = labels.map(numbers).astype("int64")
    return renumbered, Kept(len(was), int((renumbered[was.index] == was).sum()))


def _best_match(now: pd.Series, then: pd.Series) -> dict[int, int]:
    """Each number of now with the one of then it shares most customers with, one to one; at least one."""
    both = pd.crosstab(now, then)
    shared = both.to_numpy()
    rows, columns = linear_sum_assignment(shared, maximize=True)
    met = shared[rows, columns] > 0
    ours, theirs = both.index.to_numpy(dtype=np.int64), both.columns.to_numpy(dtype=np.int64)
    return dict(zip(ours[rows[met]].tolist(), theirs[columns[met]].tolist(), strict=True))
