"""Are stages at month ends right: by CDNOW's gaps, by hand, by what must balance, by what was known?"""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from tests.segmentation.book_rows import AS_OF, book_of, cut, drawn_book, few_rows, orders_of, renamed

from workbench.segmentation.book import month_ends, purchase_book
from workbench.segmentation.by_month import all_month_ends, rows_by_end
from workbench.segmentation.lifecycle import first_categories, life_course, told
from workbench.segmentation.lifecycle.ahead import sizes_after
from workbench.segmentation.lifecycle.buying import buying, median_gaps
from workbench.segmentation.lifecycle.potential import potential, registrations
from workbench.segmentation.lifecycle.stages import STAGES
from workbench.segmentation.lifecycle.thresholds import (
    Threshold,
    gap_counts,
    thresholds_by_category,
    thresholds_by_end,
)
from workbench.segmentation.lifecycle.walk import walk

LIMITS = Threshold(median_days=20, dormant_days=30, lost_days=60, n_gaps=1_000)


@pytest.fixture(scope="module")
def book():
    return drawn_book(700, seed=4)


@pytest.fixture(scope="module")
def found(book):
    return life_course(book, orders_of(book), within_days=90, seed=1)


def test_thresholds_of_cdnow_are_the_published_quantiles(cdnow_book):
    days = buying(cdnow_book)
    counts = gap_counts(days)
    each = np.repeat(counts["gap_days"], counts["gaps"]).to_numpy()
    places = [int(np.ceil(share * len(each))) - 1 for share in (0.5, 0.8, 0.9, 0.95)]
    assert each[places].tolist() == [34, 119, 200, 283]
    last = thresholds_by_end(days)[-1]
    assert (last.median_days, last.dormant_days, last.lost_days) == (34, 119, 283)
    assert last.n_gaps == 67_591 - 23_570  # customer-days less the first of each customer


def stages_of(days_back, thresholds=None, ends=8, customer="a"):
    """Names of the stages of one customer at the last month ends, who bought so many days before AS_OF."""
    rows = [(customer, AS_OF - timedelta(days=back), 10.0) for back in days_back]
    days = buying(book_of(rows))
    walked = walk(days, thresholds or [LIMITS] * len(days.ends))
    return [STAGES[codes[0]] if codes[0] >= 0 else "" for codes in walked.stages][-ends:]


def test_a_customer_whose_rhythm_is_near_the_threshold_does_not_flap():
    # Buys every 33 days: at a month end she is silent for up to 32, longer than the threshold of 30.
    by_rule = stages_of(range(0, 33 * 12, 33))
    assert by_rule == ["loyal"] * 8
    silent = [30, 0, 31, 28, 25, 23, 20, 17]  # what a bare threshold would see is near 30 again and again
    assert max(silent) > LIMITS.dormant_days


def test_both_signals_or_the_band_make_a_customer_dormant():
    slow = [32 + 45 * k for k in range(8)]  # her own pause is long: no second signal at 32 days
    quick = [32 + 10 * k for k in range(8)]
    once = [32]
    assert [stages_of(each)[-1] for each in (slow, quick, once)] == ["loyal", "dormant", "dormant"]
    beyond = [34 + 45 * k for k in range(8)]  # 10 % above the threshold no second signal is needed
    assert stages_of(beyond)[-1] == "dormant"
    assert stages_of([61 + 10 * k for k in range(8)])[-1] == "lost"


def test_a_purchase_brings_a_lost_customer_back_at_once():
    assert stages_of([0, 300, 310, 320])[-2:] == ["lost", "loyal"]
    assert stages_of([0, 300])[-2:] == ["lost", "returning"]


def test_without_a_purchase_nobody_moves_back():
    rows = [("a", AS_OF - timedelta(days=70), 10.0)]
    days = buying(book_of(rows))
    longer = Threshold(median_days=20, dormant_days=100, lost_days=200, n_gaps=1_000)
    walked = walk(days, [LIMITS] * (len(days.ends) - 1) + [longer])
    assert [STAGES[codes[0]] for codes in walked.stages] == ["new", "dormant", "dormant"]


