"""The study of notebook 02: layers, life cycle, expected value, value score."""

from datetime import date

import ibis
import pandas as pd

from workbench import features
from workbench.language import say
from workbench.parameters import SegmentationParameters
from workbench.recall import recall
from workbench.results import Missing
from workbench.segmentation.book import purchase_book
from workbench.segmentation.forecast.forecast import forecast
from workbench.segmentation.forecast.histories import (
    MONEY_DECIMALS,
    gap_counts,
)
from workbench.segmentation.layers.clusters import customer_clusters
from workbench.segmentation.layers.rfm import rfm_layers
from workbench.segmentation.lifecycle.stages import lifecycle
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
    ranges = features.customer_ranges({"transactions": transactions})
    book = purchase_book(transactions, data.as_of, ranges)
    days = features.purchase_days(transactions, data.as_of)
    foreseen = forecast(days, orders, book, p, basis=basis, ranges=ranges)
    known = foreseen.customers
    layers, groups = (
        rfm_layers(orders, p.rfm_groups),
        customer_clusters(orders, p.seed, keep=basis is not None),
    )
    stages = lifecycle(orders, gap_counts(days, data.as_of))
    score = value_score(indicators_of(orders, known))
    stage = stages if isinstance(stages, Missing) else stages.stages.rename("lifecycle_stage")
    cluster = groups if isinstance(groups, Missing) else groups.labels.rename("cluster")
    return Segmentation(
        as_of=data.as_of,
        layers=layers,
        lifecycle=stages,
        clusters=groups,
        forecast=foreseen,
        score=score,
        tiers=by_tier(score, orders),
        tier_values=tier_values(score.scores["tier"], foreseen.outlook)
        if not isinstance(foreseen.outlook, Missing)
        else foreseen.outlook,
        classes=by_class(score.scores, known, CLASSES),
        value=value_frame(orders["customer_id"], layers.scores, known, score.scores, stage, cluster),
    )


def order_frame(transactions: ibis.Table, as_of: date, basis: str | None = None) -> pd.DataFrame:
    """The order features used here, one row per customer with an order, by ``customer_id``."""
    table = features.order_features(transactions, [as_of]).select("customer_id", *COUNTS, *AMOUNTS)
    frame = recall("segmentation.orders", basis, {"as_of": as_of}, table.order_by("customer_id").to_pandas)
    types = dict.fromkeys(COUNTS, "int64") | dict.fromkeys(AMOUNTS, "float64")
    return frame.astype(types).round(dict.fromkeys(AMOUNTS, MONEY_DECIMALS))
