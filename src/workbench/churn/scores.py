"""Who is at risk and what is at stake: probabilities, bands, value, and the table handed on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.churn.backtest import Scorer
from workbench.churn.models import Vector
from workbench.churn.reasons import RANKS

BANDS = ("high", "medium", "low")
MEDIUM_SHARE = 0.3  # of customers, next after the high band
SMALLEST_CELL = 10  # fewer customers than this are not counted by reason on a page
COLUMNS = {
    "customer_id": "str",
    "churn_probability": "float64",
    "risk_band": "str",
    "value_at_risk": "float64",
    **{f"reason_{rank}": "str" for rank in RANKS},
    "observed_churn": "bool",
    "yearly_value": "float64",
}


@dataclass(frozen=True)
class Bands:
    """Risk bands of the customers who are still here.

    Attributes
    ----------
    high_from, medium_from : float
        Lowest probability of the band.
    by_value : float
        Share of the value at risk that as many customers as the high band hold, if they are chosen by value
        at risk instead of by probability; NaN without values.
    summary : pandas.DataFrame
        band, customers, share, expected_lost (sum of probabilities), yearly_value, value_at_risk; money is
        NaN if no customer's value is known.
    """

    high_from: float
    medium_from: float
    by_value: float
    summary: pd.DataFrame

    @property
    def value_at_risk(self) -> float:
        """Total over the bands."""
        return float(self.summary["value_at_risk"].sum(min_count=1))


def score(scorers: tuple[Scorer, ...], scored: pd.DataFrame) -> Vector:
    """Probability of churn of each scored row, by the model that speaks for it."""
    probability = np.full(len(scored), np.nan)
    for scorer in scorers:
        rows = scored.iloc[scorer.places]
        probability[scorer.places] = scorer.model.predict_probability(rows)
    return probability


def at_stake(scored: pd.DataFrame, probability: Vector, high_share: float) -> pd.DataFrame:
    """Probability, value at risk and band of each scored row.

    Bands go by rank among the customers who are still here; equal probabilities share the higher band. Value
    at risk is probability times yearly value: what is expected to go within a year if churners spend nothing
    more. Of a customer who has already left nothing is at risk any more.
    """
    here = ~scored["churned"].to_numpy("bool")
    high, medium = (
        _lowest_of_top(probability[here], share) for share in (high_share, high_share + MEDIUM_SHARE)
    )
    band = np.select([probability >= high, probability >= medium], BANDS[:2], BANDS[2])
    at_risk = np.where(here, probability * scored["yearly_value"].to_numpy("float64"), 0.0)
    columns = {"churn_probability": probability, "risk_band": band, "value_at_risk": at_risk}
    return scored[["customer_id", "churned", "yearly_value"]].assign(**columns)


def _lowest_of_top(probability: Vector, share: float) -> float:
    if len(probability) == 0:
        return np.inf
    taken = max(1, round(share * len(probability)))
    return float(np.sort(probability)[::-1][min(taken, len(probability)) - 1])


def bands(stakes: pd.DataFrame) -> Bands:
    """The bands of the customers who are still here, from high to low."""
    here = stakes[~stakes["churned"]]
    groups = here.groupby("risk_band")
    money = groups[["yearly_value", "value_at_risk"]].sum(min_count=1)
    counts = groups["churn_probability"].agg(customers="size", expected_lost="sum", lowest="min")
    table = counts.join(money).reindex(list(BANDS)).rename_axis("band").reset_index()
    table = table.fillna({"customers": 0, "expected_lost": 0})
    table["share"] = table["customers"] / max(1, len(here))
    high, medium = table["lowest"].iloc[:2]
    table = table.drop(columns="lowest").astype({"customers": "int64"})
    at_risk = np.sort(here["value_at_risk"].fillna(0).to_numpy())[::-1]
    chosen, total = at_risk[: table["customers"].iloc[0]].sum(), at_risk.sum()
    return Bands(float(high), float(medium), float(chosen / total) if total > 0 else np.nan, table)


def churn_table(stakes: pd.DataFrame, causes: pd.DataFrame) -> pd.DataFrame:
    """One row per scored customer with the columns COLUMNS, sorted by customer_id."""
    table = pd.concat([stakes, causes], axis=1).rename(columns={"churned": "observed_churn"})
    types: Any = COLUMNS
    return pd.DataFrame(table[list(COLUMNS)].astype(types)).sort_values("customer_id", ignore_index=True)


def no_rows() -> pd.DataFrame:
    """The table without rows, in the same types."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})


def first_causes(stakes: pd.DataFrame, causes: pd.DataFrame) -> pd.DataFrame:
    """Of the high band, how many customers have which feature as first reason.

    Returns
    -------
    pandas.DataFrame
        feature, customers, value_at_risk; features of fewer than SMALLEST_CELL customers are left out.
    """
    high = (stakes["risk_band"] == "high") & ~stakes["churned"] & (causes["cause_1"] != "")
    frame = pd.DataFrame({"feature": causes["cause_1"], "value_at_risk": stakes["value_at_risk"]})[high]
    groups = frame.groupby("feature")["value_at_risk"]
    table = groups.agg(customers="size").join(groups.sum(min_count=1)).reset_index()
    table = table[table["customers"] >= SMALLEST_CELL]
    return pd.DataFrame(table).sort_values(
        ["customers", "feature"], ascending=[False, True], ignore_index=True
    )
