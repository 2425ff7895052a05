"""The company's clock: purchase rates are constant on it, and a week on it is a week on the wall.

Inside a week it runs fast in busy hours and slow at night. Events at a constant rate on this clock so show
the rhythm of weekdays and hours on the wall, and gaps measured on the two differ by less than a day.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from workbench.demo.population import FIRST_DAY

WEEK_DAYS, DAY_HOURS, HOUR_SECONDS = 7, 24, 3_600
WEEK_HOURS = WEEK_DAYS * DAY_HOURS
# Monday to Sunday, and hour 0 to 23: relative numbers of orders of an online shop for private customers.
WEEKDAY_WEIGHTS = (0.95, 0.93, 0.95, 0.99, 1.04, 1.05, 1.09)
HOUR_WEIGHTS = (
    *(0.30, 0.16, 0.10, 0.07, 0.07, 0.12, 0.30, 0.60, 0.90, 1.10, 1.25, 1.25),
    *(1.35, 1.25, 1.10, 1.10, 1.10, 1.15, 1.30, 1.55, 1.90, 2.00, 1.60, 0.85),
)
_SHARES = np.outer(WEEKDAY_WEIGHTS, HOUR_WEIGHTS).ravel()
# Time on the clock, in days, at the end of each hour of the week.
_CLOCK = np.concatenate([[0.0], np.cumsum(_SHARES) / _SHARES.sum() * WEEK_DAYS])


def wall_time(clock_days: NDArray[np.float64]) -> NDArray[np.datetime64]:
    """Wall-clock times, whole seconds, of times on the clock (days since FIRST_DAY)."""
    week, rest = np.divmod(clock_days, WEEK_DAYS)
    hours = week * WEEK_HOURS + np.interp(rest, _CLOCK, np.arange(WEEK_HOURS + 1))
    seconds = np.floor(hours * HOUR_SECONDS).astype("timedelta64[s]")
    return np.datetime64(FIRST_DAY, "s") + seconds


def clock_at(day: date) -> float:
    """The clock's time, in days, at the beginning of `day`."""
    week, weekday = divmod((day - FIRST_DAY).days, WEEK_DAYS)
    return float(week * WEEK_DAYS + _CLOCK[weekday * DAY_HOURS])