def test_who_is_loyal_stays_so_while_active_and_not_longer():
    active = [*range(0, 400, 20)]
    assert set(stages_of(active, ends=6)) == {"loyal"}
    assert stages_of([0, 120, 140])[-1] == "loyal"  # three days of purchase
    assert stages_of([0, 120])[-1] == "returning"


def test_who_is_loyal_stays_so_where_the_number_of_days_for_it_rises_at_a_year_end():
    # How many reach 1, 2, … days of purchase: 1,000, 500, 300, 210, 151 by November. Two more of the best
    # in December make it 301, 210, 168, 151, 136 from 3 days on: the climb now goes on up to 5.
    rows, spring, winter = [], date(2025, 5, 1), date(2025, 12, 1)
    for begin, reached in ((spring, (1_000, 500, 300, 210, 151)), (winter, (168, 136))):
        for k, n in enumerate(reached):
            rows += [(f"c{c:04d}", begin + timedelta(days=k), 1.0) for c in range(n)]
    rows.append(("c0300", date(2025, 12, 20), 1.0))  # her third day comes too late for the old number
    days = buying(book_of(rows, date(2025, 12, 31)))
    never = Threshold(median_days=20, dormant_days=9_000, lost_days=9_999, n_gaps=1_000)
    walked = walk(days, [never] * len(days.ends))
    assert walked.loyal_from[-2:] == [3, 5]
    three_days = [250, 300]
    assert [STAGES[walked.stages[-1][c]] for c in three_days] == ["loyal", "returning"]
    assert walked.purchases[three_days].tolist() == [3, 3]


def test_nothing_later_than_a_month_end_decides_about_its_stages(book):
    days = buying(book)
    whole = walk(days, thresholds_by_end(days))
    for end in (date(2026, 5, 31), date(2026, 2, 28), date(2025, 12, 31)):
        known = cut(book, end)
        days_then = buying(known)
        then = walk(days_then, thresholds_by_end(days_then))
        codes = whole.stages[whole.ends.index(end)]
        place = pd.Index(book.customer_id).get_indexer(known.customer_id)
        assert then.ends[-1] == end
        assert codes[place].tolist() == then.stages[-1].tolist()
        assert (np.delete(codes, place) == -1).all()
        assert then.thresholds[-1] == whole.thresholds[whole.ends.index(end)]


def test_stages_agree_with_the_rule_applied_customer_by_customer(book, found):
    limits, days = found.threshold, buying(book)
    gaps = pd.Series(days.gap[days.gap > 0]).groupby(days.who[days.gap > 0]).agg(["median", "size"])
    last = pd.Series(days.day).groupby(days.who).max()
    for row in found.customers.assign(who=pd.Index(book.customer_id).get_indexer(
        orders_of(book)["customer_id"]
    )).iloc[::7].itertuples():  # fmt: skip
        silent, own = book.number(AS_OF) - last[row.who], 1.0
        if row.who in gaps.index and gaps["size"][row.who] >= 2:
            n = gaps["size"][row.who]
            own = (n * gaps["median"][row.who] + 3 * limits.median_days) / (n + 3) / limits.median_days
        moved = [silent > min(max(1, own), 1.1) * x for x in (limits.dormant_days, limits.lost_days)]
        expected = "lost" if moved[1] else "dormant" if moved[0] else "active"
        shown = row.lifecycle_stage if row.lifecycle_stage in ("dormant", "lost") else "active"
        assert shown == expected


def test_who_only_gave_back_has_no_stage_and_a_gift_is_a_purchase(book):
    extra = book_of([("free", AS_OF, 0.0), ("refund", AS_OF, -4.0)])
    days = buying(extra)
    walked = walk(days, [LIMITS] * len(days.ends))
    assert walked.stages[-1].tolist() == [STAGES.index("new"), -1]


