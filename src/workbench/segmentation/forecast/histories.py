"""Purchase histories: what the models know of each customer, taken from the days with a purchase.

Several orders of one customer on one day are one purchase, as in the literature of these models. Time is
counted in weeks of seven days, from whole days.
"""

from collections.abc import Sequence
from datetime import date

import ibis
import pandas as pd

from workbench.features import CustomerRange

DAYS_PER_WEEK = 7
EPOCH = date(1970, 1, 1)  # from which Arrow counts days
EVERYONE = CustomerRange()
MONEY_DECIMALS = 4  # of the canonical tables; sums of floats differ beyond them with the order of threads


def purchase_histories(
    days: ibis.Table, as_of: date, ranges: Sequence[CustomerRange] = (EVERYONE,)
) -> pd.DataFrame:
    """One row per customer with a purchase up to the end of `as_of`.

    Parameters
    ----------
    days : ibis.Table
        ``customer_id``, ``day`` (date), ``amount`` (0 or more): one row per customer and day of purchase.
    ranges : sequence of CustomerRange
        The customers, in the order of their ids: one range is asked after the other.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``customer_id``: ``frequency`` (days of purchase after the first), ``recency`` (weeks from
        the first to the last), ``T`` (weeks from the first to `as_of`), ``orders`` (days of purchase, the
        first one too) and ``mean_spend`` (per day of purchase). First purchases count for the spend, so that
        a customer with one purchase has a spend of her own.
    """
    seen = days.filter(days.day <= as_of)
    return pd.concat([_histories(each.of(seen), as_of) for each in ranges], ignore_index=True)


def _histories(seen: ibis.Table, as_of: date) -> pd.DataFrame:
    grouped = seen.group_by("customer_id").agg(
        first=seen.day.min(), last=seen.day.max(), orders=seen.count(), spent=seen.amount.sum()
    )
    found = grouped.order_by("customer_id").to_pyarrow()
    first, last = (found[name].cast("date32").cast("int32").to_numpy() for name in ("first", "last"))
    orders = found["orders"].to_numpy().astype("int64")
    # Rounded before it is divided: a quotient may lie on the edge between two roundings.
    spent = found["spent"].cast("float64").to_numpy().round(MONEY_DECIMALS)
    return pd.DataFrame(
        {
            "customer_id": found["customer_id"].to_pandas(),
            "frequency": orders - 1,
            "recency": (last - first) / DAYS_PER_WEEK,
            "T": ((as_of - EPOCH).days - first) / DAYS_PER_WEEK,
            "orders": orders,
            "mean_spend": spent / orders,
        }
    )


def later_purchases(days: ibis.Table, after: date, as_of: date) -> pd.DataFrame:
    """``later_orders`` (days of purchase) and ``later_spend`` per customer who bought after `after`."""
    later = days.filter((days.day > after) & (days.day <= as_of))
    grouped = later.group_by("customer_id").agg(later_orders=later.count(), later_spend=later.amount.sum())
    frame: pd.DataFrame = grouped.order_by("customer_id").to_pandas()
    spend = frame["later_spend"].astype("float64").round(MONEY_DECIMALS)
    return frame.assign(later_orders=frame["later_orders"].astype("int64"), later_spend=spend)
