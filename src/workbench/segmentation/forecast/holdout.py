"""Does the purchase model deserve trust? It is fitted on the past and asked for days it has not seen."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.recall import recall, rows_digest
from workbench.results import Missing
from workbench.segmentation.book import PurchaseBook
from workbench.segmentation.forecast.expected_value import LIMITS, Terms, expectations, expected_value
from workbench.segmentation.forecast.histories import DAYS_PER_WEEK, later_purchases, purchase_histories
from workbench.segmentation.forecast.ladder import Choice, choose, choose_spend, fitted
from workbench.segmentation.forecast.models import Floats, PurchaseModel, SpendModel, learned
from workbench.segmentation.forecast.seasons import season
from workbench.segmentation.purchases.pareto import ParetoNBD
from workbench.segmentation.purchases.seasonal import SeasonalParetoNBD

LAST_GROUP = 7  # customers with so many repeat purchases and more form one group, as in the CDNOW tables
CONTENDERS = ("pareto_nbd", "bg_nbd", "mbg_nbd", "nbd")  # beside the naive rule, whatever model is used
MOST_CHECKED = 5_000  # customers whose limits are put to the test: the share errs by half a percent
SURE = 1.96  # standard errors of a 95 % interval


@dataclass(frozen=True)
class HoldoutValue:
    """The value part of the test: spend and the predictive limits on the same customers.

    Attributes
    ----------
    revenue_actual, revenue_expected : float
        Of purchases in the holdout, not discounted.
    checked, covered : int
        Customers that limits were made for, at most MOST_CHECKED, and of them those whose spend in the
        holdout lies within theirs.
    interval : float
        Probability that the limits were made for.
    """

    revenue_actual: float
    revenue_expected: float
    checked: int
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
    choice : Choice
        The model used there.
    customers : pandas.DataFrame
        ``frequency``, ``actual``, ``expected``, ``naive`` (days of purchase in the holdout) of every customer
        who bought up to `cutoff`.
    by_frequency : pandas.DataFrame
        ``repeats`` (0 to 7, the last for 7 and more), ``customers``, the means ``actual``, ``expected``,
        ``naive`` per customer, and ``actual_error``, the standard error of the first.
    contenders : pandas.DataFrame
        ``model`` (the naive rule, every model that could be fitted), ``used``, ``expected`` (total),
        ``correlation`` (Pearson's, over customers; NaN where one side does not vary), ``mae``, ``rmse``
        (purchases per customer).
    gain, gain_low, gain_high : float
        Mean absolute error of the naive rule less that of the model used, with its 95 % interval over
        customers: above 0 the model is the better one.
    season : Missing or None
        Why seasonal time does not stand among the contenders.
    value : HoldoutValue or Missing
    before : pandas.DataFrame or Missing
        ``expected_value`` and ``p_purchase`` over the holdout as foreseen at `cutoff`, by ``customer_id``.
    """

    cutoff: date
    days: int
    choice: Choice
    customers: pd.DataFrame
    by_frequency: pd.DataFrame
    contenders: pd.DataFrame
    gain: float
    gain_low: float
    gain_high: float
    season: Missing | None
    value: HoldoutValue | Missing
    before: pd.DataFrame | Missing

    @property
    def mae(self) -> float:
        """Mean absolute error of the model used, in purchases per customer."""
        return float(self.of("used")["mae"])

    @property
    def mae_naive(self) -> float:
        """The same of the naive rule."""
        return float(self.of("naive")["mae"])

    @property
    def correlation(self) -> float:
        """Of the model used with what was made; NaN where one side does not vary."""
        return float(self.of("used")["correlation"])

    @property
    def wins(self) -> bool:
        """Whether the model misses customers by less than the naive rule, beyond chance."""
        return self.gain_low > 0

    def of(self, model: str) -> "pd.Series[float]":
        """The contender `model`; the model used under ``used``."""
        rows = self.contenders["used"] if model == "used" else self.contenders["model"] == model
        return self.contenders[rows].iloc[0]


@dataclass(frozen=True)
class Asked:
    """What the test is asked for: see the parameters of the notebook."""

    holdout_days: int
    interval: float
    seed: int
    wanted: str = "auto"


def holdout_test(book: PurchaseBook, asked: Asked, *, keep: bool = False) -> Holdout | Missing:
    """Fit on the purchases of `book` but for its last ``holdout_days`` days, and predict those.

    The naive rule goes on at each customer's own past rate: x/T · t (0 where T is 0).

    Parameters
    ----------
    keep : bool
        Whether what was learned and expected is kept for the next time.

    Returns
    -------
    Holdout or Missing
        Missing when the days before the holdout are fewer than those in it, or no model fits there.
    """
    cutoff = book.as_of - timedelta(days=asked.holdout_days)
    histories = purchase_histories(book, cutoff)
    known_days = round(histories["T"].max() * DAYS_PER_WEEK) + 1 if len(histories) else 0
    if known_days < asked.holdout_days:
        return Missing("segmentation.short_history", {"days": known_days, "needed": asked.holdout_days})
    choice = choose(histories, asked.wanted, keep=keep)
    if isinstance(choice, Missing):
        return choice
    joined = histories.join(later_purchases(book, cutoff)).reset_index(drop=True)
    models, no_season = _contenders(choice, histories, book, cutoff, keep=keep)
    weeks = asked.holdout_days / DAYS_PER_WEEK
    forecasts = {"naive": _naive(joined, weeks)}
    forecasts |= {name: model.expected_orders(joined, weeks) for name, model in models.items()}
    customers = pd.DataFrame(
        {
            "frequency": joined["frequency"],
            "actual": joined["later_orders"],
            "expected": forecasts[choice.name],
            "naive": forecasts["naive"],
        }
    )
    foreseen = _foreseen(choice.model, joined, asked, keep=keep)
    return Holdout(
        cutoff=cutoff,
        days=asked.holdout_days,
        choice=choice,
        customers=customers,
        by_frequency=by_frequency(customers),
        contenders=_compared(customers["actual"], forecasts, choice.name),
        **_gain(customers),
        season=no_season,
        value=foreseen if isinstance(foreseen, Missing) else _held(foreseen, joined, asked),
        before=foreseen if isinstance(foreseen, Missing) else _before(foreseen, joined),
    )


