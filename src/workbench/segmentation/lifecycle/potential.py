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


def potential(
    customers: ir.Table | None, book: PurchaseBook, days: Buying, ends: list[date]
) -> pd.DataFrame | Missing:
    """How many customers had registered and not yet bought.

    Returns
    -------
    pandas.DataFrame
        One row per day of `ends`: ``month_end``, ``registered`` (customers known to have registered by then),
        ``customers`` (those of them without a purchase by then). Who has no day of registration counts on the
        last of `ends` alone: of earlier ones it is not known whether she was there. Missing where no table of
        customers is mapped.
    """
    if customers is None:
        values = {"table": "customers"}
        return Missing("segmentation.lifecycle_no_customers", values)
    registered, bought = _days(customers, book, days)
    rows = []
    for number, end in zip(numbers(ends), ends, strict=True):
        there = registered <= (number if end < ends[-1] else NEVER)
        rows.append((end, int(there.sum()), int((there & (bought > number)).sum())))
    return pd.DataFrame(rows, columns=["month_end", "registered", "customers"])


def _days(customers: ir.Table, book: PurchaseBook, days: Buying) -> tuple[Whole, Whole]:
    """Days of registration and of the first purchase, of each customer of the table; NEVER for none."""
    end = ibis.timestamp(end_of_day(book.as_of))
    if "registered_at" not in customers.columns:
        customers = customers.mutate(registered_at=ibis.null("timestamp"))
    rows = customers.filter(customers.registered_at.isnull() | (customers.registered_at < end))
    if AVAILABLE in rows.columns:
        rows = rows.filter(rows[AVAILABLE].isnull() | (rows[AVAILABLE] < end))
    people = rows.group_by("customer_id").agg(day=rows.registered_at.min().date())
    found = people.to_pyarrow()
    day = found["day"].cast("date32").cast("int32").fill_null(NEVER).to_numpy()
    place = book.places(found["customer_id"].to_pandas())
    first = np.full(len(book.customer_id) + 1, NEVER, dtype=np.int32)  # the last one stands for the unknown
    some = np.flatnonzero(np.diff(days.start) > 0)
    first[some] = days.day[days.start[some]]
    return day, first[place]