def test_month_ends_of_a_book_cover_its_days_once(book):
    ends = all_month_ends(book)
    assert ends == month_ends(AS_OF, len(ends) - 1)
    assert ends[0] >= date(1970, 1, 1) + timedelta(days=int(book.day.min()))
    rows = np.concatenate(rows_by_end(book.day, ends))
    assert sorted(rows.tolist()) == list(range(len(book.day)))


@settings(max_examples=15)
@given(few_rows)
def test_medians_of_gaps_are_those_of_each_customer(rows):
    days = buying(book_of(rows))
    counts = np.diff(days.start).astype(np.int32)
    asked = np.flatnonzero(counts >= 2).astype(np.int32)
    medians = median_gaps(days, asked, counts[asked])
    for customer, median in zip(asked, medians, strict=True):
        assert median == np.median(np.diff(days.day[days.who == customer]))


def test_ids_and_their_order_change_nothing(book, found):
    again = life_course(renamed(book), orders_of(renamed(book)), within_days=90, seed=1)
    pd.testing.assert_frame_equal(again.curve.curve, found.curve.curve)
    pd.testing.assert_frame_equal(again.history, found.history)
    pd.testing.assert_frame_equal(again.ahead.sizes, found.ahead.sizes)
    pd.testing.assert_frame_equal(again.customers.iloc[::-1].reset_index(drop=True), found.customers)


def test_moves_and_entries_add_up_to_the_sizes(found):
    sizes = found.history.pivot(index="month_end", columns="stage", values="customers")[list(STAGES)]
    for step in found.moves.steps:
        assert step.counts.sum(axis=1).tolist() == sizes.loc[step.begin].tolist()
        assert sizes_after(step).tolist() == sizes.loc[step.end].tolist()
    assert (found.today.by_stage["customers"].to_numpy() == sizes.iloc[-1].to_numpy()).all()
    lost = found.moves.rates.query("stage == 'lost' and to_stage == 'dormant'")
    assert lost["moves"].sum() == 0


def test_too_little_to_tell_a_pause_from_a_loss_says_so():
    rows = [("a", AS_OF - timedelta(days=back), 1.0) for back in range(0, 40, 2)]
    book = book_of(rows)
    assert life_course(book, orders_of(book), within_days=90, seed=1).reason == (
        "only 19 gaps between purchases; at least 100 are needed to tell a pause from a loss"
    )
    young = book_of(
        [(f"c{c}", AS_OF - timedelta(days=back), 1.0) for c in range(9) for back in range(0, 40, 2)]
    )
    assert life_course(young, orders_of(young), within_days=90, seed=1).reason == (
        "the purchases span 39 days; at least 180 are needed to tell a pause from a loss"
    )


def test_potential_customers_have_registered_and_not_bought():
    book = book_of([("a", date(2026, 6, 3), 5.0), ("r", date(2026, 6, 3), -5.0)])
    people = pd.DataFrame({
        "customer_id": ["a", "b", "c", "d", "r"],
        "registered_at": pd.to_datetime(["2026-05-02", "2026-05-31", None, "2026-07-01", "2026-06-30"]),
    })  # fmt: skip
    known = registrations(ibis.memtable(people), AS_OF)
    found = potential(known, book, buying(book), [date(2026, 5, 31), AS_OF])
    assert found.to_numpy().tolist() == [[date(2026, 5, 31), 2, 2], [AS_OF, 4, 3]]
    assert potential(None, book, buying(book), [AS_OF]).reason == (
        "no “customers” table is mapped: who has registered and not bought is not known"
    )


