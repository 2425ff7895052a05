"""The forecast of a base: the models it can carry, what they expect, and how such forecasts have held."""

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.parameters import SegmentationParameters
from workbench.recall import recall
from workbench.results import Missing
from workbench.segmentation.book import PurchaseBook
from workbench.segmentation.forecast.effects import Effects, effects
from workbench.segmentation.forecast.expected_value import SETS, Terms, expected_value
from workbench.segmentation.forecast.histories import DAYS_PER_WEEK, purchase_histories
from workbench.segmentation.forecast.holdout import Asked, Holdout, holdout_test
from workbench.segmentation.forecast.ladder import Choice, choose, choose_spend
from workbench.segmentation.forecast.models import SpendModel
from workbench.segmentation.forecast.outlook import Outlook, outlook
from workbench.segmentation.purchases.gamma_gamma import spend_correlation
from workbench.side_by_side import side_by_side

# A customer's own share of margin weighs as much as the base's once she has spent so many times its mean.
PRIOR_SPENDS = 1.0
IN_MONEY = ["expected_value", "expected_value_low", "expected_value_high", *SETS]


@dataclass(frozen=True)
class Forecast:
    """Every part is a result, or Missing with the reason.

    Attributes
    ----------
    choice : Choice
        The model of purchases that is used, fitted on all purchases up to the day of the study; weeks.
    spend : SpendModel
    spend_fallback : Missing or None
        Why the mean of the base stands in for Gamma-Gamma.
    spend_correlation : float
        Of purchases and mean spend per purchase; the forecast assumes that there is none.
    effects : Effects or Missing
        Of the customers' channel and region.
    outlook, holdout
        See there.
    """

    choice: Choice | Missing
    spend: SpendModel | Missing
    spend_fallback: Missing | None
    spend_correlation: float | Missing
    effects: Effects | Missing
    outlook: Outlook | Missing
    holdout: Holdout | Missing

    @property
    def before(self) -> pd.DataFrame | None:
        """What was to be expected on the first day held back, by ``customer_id``; None where nothing was."""
        test = self.holdout
        return None if isinstance(test, Missing) or isinstance(test.before, Missing) else test.before

    @property
    def customers(self) -> pd.DataFrame | None:
        """What is expected of each customer, where anything is."""
        return None if isinstance(self.outlook, Missing) else self.outlook.customers


def nothing(why: Missing) -> Forecast:
    """The forecast of a base of which nothing can be said, for one reason."""
    return Forecast(why, why, None, why, why, why, why)


def forecast(
    orders: pd.DataFrame,
    book: PurchaseBook,
    p: SegmentationParameters,
    *,
    basis: str | None,
    customers: ir.Table | None = None,
) -> Forecast:
    """Forecast the customers in `orders` as of the day of `book`.

    Parameters
    ----------
    orders : pandas.DataFrame
        One row per customer with an order, by ``customer_id``.
    basis : str or None
        Digest of the lines; heavy steps are kept under it, None keeps nothing.
    customers : ibis.Table, optional
        The canonical table, for what channel and region have to do with purchases.
    """
    keep = basis is not None
    histories = purchase_histories(book, book.as_of)
    choice, found = choose(histories, p.purchase_model, keep=keep), choose_spend(histories, keep=keep)
    spend, fallback = (found, None) if isinstance(found, Missing) else found
    asked = Asked(p.holdout_days, p.interval, p.seed, p.purchase_model)
    foreseen, (associated, test) = side_by_side(
        lambda: expected(orders, histories, (choice, spend), book, p, basis=basis),
        lambda: (effects(histories, customers, choice, keep=keep), holdout_test(book, asked, keep=keep)),
    )
    return Forecast(
        choice=choice,
        spend=spend,
        spend_fallback=fallback,
        spend_correlation=_correlation(histories),
        effects=associated,
        outlook=foreseen,
        holdout=test,
    )


def expected(
    orders: pd.DataFrame,
    histories: pd.DataFrame,
    models: tuple[Choice | Missing, SpendModel | Missing],
    book: PurchaseBook,
    p: SegmentationParameters,
    *,
    basis: str | None = None,
) -> Outlook | Missing:
    """Expected value of the customers in `orders` over ``p.horizon_days``, on the index of `orders`."""
    choice, spend = models
    if isinstance(choice, Missing):
        return choice
    if isinstance(spend, Missing):
        return spend
    joined = orders[["customer_id"]].merge(histories, on="customer_id", how="left", validate="1:1")
    terms = Terms(p.horizon_days / DAYS_PER_WEEK, p.interval, p.discount_rate, p.seed)
    values = recall(
        "segmentation.expected_value",
        basis,
        {"terms": terms, "as_of": book.as_of, "wanted": p.purchase_model},
        lambda: expected_value(choice.model, spend, joined, terms),
    )
    share = margin_share(book, orders["customer_id"])
    if share is not None:
        values = values.assign(**{name: values[name] * share for name in IN_MONEY})
        values["value_variance"] *= share**2
    return outlook(
        values.set_axis(orders.index),
        orders,
        horizon_days=p.horizon_days,
        interval=p.interval,
        discount=p.discount_rate,
        on_margin=share is not None,
    )


def margin_share(book: PurchaseBook, customer_id: pd.Series) -> np.ndarray | None:
    """Margin over spend of each customer, drawn towards that of the base; None where no margin is known.

    Of purchases less refunds, over the whole history. A customer with little spend tells little of her own
    share: (margin + k·share of the base) / (spend + k) with k the mean spend of a customer times
    PRIOR_SPENDS. Negative shares are kept: such customers cost money.
    """
    if book.margin is None:
        return None
    spent = book.total(book.net, None, book.as_of).clip(min=0).astype(float)
    earned = book.total(book.margin, None, book.as_of).astype(float)
    if spent.sum() <= 0:
        return None
    base, prior = earned.sum() / spent.sum(), PRIOR_SPENDS * spent.mean()
    share = pd.Series((earned + prior * base) / (spent + prior), index=book.customer_id.to_numpy())
    return share.reindex(customer_id.to_numpy()).to_numpy()


def _correlation(histories: pd.DataFrame) -> float | Missing:
    found = spend_correlation(histories)
    return found if found == found else Missing("segmentation.no_correlation")
