"""Customers who have registered and not bought: the stage before the first one."""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.calendar import end_of_day
from workbench.features.orders import AVAILABLE
from workbench.results import Missing
from workbench.segmentation.book import PurchaseBook
from workbench.segmentation.by_month import numbers
from workbench.segmentation.lifecycle.buying import Buying, Whole

NEVER = np.iinfo(np.int32).max


def registrations(customers: ir.Table | None, as_of: date) -> pd.DataFrame | None:
    """Who had registered by the end of `as_of`, and when; None where no table of customers is mapped.

    Returns
    -------
    pandas.DataFrame or None
        One row per customer of the table: ``customer_id``, ``day`` (int32, days since 1970-01-01; NEVER where
        it is not known).
    """
    if customers is None:
        return None
    end = ibis.timestamp(end_of_day(as_of))
    if "registered_at" not in customers.columns:
        customers = customers.mutate(registered_at=ibis.null("timestamp"))
    rows = customers.filter(customers.registered_at.isnull() | (customers.registered_at < end))
    if AVAILABLE in rows.columns:
        rows = rows.filter(rows[AVAILABLE].isnull() | (rows[AVAILABLE] < end))
    found = rows.group_by("customer_id").agg(day=rows.registered_at.min().date()).to_pyarrow()
    day = found["day"].cast("date32").cast("int32").fill_null(NEVER).to_numpy()
    return pd.DataFrame({"customer_id": found["customer_id"].to_pandas(), "day": day})


def potential(
    registered: pd.DataFrame | None, book: PurchaseBook, days: Buying, ends: list[date]
) -> pd.DataFrame | Missing:
    """How many customers had registered and not yet bought.

    Parameters
    ----------
    registered : pandas.DataFrame or None
        As `registrations` gives them.

    Returns
    -------
    pandas.DataFrame
        One row per day of `ends`: ``month_end``, ``registered`` (customers known to have registered by then),
        ``customers`` (those of them without a purchase by then). Who has no day of registration counts on the
        last of `ends` alone: of earlier ones it is not known whether she was there. Missing where no table of
        customers is mapped.
    """
    if registered is None:
        values = {"table": "customers"}
        return Missing("segmentation.lifecycle_no_customers", values)
    since, bought = registered["day"].to_numpy(), _first_purchases(registered["customer_id"], book, days)
    rows = []
    for number, end in zip(numbers(ends), ends, strict=True):
        there = since <= (number if end < ends[-1] else NEVER)
        rows.append((end, int(there.sum()), int((there & (bought > number)).sum())))
    return pd.DataFrame(rows, columns=["month_end", "registered", "customers"])


def _first_purchases(customer_id: pd.Series, book: PurchaseBook, days: Buying) -> Whole:
    """Day of each customer's first purchase; NEVER for none."""
    first = np.full(len(book.customer_id) + 1, NEVER, dtype=np.int32)  # the last one stands for the unknown
    some = np.flatnonzero(np.diff(days.start) > 0)
    first[some] = days.day[days.start[some]]
    return first[book.places(customer_id)]
