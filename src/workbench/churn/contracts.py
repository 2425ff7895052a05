"""Rows for churn with a contract: a dated panel where everything has a date, else one snapshot."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd

from workbench.calendar import end_of_day
from workbench.churn.dataset import ATTRIBUTE, Dataset, Rule, by_content, telling, tidy, too_few
from workbench.churn.labels import Cutoffs, cutoffs_before
from workbench.parameters import ChurnParameters

TENURE = Rule("tenure_months", -1)
MONTHS_A_YEAR = 12
DAYS_A_MONTH = 365.25 / MONTHS_A_YEAR


def contract_dataset(
    subscriptions: Any, attributes: Sequence[str], as_of: date, p: ChurnParameters
) -> Dataset:
    """Rows of contracts, one per customer.

    Where start, end and observation have dates, the contracts running at each cut-off are labelled by
    whether the customer is without a contract one horizon later, as in `order_dataset`. Otherwise there is
    one row per customer with the company's own label, and the test is a cross-validation.

    Parameters
    ----------
    attributes : sequence of str
        Further columns of `subscriptions`. With `observed_at` they count as known from that time on, without
        it from the start of the contract.
    """
    table = _known(subscriptions, attributes, as_of)
    dated = table.filter(table.started_at.notnull() & (table.started_at < _instant(as_of)))
    ended = dated.ended_at.count()
    extent = dated.aggregate(first=dated.started_at.min(), ended=ended).to_pandas().iloc[0]
    if extent["ended"] > 0:
        first_day = extent["first"].date()
        cutoffs = cutoffs_before(as_of, first_day, horizon_days=p.horizon_days, count=p.cutoffs)
        panel = _panel(dated, cutoffs, as_of, p) if isinstance(cutoffs, Cutoffs) else None
        if panel is not None and _carries_a_test(panel):
            return panel
    return _snapshot(table, as_of, p)


def _known(subscriptions: Any, attributes: Sequence[str], as_of: date) -> Any:
    """The columns used, attributes under their prefix; an end after `as_of` has not happened."""
    own = {f"{ATTRIBUTE}{name}": subscriptions[name] for name in attributes}
    later = subscriptions.ended_at.notnull() & (subscriptions.ended_at >= _instant(as_of))
    columns = ["customer_id", "started_at", "observed_at", "tenure_months", "monthly_fee"]
    return subscriptions.select(
        *columns,
        churned=ibis.ifelse(later, False, subscriptions.churned),
        ended_at=ibis.ifelse(later, ibis.null("timestamp"), subscriptions.ended_at),
        **own,
    )


def _instant(day: date) -> Any:
    """The first instant after `day`, as an Ibis value."""
    return ibis.timestamp(end_of_day(day))


def _runs_after(end: Any, day: date) -> Any:
    return end.isnull() | (end >= _instant(day))


def _one_per_customer(rows: Any) -> Any:
    """The row observed last; of several contracts one that runs, then the one that began last."""
    order = [
        ibis.desc(rows.observed_at, nulls_first=False),
        ibis.desc(rows.ended_at, nulls_first=True),  # an open end is later than any other
        ibis.desc(rows.started_at, nulls_first=False),
    ]
    # Named twice, a column would be sorted by its last mention only.
    named = {"customer_id", "observed_at", "ended_at", "started_at"}
    order += sorted(name for name in rows.columns if name not in named)
    place = ibis.row_number().over(group_by="customer_id", order_by=order)
    return rows.mutate(place=place).filter(ibis._.place == 0).drop("place")


def _panel(dated: Any, cutoffs: Cutoffs, as_of: date, p: ChurnParameters) -> Dataset | None:
    """Contracts at each cut-off; None if nothing was observed early enough."""
    # The end may stand only in an observation made after it: a contract is its customer and its start.
    contracts = dated.group_by(["customer_id", "started_at"]).agg(last_end=dated.ended_at.max())
    rows = dated.inner_join(contracts, ["customer_id", "started_at"])
    rows = rows.mutate(ended_at=rows.last_end).drop("last_end")
    parts = []
    for cutoff in (*cutoffs.labelled, as_of):
        running = _one_per_customer(_running(rows, cutoff))
        later = None if cutoff == as_of else cutoff + timedelta(days=p.horizon_days)
        parts.append(_labelled_at(running, contracts, cutoff, later))
    frame = ibis.union(*parts).to_pandas()  # the line that leaves Ibis for pandas
    frame = frame.assign(cutoff=pd.to_datetime(frame["cutoff"]).dt.date)
    now = frame["cutoff"] == as_of
    if frame[~now].empty or not now.any():
        return None
    gone = int(contracts.customer_id.nunique().execute()) - int(now.sum())
    return _as_dataset(frame[~now], frame[now], cutoffs, gone, as_of, p)


def _running(rows: Any, cutoff: date) -> Any:
    """The observations known at the end of `cutoff` of contracts that run then."""
    known = rows.observed_at.isnull() | (rows.observed_at < _instant(cutoff))
    begun = rows.started_at < _instant(cutoff)
    return rows.filter(known & begun & _runs_after(rows.ended_at, cutoff))


def _labelled_at(running: Any, contracts: Any, cutoff: date, later: date | None) -> Any:
    """`running` with tenure at `cutoff`, and whether the customer has no contract at the end of `later`."""
    tenure = _months(running.started_at.date(), ibis.date(cutoff))
    rows = running.mutate(tenure_months=tenure, cutoff=ibis.date(cutoff))
    if later is None:
        return rows.mutate(churned=ibis.null("boolean"))
    stays = contracts.filter(
        (contracts.started_at < _instant(later)) & _runs_after(contracts.last_end, later)
    )
    stays = stays.select("customer_id", stays=True).distinct()
    rows = rows.left_join(stays, "customer_id").drop("customer_id_right")
    return rows.mutate(churned=rows.stays.isnull()).drop("stays")


def _months(start: Any, end: Any) -> Any:
    """Months from the day `start` to the day `end`, not below 0."""
    return ibis.greatest((end - start).cast("int64").cast("float64"), 0.0) / DAYS_A_MONTH


def _snapshot(table: Any, as_of: date, p: ChurnParameters) -> Dataset:
    """One row per customer with the company's label.

    Who left more than the horizon before the observation is left out, where the end has a date: the question
    is who leaves within a horizon, not who ever left.
    """
    known = table.observed_at.isnull() | (table.observed_at < _instant(as_of))
    begun = table.started_at.isnull() | (table.started_at < _instant(as_of))
    rows = _one_per_customer(table.filter(known & begun))
    seen = ibis.coalesce(rows.observed_at.date(), ibis.date(as_of))
    churned = ibis.coalesce(rows.churned, False) | rows.ended_at.notnull()
    tenure = _months(rows.started_at.date(), ibis.coalesce(rows.ended_at.date(), seen))
    silent = (seen - rows.ended_at.date()).cast("int64")
    rows = rows.mutate(
        churned=churned,
        tenure_months=ibis.coalesce(rows.tenure_months, tenure),
        long_gone=ibis.coalesce(silent >= p.horizon_days, False) & churned,
    )
    frame = rows.to_pandas()  # the line that leaves Ibis for pandas
    gone = frame["long_gone"].eq(True)
    frame = frame[~gone]
    return _as_dataset(frame, frame, None, int(gone.sum()), as_of, p)


def _as_dataset(
    labelled: pd.DataFrame, scored: pd.DataFrame, cutoffs: Cutoffs | None, gone: int, as_of: date, p: Any
) -> Dataset:
    names = ["tenure_months", "monthly_fee", *(n for n in labelled.columns if n.startswith(ATTRIBUTE))]
    labelled, scored = (_with_value(tidy(frame, names)) for frame in (labelled, scored))
    kept = telling(labelled, names)
    labelled = by_content(labelled, ["cutoff"] if cutoffs else [], [*kept, "churned", "yearly_value"])
    scored = by_content(scored, [], [*kept, "churned", "yearly_value"])
    labelled = labelled if cutoffs else labelled.assign(cutoff=None)  # no date to speak of
    return Dataset("subscriptions", as_of, p.horizon_days, labelled, scored, kept, TENURE, cutoffs, gone)


def _with_value(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the label as truth and with what the contract pays in a year."""
    return frame.assign(churned=frame["churned"].eq(True), yearly_value=MONTHS_A_YEAR * frame["monthly_fee"])


def _carries_a_test(panel: Dataset) -> bool:
    test = panel.test_rows
    return too_few(panel.labelled[test]) is None and too_few(panel.labelled[~test]) is None
