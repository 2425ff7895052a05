"""Does every change of value stand in one line of the ledger, and does it end with what the engine sums?"""

from datetime import date, timedelta

import ibis
import numpy as np
import pytest
from hypothesis import given, settings
from tests.segmentation.book_rows import AS_OF, book_of, drawn_book, few_rows, orders_of

from workbench.segmentation.book import purchase_book
from workbench.segmentation.tiers import control_total, read_rules, tier_standing, told
from workbench.segmentation.tiers.ledger import LINES, ledger, line_of, without_small_lines
from workbench.segmentation.tiers.walk import tier_walk

MONEY = {"tiers": [{"name": "gold", "floor": 500}, {"name": "silver", "floor": 100}, {"name": "regular"}]}
RULES = read_rules(None)
IN_MONEY = read_rules(MONEY)


@pytest.fixture(scope="module")
def book():
    return drawn_book(900, seed=6)


@settings(max_examples=20)
@given(few_rows)
def test_every_change_of_value_stands_in_exactly_one_line_of_the_ledger(rows):
    book = book_of(rows)
    walked = tier_walk(book, IN_MONEY)
    total = int(book.net[book.day > book.number(AS_OF) - 365].sum())
    if not walked.ledger:
        return
    found = ledger(walked.ledger, total)
    assert found.balances
    before, now = walked.moments
    present = before.active | now.active
    assert found.last["customers"].sum() == present.sum()
    lines = line_of(before, now)
    for name, n, change in found.last[["line", "customers", "change"]].itertuples(index=False):
        inside = present & (lines == LINES.index(name))
        assert (n, change) == (inside.sum(), (now.net - before.net)[inside].sum())
    assert ((now.net == before.net) | present).all()


@settings(max_examples=10)
@given(few_rows)
def test_sums_of_windows_are_those_of_the_book(rows):
    book = book_of(rows)
    for moment in tier_walk(book, IN_MONEY).moments:
        begin = moment.end - timedelta(days=365)
        assert moment.net.tolist() == book.total(book.net, begin, moment.end).tolist()
        ones = np.ones(len(book.day), dtype=np.int64)
        assert moment.active.tolist() == (book.total(ones, begin, moment.end) > 0).tolist()


def test_a_ledger_that_does_not_add_up_is_seen(book):
    steps = tier_walk(book, RULES).ledger
    total = int(steps[-1]["closing"].iloc[0])
    assert ledger(steps, total).balances
    assert not ledger(steps, total + 1).balances
    broken = [*steps[:-1], steps[-1].assign(change=steps[-1]["change"] + np.eye(7, dtype=int)[0])]
    assert not ledger(broken, total).balances
    gap = [steps[-3], steps[-1]]
    assert not ledger(gap, total).balances


def test_each_customer_is_in_the_line_that_her_story_asks_for():
    year, now = AS_OF - timedelta(days=365), AS_OF - timedelta(days=3)
    old, between = year - timedelta(days=200), AS_OF - timedelta(days=100)
    leaving = AS_OF - timedelta(days=380)  # inside the window of May, outside that of June
    book = book_of(
        [
            ("new", now, 50.0),
            ("back", old, 10.0), ("back", now, 20.0),
            ("lost", leaving, 30.0),
            ("up", between, 60.0), ("up", now, 60.0),
            ("down", between, 60.0), ("down", leaving, 60.0),
            ("same", between, 5.0), ("same", now, 1.0),
            ("refund", now, -7.0),
        ]
    )  # fmt: skip
    before, last = tier_walk(book, IN_MONEY).moments
    told_by_line = dict(zip(book.customer_id, [LINES[i] for i in line_of(before, last)], strict=True))
    assert told_by_line == {
        "new": "new", "back": "reactivated", "lost": "lost", "up": "upgraded", "down": "downgraded",
        "same": "same", "refund": "refunds_only",
    }  # fmt: skip


@pytest.fixture(scope="module")
def lines_table(lines, as_canonical):
    return as_canonical(lines).get("transactions")


def test_the_closing_is_what_the_engine_sums_without_any_customer(lines_table):
    book = purchase_book(lines_table, AS_OF)
    control = control_total(lines_table, AS_OF, 365)
    found = tier_standing(book, orders_of(book), RULES, seed=1, control=control)
    assert found.ledger.balances
    assert found.ledger.closing == control


def test_next_months_opening_is_this_months_closing(lines_table):
    may, june = (purchase_book(lines_table, day) for day in (date(2026, 5, 31), AS_OF))
    first, second = (tier_standing(book, orders_of(book), RULES, seed=1) for book in (may, june))
    assert second.ledger.opening == first.ledger.closing == control_total(lines_table, date(2026, 5, 31), 365)


@pytest.fixture(scope="module")
def retail(shared_data):
    """Lines of Online Retail with a customer."""
    path = shared_data / "online_retail" / "online_retail.csv.gz"
    con = ibis.duckdb.connect()
    read = con.read_csv(path, types={"InvoiceNo": "VARCHAR", "StockCode": "VARCHAR", "CustomerID": "VARCHAR"})
    amount = (read.Quantity * read.UnitPrice).cast("decimal(18,4)")
    lines = read.mutate(customer_id=read.CustomerID, ordered_at=read.InvoiceDate, amount=amount)
    lines = lines.filter(lines.customer_id.notnull()).select("customer_id", "ordered_at", "amount")
    return con.create_table("lines", lines)


def test_the_ledger_of_online_retail_balances_in_two_months_running(retail):
    days = (date(2011, 10, 31), date(2011, 11, 30))
    books = [purchase_book(retail, day) for day in days]
    october, november = (tier_standing(each, orders_of(each), RULES, seed=1) for each in books)
    assert november.ledger.opening == october.ledger.closing
    for found, day in zip((october, november), days, strict=True):
        assert found.ledger.balances
        assert found.ledger.closing == control_total(retail, day, 365)
    # All of the first year lies in November's window: its closing is the revenue of everybody so far.
    assert november.ledger.closing == int(books[1].net.sum())
    levels = {check.name: check.level for check in told.checks(november)}
    assert levels["tiers_ledger_balances"] == "pass"
    assert levels["tiers_window_whole"] == levels["tiers_floors_settled"] == "warn"


@settings(max_examples=10)
@given(few_rows)
def test_no_line_of_the_ledger_shows_the_amount_of_a_handful(rows):
    walked = tier_walk(book_of(rows), IN_MONEY)
    for step in walked.ledger[-1:]:
        shown = without_small_lines(step)
        assert (shown["customers"].sum(), shown["change"].sum()) == (
            step["customers"].sum(),
            step["change"].sum(),
        )
        some = shown[shown["customers"] > 0]
        assert (some["customers"] >= 10).all() or len(some) == 1
