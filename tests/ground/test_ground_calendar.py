"""Are days and months counted as people count them, and is the clock never read?"""

import ast
import itertools
from calendar import monthrange
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbench
from workbench import calendar
from workbench.errors import WorkbenchError

days = st.dates(min_value=date(1900, 1, 1), max_value=date(9999, 11, 30))
SOURCES = Path(workbench.__file__).parent
# The command line and the runner stand above the notebooks: they name the run after the time it started.
ABOVE = {"cli.py", "run_cli.py", "archive_cli.py", "runner", "store"}  # a store asks whether a lock is stale
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "localtime", "gmtime"}


@given(days)
def test_a_month_ends_on_its_last_day(day):
    end = calendar.month_end(day)
    assert (end.year, end.month) == (day.year, day.month)
    assert (end + timedelta(days=1)).day == 1


@given(days)
def test_the_last_complete_month_is_over_on_the_latest_day(latest):
    end = calendar.last_complete_month(latest)
    assert end <= latest
    assert end == calendar.month_end(end)
    assert calendar.month_end(end + timedelta(days=1)) > latest  # the month after it is not complete


@given(days)
def test_a_day_ends_where_the_next_begins(day):
    end = calendar.end_of_day(day)
    assert end - timedelta(microseconds=1) == datetime(day.year, day.month, day.day, 23, 59, 59, 999999)
    assert end.date() == day + timedelta(days=1)


def test_the_last_day_there_is_has_an_end_too():
    assert calendar.end_of_day(date.max) == datetime.max


@given(days)
def test_a_date_is_read_as_it_is_written(day):
    assert calendar.parse_as_of(day.isoformat()) == day


@given(days)
def test_a_month_is_read_as_its_last_day_and_written_as_the_period(day):
    assert calendar.parse_as_of(calendar.period_of(day)) == calendar.month_end(day)


@given(st.text(alphabet="0123456789-WT: ", max_size=12))
def test_nothing_is_read_as_a_date_that_is_not_written_as_one(text):
    try:
        found = calendar.parse_as_of(text)
    except WorkbenchError:
        return
    assert text in (found.isoformat(), calendar.period_of(found))


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-13", "2026-02-30", "31.10.2026", "20261031", "2026-W44", "2026-W44-6", " 2026-10"],
)
def test_a_date_that_is_no_date_is_refused(text):
    with pytest.raises(WorkbenchError) as error:
        calendar.parse_as_of(text)
    assert str(error.value) == (
        f"--as-of: the as-of date must be a date YYYY-MM-DD or a month YYYY-MM; got '{text}'. "
        "Write it as in 2026-10-31."
    )


def test_the_option_that_was_wrong_is_named():
    with pytest.raises(WorkbenchError, match=r"^--from: the as-of date must be"):
        calendar.parse_as_of("soon", "--from")


@given(days, st.integers(0, 400))
def test_months_between_two_days_follow_each_other_without_a_gap(first, later):
    last = min(first + timedelta(days=later), date(9999, 11, 30))
    ends = calendar.months_between(first, last)
    assert ends[0] == calendar.month_end(first)
    assert ends[-1] == calendar.month_end(last)
    assert all(calendar.month_end(a + timedelta(days=1)) == b for a, b in itertools.pairwise(ends))


def test_there_are_no_months_between_a_day_and_an_earlier_one():
    assert calendar.months_between(date(2011, 7, 1), date(2011, 6, 30)) == []


def test_february_of_a_leap_year_is_complete_on_its_29th():
    assert calendar.last_complete_month(date(2024, 2, 29)) == date(2024, 2, 29)
    assert calendar.last_complete_month(date(2024, 2, 28)) == date(2024, 1, 31)
    assert monthrange(2024, 2)[1] == 29


def test_no_module_below_the_command_line_reads_the_clock():
    found = []
    for path in SOURCES.rglob("*.py"):
        if path.relative_to(SOURCES).parts[0] in ABOVE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value).split(".")[-1]
                if node.func.attr in CLOCKS and owner in {"date", "datetime", "time", "Timestamp", "pd"}:
                    found.append(f"{path.name}:{node.lineno}")
    assert found == []
