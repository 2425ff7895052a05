"""Which feeds are late or have a hole: rows per day of each table, channel and kind of event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import floor, log
from typing import Any

import ibis
import numpy as np
import pandas as pd

from workbench.profiling.trust.values import records, time_of
from workbench.results import Missing
from workbench.sources import Canonical, answer

HISTORY_DAYS = 730  # looked back: two of every season
WINDOW_DAYS = 90  # in which a hole is told
LEAST_ACTIVE_DAYS = 20  # with rows, and LEAST_SPAN_DAYS from the first to the last: below, no rhythm is known
LEAST_SPAN_DAYS = 28
MOST_PARTS = 8  # channels or kinds of events of a table
USUAL_WEEKDAY = 0.1  # of the busiest weekday: rarer ones are no days of this feed
USUAL_SILENCES = 0.99  # of its silences are not longer than the usual one
CHANCE = 0.05  # that one of all feeds has a longer silence within WINDOW_DAYS by chance
REGULAR, LONGER = 2.0, 1.5  # a regular feed's longest silence is at most twice its median one
EPOCH, THURSDAY, DAY = date(1970, 1, 1), 3, "datetime64[D]"  # the first day was a Thursday, Monday is 0
PARTS = ("channel", "acquisition_channel", "event")
FEEDS = [
    "feed", "table", "by", "value", "first", "last", "active_days", "every_days", "weekdays", "usual",
    "silent", "holes", "status",
]  # fmt: skip


@dataclass(frozen=True)
class Feeds:
    """The rhythm of each feed and where it stops.

    Attributes
    ----------
    feeds : pandas.DataFrame
        One row per feed, the doubtful first: feed (number), table, by (``table``, or the column whose `value`
        it is), value, first, last (days with rows), active_days, every_days (median distance of two of them),
        weekdays (on which rows are usual), usual (longest silence that is usual), silent (at the end, both in
        the feed's own days), holes (within WINDOW_DAYS), status: ``late``, ``hole``, ``steady``, ``ended``
        (before WINDOW_DAYS), ``unknown`` (too few days to have a rhythm).
    days : pandas.DataFrame
        feed, day, rows: of the last WINDOW_DAYS, days without rows included.
    holes : pandas.DataFrame
        feed, first, last (days without rows), days (of them, the feed's own).
    """

    feeds: pd.DataFrame
    days: pd.DataFrame
    holes: pd.DataFrame

    @cached_property
    def judged(self) -> pd.DataFrame:
        """The feeds that have a rhythm and have not ended."""
        return self.feeds[~self.feeds.status.isin(["unknown", "ended"])]

    @cached_property
    def late(self) -> pd.DataFrame:
        """Those that are silent for longer than usual."""
        return self.feeds[self.feeds.status == "late"]


def feeds(data: Canonical, tops: pd.DataFrame) -> Feeds | Missing:
    """Rows per day of every table with a time, of its channels and kinds of events, and what is missing.

    A silence counts in days on which the feed usually has rows (a shop that is closed on Sundays is not late
    on Monday); what is usual: `usual_silence`.

    Parameters
    ----------
    tops : pandas.DataFrame
        `Columns.tops`: which channels and kinds of events may be named.
    """
    named: dict[tuple[str, str], list[str]] = {}
    for top in records(tops):
        named.setdefault((top.table, top.column), []).append(str(top.value))
    found = [one for name in data.tables for one in _daily(data, name, named)]
    if not found:
        return Missing("profiling.trust_no_feed")
    judged = [_judge(number, one, data.as_of, len(found)) for number, one in enumerate(found)]
    order = {"late": 0, "hole": 1, "steady": 2, "unknown": 3, "ended": 4}
    frame = pd.DataFrame([row for row, *_ in judged], columns=FEEDS)
    doubt = frame.status.map(order) + (frame.by != "table") / 2  # tables before their parts
    frame = frame.iloc[doubt.argsort(kind="stable")].reset_index(drop=True)
    days = pd.concat([days for _, days, _ in judged], ignore_index=True)
    holes = [hole for *_, own in judged for hole in own]
    return Feeds(frame, days, pd.DataFrame(holes, columns=["feed", "first", "last", "days"]))


@dataclass(frozen=True)
class _Daily:
    """Rows of one feed on every day from its `first` (days since 1970-01-01) to the last with rows."""

    table: str
    by: str
    value: str
    first: int
    rows: np.ndarray

    def on(self, days: np.ndarray) -> np.ndarray:
        """The rows on `days`, in sequence; none before the first and after the last."""
        padded = np.zeros(len(days), dtype=np.int64)
        start = self.first - int(days[0])
        low, high = max(start, 0), min(start + len(self.rows), len(days))
        if low < high:
            padded[low:high] = self.rows[low - start : high - start]
        return padded


def _daily(data: Canonical, name: str, values: Mapping[tuple[str, str], Sequence[str]]) -> list[_Daily]:
    """The feeds of one table, in one grouped count."""
    table = data.get(name)
    time = time_of(table, name)
    if time is None:
        return []
    named = {by: values.get((name, by), ())[:MOST_PARTS] for by in PARTS}
    named = {by: most for by, most in named.items() if len(most) > 1}
    # By the values as they are, of which `tops` says that there are few.
    grouped = table.aggregate(rows=table.count(), by=[time.date().name("day"), *named])
    begin = data.as_of - timedelta(days=min(HISTORY_DAYS, data.as_of.toordinal()) - 1)
    counts = answer(grouped.filter(grouped["day"] >= ibis.date(begin)))
    days, rows = counts["day"].cast("int32").to_numpy(), counts["rows"].to_numpy()
    feeds = [("table", "", np.ones(len(days), dtype=bool))]
    for by, most in named.items():
        own = np.array(counts[by].to_pylist(), dtype=object)
        feeds += [(by, value, own == value) for value in most]
    return [_of(name, by, value, days[which], rows[which]) for by, value, which in feeds if which.any()]


def _of(table: str, by: str, value: str, days: np.ndarray, rows: np.ndarray) -> _Daily:
    first = int(days.min())
    counts = np.bincount(days - first, weights=rows).astype(np.int64)
    return _Daily(table, by, value, first, counts)


def _judge(
    number: int, feed: _Daily, as_of: date, feeds: int
) -> tuple[dict[str, Any], pd.DataFrame, list[dict[str, Any]]]:
    """The row of one of `feeds` feeds, its last days, its holes."""
    last_day = (as_of - EPOCH).days
    calendar = np.arange(feed.first, max(last_day + 1, feed.first + len(feed.rows)))
    window = np.arange(last_day - WINDOW_DAYS + 1, last_day + 1)
    days = pd.DataFrame({"feed": number, "day": window.astype(DAY), "rows": feed.on(window)})
    active = np.flatnonzero(feed.on(calendar))
    own = {
        "feed": number, "table": feed.table, "by": feed.by, "value": feed.value,
        "first": _moment(calendar[0]), "last": _moment(calendar[active[-1]]), "active_days": len(active),
    }  # fmt: skip
    if len(active) < LEAST_ACTIVE_DAYS or active[-1] - active[0] < LEAST_SPAN_DAYS:
        return own | {"holes": 0, "status": "unknown"}, days, []
    weekday = (calendar + THURSDAY) % 7
    usual_days = _usual_days(weekday, active)
    passed = np.cumsum(usual_days[weekday])
    silences = passed[active[1:] - 1] - passed[active[:-1]]
    silent = int(passed[-1] - passed[active[-1]])
    holes = [
        {"feed": number, "first": _moment(calendar[active[i] + 1]),
         "last": _moment(calendar[active[i + 1] - 1]), "days": int(silences[i])}
        for i in np.flatnonzero(silences)
        if calendar[active[i + 1]] > window[0] and silences[i] > usual_silence(np.delete(silences, i), feeds)
    ]  # fmt: skip
    usual = usual_silence(silences, feeds)
    late = silent > usual
    gone = late and feed.by != "table" and calendar[active[-1]] < window[0]
    status = "ended" if gone else "late" if late else "hole" if holes else "steady"
    rhythm = {"every_days": float(np.median(np.diff(active))), "weekdays": int(usual_days.sum())}
    return (
        own | rhythm | {"usual": usual, "silent": silent, "holes": len(holes), "status": status},
        days,
        holes,
    )


def _moment(day: int) -> pd.Timestamp:
    return pd.Timestamp(np.datetime64(int(day), "D"))


def _usual_days(weekday: np.ndarray, active: np.ndarray) -> np.ndarray:
    """By weekday, Monday first, whether the feed usually has rows on it; `active` are its days with rows."""
    every = np.bincount(weekday[: active[-1] + 1], minlength=7)
    shares = np.bincount(weekday[active], minlength=7) / np.maximum(every, 1)
    return np.asarray(shares >= USUAL_WEEKDAY * shares.max())


def usual_silence(silences: Sequence[int] | np.ndarray, feeds: int = 1) -> int:
    """The longest silence, in days, that is usual after such `silences` (0: rows on the very next day).

    Of a regular feed half as long again as the longest. Of another the longest run of empty days that chance
    gives within WINDOW_DAYS to one of `feeds` feeds with probability CHANCE, if each day is empty
    independently; at least what 99 % of the silences do not exceed.
    """
    each = np.asarray(silences)
    if len(each) == 0:
        return 0
    longest = int(each.max())
    if longest <= REGULAR * float(np.median(each)):
        return int(LONGER * longest)
    often = int(np.quantile(each, USUAL_SILENCES, method="higher"))
    empty = each.sum() / (each.sum() + len(each))
    # A run of k empty days begins at a given day with probability empty ** k.
    return max(often, floor(log(CHANCE / WINDOW_DAYS / feeds) / log(empty)))
