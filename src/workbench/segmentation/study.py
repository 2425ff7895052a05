"""The study of notebook 02: layers, life cycle, expected value, value score."""

from collections.abc import Callable, Sequence

import pandas as pd

from workbench import features
from workbench.features import CustomerRange
from workbench.language import say
from workbench.parameters import SegmentationParameters
from workbench.results import Missing, earlier, part
from workbench.segmentation.book import PurchaseBook, purchase_book
from workbench.segmentation.forecast.forecast import Forecast, forecast
from workbench.segmentation.layers.clusters import Clusters, customer_clusters
from workbench.segmentation.layers.rfm import Layers, rfm_layers
from workbench.segmentation.layers.scores import fixed_edges
from workbench.segmentation.lifecycle import Course, first_categories, life_course, registrations
from workbench.segmentation.orders import order_frame
from workbench.segmentation.result import Segmentation, nothing, value_frame
from workbench.segmentation.sheet import segment_sheet, segment_totals
from workbench.segmentation.tiers import Standing, control_total, read_rules, tier_standing
from workbench.segmentation.value.customer_value import ValueOptions, customer_value
from workbench.segmentation.value.groups import by_class
from workbench.segmentation.value.hierarchy import read_hierarchy, weigh
from workbench.segmentation.value.indicators import Costs
from workbench.segmentation.value.score import CLASSES
from workbench.segmentation.value.telecom.telecom_value import TelecomOptions, TelecomValue, telecom_value
from workbench.side_by_side import side_by_side
from workbench.sources import Canonical


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
    ranges = features.customer_ranges({"transactions": transactions})
    book = purchase_book(transactions, data.as_of, ranges)
    if not book.bought.any():
        return nothing(data.as_of, Missing("segmentation.no_orders"), contracts)
    return _segmented(data, book, p, ranges=ranges, contracts=contracts)


def refuse_malformed(p: SegmentationParameters) -> None:
    """Look at the company's own edges, tier rules and judgements alone, before any table is read.

    Raises
    ------
    WorkbenchError
        If one of them breaks a rule that `segment` would refuse it for.
    """
    if p.rfm_method == "fixed":
        fixed_edges(p.rfm_edges)
    read_rules(p.tier_rules)
    weigh(read_hierarchy(p.hierarchy))


def _segmented(
    data: Canonical,
    book: PurchaseBook,
    p: SegmentationParameters,
    *,
    ranges: Sequence[CustomerRange],
    contracts: TelecomValue | Missing,
) -> Segmentation:
    """Every customer with a purchase in `book`; heavy steps are kept, but none of tables made by hand."""
    transactions, basis = data.get("transactions"), data.digest("transactions")
    orders = order_frame(transactions, book, ranges)
    layers, clusters = _layered(orders, p, keep=basis is not None)
    foreseen, standing = side_by_side(
        lambda: forecast(orders, book, p, basis=basis, customers=data.get("customers")),
        _standing(data, book, orders, p),
    )
    worth, course = side_by_side(
        lambda: customer_value(
            data.tables,
            book,
            orders["customer_id"],
            expected=foreseen.customers,
            expected_before=foreseen.before,
            options=_value_options(p),
            ranges=ranges,
        ),
        _course(data, book, orders, foreseen, p),
    )
    return Segmentation(
        as_of=data.as_of,
        layers=layers,
        clusters=clusters,
        forecast=foreseen,
        course=course,
        standing=standing,
        worth=worth,
        contracts=contracts,
        classes=worth
        if isinstance(worth, Missing)
        else by_class(worth.score.scores, foreseen.customers, CLASSES),
        totals=segment_totals(foreseen, layers.scores["rfm_segment"]),
        segments=segment_sheet(layers, orders, book, foreseen, course),
        value=value_frame(
            orders["customer_id"],
            layers.scores,
            foreseen.customers,
            part(part(worth, "score"), "scores"),
            part(course, "customers"),
            part(standing, "customers"),
            clusters if isinstance(clusters, Missing) else clusters.labels.rename("cluster"),
        ),
    )


def _layered(
    orders: pd.DataFrame, p: SegmentationParameters, *, keep: bool
) -> tuple[Layers, Clusters | Missing]:
    layers = rfm_layers(orders, p.rfm_groups, method=p.rfm_method, edges=p.rfm_edges)
    clusters = customer_clusters(
        orders,
        p.seed,
        algorithm=p.cluster_method,
        k=p.clusters,
        earlier=earlier("value"),
        keep=keep,
    )
    return layers, clusters


def _standing(
    data: Canonical, book: PurchaseBook, orders: pd.DataFrame, p: SegmentationParameters
) -> Callable[[], Standing | Missing]:
    """The work that is left once the engine has been asked."""
    rules = read_rules(p.tier_rules)
    control = control_total(data.get("transactions"), data.as_of, rules.window_days)
    return lambda: tier_standing(book, orders, rules, seed=p.seed, control=control, earlier=earlier("value"))


def _course(
    data: Canonical, book: PurchaseBook, orders: pd.DataFrame, foreseen: Forecast, p: SegmentationParameters
) -> Callable[[], Course | Missing]:
    """The work that is left once the engine has been asked."""
    known = foreseen.customers
    categories = first_categories(data.get("transactions"), data.as_of, book)
    registered = registrations(data.get("customers"), data.as_of)
    return lambda: life_course(
        book,
        orders,
        within_days=p.return_days,
        seed=p.seed,
        p_alive=None if known is None or known["p_alive"].isna().any() else known["p_alive"],
        categories=categories,
        registered=registered,
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