def test_thresholds_of_a_category_lie_between_its_own_and_those_of_the_base():
    rows = [(f"s{c}", AS_OF - timedelta(days=60 * k), 1.0) for c in range(20) for k in range(8)]
    rows += [(f"q{c}", AS_OF - timedelta(days=10 * k), 1.0) for c in range(90) for k in range(8)]
    book = book_of(rows)
    days = buying(book, kinds(book, {"s": "slow", "q": "quick"}))
    table = thresholds_by_category(days, thresholds_by_end(days)[-1]).set_index("category")
    assert table.index.tolist() == ["quick", "slow"]
    assert table.loc["slow", ["customers", "gaps", "p80_days"]].tolist() == [20, 140, 60]
    assert table.loc["slow", "dormant_days"] == round((140 * 60 + 100 * 10) / 240)
    assert table.loc["quick", "dormant_days"] == 10


def kinds(book, names):
    """The category that the first letter of a customer's id stands for."""
    return np.array([names[name[0]] for name in book.customer_id], dtype=object)


def test_a_customer_is_judged_by_the_category_she_began_with():
    """Of those who buy every two months, most end lost by the base's threshold, in which others rule."""
    rows = [(f"s{c}", AS_OF - timedelta(days=60 * k + 30), 1.0) for c in range(20) for k in range(8)]
    rows += [(f"q{c}", AS_OF - timedelta(days=10 * k), 1.0) for c in range(90) for k in range(30)]
    book = book_of(rows)
    slow = np.array([name.startswith("s") for name in book.customer_id])

    def today(categories):
        days = buying(book, categories)
        return np.array(STAGES)[walk(days, thresholds_by_end(days)).stages[-1]]

    alone = today(None)
    assert set(alone[slow]) & {"dormant", "lost"}
    assert set(alone[~slow]) == {"loyal"}
    apart = today(kinds(book, {"s": "slow", "q": "quick"}))
    assert set(apart[slow]) == set(apart[~slow]) == {"loyal"}
    # Everyone in one category, or all in none that has enough gaps: the base's thresholds.
    for names in ({"s": "all", "q": "all"}, {"s": "", "q": ""}):
        assert today(kinds(book, names)).tolist() == alone.tolist()


def test_the_category_is_that_of_the_first_day_with_a_purchase():
    rows = [
        ("a", "2026-01-02", 5.0, "tea"), ("a", "2026-01-02", 4.0, "pots"), ("a", "2026-03-01", 99.0, "cups"),
        ("b", "2026-01-05", 3.0, "tea"), ("b", "2026-01-05", 3.0, "pots"),
        ("c", "2026-01-03", 5.0, None), ("c", "2026-02-03", 5.0, "tea"),
        ("d", "2026-01-01", -5.0, "pots"), ("d", "2026-01-09", 5.0, "tea"),
        ("e", "2026-01-09", -1.0, "tea"), ("f", "2027-01-01", 1.0, "tea"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount", "category"])
    table = ibis.memtable(frame.assign(ordered_at=pd.to_datetime(frame["ordered_at"])))
    table = table.mutate(amount=table.amount.cast("decimal(18,4)"))
    book = purchase_book(table, AS_OF)
    found = dict(zip(book.customer_id, first_categories(table, AS_OF, book), strict=True))
    assert found == {"a": "tea", "b": "pots", "c": "", "d": "tea", "e": ""}
    none = first_categories(table.drop("category"), AS_OF, book)
    assert set(none) == {""}


def test_checks_say_where_the_thresholds_are_short(book, found):
    names = {check.name: check for check in told.checks(found)}
    assert set(names) == {
        "lifecycle_lost_stay_away", "lifecycle_thresholds_settled", "lifecycle_forecast_beats_naive",
    }  # fmt: skip
    assert all(check.level != "fail" for check in names.values())
    young = cut(book, AS_OF - timedelta(days=500))
    short = {
        check.name: check
        for check in told.checks(life_course(young, orders_of(young), within_days=30, seed=1))
    }
    assert short["lifecycle_thresholds_settled"].level == "warn"


@settings(max_examples=15)
@given(few_rows)
def test_every_customer_with_a_purchase_has_one_stage(rows):
    days = buying(book_of(rows))
    walked = walk(days, [LIMITS] * len(days.ends))
    bought = np.diff(days.start) > 0
    assert ((walked.stages[-1] >= 0) == bought).all()
