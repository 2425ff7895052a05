"""The clock and the trading year: real dates, and factors that show in the orders as stated."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from workbench.demo.clock import Clock, clock_of
from workbench.demo.company import Block, Plan
from workbench.demo.population import END, FIRST_DAY, LAST_DAY
from workbench.demo.season import CHINESE_NEW_YEAR, LAST_YEAR, occasions, thanksgiving

ERRORS = 4  # standard errors
# How far the clock and the wall may be apart: a sale late in the year is paid back by all days before it.
APART_DAYS = 15


@pytest.fixture(scope="module", params=["en", "zh"])
def clock(request: pytest.FixtureRequest) -> Clock:
    return clock_of(request.param)


def days() -> Iterator[date]:
    for number in range(0, (END - FIRST_DAY).days + 1, 13):
        yield FIRST_DAY + timedelta(days=number)


def test_festivals_and_sales_stand_on_their_dates() -> None:
    assert [thanksgiving(year).isoformat() for year in (2024, 2025, 2026)] == [
        "2024-11-28",
        "2025-11-27",
        "2026-11-26",
    ]
    assert [CHINESE_NEW_YEAR[year].isoformat() for year in (2024, 2025, 2026)] == [
        "2024-02-10",
        "2025-01-29",
        "2026-02-17",
    ]
    chinese = {occasion.name: occasion for occasion in occasions("zh", 2026)}
    assert (chinese["double_11"].first, chinese["618"].last) == (date(2026, 11, 11), date(2026, 6, 18))
    assert chinese["chunjie"].first == date(2026, 2, 16)  # New Year's Eve
    western = {occasion.name: occasion for occasion in occasions("en", 2025)}
    assert western["black_friday"].first == date(2025, 11, 28)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_day_has_two_occasions(language: str) -> None:
    for year in range(FIRST_DAY.year, LAST_YEAR + 1):
        found = sorted(occasions(language, year), key=lambda occasion: occasion.first)
        assert all(one.first <= one.last for one in found)
        assert all(one.last < other.first for one, other in itertools.pairwise(found))
        assert {found[0].first.year, found[-1].last.year} == {year}


def test_a_year_on_the_clock_is_a_year_on_the_wall(clock: Clock) -> None:
    for year in range(FIRST_DAY.year, LAST_YEAR):
        wall = (date(year, 1, 1) - FIRST_DAY).days
        assert clock.at(date(year, 1, 1)) == pytest.approx(wall)
    assert all(abs(clock.at(day) - (day - FIRST_DAY).days) < APART_DAYS for day in days())


def test_the_clock_and_the_wall_are_inverse_to_the_second(clock: Clock) -> None:
    for day in days():
        assert clock.wall_time(np.array([clock.at(day) + 1e-9]))[0] == np.datetime64(day, "s")
    times = np.datetime64(FIRST_DAY, "s") + np.arange(0, 86_400 * 1_000, 7_919).astype("timedelta64[s]")
    again = clock.wall_time(clock.of(times))
    assert np.abs(again - times).max() <= np.timedelta64(1, "s")


def test_the_clock_never_runs_backwards(clock: Clock) -> None:
    times = clock.wall_time(np.linspace(0, clock.at(LAST_DAY), 20_000))
    assert (np.diff(times) >= np.timedelta64(0, "s")).all()


def test_baskets_are_larger_or_smaller_but_the_same_over_a_year(clock: Clock) -> None:
    for year in range(FIRST_DAY.year, LAST_YEAR + 1):
        here = slice((date(year, 1, 1) - FIRST_DAY).days, (date(year + 1, 1, 1) - FIRST_DAY).days)
        assert np.average(clock.basket[here], weights=clock.pace[here]) == pytest.approx(1)
        assert clock.basket[here].max() > 1.05


def test_evenings_are_busy_and_nights_are_not(valid: pd.DataFrame) -> None:
    hours = valid[valid["amount"] > 0]["ordered_at"].dt.hour.value_counts(normalize=True)
    assert hours[[20, 21]].sum() > 0.13
    assert hours[[2, 3, 4]].sum() < 0.03


def test_repeat_orders_on_festivals_and_sales_are_as_many_as_stated(company: Block, plan: Plan) -> None:
    orders, people = company.orders, company.people
    until = np.full(len(people["rate"]), np.inf)
    until[orders["person"][orders["last"]]] = orders["clock"][orders["last"]]
    seen: dict[str, tuple[int, float]] = {}
    for year in (2024, 2025, 2026):
        for occasion in occasions(plan.language, year):
            if occasion.last > LAST_DAY:
                continue
            start = plan.clock.at(occasion.first)
            end = plan.clock.at(occasion.last + timedelta(days=1))
            at = orders["clock"]
            found = ((orders["ordinal"] > 0) & (at >= start) & (at < end)).sum()
            there = np.minimum(until, end) - np.maximum(people["first_order"], start)
            expected = (people["rate"] * there.clip(0)).sum()
            before = seen.get(occasion.name, (0, 0.0))
            seen[occasion.name] = before[0] + int(found), before[1] + float(expected)
    for name, (found, expected) in seen.items():
        assert abs(found - expected) < ERRORS * np.sqrt(expected), name


def test_a_day_of_sales_has_several_times_the_orders_of_the_days_around(language: str) -> None:
    clock = clock_of(language)
    day = {"en": date(2025, 11, 28), "zh": date(2025, 11, 11)}[language]
    place = (day - FIRST_DAY).days
    assert clock.pace[place] > 1.9 * clock.pace[place - 14]
    if language == "zh":
        eve = (CHINESE_NEW_YEAR[2026] - FIRST_DAY).days
        assert clock.pace[eve] < 0.6 * clock.pace[eve + 14]
