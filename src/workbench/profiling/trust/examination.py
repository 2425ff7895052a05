"""Everything that says whether the month can be trusted, in as few passes as it takes."""

from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from workbench.calendar import end_of_day
from workbench.profiling.trust import (
    bins,
    correlations,
    drift,
    feeds,
    number_counts,
    outliers,
    repeats,
    shapes,
    text_counts,
)
from workbench.profiling.trust import columns as profile
from workbench.profiling.trust.filling import filling
from workbench.profiling.trust.number_counts import NumberCounts
from workbench.profiling.trust.values import only_row, records
from workbench.results import Missing
from workbench.sources import TABLES, Canonical


@dataclass(frozen=True)
class Sales:
    """Money in and money back, of all days and of the study's last month.

    Attributes
    ----------
    sales, refunds, month_sales, month_refunds : float
        Not negative.
    lines, refund_lines : int
    """

    sales: float
    refunds: float
    month_sales: float
    month_refunds: float
    lines: int
    refund_lines: int


@dataclass(frozen=True)
class Later:
    """Rows dated after the as-of day, which the study does not see.

    Attributes
    ----------
    per_day, per_day_before : float
        Rows per day after the as-of day up to the latest one, and from the first day up to it.
    """

    rows: int
    latest: date
    per_day: float
    per_day_before: float


@dataclass(frozen=True)
class Trust:
    """What was found out about the tables of one study."""

    columns: profile.Columns
    correlations: correlations.Correlations
    outliers: outliers.Outliers
    feeds: feeds.Feeds | Missing
    repeats: tuple[repeats.Repeats, ...]
    drift: drift.Drift | Missing
    bins: pd.DataFrame
    sales: Sales | Missing
    later: Later | None
    days: tuple[date, date] | None


def examine(data: Canonical, earlier: pd.DataFrame | None = None) -> Trust:
    """Profile the tables, and look for what would make the month untrustworthy.

    Parameters
    ----------
    earlier : pandas.DataFrame, optional
        The bins (`Trust.bins`) of the run that this one is compared with.
    """
    full = filling(data)
    numbers = number_counts.counted(data, full)
    figures = profile.figures(data, full, numbers)
    texts = text_counts.counted(data, figures.profile)
    spread = shapes.shapes(data, figures.profile, numbers, texts)
    columns = profile.Columns(figures.profile, figures.equal, *spread)
    days = _days(figures.profile)
    return Trust(
        columns,
        correlations.correlations(data, figures.profile, numbers),
        outliers.outliers(data, figures.profile, numbers),
        feeds.feeds(data, columns.tops),
        repeats.repeats(data, full),
        drift.drift(data, earlier, numbers, texts),
        bins.bins(data, numbers, texts),
        _sales(data, numbers),
        _later(data, days),
        days,
    )


def _sales(data: Canonical, numbers: NumberCounts) -> Sales | Missing:
    table = data.get("transactions")
    if table is None:
        return Missing("profiling.trust_no_sales")
    counts = numbers.whole.get(("transactions", "amount"))
    if counts is not None:
        month = numbers.month["transactions", "amount"]
        (sales, refunds), (month_sales, month_refunds) = counts.sums(), month.sums()
        refund_lines = int(counts.rows[counts.values < 0].sum())
        lines = counts.filled + counts.empty
        return Sales(sales, refunds, month_sales, month_refunds, lines, refund_lines)
    month = table.ordered_at >= ibis.timestamp(end_of_day(data.as_of.replace(day=1)).replace(day=1))
    bought, returned = table.amount > 0, table.amount < 0
    sums = {
        "sales": bought,
        "refunds": returned,
        "month_sales": bought & month,
        "month_refunds": returned & month,
    }
    asked = {name: table.amount.sum(where=where).cast("float64") for name, where in sums.items()}
    asked |= {"lines": table.count(), "refund_lines": table.count(where=returned)}
    found = only_row(table.aggregate(**asked))
    money = {name: abs(found[name] or 0.0) for name in sums}
    return Sales(**money, lines=found["lines"], refund_lines=found["refund_lines"])


def _days(profile: pd.DataFrame) -> tuple[date, date] | None:
    """First and last day on which anything happened."""
    when = {time for table in TABLES for time in TABLES[table].times if table != "customers"}
    times = [c for c in records(profile) if c.table != "customers" and c.column in when and pd.notna(c.first)]
    if not times:
        return None
    return min(c.first for c in times).date(), max(c.last for c in times).date()


def _later(data: Canonical, days: tuple[date, date] | None) -> Later | None:
    rows = sum(t.whole.rows["in"] - t.as_of.rows["in"] for t in data.totals.values())
    if not rows or data.latest is None or data.latest <= data.as_of:
        return None
    before = sum(t.as_of.rows["in"] for t in data.totals.values())
    span = (data.as_of - days[0]).days + 1 if days else 1
    return Later(rows, data.latest, rows / (data.latest - data.as_of).days, before / max(span, 1))
