"""Does the purchase model deserve trust? It is fitted on the past and asked for days it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd

from workbench.features import CustomerRange
from workbench.recall import recall, rows_digest
from workbench.results import Missing
from workbench.segmentation.forecast.expected_value import expected_value
from workbench.segmentation.forecast.fitting import fit_purchases, fit_spend
from workbench.segmentation.forecast.histories import (
    DAYS_PER_WEEK,
    EVERYONE,
    later_purchases,
    purchase_histories,
)
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD

LAST_GROUP = 7  # customers with so many repeat purchases and more form one group, as in the CDNOW tables


@dataclass(frozen=True)
class HoldoutValue:
    """The value part of the test: Gamma-Gamma and the predictive limits on the same customers.

    Attributes
    ----------
    revenue_actual, revenue_expected : float
        Of purchases in the holdout.
    covered : int
        Customers whose spend in the holdout lies within their limits.
    interval : float
        Probability that the limits were made for.
    """

    revenue_actual: float
    revenue_expected: float
    covered: int
    interval: float


@dataclass(frozen=True)
class Holdout:
    """Purchases in the last days, expected from what was known before them.

    Attributes
    ----------
    cutoff : date
        Last day the models were fitted on.
    days : int
        Length of the holdout, the days after `cutoff`.
    customers : pandas.DataFrame
        ``frequency``, ``actual``, ``expected``, ``naive`` (days of purchase in the holdout) of every customer
        who bought up to `cutoff`.
    by_frequency : pandas.DataFrame
        ``repeats`` (0 to 7, the last for 7 and more), ``customers``, the means ``actual``, ``expected``,
        ``naive`` per customer, and ``actual_error``, the standard error of the first.
    mae, mae_naive : float
        Mean absolute error in purchases per customer.
    correlation : float
        Pearson's, of actual and expected over customers; NaN where one of them does not vary.
    value : HoldoutValue or Missing
    """

    cutoff: date
    days: int
    customers: pd.DataFrame
    by_frequency: pd.DataFrame
    mae: float
    mae_naive: float
    correlation: float
    value: HoldoutValue | Missing


def holdout_test(
    days: ibis.Table,
    as_of: date,
    holdout_days: int,
    *,
    interval: float,
    seed: int,
    keep: bool = False,
    ranges: Sequence[CustomerRange] = (EVERYONE,),
) -> Holdout | Missing:
    """Fit on purchases up to `as_of` - `holdout_days` and predict the rest.

    The naive rule goes on at each customer's own past rate: x/T · t (0 where T is 0).

    Parameters
    ----------
    keep : bool
        Whether what was learned and expected is kept for the next time.
    ranges : sequence of CustomerRange
        The customers, see `purchase_histories`.

    Returns
    -------
    Holdout or Missing
        Missing when the days before the holdout are fewer than those in it, or the model does not fit there.
    """
    cutoff = as_of - timedelta(days=holdout_days)
    histories = purchase_histories(days, cutoff, ranges)
    known_days = round(histories["T"].max() * DAYS_PER_WEEK) + 1 if len(histories) else 0
    if known_days < holdout_days:
        return Missing("segmentation.short_history", {"days": known_days, "needed": holdout_days})
    model = fit_purchases(histories, keep=keep)
    if isinstance(model, Missing):
        return model
    later = later_purchases(days, cutoff, as_of)
    joined = histories.merge(later, on="customer_id", how="left").fillna(
        {"later_orders": 0, "later_spend": 0.0}
    )
    customers = _predicted(model, joined, holdout_days / DAYS_PER_WEEK)
    error, error_naive = (_mae(customers, name) for name in ("expected", "naive"))
    value = _value(model, joined, holdout_days, interval=interval, seed=seed, keep=keep)
    grouped, correlation = by_frequency(customers), _correlation(customers)
    return Holdout(cutoff, holdout_days, customers, grouped, error, error_naive, correlation, value)


def by_frequency(customers: pd.DataFrame) -> pd.DataFrame:
    """Mean actual, expected and naive purchases by repeat purchases up to the cut-off."""
    groups = customers.groupby(customers["frequency"].clip(upper=LAST_GROUP).rename("repeats"))
    table = groups[["actual", "expected", "naive"]].mean()
    table.insert(0, "customers", groups.size())
    return table.assign(actual_error=groups["actual"].sem().fillna(0.0)).reset_index()


def _predicted(model: BetaGeoNBD, joined: pd.DataFrame, t: float) -> pd.DataFrame:
    rate = np.divide(joined["frequency"], joined["T"].where(joined["T"] > 0, np.inf))
    return pd.DataFrame(
        {
            "frequency": joined["frequency"],
            "actual": joined["later_orders"].astype("int64"),
            "expected": model.expected_orders(joined, t),
            "naive": rate * t,
        }
    )


def _value(
    purchases: BetaGeoNBD,
    joined: pd.DataFrame,
    holdout_days: int,
    *,
    interval: float,
    seed: int,
    keep: bool,
) -> HoldoutValue | Missing:
    spend = fit_spend(joined, keep=keep)
    if isinstance(spend, Missing):
        return spend
    horizon = holdout_days / DAYS_PER_WEEK
    expected = recall(
        "segmentation.holdout",
        rows_digest(joined) if keep else None,
        {"horizon": horizon, "interval": interval, "seed": seed},
        lambda: expected_value(purchases, spend, joined, horizon=horizon, interval=interval, seed=seed),
    )
    actual = joined["later_spend"]
    inside = actual.between(expected["expected_value_low"], expected["expected_value_high"])
    return HoldoutValue(
        float(actual.sum()), float(expected["expected_value"].sum()), int(inside.sum()), interval
    )


def _mae(customers: pd.DataFrame, forecast: str) -> float:
    return float((customers[forecast] - customers["actual"]).abs().mean())


def _correlation(customers: pd.DataFrame) -> float:
    pair = customers[["actual", "expected"]]
    return float(pair["actual"].corr(pair["expected"])) if (pair.nunique() > 1).all() else float("nan")
