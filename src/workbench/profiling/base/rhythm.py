"""When customers buy: weekday and hour, season, days that stand out."""

from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.calendar import month_end
from workbench.profiling.base.orders_book import placed
from workbench.results import Missing

WEEK = 7
LONGEST_WEEKS = 52
HOURS = 24
NO_CLOCK = 0.5  # with so many orders at exactly 00:00 the hour tells nothing
SEASON_MONTHS = 24
YEAR = 12
PEAK_RATIO, PEAK_ORDERS, MOST_PEAKS = 2.0, 20, 5
USUAL_WEEKS = 9  # the same weekday in four weeks before and four after


@dataclass(frozen=True)
class Rhythm:
    """When orders are placed, in the time of the study's zone.

    Attributes
    ----------
    weekdays : pandas.DataFrame or Missing
        weekday (0 Monday), orders, revenue, share, revenue_share: in the last whole weeks.
    hours : pandas.DataFrame or Missing
        weekday, hour, orders, revenue, share (of all orders): 168 rows.
    weeks : int
        Whole weeks counted in both, at most LONGEST_WEEKS, up to the last day with an order.
    season : pandas.DataFrame or Missing
        month (1 to 12), index_orders, index_revenue (1: as a usual month), years (how many stand behind it).
    peaks : pandas.DataFrame
        day, orders, usual (median of the same weekday around it), ratio: the days with most orders beyond the
        usual, by their date.
    """

    weekdays: pd.DataFrame | Missing
    hours: pd.DataFrame | Missing
    weeks: int
    season: pd.DataFrame | Missing
    peaks: pd.DataFrame


def rhythm(book: ir.Table, as_of: date) -> Rhythm | Missing:
    """Orders and the money of purchases (refunds not taken off) by the moment of the order."""
    counted: pd.DataFrame = order_hours(book).to_pandas()
    if counted.empty:
        return Missing("profiling.base_missing_rhythm")
    counted = counted.assign(day=pd.to_datetime(counted.day)).sort_values(["day", "hour"], ignore_index=True)
    daily = _daily(counted)
    weeks = min(LONGEST_WEEKS, len(daily) // WEEK)
    if weeks == 0:
        too_short = Missing("profiling.base_missing_weeks", {"n": len(daily)})
        return Rhythm(too_short, too_short, 0, _season(daily, as_of), _peaks(daily))
    last = daily.index[-1]
    recent = counted[counted.day > last - pd.Timedelta(weeks=weeks)]
    return Rhythm(_weekdays(recent), _hours(recent), weeks, _season(daily, as_of), _peaks(daily))


def order_hours(book: ir.Table) -> ir.Table:
    """Orders by day and hour: day, hour, orders, revenue, midnight (at 00:00), first and last minute."""
    orders = placed(book)
    minute = orders.ordered_at.hour() * 60 + orders.ordered_at.minute()
    rows = orders.select(
        "paid", day=orders.ordered_at.date(), hour=orders.ordered_at.hour().cast("int64"), minute=minute
    )
    return rows.group_by(["day", "hour"]).agg(
        orders=rows.count(),
        revenue=rows.paid.sum().cast("float64"),
        midnight=rows.count(where=rows.minute == 0),
        first=rows.minute.min(),
        last=rows.minute.max(),
    )


def _daily(counted: pd.DataFrame) -> pd.DataFrame:
    """Orders and revenue of each day from the first to the last with an order."""
    sums = counted.groupby("day")[["orders", "revenue"]].sum()
    return sums.reindex(pd.date_range(sums.index[0], sums.index[-1]), fill_value=0)


def _weekdays(recent: pd.DataFrame) -> pd.DataFrame:
    sums = recent.groupby(recent.day.dt.day_of_week)[["orders", "revenue"]].sum()
    sums = sums.reindex(range(WEEK), fill_value=0).rename_axis("weekday").reset_index()
    money = sums.revenue.sum()
    revenue_share = sums.revenue / money if money > 0 else np.nan
    return sums.assign(share=sums.orders / sums.orders.sum(), revenue_share=revenue_share)


def _hours(recent: pd.DataFrame) -> pd.DataFrame | Missing:
    n = int(recent.orders.sum())
    if recent["first"].min() == recent["last"].max() and n > 1:
        return Missing("profiling.base_one_clock")
    midnight = int(recent.midnight.sum())
    if midnight >= NO_CLOCK * n:
        return Missing("profiling.base_no_clock", {"midnight": midnight, "n": n})
    sums = recent.groupby([recent.day.dt.day_of_week.rename("weekday"), "hour"])[["orders", "revenue"]].sum()
    every = pd.MultiIndex.from_product([range(WEEK), range(HOURS)], names=["weekday", "hour"])
    return sums.reindex(every, fill_value=0).reset_index().assign(share=lambda f: f.orders / n)


def _season(daily: pd.DataFrame, as_of: date) -> pd.DataFrame | Missing:
    """Each whole month over the mean of the year around it, by the month of the year.

    The ratio to a centred moving average of twelve months, by which a steady growth leaves no season behind.
    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (2021), section 3.4.
    """
    last = as_of if as_of == month_end(as_of) else as_of.replace(day=1) - pd.Timedelta(days=1)
    monthly = daily[daily.index <= pd.Timestamp(last)].resample("MS").sum()
    if daily.index[0].day > 1:
        monthly = monthly.iloc[1:]  # of the first month the data hold a part
    if len(monthly):  # months without an order at the end count, too
        monthly = monthly.reindex(pd.date_range(monthly.index[0], last, freq="MS"), fill_value=0)
    if len(monthly) < SEASON_MONTHS:
        return Missing("profiling.base_missing_season", {"n": len(monthly), "least": SEASON_MONTHS})
    # A mean over twelve months lies between two of them; the mean of two such lies on one.
    around = monthly.rolling(YEAR).mean().rolling(2).mean().shift(-YEAR // 2)
    ratios = (monthly / around.where(around > 0)).dropna()
    grouped = ratios.groupby(pd.DatetimeIndex(ratios.index).month)
    index = grouped.mean()
    if len(index) < YEAR:
        return Missing("profiling.base_missing_season", {"n": len(ratios), "least": SEASON_MONTHS})
    index = index / index.mean()
    index = index.rename(columns={name: f"index_{name}" for name in index.columns})
    return index.assign(years=grouped.size()).rename_axis("month").reset_index()


def _peaks(daily: pd.DataFrame) -> pd.DataFrame:
    usual = daily.orders.groupby(pd.DatetimeIndex(daily.index).day_of_week).transform(
        lambda days: days.rolling(USUAL_WEEKS, center=True, min_periods=3).median()
    )
    found = daily.assign(usual=usual, ratio=daily.orders / usual.where(usual > 0)).rename_axis("day")
    found = found[(found.ratio >= PEAK_RATIO) & (found.orders >= PEAK_ORDERS)].reset_index()
    found = found.assign(beyond=found.orders - found.usual)
    found = found.sort_values(["beyond", "day"], ascending=[False, True]).head(MOST_PEAKS)
    return found[["day", "orders", "usual", "ratio"]].reset_index(drop=True)
