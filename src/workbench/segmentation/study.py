"""The study of notebook 02: layers, life cycle, expected value, value score."""

from collections.abc import Sequence
from datetime import date

import ibis
import pandas as pd

from workbench import features
from workbench.language import say
from workbench.parameters import SegmentationParameters
from workbench.recall import recall
from workbench.results import Missing
from workbench.segmentation.forecast.expected_value import expected_value
from workbench.segmentation.forecast.fitting import fit_purchases, fit_spend
from workbench.segmentation.forecast.histories import (
    DAYS_PER_WEEK,
    MONEY_DECIMALS,
    gap_counts,
    purchase_histories,
)
from workbench.segmentation.forecast.holdout import holdout_test
from workbench.segmentation.forecast.outlook import Outlook, outlook
from workbench.segmentation.layers.clusters import customer_clusters
from workbench.segmentation.layers.rfm import rfm_layers
from workbench.segmentation.lifecycle.stages import lifecycle
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.gamma_gamma import GammaGamma, spend_correlation
from workbench.segmentation.result import Segmentation, nothing, value_frame
from workbench.segmentation.value.groups import by_class, by_tier, tier_values
from workbench.segmentation.value.score import CLASSES, indicators_of, value_score
from workbench.sources import Canonical

COUNTS = ["days_since_last_order", "days_since_first_order", "n_orders", "n_order_days", "n_orders_365d"]
AMOUNTS = ["revenue", "revenue_365d", "spend_trend"]


def segment(data: Canonical, p: SegmentationParameters) -> Segmentation:
    """Layer and value every customer with a purchase, as of `data.as_of`.

    Returns
    -------
    Segmentation
        Each part a result or Missing; without a table of transactions all are.
    """
    transactions = data.get("transactions")
    if transactions is None:
        values = {"table": "transactions", "section": say("segmentation.section")}
        return nothing(data.as_of, Missing("missing.table", values))
    basis = data.digest("transactions")
    orders = order_frame(transactions, data.as_of, basis)
    if orders.empty:
        return nothing(data.as_of, Missing("segmentation.no_orders"))
    days = features.purchase_days(transactions, data.as_of)
    ranges = features.customer_ranges({"transactions": transactions})
    return _segmented(orders, days, data.as_of, p, basis=basis, ranges=ranges)


def _segmented(
    orders: pd.DataFrame,
    days: ibis.Table,
    as_of: date,
    p: SegmentationParameters,
    *,
    basis: str | None,
    ranges: Sequence[features.CustomerRange],
) -> Segmentation:
    """The customers in `orders`; heavy steps are kept under `basis`, and none of tables made by hand."""
    keep = basis is not None
    histories = purchase_histories(days, as_of, ranges)
    purchases, spend = fit_purchases(histories, keep=keep), fit_spend(histories, keep=keep)
    value = expected(orders, histories, (purchases, spend), p, basis=basis)
    layers, groups = rfm_layers(orders, p.rfm_groups), customer_clusters(orders, p.seed, keep=keep)
    stages = lifecycle(orders, gap_counts(days, as_of))
    known = None if isinstance(value, Missing) else value.customers
    score = value_score(indicators_of(orders, known))
    holdout = holdout_test(
        days, as_of, p.holdout_days, interval=p.interval, seed=p.seed, keep=keep, ranges=ranges
    )
    stage = stages if isinstance(stages, Missing) else stages.stages.rename("lifecycle_stage")
    cluster = groups if isinstance(groups, Missing) else groups.labels.rename("cluster")
    table = value_frame(orders["customer_id"], layers.scores, known, score.scores, stage, cluster)
    return Segmentation(
        as_of=as_of,
        layers=layers,
        lifecycle=stages,
        clusters=groups,
        holdout=holdout,
        purchases=purchases,
        spend=spend,
        spend_correlation=_correlation(histories),
        outlook=value,
        score=score,
        tiers=by_tier(score, orders),
        tier_values=value if isinstance(value, Missing) else tier_values(score.scores["tier"], value),
        classes=by_class(score.scores, known, CLASSES),
        value=table,
    )


def order_frame(transactions: ibis.Table, as_of: date, basis: str | None = None) -> pd.DataFrame:
    """The order features used here, one row per customer with an order, by ``customer_id``."""
    table = features.order_features(transactions, [as_of]).select("customer_id", *COUNTS, *AMOUNTS)
    frame = recall("segmentation.orders", basis, {"as_of": as_of}, table.order_by("customer_id").to_pandas)
    types = dict.fromkeys(COUNTS, "int64") | dict.fromkeys(AMOUNTS, "float64")
    return frame.astype(types).round(dict.fromkeys(AMOUNTS, MONEY_DECIMALS))


def expected(
    orders: pd.DataFrame,
    histories: pd.DataFrame,
    models: tuple[BetaGeoNBD | Missing, GammaGamma | Missing],
    p: SegmentationParameters,
    *,
    basis: str | None = None,
) -> Outlook | Missing:
    """Expected value of the customers in `orders` over ``p.horizon_days``, on the index of `orders`.

    `models` are those of purchases and of spend; `basis` is the digest of the rows that they were fitted to.
    """
    purchases, spend = models
    if isinstance(purchases, Missing):
        return purchases
    if isinstance(spend, Missing):
        return spend
    joined = orders[["customer_id"]].merge(histories, on="customer_id", how="left", validate="1:1")
    horizon = p.horizon_days / DAYS_PER_WEEK
    values = recall(
        "segmentation.expected_value",
        basis,
        {"horizon": horizon, "interval": p.interval, "seed": p.seed},
        lambda: expected_value(purchases, spend, joined, horizon=horizon, interval=p.interval, seed=p.seed),
    )
    return outlook(values, orders, horizon_days=p.horizon_days, interval=p.interval)


def _correlation(histories: pd.DataFrame) -> float | Missing:
    found = spend_correlation(histories)
    return found if found == found else Missing("segmentation.no_correlation")
