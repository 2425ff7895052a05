"""What tiers and value classes hold and are expected to bring."""

from dataclasses import dataclass

import pandas as pd

from workbench.segmentation.forecast.outlook import Outlook
from workbench.segmentation.value.score import ValueScore


@dataclass(frozen=True)
class TierValues:
    """What is expected of each tier.

    Attributes
    ----------
    table : pandas.DataFrame
        ``tier``, ``customers``, ``expected_value``, ``value_share`` and the medians over the tier's customers
        of the expectation and its limits: ``typical``, ``typical_low``, ``typical_high``.
    horizon_days : int
    interval : float
        Probability between the limits.
    """

    table: pd.DataFrame
    horizon_days: int
    interval: float


def by_tier(score: ValueScore, orders: pd.DataFrame) -> pd.DataFrame:
    """``tier``, ``score_floor``, ``customers``, ``revenue`` of the last 365 days, ``revenue_share``."""
    tier = score.scores["value_grade"].rename("tier")
    grouped = orders.groupby(tier)
    table = pd.DataFrame({"customers": grouped.size(), "revenue": grouped["revenue_365d"].sum()})
    table.insert(0, "score_floor", pd.Series(score.grade_floors))
    return table.assign(revenue_share=table["revenue"] / table["revenue"].sum()).reset_index()


def tier_values(tier: pd.Series, expected: Outlook) -> TierValues:
    """Sum up and typify the expected values of the customers of each tier."""
    grouped = expected.customers.groupby(tier.rename("tier"))
    table = pd.DataFrame({"customers": grouped.size(), "expected_value": grouped["expected_value"].sum()})
    table["value_share"] = table["expected_value"] / table["expected_value"].sum()
    table["typical"] = grouped["expected_value"].median()
    table["typical_low"] = grouped["expected_value_low"].median()
    table["typical_high"] = grouped["expected_value_high"].median()
    return TierValues(table.reset_index(), expected.horizon_days, expected.interval)


def by_class(scores: pd.DataFrame, expected: pd.DataFrame | None, classes: tuple[str, ...]) -> pd.DataFrame:
    """Per value class, in the order of `classes`: ``customers``, ``customer_share``, ``value_score`` (mean)
    and, where known, ``expected_value`` and ``value_share``."""
    grouped = scores.groupby("value_class")
    table = pd.DataFrame({"customers": grouped.size(), "value_score": grouped["value_score"].mean()})
    table.insert(1, "customer_share", table["customers"] / len(scores))
    if expected is not None:
        table["expected_value"] = expected.groupby(scores["value_class"])["expected_value"].sum()
        table["value_share"] = table["expected_value"] / table["expected_value"].sum()
    kept = [name for name in classes if name in table.index]
    return table.reindex(kept).rename_axis("value_class").reset_index()
