"""The base of a company with contracts: how long they run, what they cost, how many have ended."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.calendar import end_of_day
from workbench.profiling.base.activity import MONTHS_A_YEAR, months_of
from workbench.results import Missing
from workbench.results.intervals import wilson

TENURE_EDGES = (6, 12, 24, 48)  # months
FEE_QUANTILES = (0.25, 0.5, 0.75)
DAYS_A_MONTH = 365.25 / MONTHS_A_YEAR
LEAST_CUSTOMERS = 10  # a smaller group is not shown


@dataclass(frozen=True)
class Contracts:
    """Contracts as last observed.

    Attributes
    ----------
    n, active, ended : int
        Contracts.
    by_tenure : pandas.DataFrame or Missing
        low and high (months; high is not a number in the last band), contracts, active, ended, ended_rate
        with ended_low and ended_high (Wilson).
    by_fee : pandas.DataFrame or Missing
        The same by monthly fee, in quarters of the contracts; ``fees``: what the active ones pay a month.
    starts : pandas.DataFrame or Missing
        month, contracts begun; the last months.
    fees : float or None
        What all active contracts pay a month.
    """

    n: int
    active: int
    ended: int
    by_tenure: pd.DataFrame | Missing
    by_fee: pd.DataFrame | Missing
    starts: pd.DataFrame | Missing
    fees: float | None


def contracts(subscriptions: ir.Table, as_of: date, shown: int) -> Contracts | Missing:
    """Contracts by tenure and monthly fee, and when they began.

    A contract that was observed several times counts once, as observed last. Tenure is the column
    `tenure_months`, or else the time from the start to the end or the as-of day.
    """
    rows = latest(subscriptions, as_of)
    fee = rows.monthly_fee
    asked = {f"q{i}": fee.cast("float64").quantile(q) for i, q in enumerate(FEE_QUANTILES)}
    asked |= {"n": rows.count(), "ended": rows.count(where=rows.ended), "low": fee.min(), "high": fee.max()}
    asked |= {"fees": fee.sum(where=~rows.ended), "paid": fee.count()}
    whole = rows.aggregate(**asked).to_pyarrow().to_pylist()[0]
    if not whole["n"]:
        return Missing("profiling.base_missing_contracts", {"as_of": as_of})
    edges = sorted({float(whole[f"q{i}"]) for i in range(len(FEE_QUANTILES))}) if whole["paid"] else []
    edges = [edge for edge in edges if edge > float(whole["low"])]
    n, ended = int(whole["n"]), int(whole["ended"])
    return Contracts(
        n,
        n - ended,
        ended,
        _banded(rows, rows.tenure, list(TENURE_EDGES), 0.0, "tenure_months"),
        _banded(rows, rows.monthly_fee.cast("float64"), edges, whole["low"], "monthly_fee"),
        _starts(rows, shown),
        float(whole["fees"] or 0) if whole["paid"] else None,
    )


def latest(subscriptions: ir.Table, as_of: date) -> ir.Table:
    """One row per contract: customer_id, started_at, monthly_fee, ended (truth), tenure (months, double)."""
    end = ibis.timestamp(end_of_day(as_of))
    over = subscriptions.ended_at.notnull() & (subscriptions.ended_at < end)
    days = (
        ibis.ifelse(over, subscriptions.ended_at, end)
        .date()
        .delta(subscriptions.started_at.date(), unit="day")
    )
    tenure = ibis.coalesce(subscriptions.tenure_months.cast("float64"), days.cast("float64") / DAYS_A_MONTH)
    rows = subscriptions.select(
        "customer_id",
        "started_at",
        "observed_at",
        "monthly_fee",
        ended=over | ibis.coalesce(subscriptions.churned, False),
        tenure=tenure,
    )
    order = [
        ibis.desc(rows.observed_at, nulls_first=False),
        ibis.desc(rows.ended),
        ibis.desc(rows.tenure, nulls_first=False),
        ibis.desc(rows.monthly_fee, nulls_first=False),
    ]
    place = ibis.row_number().over(group_by=["customer_id", "started_at"], order_by=order)
    # Without dates nothing says that two rows of a customer are one contract.
    several = rows.started_at.isnull() & rows.observed_at.isnull()
    return rows.mutate(place=place, several=several).filter(lambda t: (t.place == 0) | t.several)


def _banded(
    rows: ir.Table, value: Any, edges: list[float], lowest: float, column: str
) -> pd.DataFrame | Missing:
    """Contracts by the bands between `edges`, a band holding its lower edge."""
    lows = [float(lowest), *edges]
    cases = [(value < edge, place) for place, edge in enumerate(edges)]
    number = ibis.cases(*cases, else_=len(edges)) if cases else ibis.literal(0)
    banded = rows.mutate(band=number).filter(value.notnull())
    found: pd.DataFrame = (
        banded.group_by("band")
        .agg(
            contracts=banded.count(),
            ended=banded.count(where=banded.ended),
            fees=banded.monthly_fee.sum(where=~banded.ended).cast("float64"),
        )
        .to_pandas()
        .sort_values("band", ignore_index=True)
    )
    found = found[found.contracts >= LEAST_CUSTOMERS].reset_index(drop=True)
    if found.empty:
        return Missing("profiling.base_missing_band", {"column": column, "least": LEAST_CUSTOMERS})
    low, high = wilson(found.ended, found.contracts)
    bounds: dict[str, Any] = {
        "low": [lows[band] for band in found.band],
        "high": [edges[band] if band < len(edges) else float("nan") for band in found.band],
    }
    rates: dict[str, Any] = {"ended_low": low, "ended_high": high}
    found = found.assign(active=found.contracts - found.ended, ended_rate=found.ended / found.contracts)
    return found.assign(**bounds, **rates).drop(columns="band")


def _starts(rows: ir.Table, shown: int) -> pd.DataFrame | Missing:
    dated = rows.filter(rows.started_at.notnull())
    number = (dated.started_at.year() * MONTHS_A_YEAR + dated.started_at.month() - 1).cast("int64")
    counted = dated.mutate(month=number).group_by("month").agg(contracts=lambda t: t.count())
    found: pd.DataFrame = counted.to_pandas().sort_values("month", ignore_index=True)
    if found.empty:
        return Missing("profiling.base_missing_starts")
    return found.assign(month=months_of(found.month)).tail(shown).reset_index(drop=True)