def _gain(customers: pd.DataFrame) -> dict[str, float]:
    """By how much the model used misses customers less than the naive rule, with its 95 % interval."""
    missed = {name: (customers[name] - customers["actual"]).abs() for name in ("naive", "expected")}
    gain = missed["naive"] - missed["expected"]
    mean, margin = float(gain.mean()), np.inf
    if len(gain) > 1:
        margin = float(SURE * gain.std() / np.sqrt(len(gain)))
    return {"gain": mean, "gain_low": mean - margin, "gain_high": mean + margin}


def by_frequency(customers: pd.DataFrame) -> pd.DataFrame:
    """Mean actual, expected and naive purchases by repeat purchases up to the cut-off."""
    groups = customers.groupby(customers["frequency"].clip(upper=LAST_GROUP).rename("repeats"))
    table = groups[["actual", "expected", "naive"]].mean()
    table.insert(0, "customers", groups.size())
    return table.assign(actual_error=groups["actual"].sem().fillna(0.0)).reset_index()


def _contenders(
    choice: Choice, histories: pd.DataFrame, book: PurchaseBook, cutoff: date, *, keep: bool
) -> tuple[dict[str, PurchaseModel], Missing | None]:
    fits = choice.fits
    found = {
        name: fits[name] if name in fits else fitted(name, histories, keep=keep)[0]
        for name in (*CONTENDERS, choice.name)
    }
    there = {name: model for name, model in found.items() if model is not None}
    pareto = there.get("pareto_nbd")
    if not isinstance(pareto, ParetoNBD):
        return there, Missing("segmentation.season_needs_pareto")
    told = season(pareto, histories, book, cutoff)
    if isinstance(told, Missing):
        return there, told
    seasonal = SeasonalParetoNBD(told, cutoff)
    seasonal.model_ = learned(ParetoNBD(), seasonal.warped(histories), keep=keep)
    return there | {"pareto_nbd_seasonal": seasonal}, None


def _naive(joined: pd.DataFrame, t: float) -> Floats:
    rate = joined["frequency"] / joined["T"].where(joined["T"] > 0, np.inf)
    found: Floats = (rate * t).to_numpy(dtype=float)
    return found


def _compared(actual: pd.Series, forecasts: dict[str, Floats], used: str) -> pd.DataFrame:
    rows = []
    for name, forecast in forecasts.items():
        error = forecast - actual
        varies = actual.nunique() > 1 and np.ptp(forecast) > 0
        rows.append(
            {
                "model": name,
                "used": name == used,
                "expected": float(forecast.sum()),
                "correlation": float(np.corrcoef(actual, forecast)[0, 1]) if varies else np.nan,
                "mae": float(error.abs().mean()),
                "rmse": float(np.sqrt((error**2).mean())),
            }
        )
    return pd.DataFrame(rows)


def _foreseen(
    purchases: PurchaseModel, joined: pd.DataFrame, asked: Asked, *, keep: bool
) -> pd.DataFrame | Missing:
    """Expected value of each customer over the holdout, not discounted; limits of those to be checked."""
    found = choose_spend(joined, keep=keep)
    if isinstance(found, Missing):
        return found
    spend, _ = found
    terms = Terms(asked.holdout_days / DAYS_PER_WEEK, asked.interval, discount=0.0, seed=asked.seed)
    return recall(
        "segmentation.holdout",
        rows_digest(joined) if keep else None,
        {"terms": terms, "wanted": asked.wanted},
        lambda: expectations(purchases, spend, joined, terms).join(_limits(purchases, spend, joined, terms)),
    )


def _limits(purchases: PurchaseModel, spend: SpendModel, joined: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    some = joined.iloc[:: -(-len(joined) // MOST_CHECKED)]
    return expected_value(purchases, spend, some, terms)[LIMITS]


def _held(expected: pd.DataFrame, joined: pd.DataFrame, asked: Asked) -> HoldoutValue:
    actual, low, high = joined["later_spend"], *(expected[name] for name in LIMITS)
    return HoldoutValue(
        revenue_actual=float(actual.sum()),
        revenue_expected=float(expected["expected_value"].sum()),
        checked=int(low.notna().sum()),
        covered=int(actual.between(low, high).sum()),
        interval=asked.interval,
    )


def _before(expected: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    return expected[["expected_value", "p_purchase"]].set_axis(joined["customer_id"].to_numpy())
