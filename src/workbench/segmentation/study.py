"""The study of notebook 02: layers, life cycle, expected value, value score."""

from datetime import date

import ibis
import pandas as pd

from workbench import features
from workbench.language import say
from workbench.parameters import SegmentationParameters
from workbench.recall import recall
from workbench.results import Missing, earlier
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
from workbench.segmentation.value.customer_value import ValueOptions, customer_value
from workbench.segmentation.value.groups import by_class, by_tier, tier_values
from workbench.segmentation.value.indicators import Costs
from workbench.segmentation.value.score import CLASSES
from workbench.segmentation.value.telecom.telecom_value import TelecomOptions, TelecomValue, telecom_value
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
    contracts, transactions = _contracts(data, p), data.get("transactions")
    if transactions is None:
        values = {"table": "transactions", "section": say("segmentation.section")}
        return nothing(data.as_of, Missing("missing.table", values), contracts)
    basis = data.digest("transactions")
    orders = order_frame(transactions, data.as_of, basis)
    if orders.empty:
        return nothing(data.as_of, Missing("segmentation.no_orders"), contracts)
    ranges = features.customer_ranges({"transactions": transactions})
    book = purchase_book(transactions, data.as_of, ranges)
    days = features.purchase_days(transactions, data.as_of)
    foreseen = forecast(days, orders, book, p, basis=basis, ranges=ranges)
    known = foreseen.customers
    layers = rfm_layers(orders, p.rfm_groups, method=p.rfm_method, edges=p.rfm_edges)
    groups = customer_clusters(
        orders,
        p.seed,
        algorithm=p.cluster_method,
        k=p.clusters,
        earlier=earlier("value"),
        keep=basis is not None,
    )
    stages = lifecycle(orders, gap_counts(days, data.as_of))
    worth = customer_value(
        data.tables,
        book,
        orders["customer_id"],
        expected=known,
        expected_before=foreseen.before,
        options=_value_options(p),
        ranges=ranges,
    )
    graded = worth.score.scores.rename(columns={"value_grade": "tier"})
    stage = stages if isinstance(stages, Missing) else stages.stages.rename("lifecycle_stage")
    cluster = groups if isinstance(groups, Missing) else groups.labels.rename("cluster")
    return Segmentation(
        as_of=data.as_of,
        layers=layers,
        lifecycle=stages,
        clusters=groups,
        forecast=foreseen,
        worth=worth,
        contracts=contracts,
        tiers=by_tier(worth.score, orders),
        tier_values=tier_values(graded["tier"], foreseen.outlook)
        if not isinstance(foreseen.outlook, Missing)
        else foreseen.outlook,
        classes=by_class(worth.score.scores, known, CLASSES),
        value=value_frame(orders["customer_id"], layers.scores, known, graded, stage, cluster),
    )


def _value_options(p: SegmentationParameters) -> ValueOptions:
    return ValueOptions(
        hierarchy=p.hierarchy,
        ahp_share=p.ahp_share,
        backtest_days=p.holdout_days,
        costs=Costs(p.contact_cost, p.refund_cost),
        seed=p.seed,
    )


def _contracts(data: Canonical, p: SegmentationParameters) -> TelecomValue | Missing:
    subscriptions = data.get("subscriptions")
    if subscriptions is None:
        values = {"table": "subscriptions", "section": say("segmentation.section_contracts")}
        return Missing("missing.table", values)
    options = TelecomOptions(p.contract_horizon_days, p.discount_rate, p.profit_share)
    return telecom_value(subscriptions, data.attributes("subscriptions"), data.as_of, options=options)


def order_frame(transactions: ibis.Table, as_of: date, basis: str | None = None) -> pd.DataFrame:
    """The order features used here, one row per customer with an order, by ``customer_id``."""
    table = features.order_features(transactions, [as_of]).select("customer_id", *COUNTS, *AMOUNTS)
    frame = recall("segmentation.orders", basis, {"as_of": as_of}, table.order_by("customer_id").to_pandas)
    types = dict.fromkeys(COUNTS, "int64") | dict.fromkeys(AMOUNTS, "float64")
    return frame.astype(types).round(dict.fromkeys(AMOUNTS, MONEY_DECIMALS))
