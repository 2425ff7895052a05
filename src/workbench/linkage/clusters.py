"""From scored pairs to people: which pairs are proposed, which records they connect, what is held back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from workbench.linkage.compare import Comparer
from workbench.linkage.comparisons import CONTRADICTING_NAMES, gamma

LINK, REVIEW, NAMES, HOUSEHOLD, LARGE, CONTRADICTED = (
    "link", "review", "names", "household", "large", "contradicted",
)  # fmt: skip


@dataclass(frozen=True)
class People:
    """What the scored pairs amount to.

    Attributes
    ----------
    pairs : pandas.DataFrame
        Pairs from the review threshold on: record_l, record_r, match_probability, match_weight,
        gamma_<field>, decision (``link``: proposed; ``review``: probable; ``names``: names contradict;
        ``household``: only phone or address agree; ``large``, ``contradicted``: the cluster is held back).
    members : pandas.DataFrame
        record, cluster (the smallest record number in it), state (``link``, ``large``, ``contradicted``):
        clusters of two and more.
    n_implied : int
        Pairs inside proposed clusters that are joined by a third record only.
    """

    pairs: pd.DataFrame
    members: pd.DataFrame
    n_implied: int


def find_people(
    comparer: Comparer, *, threshold: float, review_threshold: float, largest_cluster: int
) -> People:
    """Cluster the scored candidates in ``link_pairs`` and hold back what contradicts itself.

    A pair is proposed when its probability reaches `threshold`, its names do not contradict each other, and
    name or e-mail agree to some degree: phone and address alone show a household. Clusters are
    the connected components of the proposed pairs. A cluster of more than `largest_cluster` records, or one
    in which the names of two records contradict each other, is held back whole.
    """
    pairs = comparer.con.execute(
        f"SELECT * EXCLUDE match_key FROM link_pairs WHERE match_probability >= {review_threshold} "
        "ORDER BY record_l, record_r"
    ).df()
    decision = np.where(pairs["match_probability"] >= threshold, LINK, REVIEW).astype(object)
    decision[_only_household(pairs, comparer.fields)] = HOUSEHOLD
    decision[_contradicting(pairs, comparer.fields)] = NAMES
    members = _components(pairs[decision == LINK])
    members, n_inside = _judged(comparer, members, largest_cluster)
    state = members.set_index("record")["state"]
    linked = decision == LINK
    decision[linked] = state.reindex(pairs.loc[linked, "record_l"]).to_numpy()
    n_implied = n_inside - int((decision == LINK).sum())
    return People(pairs.assign(decision=decision), members, n_implied)


def _contradicting(pairs: pd.DataFrame, fields: tuple[str, ...]) -> Any:
    if "name" not in fields:
        return np.zeros(len(pairs), dtype=bool)
    return pairs["gamma_name"].isin([gamma("name", code) for code in CONTRADICTING_NAMES]).to_numpy()


def _only_household(pairs: pd.DataFrame, fields: tuple[str, ...]) -> Any:
    """Pairs whose name and e-mail do not agree to any degree. Without a column of names nobody can tell."""
    if "name" not in fields:
        return np.zeros(len(pairs), dtype=bool)
    personal = [f for f in ("name", "email") if f in fields]
    agree = [pairs[f"gamma_{f}"].to_numpy() > 0 for f in personal]
    return ~np.logical_or.reduce(agree)


def _components(edges: pd.DataFrame) -> pd.DataFrame:
    records = np.unique(edges[["record_l", "record_r"]].to_numpy())
    left, right = (np.searchsorted(records, edges[side].to_numpy()) for side in ("record_l", "record_r"))
    graph = coo_array((np.ones(len(edges)), (left, right)), shape=(len(records), len(records)))
    labels = connected_components(graph, directed=False)[1] if len(records) else np.zeros(0, dtype=int)
    members = pd.DataFrame({"record": records, "cluster": labels})
    members["cluster"] = members.groupby("cluster")["record"].transform("min")
    return members.sort_values(["cluster", "record"], ignore_index=True)


def _judged(comparer: Comparer, members: pd.DataFrame, largest: int) -> tuple[pd.DataFrame, int]:
    """`members` with their cluster's state, and the number of pairs inside the clusters that are proposed."""
    size = members.groupby("cluster")["record"].transform("size")
    inside = _pairs_inside(members[size <= largest])
    comparer.con.register("link_inside", pa.Table.from_pandas(inside, preserve_index=False))
    comparer.score("link_inside", "link_inner")
    inner = comparer.con.execute("SELECT * FROM link_inner ORDER BY record_l, record_r").df()
    comparer.con.execute("DROP TABLE link_inner")
    cluster = members.set_index("record")["cluster"]
    bad = cluster.reindex(inner.loc[_contradicting(inner, comparer.fields), "record_l"]).unique()
    state = np.where(size > largest, LARGE, np.where(members["cluster"].isin(bad), CONTRADICTED, LINK))
    good = members[state == LINK].groupby("cluster").size().to_numpy()
    return members.assign(state=state), int((good * (good - 1) // 2).sum())


def _pairs_inside(members: pd.DataFrame) -> pd.DataFrame:
    """All pairs of records of one cluster, as Splink names the sides of a pair."""
    both = members.merge(members, on="cluster", suffixes=("_l", "_r"))
    both = both[both["record_l"] < both["record_r"]]
    return pd.DataFrame(
        {"match_key": "0", "join_key_l": both["record_l"], "join_key_r": both["record_r"]}
    ).astype({"join_key_l": "int64", "join_key_r": "int64"})
