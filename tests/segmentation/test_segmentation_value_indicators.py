"""The thirteen indicators: values by hand, nothing later than the day, reasons where a table is absent."""

from datetime import date, datetime, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench.calendar import end_of_day
from workbench.segmentation.book import purchase_book
from workbench.segmentation.value.baskets import PRIOR_BUYERS, baskets, cross_sell_room
from workbench.segmentation.value.customer_value import ValueOptions, customer_value
from workbench.segmentation.value.indicators import (
    SMALLEST_SEGMENT,
    WINDOW_DAYS,
    Costs,
    value_indicators,
    wallet_left,
)

DAY = date(2026, 6, 30)
START = DAY - timedelta(days=WINDOW_DAYS)
LINES = [  # customer, days before DAY, amount, margin, category
    ("anna", 400, 500.0, 250.0, "tea"),  # before the window: counts for tenure alone
    ("anna", 300, 100.0, 40.0, "tea"),
    ("anna", 10, 60.0, 20.0, "cups"),
    ("anna", 10, 40.0, 10.0, "tea"),
    ("anna", 5, -50.0, -20.0, "tea"),
    ("anna", -3, 900.0, 500.0, "pots"),  # three days after DAY
    ("bert", 200, 80.0, 30.0, "tea"),
    ("cleo", 30, 20.0, 5.0, "pots"),
]


def moment(days_before: float) -> datetime:
    return datetime.combine(DAY, datetime.min.time()) + timedelta(hours=12) - timedelta(days=days_before)


def transactions(lines=LINES, *, columns=("margin", "category")) -> ibis.Table:
    frame = pd.DataFrame(lines, columns=["customer_id", "ago", "amount", "margin", "category"])
    frame["ordered_at"] = [moment(days) for days in frame.pop("ago")]
    table = ibis.memtable(frame.assign(order_id=[f"o{i}" for i in range(len(frame))]))
    money = {name: table[name].cast("decimal(18,4)") for name in ("amount", "margin")}
    table = table.mutate(**money)
    return table.drop(*[name for name in ("margin", "category") if name not in columns])


def asked(tickets=(), feedback=(), events=()) -> dict[str, ibis.Table]:
    made = {}
    if tickets:
        rows = pd.DataFrame(tickets, columns=["customer_id", "opened", "resolved", "contacts"])
        rows["opened_at"] = [moment(days) for days in rows.pop("opened")]
        rows["resolved_at"] = pd.to_datetime(
            [None if pd.isna(d) else moment(d) for d in rows.pop("resolved")]
        )
        made["tickets"] = ibis.memtable(rows)
    if feedback:
        rows = pd.DataFrame(feedback, columns=["customer_id", "given", "nps"])
        rows["given_at"] = [moment(days) for days in rows.pop("given")]
        made["feedback"] = ibis.memtable(rows)
    if events:
        rows = pd.DataFrame(events, columns=["customer_id", "at"])
        rows["occurred_at"] = [moment(days) for days in rows.pop("at")]
        made["events"] = ibis.memtable(rows)
    return made


def indicators(tables, day=DAY, customers=("anna", "bert", "cleo"), **options):
    book = purchase_book(tables["transactions"], max(day, DAY + timedelta(days=30)))
    return value_indicators(tables, book, day, pd.Series(customers), **options)


@pytest.fixture
def tables():
    others = asked(
        tickets=[
            ("anna", 50, 45, 3.0),
            ("anna", 2, None, 4.0),
            ("bert", 500, 490, 9.0),
            ("bert", 9, -5, 7.0),
        ],
        feedback=[
            ("anna", 20, 10.0),
            ("anna", 40, 3.0),
            ("bert", 60, 6.0),
            ("cleo", 1, 8.0),
            ("cleo", -2, 0.0),
        ],
        events=[("anna", 0), ("anna", 30), ("cleo", 60), ("cleo", -1)],
    )
    return {"transactions": transactions()} | others


