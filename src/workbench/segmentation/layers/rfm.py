"""Recency, frequency, monetary: scores by rank, and named layers of the base."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

BANDS = ("low", "middle", "high")
SEGMENTS = (
    "champions",
    "loyal",
    "promising",
    "new",
    "attention",
    "cooling",
    "cannot_lose",
    "at_risk",
    "hibernating",
    "lost",
)


@dataclass(frozen=True)
class Rule:
    """Which bands of the three scores make a segment; ANY stands for all three bands."""

    recency: tuple[str, ...]
    frequency: tuple[str, ...]
    monetary: tuple[str, ...]
    segment: str


ANY = BANDS
# Every combination of bands falls under exactly one rule (a test counts them).
RULES = (
    Rule(("high",), ("high",), ("high",), "champions"),
    Rule(("high",), ("high",), ("low", "middle"), "loyal"),
    Rule(("middle",), ("high",), ANY, "loyal"),
    Rule(("high",), ("middle",), ANY, "promising"),
    Rule(("high",), ("low",), ANY, "new"),
    Rule(("middle",), ("middle",), ANY, "attention"),
    Rule(("middle",), ("low",), ANY, "cooling"),
    Rule(("low",), ("high",), ("high",), "cannot_lose"),
    Rule(("low",), ("high",), ("low", "middle"), "at_risk"),
    Rule(("low",), ("middle",), ANY, "at_risk"),
    Rule(("low",), ("low",), ("middle", "high"), "hibernating"),
    Rule(("low",), ("low",), ("low",), "lost"),
)


@dataclass(frozen=True)
class Layers:
    """The base in RFM segments.

    Attributes
    ----------
    scores : pandas.DataFrame
        ``recency_score``, ``frequency_score``, ``monetary_score`` (1 to `groups`, higher is better) and
        ``rfm_segment``, on the index of the customers.
    by_segment : pandas.DataFrame
        In the order of SEGMENTS, those that occur: ``segment``, ``customers``, ``customer_share``,
        ``revenue``, ``revenue_share``, ``median_days_since_last_order``, ``mean_orders``.
    groups : int
    """

    scores: pd.DataFrame
    by_segment: pd.DataFrame
    groups: int


def rfm_layers(orders: pd.DataFrame, groups: int) -> Layers:
    """Score and layer customers by ``days_since_last_order``, ``n_orders`` and ``revenue``."""
    scores = pd.DataFrame(
        {
            "recency_score": rank_score(-orders["days_since_last_order"], groups),
            "frequency_score": rank_score(orders["n_orders"], groups),
            "monetary_score": rank_score(orders["revenue"], groups),
        }
    )
    scores["rfm_segment"] = segment_names(scores, groups)
    return Layers(scores, _by_segment(orders, scores["rfm_segment"]), groups)


def rank_score(values: pd.Series, groups: int) -> pd.Series:
    """Score 1 to `groups` of each value: 1 + floor(groups × share of customers strictly below).

    Equal values get equal scores. The price is that groups differ in size where many values are equal: with
    half of the base at one purchase, all of these score 1 and nobody scores 2. The top score is held by at
    most one in `groups` of the customers.
    """
    below = (values.rank(method="min") - 1).astype("int64")
    return (1 + groups * below // len(values)).astype("int64")


def band(score: pd.Series, groups: int) -> pd.Series:
    """The third of the scale that the middle of a score's step lies in: low, middle or high."""
    return pd.Series(pd.cut((score - 0.5) / groups, [0, 1 / 3, 2 / 3, 1], labels=list(BANDS))).astype(str)


def segment_names(scores: pd.DataFrame, groups: int) -> pd.Series:
    """The segment of each row of scores by RULES."""
    r, f, m = (band(scores[f"{name}_score"], groups) for name in ("recency", "frequency", "monetary"))
    under = [r.isin(rule.recency) & f.isin(rule.frequency) & m.isin(rule.monetary) for rule in RULES]
    return pd.Series(np.select(under, [rule.segment for rule in RULES], default=""), index=scores.index)


def _by_segment(orders: pd.DataFrame, segment: pd.Series) -> pd.DataFrame:
    grouped = orders.groupby(segment.rename("segment")).agg(
        customers=("revenue", "size"),
        revenue=("revenue", "sum"),
        median_days_since_last_order=("days_since_last_order", "median"),
        mean_orders=("n_orders", "mean"),
    )
    table = grouped.reindex([name for name in SEGMENTS if name in grouped.index])
    table.insert(1, "customer_share", table["customers"] / table["customers"].sum())
    table.insert(3, "revenue_share", table["revenue"] / table["revenue"].sum())
    return table.rename_axis("segment").reset_index()
