"""Rows for churn without a contract: features as of each cut-off, labels from the days after it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import pandas as pd

from workbench import features
from workbench.calendar import end_of_day
from workbench.churn.dataset import ATTRIBUTE, Dataset, Rule, by_content, telling, tidy
from workbench.churn.labels import Cutoffs, cutoffs_before, labels_at
from workbench.parameters import ChurnParameters
from workbench.recall import recall
from workbench.results import Missing

SILENCE = Rule("days_since_last_order", +1)
SHAPING = {"horizon_days", "active_days", "cutoffs"}  # the parameters that decide which rows there are
# What of the as-of features the model learns from: each has words for a reason.
BEHAVIOUR = (
    "days_since_last_order",
    "days_since_first_order",
    *("n_orders", *(f"n_orders_{days}d" for days in features.WINDOWS)),
    *("revenue", *(f"revenue_{days}d" for days in features.WINDOWS)),
    *("n_order_days", "mean_order_value", "refund_share", "spend_trend"),
    *("mean_gap_days", "last_gap_days"),
    *("n_products", "n_categories", "n_channels"),
)
# What a registration form asks once. Tier and consent change in time and the table holds only their present
# state, which would tell a past cut-off what came after it; gender and birth date are not needed to keep a
# customer, and an offer that depends on them would need a reason of its own.
KNOWN_AT_REGISTRATION = ("acquisition_channel", "region")


def order_dataset(
    transactions: Any,
    customers: Any,
    attributes: Sequence[str],
    as_of: date,
    p: ChurnParameters,
    *,
    basis: str | None = None,
) -> Dataset | Missing:
    """Labelled rows at each cut-off, and one row to score per customer active at `as_of`.

    Parameters
    ----------
    transactions : ibis.Table
    customers : ibis.Table or None
    attributes : sequence of str
        Further columns of `customers`; assumed not to change after registration.
    basis : str, optional
        Digest of both tables, under which the rows are kept for the next time.

    Returns
    -------
    Dataset or Missing
        Missing if no label window has closed.
    """
    days = features.purchase_days(transactions, as_of)
    extent = days.aggregate(first_day=days.day.min(), buyers=days.customer_id.nunique()).to_pandas().iloc[0]
    if extent["buyers"] == 0:
        return Missing("churn.missing_orders")
    first_day = pd.Timestamp(extent["first_day"]).date()
    cutoffs = cutoffs_before(as_of, first_day, horizon_days=p.horizon_days, count=p.cutoffs)
    if isinstance(cutoffs, Missing):
        return cutoffs
    rows = _rows(transactions, customers, attributes, cutoffs, as_of, p)
    asked = {"as_of": as_of, "attributes": list(attributes), **p.model_dump(include=SHAPING)}
    frame = recall("churn.rows", basis, asked, rows.to_pandas)  # the line that leaves Ibis for pandas
    return _as_dataset(frame, cutoffs, int(extent["buyers"]), as_of, p)


def _rows(
    transactions: Any, customers: Any, attributes: Sequence[str], cutoffs: Cutoffs, as_of: date, p: Any
) -> Any:
    """All rows in one table: labelled ones at each cut-off, and those of `as_of`, whose label is NULL."""
    days = (*cutoffs.labelled, as_of)
    labels = ibis.union(*[_labels(transactions, day, as_of, p) for day in days])
    seen = features.order_features(transactions, days)
    seen = seen.select("customer_id", *BEHAVIOUR, cutoff=seen.as_of)
    rows = labels.inner_join(seen, ["customer_id", "cutoff"])
    if customers is None:
        return rows
    known = ibis.union(*[_known_at(customers, attributes, day) for day in days])
    return rows.left_join(known, ["customer_id", "cutoff"]).drop("customer_id_right", "cutoff_right")


def _labels(transactions: Any, cutoff: date, as_of: date, p: Any) -> Any:
    # At as_of the label lies in the future: only who is active is asked, by a window of no days.
    horizon = 0 if cutoff == as_of else p.horizon_days
    labels = labels_at(transactions, cutoff, horizon_days=horizon, active_days=p.active_days)
    churned = ibis.null("boolean") if cutoff == as_of else labels.churned
    return labels.select("customer_id", churned=churned, cutoff=ibis.date(cutoff))


def _known_at(customers: Any, attributes: Sequence[str], cutoff: date) -> Any:
    """What is known of customers at the end of `cutoff`; who registers later is not known yet.

    Without a registration date the row counts as known all along.
    """
    end = ibis.timestamp(end_of_day(cutoff))
    known = customers.filter(customers.registered_at.isnull() | (customers.registered_at < end))
    age = (ibis.date(cutoff) - known.registered_at.date()).cast("int64")
    kept = {name: known[name] for name in KNOWN_AT_REGISTRATION}
    own = {f"{ATTRIBUTE}{name}": known[name] for name in attributes}
    kept["cutoff"] = ibis.date(cutoff)
    return known.select("customer_id", days_since_registration=age.cast("float64"), **kept, **own)


def _as_dataset(
    frame: pd.DataFrame, cutoffs: Cutoffs, buyers: int, as_of: date, p: ChurnParameters
) -> Dataset:
    names = [name for name in frame.columns if name not in ("customer_id", "churned", "cutoff")]
    frame = tidy(frame, names).assign(cutoff=pd.to_datetime(frame["cutoff"]).dt.date)
    now = frame["cutoff"] == as_of
    kept = telling(frame[~now], names)
    labelled = frame[~now].assign(churned=frame["churned"].eq(True))
    labelled = by_content(labelled, ["cutoff"], [*kept, "churned"])
    # A customer who returned more than was bought has nothing left at stake, not less than nothing.
    scored = frame[now].assign(churned=False, yearly_value=frame["revenue_365d"].clip(lower=0))
    scored = by_content(scored, [], [*kept, "churned", "yearly_value"])
    gone = buyers - len(scored)
    return Dataset("orders", as_of, p.horizon_days, labelled, scored, kept, SILENCE, cutoffs, gone)