def test_indicators_equal_figures_by_hand(tables):
    values = indicators(tables).values
    assert list(values["revenue"]) == [150.0, 80.0, 20.0]
    assert list(values["margin"]) == [50.0, 30.0, 5.0]
    assert list(values["frequency"]) == [2.0, 1.0, 1.0]
    # The median day of purchase in the window: 100, 100, 80, 20.
    assert values["trend"][0] == pytest.approx(np.log((50 + 90) / (100 + 90)))
    assert values["trend"][1] == pytest.approx(np.log((0 + 90) / (80 + 90)))
    assert values["tenure"].to_numpy() == pytest.approx(np.array([400, 200, 30]) / (365.25 / 12))
    # Contacts known by then: anna's settled case took 3, the open one counts 1; bert's was settled later.
    assert list(values["service_cost"]) == [3 + 1 + 1, 1.0, 0.0]
    assert list(values["referral"]) == [0.0, -1.0, 0.0]
    # anna: an action today and one a half-life ago, answers 20 and 40 days ago.
    halves = 1 + 0.5 + 0.5 ** (20 / 30) + 0.5 ** (40 / 30)
    assert values["engagement"][0] == pytest.approx(halves)
    assert values["engagement"][2] == pytest.approx(0.25 + 0.5 ** (1 / 30))
    # anna gave back 50 of 200; the base gave back 50 of 300.
    assert list(values["credit"]) == pytest.approx([1 - (50 / 200 - 50 / 300), 1, 1])
    # Months with a purchase over months since the first one, twelve at most.
    assert list(values["loyalty"]) == pytest.approx([2 / 12, 1 / 7, 1 / 1])


def test_costs_weigh_contacts_and_refunds(tables):
    values = indicators(tables, costs=Costs(contact=4.0, refund=10.0)).values
    assert list(values["service_cost"]) == [4 * 4 + 10, 4.0, 0.0]


def test_nothing_after_the_day_is_seen(tables):
    then = DAY - timedelta(days=20)
    times = dict(zip(tables, ("ordered_at", "opened_at", "given_at", "occurred_at"), strict=True))
    edge = ibis.timestamp(end_of_day(then))
    cut = {name: table.filter(table[times[name]] < edge) for name, table in tables.items()}
    whole, before = (indicators(t, then, ("anna", "bert", "cleo")) for t in (tables, cut))
    pd.testing.assert_frame_equal(whole.values, before.values)
    assert whole.left_out == before.left_out


def test_models_tell_expected_value_and_loyalty_where_there_are_any(tables):
    expected = pd.DataFrame(
        {"expected_value": [3.0, 2.0, 1.0], "p_purchase": [0.3, 0.2, 0.1]}, index=[7, 8, 9]
    )
    book = purchase_book(tables["transactions"], DAY)
    customers = pd.Series(["anna", "bert", "cleo"], index=[7, 8, 9])
    found = value_indicators(tables, book, DAY, customers, expected=expected)
    assert list(found.values.index) == [7, 8, 9]
    assert list(found.values["expected_value"]) == [3.0, 2.0, 1.0]
    assert list(found.values["loyalty"]) == [0.3, 0.2, 0.1]


def test_what_no_table_tells_is_left_out_with_its_reason():
    lines = [line for line in LINES if line[2] > 0]
    found = indicators({"transactions": transactions(lines, columns=())})
    assert {name: why.code for name, why in found.left_out.items()} == {
        "margin": "segmentation.value_no_margin",
        "service_cost": "segmentation.value_no_service",
        "expected_value": "segmentation.value_no_expectation",
        "cross_sell": "segmentation.value_no_category",
        "referral": "segmentation.value_no_table",
        "engagement": "segmentation.value_no_table",
        "credit": "segmentation.value_constant",
    }
    assert set(found.values) == {"revenue", "frequency", "trend", "wallet", "tenure", "loyalty"}
    assert (found.table["known_share"] > 0).sum() == 6


def test_room_for_cross_selling_follows_the_formula():
    bought = baskets(transactions(), START, DAY, pd.Series(["anna", "bert", "cleo"]))
    assert bought.categories == ("cups", "pots", "tea")
    # Margin per buyer in the window: cups 20, pots 5, tea (50 + 30)/2 (refunds are no purchases).
    assert list(bought.worth) == [20.0, 5.0, 40.0]
    a = PRIOR_BUYERS
    p = np.array([1, 1, 2]) / 3
    cups_from_tea, pots_from_tea = (1 + a * p[0]) / (2 + a), (0 + a * p[1]) / (2 + a)
    pots_from_cups = (0 + a * p[1]) / (1 + a)
    room = cross_sell_room(bought)
    assert room[0] == pytest.approx((pots_from_cups + pots_from_tea) / 2 * 5)
    assert room[1] == pytest.approx(cups_from_tea * 20 + pots_from_tea * 5)


