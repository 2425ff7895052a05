"""What the layers and clusters know of each customer: order features, most of them taken from the book."""

from collections.abc import Sequence
from datetime import timedelta

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench import features
from workbench.features import CustomerRange
from workbench.features.orders import TREND_WINDOW_DAYS
from workbench.segmentation.book import EVERYONE, UNITS, PurchaseBook

YEAR_DAYS = 365


def order_frame(
    transactions: ir.Table, book: PurchaseBook, ranges: Sequence[CustomerRange] = (EVERYONE,)
) -> pd.DataFrame:
    """The order features used here, as of the day of `book`.

    Returns
    -------
    pandas.DataFrame
        One row per customer with an order, by ``customer_id``: ``days_since_last_order``,
        ``days_since_first_order``, ``n_orders``, ``n_order_days``, ``n_orders_365d``, ``revenue``,
        ``revenue_365d``, ``spend_trend`` as `features.order_features` has them. Only the orders are counted
        by the engine: the days stand in the book already.
    """
    who, day = book.who[book.bought], book.day[book.bought].astype(np.int64)
    n_days = np.bincount(who, minlength=len(book.customer_id))
    buyers = np.flatnonzero(n_days)
    ends = np.cumsum(n_days[buyers])
    last, first = day[ends - 1], day[ends - n_days[buyers]]
    known = pd.DataFrame(
        {
            "customer_id": book.customer_id.iloc[buyers],
            "days_since_last_order": book.number(book.as_of) - last,
            "days_since_first_order": book.number(book.as_of) - first,
            "n_order_days": n_days[buyers],
            "revenue": book.total(book.net, None, book.as_of)[buyers] / UNITS,
            "revenue_365d": _net(book, YEAR_DAYS)[buyers] / UNITS,
            "spend_trend": _trend(book)[buyers],
        }
    )
    counts = pd.concat([_counts(each.of(transactions), book) for each in ranges], ignore_index=True)
    return known.merge(counts, on="customer_id", how="left", validate="1:1")


def _counts(transactions: ir.Table, book: PurchaseBook) -> pd.DataFrame:
    orders = features.orders(transactions, book.as_of)
    start = book.as_of - timedelta(days=YEAR_DAYS)
    counted = orders.group_by("customer_id").agg(
        n_orders=orders.count(), n_orders_365d=orders.count(where=orders.day > start)
    )
    found: pd.DataFrame = counted.to_pandas()
    return found.astype({"n_orders": "int64", "n_orders_365d": "int64"})


def _net(book: PurchaseBook, days: int) -> npt.NDArray[np.int64]:
    return book.total(book.net, book.as_of - timedelta(days=days), book.as_of)


def _trend(book: PurchaseBook) -> npt.NDArray[np.float64]:
    last = _net(book, TREND_WINDOW_DAYS)
    before = _net(book, 2 * TREND_WINDOW_DAYS) - last
    found: npt.NDArray[np.float64] = np.log((last.clip(0) / UNITS + 1) / (before.clip(0) / UNITS + 1))
    return found
