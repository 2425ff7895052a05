"""The book of days: the same sums as the lines, in the order of customers and days."""

from datetime import date
from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench.features import CustomerRange
from workbench.segmentation.book import UNITS, PurchaseBook, month_ends, purchase_book

AS_OF = date(2026, 3, 31)


def table_of(rows: list[tuple[str, str, float, float | None]]) -> ibis.Table:
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "amount", "margin"])
    table = ibis.memtable(frame.assign(ordered_at=pd.to_datetime(frame.pop("at"))))
    return table.mutate(**{name: table[name].cast("decimal(18,4)") for name in ("amount", "margin")})


@pytest.fixture
def book() -> PurchaseBook:
    return purchase_book(
        table_of(
            [
                ("b", "2026-01-05 10:00", 20.10, 5.0),
                ("a", "2026-03-31 23:59", 7.05, 1.5),
                ("b", "2026-01-05 18:00", 0.20, None),
                ("b", "2026-01-05 19:00", -5.30, -1.0),
                ("c", "2026-02-01 08:00", -3.00, None),
                ("a", "2026-02-01 08:00", 1.00, None),
                ("a", "2026-04-01 00:00", 99.0, 9.0),
            ]
        ),
        AS_OF,
    )


def test_a_day_holds_what_was_bought_and_what_was_given_back(book):
    assert book.customer_id.tolist() == ["a", "b", "c"]
    assert book.who.tolist() == [0, 0, 1, 2]
    assert book.net.tolist() == [10_000, 70_500, 150_000, -30_000]
    assert book.gross.tolist() == [10_000, 70_500, 203_000, 0]
    assert book.bought.tolist() == [True, True, True, False]
    assert book.margin is not None
    assert book.margin.tolist() == [0, 15_000, 40_000, 0]


def test_nothing_after_the_day_of_the_study_is_in_the_book(book):
    assert book.day.max() == book.number(AS_OF)


def test_sums_over_a_stretch_of_days_leave_the_day_before_it_out(book):
    assert book.total(book.net, date(2026, 2, 1), AS_OF).tolist() == [70_500, 0, 0]
    assert book.total(book.net, None, date(2026, 2, 1)).tolist() == [10_000, 150_000, -30_000]


def test_an_id_that_has_no_line_has_no_place(book):
    asked = pd.Series([*book.customer_id[::-1], "nobody"])
    assert book.places(asked).tolist() == [*range(len(book.customer_id))[::-1], -1]
    assert book.places(asked[:0]).tolist() == []


def test_a_company_that_maps_no_margin_has_none():
    assert purchase_book(table_of([("a", "2026-01-01 10:00", 3.0, None)]), AS_OF).margin is None


def test_a_company_without_lines_has_an_empty_book():
    book = purchase_book(table_of([("a", "2027-01-01 10:00", 3.0, None)]), AS_OF)
    assert (len(book.customer_id), len(book.day), book.margin) == (0, 0, None)
    assert book.total(book.net, None, AS_OF).tolist() == []


def test_the_book_of_ranges_of_customers_is_that_of_all_at_once(lines_table):
    whole = purchase_book(lines_table, AS_OF)
    edges = [None, "c000100", "c000101", "c000500", None]
    ranges = [CustomerRange(first, beyond) for first, beyond in pairwise(edges)]
    parts = purchase_book(lines_table, AS_OF, ranges)
    assert parts.customer_id.tolist() == whole.customer_id.tolist()
    for name in ("who", "day", "net", "gross", "bought"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name))


def test_the_book_adds_up_to_the_lines_exactly(lines, lines_table):
    seen = lines[lines["ordered_at"] < "2026-04-01"]
    book = purchase_book(lines_table, AS_OF)
    assert int(book.net.sum()) == int((seen["amount"] * 100).round().sum()) * UNITS // 100
    assert len(book.day) == len(
        seen.assign(day=seen["ordered_at"].dt.date)[["customer_id", "day"]].drop_duplicates()
    )


@pytest.fixture
def lines_table(lines, as_canonical):
    return as_canonical(lines, AS_OF).get("transactions")


def test_month_ends_end_with_the_day_of_the_study():
    ends = [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), AS_OF]
    assert month_ends(AS_OF, 3) == ends
    assert month_ends(date(2026, 3, 17), 1) == [date(2026, 2, 28), date(2026, 3, 17)]
