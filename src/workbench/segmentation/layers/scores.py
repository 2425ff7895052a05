"""Scores for recency, frequency and money: by rank, by edges that the company gives, or by natural breaks."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from workbench.errors import refusal, unknown_name
from workbench.segmentation.layers.natural import natural_breaks

Method = Literal["quantile", "fixed", "natural"]
Edges = Mapping[str, Sequence[float]]
METHODS: tuple[Method, ...] = ("quantile", "fixed", "natural")
# Measure → column. Few days are good; the other two are good when they are high.
COLUMNS = {"recency": "days_since_last_order", "frequency": "n_orders", "monetary": "revenue"}
LOGARITHMIC = ("n_orders", "revenue")  # twice as many orders mean as much at two as at twenty
FEWEST_EDGES, MOST_EDGES = 2, 9  # three to ten groups


def rank_score(values: pd.Series, groups: int) -> pd.Series:
    """Score 1 to `groups` of each value: 1 + floor(groups × share of customers strictly below).

    Equal values get equal scores. The price is that groups differ in size where many values are equal: with
    half of the base at one purchase, all of these score 1 and nobody scores 2. The top score is held by at
    most one in `groups` of the customers.
    """
    below = (values.rank(method="min") - 1).astype("int64")
    return (1 + groups * below // len(values)).astype("int64")


def edge_score(values: pd.Series, edges: Sequence[float]) -> pd.Series:
    """1 + the number of rising `edges` that a value reaches."""
    reached = np.searchsorted(np.asarray(edges, dtype=np.float64), values.to_numpy(), side="right")
    return pd.Series(1 + reached, index=values.index, dtype="int64")


def day_score(days: pd.Series, edges: Sequence[float]) -> pd.Series:
    """1 + the number of rising `edges` that `days` do not exceed."""
    exceeded = np.searchsorted(np.asarray(edges, dtype=np.float64), days.to_numpy(), side="left")
    return pd.Series(1 + len(edges) - exceeded, index=days.index, dtype="int64")


def fixed_edges(edges: Edges) -> dict[str, tuple[float, ...]]:
    """`edges` as they can be scored by: for each of COLUMNS, as many rising numbers above 0.

    Raises
    ------
    WorkbenchError
        If a column is missing or unknown, or its edges are too few, too many, not rising or not above 0, or
        the columns differ in the number of edges.
    """
    names = tuple(COLUMNS.values())
    for name in edges:
        if name not in names:
            raise unknown_name("parameters", "rfm_edges", name, names)
    for name in names:
        _refuse_edges(name, tuple(edges.get(name, ())))
    counts = {name: len(edges[name]) for name in names}
    if len(set(counts.values())) > 1:
        got = ", ".join(f"{count} of {name}" for name, count in counts.items())
        rule = "of the same number for each measure"
        raise refusal("parameters", "rfm_edges", rule, got, "Give each measure the same number of groups.")
    return {name: tuple(float(edge) for edge in edges[name]) for name in names}


def _refuse_edges(name: str, given: tuple[float, ...]) -> None:
    rising = all(low < high for low, high in zip((0, *given), given, strict=False))
    if FEWEST_EDGES <= len(given) <= MOST_EDGES and rising:
        return
    rule = f"{FEWEST_EDGES} to {MOST_EDGES} rising numbers above 0"
    got = ", ".join(f"{edge:g}" for edge in given) or "none"
    raise refusal(
        "parameters", f"rfm_edges.{name}", rule, got, "As in days_since_last_order: [30, 60, 90, 180]."
    )


def rfm_scores(
    orders: pd.DataFrame, groups: int, method: Method = "quantile", edges: Edges | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Score customers by ``days_since_last_order``, ``n_orders`` and ``revenue``.

    Ties and odd values: equal values score alike by every method. A customer whose net revenue is 0 or less
    (free orders, or refunds as large as the purchases) scores 1 in money; natural breaks are sought among
    positive revenues. A customer with refunds alone has no order and no row here. Where a measure has fewer
    distinct values than `groups`, natural scores count from 1 and the top scores stay empty.

    Parameters
    ----------
    groups : int
        Number of scores; with `fixed` the edges tell it.
    edges : mapping, optional
        For `fixed`: see `fixed_edges`. So many days at most, so many orders or so much revenue at least.

    Returns
    -------
    scores : pandas.DataFrame
        ``recency_score``, ``frequency_score``, ``monetary_score``, 1 to the number of groups, the best the
        highest, on the index of `orders`.
    limits : pandas.DataFrame
        ``measure``, ``score``, ``limit`` (days: at most; orders, revenue: at least; missing for the lowest
        score) and ``customers``, for the scores that occur, with `fixed` for all of them.
    groups : int

    Raises
    ------
    WorkbenchError
        If the method is unknown, or the edges break a rule.
    """
    if method not in METHODS:
        raise unknown_name("parameters", "rfm_method", method, METHODS)
    given = fixed_edges(edges or {}) if method == "fixed" else {}
    found = {}
    for measure, column in COLUMNS.items():
        found[f"{measure}_score"] = _score(orders[column], groups, method, given.get(column))
    scores = pd.DataFrame(found, index=orders.index)
    scores.loc[orders["revenue"] <= 0, "monetary_score"] = 1
    groups = 1 + len(given["revenue"]) if given else groups
    return scores, _limits(orders, scores, given), groups


def _score(values: pd.Series, groups: int, method: Method, edges: tuple[float, ...] | None) -> pd.Series:
    days = values.name == COLUMNS["recency"]
    if method == "quantile":
        return rank_score(-values if days else values, groups)
    if edges is not None:
        return day_score(values, edges) if days else edge_score(values, edges)
    known = values if days else values[values > 0]
    breaks = natural_breaks(known, groups, logarithmic=values.name in LOGARITHMIC).tolist()
    # Of days a break is where the worse class begins.
    return len(breaks) + 2 - edge_score(values, breaks) if days else edge_score(values, breaks)


def _limits(
    orders: pd.DataFrame, scores: pd.DataFrame, given: Mapping[str, tuple[float, ...]]
) -> pd.DataFrame:
    parts = []
    for measure, column in COLUMNS.items():
        values = orders[column].groupby(scores[f"{measure}_score"].rename("score"))
        days = measure == "recency"
        table = pd.DataFrame({"limit": values.max() if days else values.min(), "customers": values.size()})
        if given:
            rising = given[column][::-1] if days else given[column]
            told = pd.Series((np.nan, *rising), index=range(1, len(rising) + 2))
            table = pd.DataFrame({"limit": told, "customers": table["customers"].reindex(told.index)})
        table["limit"] = table["limit"].astype("float64").where(table.index > table.index.min())
        table["customers"] = table["customers"].fillna(0).astype("int64")
        parts.append(table.rename_axis("score").reset_index().assign(measure=measure))
    return pd.concat(parts, ignore_index=True)[["measure", "score", "limit", "customers"]]
