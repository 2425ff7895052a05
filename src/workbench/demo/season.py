"""The trading year: real dates of festivals and sales, and what they do to purchases and baskets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from workbench.demo.population import FIRST_DAY

LAST_YEAR = 2027  # the truth looks one year past the last day of the files
# First day of the Chinese calendar's year. Source: the public holidays of the People's Republic of China.
CHINESE_NEW_YEAR = {
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
}
THURSDAY = 3


@dataclass(frozen=True)
class Occasion:
    """Days on which customers buy otherwise.

    Attributes
    ----------
    pace : float
        Factor on purchases per day.
    basket : float
        Factor on the value of an order.
    """

    name: str
    first: date
    last: date
    pace: float
    basket: float


def thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(THURSDAY - first.weekday()) % 7 + 21)


def occasions(language: str, year: int) -> list[Occasion]:
    """The occasions of `year` in the market of the company that writes in `language`; none overlap."""
    return list((_chinese if language == "zh" else _western)(year))


def _western(year: int) -> Iterator[Occasion]:
    friday = thanksgiving(year) + timedelta(days=1)
    yield Occasion("new_year_sale", date(year, 1, 2), date(year, 1, 14), 1.1, 0.94)
    yield Occasion("summer_holidays", date(year, 7, 20), date(year, 8, 16), 0.92, 0.97)
    yield Occasion("black_friday", friday, friday + timedelta(days=3), 2.2, 1.06)
    # Cyber Monday may be 1 or 2 December.
    start = max(date(year, 12, 1), friday + timedelta(days=4))
    yield Occasion("christmas_shopping", start, date(year, 12, 20), 1.35, 1.12)
    yield Occasion("christmas", date(year, 12, 24), date(year, 12, 26), 0.5, 1.0)


def _chinese(year: int) -> Iterator[Occasion]:
    festival = CHINESE_NEW_YEAR[year]
    yield Occasion("nianhuo", festival - timedelta(days=21), festival - timedelta(days=8), 1.35, 1.1)
    yield Occasion("chunjie", festival - timedelta(days=1), festival + timedelta(days=6), 0.45, 0.95)
    yield Occasion("618_run_up", date(year, 6, 1), date(year, 6, 15), 1.15, 1.02)
    yield Occasion("618", date(year, 6, 16), date(year, 6, 18), 2.2, 1.08)
    yield Occasion("guoqing", date(year, 10, 1), date(year, 10, 7), 0.9, 1.0)
    yield Occasion("double_11_run_up", date(year, 11, 1), date(year, 11, 10), 1.2, 1.05)
    yield Occasion("double_11", date(year, 11, 11), date(year, 11, 11), 4.0, 1.12)
    yield Occasion("double_12", date(year, 12, 12), date(year, 12, 12), 1.8, 1.03)


def daily_factors(language: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pace and basket of each day from FIRST_DAY to the end of LAST_YEAR, before they are levelled.

    The clock levels the pace over each calendar year, `levelled_basket` the basket.
    """
    days = (date(LAST_YEAR + 1, 1, 1) - FIRST_DAY).days
    pace, basket = np.ones(days), np.ones(days)
    for year in range(FIRST_DAY.year, LAST_YEAR + 1):
        for occasion in occasions(language, year):
            here = slice((occasion.first - FIRST_DAY).days, (occasion.last - FIRST_DAY).days + 1)
            pace[here], basket[here] = occasion.pace, occasion.basket
    return pace, basket


def years() -> Iterator[slice]:
    """The days of each calendar year, as places in the arrays of `daily_factors`."""
    for year in range(FIRST_DAY.year, LAST_YEAR + 1):
        yield slice((date(year, 1, 1) - FIRST_DAY).days, (date(year + 1, 1, 1) - FIRST_DAY).days)
