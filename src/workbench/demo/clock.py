"""The company's clock: purchase rates are constant on it, and a year on it is a year on the wall.

It runs fast in busy hours, on busy weekdays and on days of sales, and slow at night and on feast days. Events
at a constant rate on this clock so show rhythm and season on the wall. On the clock the purchase law is
exact; a gap measured on the wall differs from the clock's by some days at most.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from workbench.demo.population import FIRST_DAY
from workbench.demo.season import daily_factors, years

DAY_HOURS, HOUR_SECONDS = 24, 3_600
# Monday to Sunday, and hour 0 to 23: relative numbers of orders of an online shop for private customers.
WEEKDAY_WEIGHTS = (0.95, 0.93, 0.95, 0.99, 1.04, 1.05, 1.09)
HOUR_WEIGHTS = (
    *(0.30, 0.16, 0.10, 0.07, 0.07, 0.12, 0.30, 0.60, 0.90, 1.10, 1.25, 1.25),
    *(1.35, 1.25, 1.10, 1.10, 1.10, 1.15, 1.30, 1.55, 1.90, 2.00, 1.60, 0.85),
)


@dataclass(frozen=True, eq=False)
class Clock:
    """Time in days since FIRST_DAY, as the company's purchases see it.

    Attributes
    ----------
    hours : array
        The clock's time at the beginning of each hour from FIRST_DAY on, and at the end of the last.
    pace : array
        The clock's days per day on the wall, for each day from FIRST_DAY on; mean 1 over each calendar year.
    basket : array
        Factor on the value of an order, likewise; its mean over the orders of a year is 1.
    """

    hours: NDArray[np.float64]
    pace: NDArray[np.float64]
    basket: NDArray[np.float64]

    def wall_time(self, clock_days: NDArray[np.float64]) -> NDArray[np.datetime64]:
        """Wall-clock times, whole seconds, of times on the clock."""
        hours = np.interp(clock_days, self.hours, np.arange(len(self.hours), dtype=float))
        seconds = np.floor(hours * HOUR_SECONDS).astype("timedelta64[s]")
        return np.asarray(np.datetime64(FIRST_DAY, "s") + seconds)

    def of(self, times: NDArray[np.datetime64]) -> NDArray[np.float64]:
        """The clock's times of wall-clock times: the inverse of `wall_time` to the second."""
        hours = (times - np.datetime64(FIRST_DAY, "s")) / np.timedelta64(HOUR_SECONDS, "s")
        places = np.arange(len(self.hours), dtype=float)
        return np.asarray(np.interp(np.asarray(hours, dtype=float), places, self.hours))

    def at(self, day: date) -> float:
        """The clock's time at the beginning of `day`."""
        return float(self.hours[(day - FIRST_DAY).days * DAY_HOURS])

    def basket_at(self, times: NDArray[np.datetime64]) -> NDArray[np.float64]:
        """The factor on the value of orders placed at these wall-clock times."""
        days = (times.astype("datetime64[D]") - np.datetime64(FIRST_DAY)).astype(np.int64)
        return self.basket[days]


@cache
def clock_of(language: str) -> Clock:
    """The clock of the company that writes in `language`."""
    pace, basket = daily_factors(language)
    weekdays = (FIRST_DAY.weekday() + np.arange(len(pace))) % len(WEEKDAY_WEIGHTS)
    pace = pace * np.array(WEEKDAY_WEIGHTS)[weekdays]
    for year in years():
        pace[year] /= pace[year].mean()
        basket[year] /= np.average(basket[year], weights=pace[year])
    shares = np.array(HOUR_WEIGHTS) / np.sum(HOUR_WEIGHTS)
    hours = np.concatenate([[0.0], np.cumsum(np.outer(pace, shares))])
    return Clock(hours, pace, basket)