def test_room_is_that_of_all_buyers_for_one_who_bought_nothing_in_the_window():
    old = ("dora", 390, 10.0, 1.0, "tea")
    bought = baskets(transactions([*LINES, old]), START, DAY, pd.Series(["dora", "bert"]))
    # Of the customers asked for, bert alone bought in the window: tea.
    assert cross_sell_room(bought)[0] == pytest.approx(bought.worth[bought.categories.index("tea")])


def test_the_wallet_is_measured_within_segments_that_are_large_enough():
    n = SMALLEST_SEGMENT
    revenue = pd.Series([10.0] * n + [100.0] * n + [50.0, 0.0])
    segment = np.array([0] * n + [1] * n + [2, -1])
    left = wallet_left(revenue, segment)
    assert left[0] == left[n] == 0  # each at the P90 of its own segment
    assert left[-1] == 1
    assert left[-2] == 0  # one buyer is no segment: the bar is that of the small ones together


def simulated(customers: int, seed: int) -> ibis.Table:
    rng = np.random.default_rng(seed)
    n = customers * 6
    who = rng.integers(0, customers, n)
    spend = rng.gamma(2.0, 20.0, customers)[who] * rng.gamma(4.0, 0.25, n)
    lines = zip(
        [f"c{i:05d}" for i in who], rng.integers(0, 720, n), spend.round(2), (spend * 0.3).round(2),
        np.array(["tea", "cups", "pots", "books"])[rng.integers(0, 4, n)], strict=True,
    )  # fmt: skip
    return transactions(list(lines))


def customers_of(table: ibis.Table) -> pd.Series:
    ids = table.filter(table.amount >= 0).select("customer_id").distinct().order_by("customer_id").to_pandas()
    return ids["customer_id"]


def test_the_whole_room_stands_on_orders_alone_and_is_tested_against_what_came():
    table = simulated(300, seed=1)
    customers = customers_of(table)
    found = customer_value({"transactions": table}, purchase_book(table, DAY), customers)
    assert len(found.score.scores) == len(customers)
    test = found.backtest
    assert test.cutoff == DAY - timedelta(days=182)
    assert test.outcome == "margin"
    edge = ibis.timestamp(end_of_day(test.cutoff))
    after, known = table.filter(table.ordered_at >= edge), customers_of(table.filter(table.ordered_at < edge))
    paid = after.filter(after.customer_id.isin(list(known))).margin.sum().execute()
    assert test.total == pytest.approx(float(paid))
    assert test.n == len(known)
    # Customers differ in what they spend, and go on spending: past money tells later money.
    assert test.of("naive")["tau_low"] > 0


def test_neither_ids_nor_the_order_of_lines_matter():
    table = simulated(150, seed=2)
    frame = table.to_pandas()
    renamed = frame.assign(customer_id="z" + (99_999 - frame["customer_id"].str[1:].astype(int)).astype(str))
    other = ibis.memtable(renamed.sample(frac=1, random_state=3))
    other = other.mutate(**{name: other[name].cast("decimal(18,4)") for name in ("amount", "margin")})
    first, second = (
        customer_value({"transactions": t}, purchase_book(t, DAY), customers_of(t)) for t in (table, other)
    )
    turned = second.score.scores.iloc[::-1].reset_index(drop=True)
    # Sums of floats in another order differ in the last digits.
    pd.testing.assert_frame_equal(first.score.scores, turned, rtol=1e-9)
    pd.testing.assert_frame_equal(first.backtest.rules, second.backtest.rules, rtol=1e-9)
    pd.testing.assert_frame_equal(first.sensitivity.table, second.sensitivity.table, rtol=1e-9)


def test_a_short_history_leaves_the_test_out_and_keeps_the_score():
    table = simulated(120, seed=4)
    found = customer_value(
        {"transactions": table}, purchase_book(table, DAY), customers_of(table),
        options=ValueOptions(backtest_days=715),
    )  # fmt: skip
    assert found.backtest.code == "segmentation.value_few_before"
    assert set(found.blends) == {"ahp_share", "grade_moved", "grade_moved_share"}


def test_what_arrived_late_is_not_known_at_the_earlier_day():
    table = simulated(150, seed=5)
    late = table.mutate(available_at=ibis.timestamp(moment(1)))
    on_time = customer_value({"transactions": table}, purchase_book(table, DAY), customers_of(table))
    found = customer_value({"transactions": late}, purchase_book(late, DAY), customers_of(table))
    assert on_time.backtest.n > 100
    assert found.backtest.code == "segmentation.value_few_before"
    assert found.backtest.values["n"] == 0
