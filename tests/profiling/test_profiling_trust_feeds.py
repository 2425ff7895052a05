"""Is a feed that is late or has a hole named, and one that keeps its own rhythm left alone?"""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from tests.profiling.trust_tables import canonical

from workbench import language, theme
from workbench.profiling import trust
from workbench.profiling.trust import feeds as rhythms
from workbench.results import Missing

LAST = pd.Timestamp("2024-06-30")  # a Sunday
EVERY_DAY = pd.date_range("2023-07-01", LAST, freq="D")


def orders(days, channel="web", customers=12):
    """One order of each of some customers on each of the days."""
    return pd.DataFrame([
        {"customer_id": f"c{i}", "ordered_at": day, "amount": 5.0, "channel": channel}
        for day in days for i in range(customers)
    ])  # fmt: skip


def judged(*frames, as_of=date(2024, 6, 30)):
    data = canonical({"transactions": pd.concat(frames, ignore_index=True)}, as_of=as_of)
    return rhythms.feeds(data, trust.examine(data).columns.tops)


def states(found):
    return {f.value or f.table: f.status for f in found.feeds.itertuples()}


def test_a_daily_feed_that_stops_two_days_before_the_end_is_late():
    found = judged(orders(EVERY_DAY[:-2]))
    row = found.feeds.iloc[0]
    assert (row.status, row.silent, row.usual, row["last"]) == ("late", 2, 0, pd.Timestamp("2024-06-28"))


def test_a_channel_that_is_late_is_named_beside_others_that_are_not():
    found = judged(orders(EVERY_DAY, "web"), orders(EVERY_DAY[:-5], "app"), orders(EVERY_DAY, "shop"))
    assert states(found) == {"app": "late", "transactions": "steady", "web": "steady", "shop": "steady"}
    assert found.late["value"].tolist() == ["app"]


def test_a_shop_that_is_closed_at_weekends_is_not_late_on_sunday():
    found = judged(orders(EVERY_DAY[EVERY_DAY.day_of_week < 5]))
    row = found.feeds.iloc[0]
    assert (row.status, row.silent, row.weekdays) == ("steady", 0, 5)
    # On the Monday after it is.
    late = judged(orders(EVERY_DAY[EVERY_DAY.day_of_week < 5]), as_of=date(2024, 7, 1))
    assert (late.feeds.status[0], late.feeds.silent[0]) == ("late", 1)


def test_a_delivery_of_the_first_of_each_month_is_late_when_one_is_left_out():
    firsts = pd.date_range("2022-08-01", LAST, freq="MS")
    assert states(judged(orders(firsts))) == {"transactions": "steady"}
    assert states(judged(orders(firsts[:-1]))) == {"transactions": "late"}


def test_a_hole_in_the_last_ninety_days_is_found_with_its_days():
    whole = orders(EVERY_DAY[(EVERY_DAY < "2024-05-10") | (EVERY_DAY > "2024-05-14")])
    found = judged(whole)
    assert states(found) == {"transactions": "hole"}
    assert found.holes.values.tolist() == [[0, pd.Timestamp("2024-05-10"), pd.Timestamp("2024-05-14"), 5]]


def test_a_hole_of_long_ago_is_none_of_this_month():
    found = judged(orders(EVERY_DAY[(EVERY_DAY < "2023-10-10") | (EVERY_DAY > "2023-10-14")]))
    assert states(found) == {"transactions": "steady"}
    assert found.holes.empty


def test_a_channel_that_ended_long_ago_has_ended_and_is_not_late():
    found = judged(orders(EVERY_DAY), orders(EVERY_DAY[:200], "fax"))
    assert states(found)["fax"] == "ended"
    assert len(found.judged) == 2


def test_a_feed_of_few_days_is_not_judged():
    found = judged(orders(EVERY_DAY[-10:]))
    assert states(found) == {"transactions": "unknown"}
    assert found.judged.empty


def test_feeds_without_a_rhythm_are_rarely_called_late():
    # Each day is empty with probability 0.3: of 200 such feeds at most a few per cent are doubtful.
    rng = np.random.default_rng(5)
    doubted = 0
    for _ in range(200):
        days = EVERY_DAY[rng.random(len(EVERY_DAY)) > 0.3]
        silences = np.diff(np.flatnonzero(EVERY_DAY.isin(days))) - 1
        doubted += silences[-60:].max() > rhythms.usual_silence(silences[:-60])
    assert doubted / 200 <= 2 * rhythms.CHANCE  # 0.05 expected; three standard errors are 0.046


@pytest.mark.parametrize(
    ("silences", "usual"),
    [
        ([], 0),
        ([0] * 300, 0),
        ([29] * 11 + [30], 45),  # regular: half as long again
        ([0, 0, 1] * 100, 5),  # a quarter of the days is empty: 90 / 4^6 < 0.05 < 90 / 4^5
    ],
)
def test_the_usual_silence_of_cases_known_by_hand(silences, usual):
    assert rhythms.usual_silence(silences) == usual


def test_events_and_channels_have_feeds_and_tables_without_time_none():
    events = pd.DataFrame([
        {"customer_id": f"c{i}", "occurred_at": day, "event": event}
        for day in EVERY_DAY[-60:] for i in range(10) for event in ("visit", "search")
    ])  # fmt: skip
    people = pd.DataFrame({"customer_id": [f"c{i}" for i in range(10)]})
    data = canonical({"events": events, "customers": people})
    found = rhythms.feeds(data, trust.examine(data).columns.tops)
    assert set(states(found)) == {"events", "visit", "search"}
    nothing = rhythms.feeds(canonical({"customers": people}), trust.examine(data).columns.tops)
    assert isinstance(nothing, Missing)
    assert nothing.reason == (
        "no table has a time within two years before the as-of day: feeds can not be judged"
    )


def test_rows_of_the_last_ninety_days_add_up():
    found = judged(orders(EVERY_DAY))
    assert len(found.days) == 90
    assert found.days.rows.tolist() == [12] * 90


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_the_picture_says_which_feed_is_late_and_since_when(spoken):
    found = judged(orders(EVERY_DAY, "web"), orders(EVERY_DAY[:-5], "app"))
    with language.speaking(spoken):
        note = theme.note_of(trust.figures.plot_feeds(found))
        table = trust.tables.feeds_table(found)
        svg = [theme.to_svg(trust.figures.plot_feeds(found)) for _ in range(2)]
    assert svg[0] == svg[1]
    assert len(table) == 3
    assert note.title == {"en": "Late feeds: 1 of 3", "zh": "3 路数据中有 1 路迟到"}[spoken]
    if spoken == "en":
        assert note.sentence == (
            "transactions: app has had no row since 25 June 2024, longer than is usual for it. Feeds "
            "judged: 3; late: 1; with a hole within the last 90 days (hatched): 0; drawn: 3."
        )
