"""Do sheets come in as the book means them: dates as days, ids as text, titles left out, slips refused?"""

import io
from datetime import date, datetime
from decimal import Decimal

import ibis
import openpyxl
import pandas as pd
import pytest

from workbench.errors import WorkbenchError
from workbench.sources import files

COLUMNS = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}
NAMES = ["id", "day", "paid"]


@pytest.fixture(scope="module")
def sheet(company):
    """The source file of orders in a book of these rows."""

    def written(*rows, columns=COLUMNS, **table):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        about = {"from": "o.xlsx", "columns": columns} | table
        return company({"o.xlsx": content.getvalue()}, {"transactions": about})

    return written


def orders(found):
    return [
        (c, str(t), str(a)) for c, t, a in zip(found.customer_id, found.ordered_at, found.amount, strict=True)
    ]


def test_cells_are_what_the_book_says(sheet, rows):
    source = sheet(
        NAMES,
        ["007", date(2024, 1, 5), 5],
        [17850, datetime(2024, 1, 6, 10, 30), 0.1],
        [8613012345678, datetime(2024, 1, 7), -2.55],
    )
    assert orders(rows(source, as_of="2024-01-31")) == [
        ("007", "2024-01-05 00:00:00", "5.0000"),
        ("17850", "2024-01-06 10:30:00", "0.1000"),
        ("8613012345678", "2024-01-07 00:00:00", "-2.5500"),
    ]


def test_days_that_are_only_numbers_in_the_book_are_days(sheet, rows):
    source = sheet(NAMES, ["a", 45322, 5], ["b", 45322.4375, 6], ["c", datetime(2024, 1, 31, 1), 7])
    found = rows(source, as_of="2024-01-31")
    assert [str(t) for t in found.ordered_at] == [
        "2024-01-31 00:00:00", "2024-01-31 10:30:00", "2024-01-31 01:00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "above",
    [
        [["Orders of January"], []],
        [[], ["Company", "Shop Ltd"], []],
        [["订单明细", None, None, None], ["导出时间", "2024-02-01"]],
    ],
)
def test_titles_above_the_names_are_left_out(sheet, rows, above):
    names = [*NAMES, "kind", "note"]
    source = sheet(
        *above, names, ["a", date(2024, 1, 31), 5, "x", "y"], ["b", date(2024, 1, 30), 6, None, None]
    )
    assert rows(source).customer_id.tolist() == ["a", "b"]


def test_blank_rows_are_no_rows(sheet, load):
    source = sheet(NAMES, ["a", date(2024, 1, 31), 5], [], ["b", date(2024, 1, 30), 6], [], [])
    assert load(source).totals["transactions"].whole.rows["in"] == 2


def test_numbers_that_are_text_in_the_book_are_decided_as_text_is(sheet, rows):
    source = sheet(NAMES, ["a", date(2024, 1, 31), "1.234,50"], ["b", date(2024, 1, 30), 1.234])
    assert [str(a) for a in rows(source).amount] == ["1234.5000", "1.2340"]
    with pytest.raises(WorkbenchError, match="three digits behind the only mark"):
        rows(sheet(NAMES, ["a", date(2024, 1, 31), "1.234"], ["b", date(2024, 1, 30), 1.5]))


def test_texts_of_years_first_stand_beside_date_cells(sheet, rows):
    source = sheet(NAMES, ["a", date(2024, 1, 31), 5], ["b", "2024-01-30", 6])
    assert [str(t) for t in rows(source).ordered_at] == ["2024-01-31 00:00:00", "2024-01-30 00:00:00"]


def test_one_line_lets_texts_of_days_first_stand_beside_date_cells(sheet, rows):
    given = {"formats": {"day": "%d/%m/%Y"}}
    source = sheet(NAMES, ["a", date(2024, 1, 31), 5], ["b", "30/01/2024", 6], **given)
    assert [str(t) for t in rows(source).ordered_at] == ["2024-01-31 00:00:00", "2024-01-30 00:00:00"]


def test_a_truth_or_a_date_is_no_amount(sheet, load):
    good = [["b", date(2024, 1, 31), 1]] * 198
    source = sheet(NAMES, ["a", date(2024, 1, 31), True], ["a", date(2024, 1, 31), date(2024, 1, 1)], *good)
    assert load(source).totals["transactions"].reasons == {"unreadable:amount": 2}


def test_cells_with_errors_are_blank_and_reported(sheet, load):
    good = [["b", date(2024, 1, 31), 1]] * 99
    source = sheet(NAMES, ["a", date(2024, 1, 31), "#DIV/0!"], *good)
    reasons = load(source).totals["transactions"].reasons
    assert reasons in ({"unreadable:amount": 1}, {"missing:amount": 1})  # as the reader has it; never a zero


def test_names_are_given_to_a_sheet_without(sheet, rows):
    source = sheet(["a", date(2024, 1, 31), 5], ["b", date(2024, 1, 30), 6], names=NAMES)
    assert rows(source).customer_id.tolist() == ["a", "b"]


def test_a_book_under_another_name_is_a_book(sheet, rows):
    source = sheet(NAMES, ["a", date(2024, 1, 31), 5])
    (source.parent / "o.xlsx").rename(source.parent / "o.csv")
    source.write_text(source.read_text().replace("o.xlsx", "o.csv"))
    assert rows(source).customer_id.tolist() == ["a"]


def test_sheets_are_looked_at_one_by_one(tmp_path):
    path = tmp_path / "o.xlsx"
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame({" Customer ": ["a"], "paid": [5]}).to_excel(writer, sheet_name="Orders", index=False)
        pd.DataFrame({"x": [1, 2]}).to_excel(writer, sheet_name="Notes", index=False)
    con = ibis.duckdb.connect()
    first = files.peek(con, path)
    assert (first.sheet, first.sheets, first.encoding, first.separator) == (
        "Orders",
        ("Orders", "Notes"),
        None,
        None,
    )
    assert (first.columns, first.original) == (("Customer", "paid"), (" Customer ", "paid"))
    assert files.peek(con, path, sheet="Notes").rows == 2


def test_whole_numbers_beyond_a_double_are_reported_and_not_guessed(sheet, load):
    good = [["b", date(2024, 1, 31), 1]] * 99
    source = sheet(NAMES, [1.2345678901234567e20, date(2024, 1, 31), 1], *good)
    assert load(source).totals["transactions"].reasons == {"unreadable:customer_id": 1}


def test_amounts_of_a_book_are_as_exact_as_they_are_shown(sheet, load):
    paid = [f"{n}.{n % 100:02d}" for n in range(1, 200)]
    source = sheet(NAMES, *[["a", date(2024, 1, 31), float(p)] for p in paid])
    assert load(source).totals["transactions"].whole.revenue["used"] == sum(map(Decimal, paid))
