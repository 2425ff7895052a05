"""Customer value in three dimensions: what a customer brings now, may bring, and how close the bond is.

The hierarchy and its judgements are a proposal of this project, in the manner of the literature that weighs
current, potential and relationship value by AHP. Indicators no table can tell are left out and the weights
of the others rescaled; `ValueScore.weights` shows which.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.segmentation.value.ahp import Judgements, Weights, total_ratio, weights

DIMENSIONS = Judgements("dimensions", ("current", "potential", "relationship"), (2, 3, 2))
INDICATORS = {
    "current": Judgements(
        "current value", ("margin", "revenue", "frequency", "service_cost"), (2, 3, 3, 2, 2, 1)
    ),
    "potential": Judgements(
        "potential value", ("expected_value", "trend", "cross_sell", "wallet"), (3, 2, 4, 1 / 2, 2, 3)
    ),
    "relationship": Judgements(
        "relationship value",
        ("tenure", "loyalty", "referral", "engagement", "credit"),
        (1 / 3, 1 / 2, 1, 1, 2, 3, 2, 2, 1, 1),
    ),
}
# Tier → share of customers ranked above which it ends: A 20 %, B the next 30 %, C the rest.
TIER_ENDS = {"A": 0.2, "B": 0.5, "C": 1.0}
CLASSES = tuple(
    f"{current}-{potential}-{bond}"
    for current in ("high", "low")
    for potential in ("high", "low")
    for bond in ("high", "low")
)


@dataclass(frozen=True)
class ValueScore:
    """Scores, classes and tiers, and the weights behind them.

    Attributes
    ----------
    scores : pandas.DataFrame
        ``current_value``, ``potential_value``, ``relationship_value``, ``value_score`` (0 to 100),
        ``value_class`` (current-potential-relationship, each high or low) and ``tier`` (A, B, C).
    weights : pandas.DataFrame
        ``dimension``, ``indicator``, ``local_weight`` and ``global_weight`` as judged, and ``weight_used``
        (global, 0 where the indicator is left out).
    ratio : float
        Consistency ratio of all judgements together; each alone is at most 0.10, or `ahp.weights` refuses.
    medians : dict
        Dimension → score above which a customer counts as high.
    tier_floors : dict
        Tier → lowest value score in it.
    """

    scores: pd.DataFrame
    weights: pd.DataFrame
    ratio: float
    medians: dict[str, float]
    tier_floors: dict[str, float]


def indicators_of(orders: pd.DataFrame, expected: pd.DataFrame | None) -> pd.DataFrame:
    """The indicators that order features and (when there are any) the purchase models can tell.

    ``revenue`` and ``frequency`` are of the last 365 days; ``trend`` compares the last 90 days with the 90
    before; ``tenure`` is in days; ``loyalty`` is the probability of buying again within the horizon: P(alive)
    itself would put every customer with one purchase at the top, for the model holds all of them alive.
    """
    known = pd.DataFrame(
        {
            "revenue": orders["revenue_365d"],
            "frequency": orders["n_orders_365d"],
            "trend": orders["spend_trend"],
            "tenure": orders["days_since_first_order"],
        }
    )
    if expected is None:
        return known
    return known.assign(expected_value=expected["expected_value"], loyalty=expected["p_purchase"])


def value_score(indicators: pd.DataFrame) -> ValueScore:
    """Score customers by the indicators (columns) given; each dimension needs at least one.

    An indicator enters as its percentile rank (0 to 1, equal values share their middle rank, a missing value
    stands in the middle), so that no outlier has to be cut and no unit matters.
    """
    upper = weights(DIMENSIONS)
    lower = {name: weights(judged) for name, judged in INDICATORS.items()}
    table = _weight_table(upper, lower, set(indicators.columns))
    ranks = ((indicators.rank() - 0.5) / indicators.count()).fillna(0.5)
    scores = pd.DataFrame(index=indicators.index)
    for name, rows in table.groupby("dimension", sort=False):
        used = rows.set_index("indicator")["weight_used"].loc[lambda w: w > 0]
        scores[f"{name}_value"] = 100 * ranks[used.index] @ (used / used.sum())
    dimensions = [f"{name}_value" for name in DIMENSIONS.elements]
    scores = scores.round(10)  # equal customers must stay equal through sums of floats
    scores["value_score"] = (scores[dimensions] @ np.array(list(upper.by_element.values()))).round(10)
    medians = scores[dimensions].median()
    high = scores[dimensions].gt(medians).replace({True: "high", False: "low"})
    scores["value_class"] = high[dimensions].agg("-".join, axis=1).astype(str)
    scores["tier"] = tiers(scores["value_score"])
    floors = scores.groupby("tier")["value_score"].min()
    ratio = total_ratio(upper, list(lower.values()))
    return ValueScore(scores, table, ratio, _named(medians), _named(floors))


def tiers(score: pd.Series) -> pd.Series:
    """A, B or C by the share of customers with a strictly higher score, so that equals share a tier."""
    above = (score.rank(method="min", ascending=False) - 1) / len(score)
    names, ends = list(TIER_ENDS), np.array(list(TIER_ENDS.values()))
    position = np.searchsorted(ends, above.to_numpy(), side="right")
    return pd.Series([names[i] for i in position], index=score.index, dtype="str")


def _named(values: "pd.Series[float]") -> dict[str, float]:
    return {str(name): float(value) for name, value in values.items()}


def _weight_table(upper: Weights, lower: dict[str, Weights], known: set[str]) -> pd.DataFrame:
    rows = [
        {"dimension": d, "indicator": i, "local_weight": local, "global_weight": local * upper.by_element[d]}
        for d, level in lower.items()
        for i, local in level.by_element.items()
    ]
    table = pd.DataFrame(rows)
    kept = table["local_weight"].where(table["indicator"].isin(known), 0.0)
    share = kept / kept.groupby(table["dimension"]).transform("sum")
    return table.assign(weight_used=share * table["dimension"].map(upper.by_element))
