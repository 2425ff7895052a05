"""As-of dates and periods. No function here reads the clock: the command line hands the date down."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from workbench.errors import refusal


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def last_complete_month(latest: date) -> date:
    """The last day of the last month that data reaching to `latest` cover whole.

    Assumes that a feed is written day by day: a month counts as complete when its last day is there.
    """
    if latest == month_end(latest):
        return latest
    return latest.replace(day=1) - timedelta(days=1)


def period_of(as_of: date) -> str:
    """The archive's name of the month of `as_of`, ``YYYY-MM``."""
    return f"{as_of:%Y-%m}"


def end_of_day(as_of: date) -> datetime:
    """The first instant (wall clock of the study's time zone) that a study as of `as_of` can not see."""
    if as_of == date.max:  # some systems write it for "never"; no day follows it
        return datetime.max
    return datetime(as_of.year, as_of.month, as_of.day) + timedelta(days=1)


def parse_as_of(text: str, where: str = "--as-of") -> date:
    """The date written as ``YYYY-MM-DD``, or the end of the month written as ``YYYY-MM``.

    Raises
    ------
    WorkbenchError
        If `text` is neither.
    """
    try:
        if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", text):
            raise ValueError  # fromisoformat reads weeks and dates without hyphens as well
        if len(text) == len("YYYY-MM"):
            return month_end(date.fromisoformat(f"{text}-01"))
        return date.fromisoformat(text)
    except ValueError:
        rule = "a date YYYY-MM-DD or a month YYYY-MM"
        raise refusal(where, "the as-of date", rule, f"'{text}'", "Write it as in 2026-10-31.") from None


def months_between(first: date, last: date) -> list[date]:
    """The month ends from the month of `first` to the month of `last`, oldest first."""
    ends = [month_end(first)]
    while ends[-1] < month_end(last):
        ends.append(month_end(ends[-1] + timedelta(days=1)))
    return ends if first <= last else []
