"""Are tiers right: by rules, by floors, by what was known, by drawing again?"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from tests.segmentation.book_rows import AS_OF, book_of, cut, drawn_book, orders_of, renamed

from workbench.errors import WorkbenchError
from workbench.results import Missing
from workbench.segmentation.book import UNITS
from workbench.segmentation.tiers import read_rules, tier_standing
from workbench.segmentation.tiers.certainty import tier_probabilities
from workbench.segmentation.tiers.floors import floors_of, needed, tier_of, with_keeps
from workbench.segmentation.tiers.migration import since_report
from workbench.segmentation.tiers.tables import without_small_moves, without_small_tiers
from workbench.segmentation.tiers.walk import tier_walk

MONEY = {"tiers": [{"name": "gold", "floor": 500}, {"name": "silver", "floor": 100}, {"name": "regular"}]}
RULES = read_rules(None)
IN_MONEY = read_rules(MONEY)
ABSENT = -1


@pytest.fixture(scope="module")
def book():
    return drawn_book(900, seed=6)


@pytest.fixture(scope="module")
def standing(book):
    return tier_standing(book, orders_of(book), RULES, seed=1)


def test_the_rules_that_come_along_are_four_tiers_by_share():
    assert RULES.names == ("regular", "silver", "gold", "diamond")
    assert [tier.share for tier in RULES.tiers] == [None, 0.2, 0.05, 0.01]
    assert (RULES.value, RULES.window_days, RULES.keep_share, RULES.costs) == ("revenue", 365, 0.9, None)


def tiers(*pairs):
    return {"tiers": [{"name": name, **values} for name, values in pairs]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"window": 365},
            "tier rules: a key must be one of keep_share, review_months, tiers, value, window_days; "
            "got 'window'. Did you mean 'window_days'?",
        ),
        (
            tiers(("gold", {"floor": 100}), ("silver", {"floor": 500}), ("regular", {})),
            "tier rules: floor of tier gold must be above that of tier silver (500); got 100. "
            "Write the tiers from the highest to the lowest.",
        ),
        (
            tiers(("gold", {"floor": 520}), ("silver", {"floor": 500}), ("regular", {})),
            "tier rules: what keeps tier gold must be at least the floor of tier silver (500); got 468. "
            "Raise keep_share, or set the floors further apart: the two tiers overlap.",
        ),
        (
            tiers(("gold", {"share": 0.3}), ("silver", {"share": 0.2}), ("regular", {})),
            "tier rules: share of tier gold must be smaller than tier silver (0.2); got 0.3. "
            "Shares count from the top down.",
        ),
        (
            tiers(("gold", {"share": 0.1}), ("silver", {"floor": 10}), ("regular", {})),
            "tier rules: all tiers but the lowest must be with a share, or all with a floor; got a mix. "
            "Give shares of customers or floors, not both.",
        ),
        (
            tiers(("gold", {"floor": 100}), ("regular", {"floor": 10})),
            "tier rules: the lowest tier, regular, must be without share and floor; got one. "
            "It takes everybody below the others.",
        ),
        (
            tiers(("gold", {"floor": 0}), ("regular", {})),
            "tier rules: floor of tier gold must be above 0; got 0. "
            "Customers without value belong to the lowest tier.",
        ),
        (
            tiers(("gold", {"floor": 100}), ("gold", {})),
            "tier rules: names of tiers must be different; got one twice. Give each tier a name of its own.",
        ),
        (
            {"keep_share": 1.2},
            "tier rules: keep_share must be above 0 and at most 1; got 1.2. "
            "1 takes a tier away as soon as the value falls below its floor.",
        ),
        (
            {"value": "profit"},
            "tier rules: value must be one of margin, orders, revenue; got 'profit'. "
            "Use one of these names.",
        ),
    ],
)  # fmt: skip
def test_rules_that_overlap_or_are_not_in_order_are_refused(given, message):
    with pytest.raises(WorkbenchError) as error:
        read_rules(given)
    assert str(error.value) == message


def test_floors_by_share_are_what_the_last_customer_inside_has_rounded_down():
    values = np.arange(1, 1_001, dtype=np.int64) * 10_017
    found = floors_of(np.concatenate([values, [0, -5]]), RULES, AS_OF)
    # The 200th, the 50th and the 10th of 1,000 from the top, to two digits.
    assert found.floors.tolist() == [8_000_000, 9_500_000, 9_900_000]
    assert found.keeps.tolist() == [7_200_000, 8_550_000, 9_500_000]  # never below the floor underneath
    assert floors_of(values[:99], RULES, AS_OF) is None


def test_a_tier_is_kept_down_to_its_share_of_the_floor_and_reached_at_the_floor():
    found = with_keeps(np.array([1_000, 5_000]), 0.9, None)
    values = np.array([899, 900, 999, 1_000, 4_499, 4_500, 5_000, 4_500, -10, 899])
    held = np.array([1, 1, 1, 0, 2, 2, 1, 1, 2, 2], dtype=np.int8)
    assert tier_of(values, found, held).tolist() == [0, 1, 1, 1, 1, 2, 2, 1, 0, 0]
    # The same rule said the other way: what each needs for each tier.
    wanted = needed(found, held)
    assert ((values[:, None] >= wanted).sum(axis=1)).tolist() == tier_of(values, found, held).tolist()


def test_an_old_month_recomputed_from_what_was_known_has_the_same_tiers(book):
    walked = tier_walk(book, RULES)
    for end, codes, floors in walked.tiers[-6::2]:
        known = cut(book, end)
        last = tier_walk(known, RULES).moments[-1]
        place = pd.Index(book.customer_id).get_indexer(known.customer_id)
        assert last.tiers.tolist() == codes[place].tolist()
        assert last.floors.floors.tolist() == floors.floors.tolist()
        assert (np.delete(codes, place) == ABSENT).all()


def test_floors_of_shares_hold_for_a_calendar_year(book):
    floors = {end: found for end, _, found in tier_walk(book, RULES).tiers}
    in_2026 = [found for end, found in floors.items() if end.year == 2026]
    assert {found.set_on for found in in_2026} == {date(2025, 12, 31)}
    assert len({tuple(found.floors) for found in in_2026}) == 1


def test_tiers_fall_at_reviews_alone_and_rise_at_every_month_end():
    story = [("a", date(2024, 7, 5), 600.0), ("b", date(2026, 4, 3), 600.0)]
    names = {}
    for months in (1, 12):
        walked = tier_walk(book_of(story), read_rules(MONEY | {"review_months": months}))
        codes = {end: tiers.tolist() for end, tiers, _ in walked.tiers}
        names[months] = [codes[end] for end in (date(2025, 7, 31), date(2025, 12, 31), date(2026, 4, 30))]
    # The purchase of July 2024 has left the window by July 2025; a yearly review sees it at the year end.
    assert names[1] == [[0, ABSENT], [0, ABSENT], [0, 2]]
    assert names[12] == [[2, ABSENT], [0, ABSENT], [0, 2]]


def test_customers_without_value_are_in_the_lowest_tier():
    book = book_of(
        [("free", AS_OF, 0.0), ("back", AS_OF, 900.0), ("back", AS_OF, -900.0), ("rich", AS_OF, 900.0)]
    )
    found = tier_standing(book, orders_of(book), IN_MONEY, seed=1)
    assert found.customers["tier"].tolist() == ["regular", "regular", "gold"]
    assert found.customers["tier_value"].tolist() == [0.0, 0.0, 900.0]


def test_a_tier_by_one_order_is_as_certain_as_that_the_order_comes_again():
    who = np.concatenate([[0], np.ones(60), [2]]).astype(np.int32)
    amounts = np.concatenate([[60_000], np.full(60, 1_000), [60_000]]).astype(np.int64)
    wanted = np.array([[50_000], [50_000], [50_000], [50_000]])
    chances = tier_probabilities(who, amounts, wanted, seed=1)
    # P(Poisson(1) >= 1) = 1 - 1/e; 400 draws know it to ± 5 points.
    assert chances[0, 1] == pytest.approx(1 - np.exp(-1), abs=0.05)
    assert chances[0].tolist() == chances[2].tolist()  # alike in what they did, alike in what is said
    from scipy.stats import poisson

    assert chances[1, 1] == pytest.approx(poisson(60).sf(49), abs=0.05)
    assert chances[3].tolist() == [1.0, 0.0]  # nothing in the window
    assert chances.sum(axis=1) == pytest.approx(1)


def test_certainty_is_that_of_drawing_one_customers_days_again(book, standing):
    walked = tier_walk(book, RULES)
    now, held = walked.moments[-1], walked.moments[0].tiers
    random, first = np.random.default_rng(8), book.number(AS_OF) - 364
    for who in np.flatnonzero(now.tiers >= 1)[:6]:
        own = book.net[(book.who == who) & (book.day >= first)]
        drawn = (random.poisson(1.0, (4_000, len(own))) * own).sum(axis=1)
        same = tier_of(drawn, now.floors, np.full(len(drawn), held[who])) == now.tiers[who]
        row = orders_of(book)["customer_id"] == book.customer_id[who]
        # 400 draws against 4,000: four standard errors are 0.1.
        assert standing.customers.loc[row, "tier_probability"].item() == pytest.approx(same.mean(), abs=0.1)


def test_ids_and_their_order_change_nothing(book, standing):
    again = tier_standing(renamed(book), orders_of(renamed(book)), RULES, seed=1)
    pd.testing.assert_frame_equal(again.by_tier, standing.by_tier)
    pd.testing.assert_frame_equal(again.ledger.steps, standing.ledger.steps)
    pd.testing.assert_frame_equal(again.customers.iloc[::-1].reset_index(drop=True), standing.customers)


def test_parts_of_the_standing_agree(book, standing):
    table = standing.by_tier.set_index("tier")
    assert table["customers"].sum() == len(standing.customers)
    assert standing.customers["tier"].value_counts().to_dict() == table["customers"].to_dict()
    assert table["revenue"].sum() == pytest.approx(orders_of(book)["revenue_365d"].sum())
    moves = standing.moves
    lines = standing.ledger.last.set_index("line")["customers"]
    assert (moves.up, moves.down, moves.stayed) == (lines["upgraded"], lines["downgraded"], lines["same"])
    assert table["customers"].sum() == standing.history.groupby("month_end")["customers"].sum().iloc[-1]


def test_other_floors_move_those_whose_value_lies_between(book, standing):
    now, held = tier_walk(book, RULES).moments[-1], tier_walk(book, RULES).moments[0].tiers
    silver = now.floors.floors[0]
    row = standing.what_if.query("tier == 'silver' and move == -0.2").iloc[0]
    lower = now.values >= np.where(held >= 1, np.ceil(0.9 * round(silver * 0.8)), round(silver * 0.8))
    assert row["customers"] == ((now.tiers >= 0) & lower & (now.tiers == 0)).sum()
    assert row["floor"] == round(silver * 0.8) / UNITS
    assert np.isnan(row["cost"])


def test_a_floor_that_would_pass_its_neighbour_is_not_computed():
    close = read_rules(tiers(("gold", {"floor": 120}), ("silver", {"floor": 105}), ("regular", {})))
    book = book_of([("a", AS_OF, 110.0), ("b", AS_OF, 300.0)])
    table = tier_standing(book, orders_of(book), close, seed=1).what_if.set_index(["tier", "move"])
    assert table["crosses"].tolist() == [True, False, False, False, False, False, False, True]
    assert np.isnan(table.loc[("gold", -0.2), "customers"])


def test_costs_of_privileges_are_told_where_they_are_given():
    rules = read_rules(tiers(("gold", {"floor": 100, "cost": 30}), ("regular", {"cost": 1})))
    book = book_of([("a", AS_OF, 110.0), ("b", AS_OF, 95.0), ("c", AS_OF, 5.0)])
    found = tier_standing(book, orders_of(book), rules, seed=1)
    assert found.by_tier["cost"].tolist() == [30.0, 2.0]
    lower = found.what_if.set_index("move").loc[-0.1]
    assert (lower["customers"], lower["revenue"], lower["cost"]) == (1, 95.0, 29.0)


def test_who_changes_tier_three_times_in_a_year_is_a_flapper():
    # A window of 30 days: 100 every other month is silver and regular in turn.
    rules = read_rules(MONEY | {"window_days": 30})
    days = [date(2026, month, 15) for month in (1, 3, 5)]
    book = book_of([("flap", day, 120.0) for day in days] + [("calm", day, 5.0) for day in days])
    found = tier_standing(book, orders_of(book), rules, seed=1)
    assert dict(zip(orders_of(book)["customer_id"], found.customers["tier_flapper"], strict=True)) == {
        "calm": False, "flap": True,
    }  # fmt: skip
    assert (found.n_flappers, found.n_judged) == (1, 2)


def test_moves_since_an_earlier_report_are_counted_by_its_table():
    now = pd.DataFrame({
        "customer_id": ["a", "b", "c", "d"], "tier": ["gold", "silver", "regular", "gold"],
        "tier_value": [600.0, 200.0, 5.0, 700.0],
    })  # fmt: skip
    then = pd.DataFrame({"customer_id": ["a", "b", "c"], "tier": ["silver", "silver", "gold"]})
    found = since_report(then, now, IN_MONEY)
    assert (found.up, found.down, found.stayed) == (1, 1, 1)
    pairs = found.table.set_index(["from_tier", "to_tier"])
    assert pairs.loc[("new", "gold"), ["customers", "revenue"]].tolist() == [1, 700.0]
    assert since_report(None, now, IN_MONEY).code == "segmentation.tiers_no_report"
    other = since_report(then.assign(tier=["A", "B", "C"]), now, IN_MONEY)
    assert other.reason == "the earlier report has tiers of other names: moves since then are left out"


def test_what_a_hidden_tier_brings_does_not_follow_from_the_others():
    table = pd.DataFrame({"tier": ["a", "b", "c"], "customers": [4, 20, 500], "revenue": [9.0, 5.0, 3.0]})
    assert without_small_tiers(table)["revenue"].isna().tolist() == [True, True, False]
    moves = pd.DataFrame({
        "tier": "a", "move": [-0.2, -0.1, 0.1, 0.2], "customers": [25.0, 19.0, -4.0, -30.0], "revenue": 1.0,
    })  # fmt: skip
    assert without_small_moves(moves)["revenue"].isna().tolist() == [True, False, True, False]


def test_too_few_customers_for_shares_and_lines_without_margin_say_so(book):
    few = book_of([(f"c{i}", AS_OF, 5.0) for i in range(99)])
    assert tier_standing(few, orders_of(few), RULES, seed=1).reason == (
        "only 99 customers have a value in the window; tiers by shares need at least 100"
    )
    by_margin = read_rules({"value": "margin"})
    assert tier_standing(book, orders_of(book), by_margin, seed=1) == Missing("segmentation.tiers_no_margin")
    nobody = book_of([])
    assert isinstance(tier_standing(nobody, orders_of(nobody), RULES, seed=1), Missing)


def test_tiers_may_go_by_days_of_purchase():
    rules = read_rules({"value": "orders", **tiers(("gold", {"floor": 3}), ("regular", {}))})
    rows = [("a", AS_OF - timedelta(days=k), 1.0) for k in range(3)] + [("b", AS_OF, 900.0)]
    found = tier_standing(book_of(rows), orders_of(book_of(rows)), rules, seed=1)
    assert found.customers[["tier", "tier_value"]].to_numpy().tolist() == [["gold", 3.0], ["regular", 1.0]]
    assert found.by_tier["floor"].iloc[0] == 3
