"""Purchase histories: what the models know of each customer, taken from the days with a purchase.

Several orders of one customer on one day are one purchase, as in the literature of these models. Time is
counted in weeks of seven days, from whole days.
"""

from datetime import date

import numpy as np
import pandas as pd

from workbench.segmentation.book import UNITS, PurchaseBook

DAYS_PER_WEEK = 7


def purchase_histories(book: PurchaseBook, until: date) -> pd.DataFrame:
    """One row per customer with a purchase up to the end of `until`.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``customer_id``, on the customers' positions in `book`: ``frequency`` (days of purchase
        after the first), ``recency`` (weeks from the first to the last), ``T`` (weeks from the first to
        `until`), ``orders`` (days of purchase, the first one too) and ``mean_spend`` (per day of purchase).
        First purchases count for the spend, so that a customer with one purchase has a spend of her own.
    """
    rows = np.flatnonzero(book.bought & (book.day <= book.number(until)))
    counts = np.bincount(book.who[rows], minlength=len(book.customer_id))
    buyers = np.flatnonzero(counts)
    orders = counts[buyers]
    after = np.cumsum(orders)  # the rows of a customer stand together, in order of days
    day = book.day[rows].astype(np.int64)
    first, last = day[after - orders], day[after - 1]
    spent = np.add.reduceat(book.gross[rows], after - orders) if len(rows) else np.zeros(0)
    return pd.DataFrame(
        {
            "customer_id": book.customer_id.iloc[buyers],
            "frequency": orders - 1,
            "recency": (last - first) / DAYS_PER_WEEK,
            "T": (book.number(until) - first) / DAYS_PER_WEEK,
            "orders": orders,
            "mean_spend": spent / UNITS / orders,
        },
        index=buyers,
    )


def later_purchases(book: PurchaseBook, after: date) -> pd.DataFrame:
    """``later_orders`` (days of purchase after the day `after`) and ``later_spend`` of every customer.

    On the customers' positions in `book`.
    """
    rows = np.flatnonzero(book.bought & (book.day > book.number(after)))
    return pd.DataFrame(
        {
            "later_orders": np.bincount(book.who[rows], minlength=len(book.customer_id)),
            "later_spend": book.total(book.gross, after, book.as_of) / UNITS,
        }
    )
