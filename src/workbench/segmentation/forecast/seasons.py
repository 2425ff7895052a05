"""The season of a base: what its months bring beyond what a model without seasons expects of them."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.book import EPOCH, PurchaseBook
from workbench.segmentation.forecast.histories import DAYS_PER_WEEK
from workbench.segmentation.purchases.pareto import ParetoNBD
from workbench.segmentation.purchases.seasonal import Season, season_of

# Of one year a season can not be told from a trend.
FEWEST_MONTHS = 24


def season(model: ParetoNBD, histories: pd.DataFrame, book: PurchaseBook, until: date) -> Season | Missing:
    """The season told by the last whole years up to `until`.

    Parameters
    ----------
    model : ParetoNBD
        Fitted on `histories`.
    histories : pandas.DataFrame
        As `purchase_histories` gives them for `until`.
    """
    first = (until - EPOCH).days - np.rint(histories["T"].to_numpy() * DAYS_PER_WEEK).astype(np.int64)
    months = _whole_years(EPOCH + timedelta(days=int(first.min())), until)
    if len(months) < FEWEST_MONTHS:
        return Missing("segmentation.one_year_tells_no_season", {"needed": FEWEST_MONTHS})
    expected = _expected(model, first, months)
    return season_of(_repeats(book, first, until, months), expected)


def _whole_years(start: date, until: date) -> pd.PeriodIndex:
    """The months of the last whole years that lie after the first month and are over."""
    last = pd.Period(until, "M") - (0 if (until + timedelta(days=1)).day == 1 else 1)
    count = max(0, last.ordinal - pd.Period(start, "M").ordinal) // 12 * 12
    return pd.period_range(end=last, periods=count, freq="M")


def _expected(model: ParetoNBD, first: np.ndarray, months: pd.PeriodIndex) -> pd.Series:
    """Repeat purchases that the model expects of all customers in each month."""
    starts, sizes = np.unique(first, return_counts=True)
    edges = np.array([*(m.start_time.date() for m in months), months[-1].end_time.date() + timedelta(days=1)])
    ages = np.array([(edge - EPOCH).days for edge in edges])[:, np.newaxis] - starts
    weeks, place = np.unique(np.maximum(ages, 0), return_inverse=True)
    curve = np.array([model.expected_orders_new(week / DAYS_PER_WEEK) for week in weeks])
    until_edge = curve[place.reshape(ages.shape)] @ sizes
    return pd.Series(np.diff(until_edge), index=months)


def _repeats(book: PurchaseBook, first: np.ndarray, until: date, months: pd.PeriodIndex) -> pd.Series:
    """Repeat purchases made in each month: days of purchase but for the first of each customer."""
    day = book.day[book.bought & (book.day <= book.number(until))]
    made, began = (_by_month(days, months) for days in (day, first))
    return (made - began).astype(float)


def _by_month(days: np.ndarray, months: pd.PeriodIndex) -> pd.Series:
    """How many of `days` lie in each of `months`."""
    place = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - months[0].ordinal
    inside = place[(place >= 0) & (place < len(months))]
    return pd.Series(np.bincount(inside, minlength=len(months)), index=months)
