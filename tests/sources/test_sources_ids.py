"""Are ids text, whole and unchanged, however a spreadsheet has bent them?"""

import pandas as pd
import pytest

GIVEN = {
    "007": "007",
    "0": "0",
    "17850": "17850",
    "17850.0": "17850",
    "17850.00": "17850",
    "0042.0": "0042",
    " 12 ": "12",
    "1.7850E+04": "17850",
    "1.7850e+04": "17850",
    "8.613012345678E+12": "8613012345678",
    "85123A": "85123A",
    "C536379": "C536379",
    "1E5": "1E5",  # a code, not a number: spreadsheets write a sign
    "12.50": "12.50",
    "1.0.0": "1.0.0",
    "客户-01": "客户-01",
    "O'Neill; DROP": "O'Neill; DROP",
    "NA": "NA",
}
LOST = ["1.2E+12", "1.785E+04", "8.61301E+12", "1E+01", "1.5e+17"]


def orders(ids):
    return pd.DataFrame({"id": list(ids), "day": "2024-01-31", "paid": 1})


def test_ids_come_out_as_the_company_means_them(company, rows):
    source = company({"orders.csv": orders(GIVEN)})
    assert rows(source).customer_id.tolist() == list(GIVEN.values())


def test_ids_that_have_lost_digits_are_reported_and_never_guessed(company, load):
    """1.785E+04 may have been 17850 or 17854: repaired, two customers would become one."""
    data = load(company({"orders.csv": orders([*LOST, "1"])}, max_bad_rows=1))
    assert data.get("transactions").customer_id.to_pandas().tolist() == ["1"]
    assert data.totals["transactions"].reasons == {"unreadable:customer_id": len(LOST)}


def test_columns_of_digits_keep_their_leading_zeros(company, rows):
    source = company({"orders.csv": orders(["007", "0012"])})
    assert rows(source).customer_id.tolist() == ["007", "0012"]


def test_other_ids_are_text_as_well(company, rows):
    lines = "id,day,paid,no,product\n1,2024-01-31,5,000123,04711.0\n"
    columns = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}
    columns |= {"order_id": "no", "product_id": "product"}
    source = company({"o.csv": lines}, {"transactions": {"from": "o.csv", "columns": columns}})
    assert rows(source)[["order_id", "product_id"]].iloc[0].tolist() == ["000123", "04711"]


def test_ids_of_a_book_keep_their_zeros_and_lose_their_decimals(company, rows):
    frame = orders(["007", 17850, "C9", 17850.0])
    assert rows(company({"orders.xlsx": frame})).customer_id.tolist() == ["007", "17850", "C9", "17850"]


def test_a_column_of_texts_of_digits_in_a_book_stays_text(company, rows):
    assert rows(company({"orders.xlsx": orders(["007", "0012"])})).customer_id.tolist() == ["007", "0012"]


@pytest.mark.parametrize("ids", [pd.array([17850, 7]), pd.array([17850.0, 7.0])], ids=["int", "float"])
def test_numeric_ids_of_a_parquet_file_are_whole(company, rows, ids):
    assert rows(company({"orders.parquet": orders(ids)})).customer_id.tolist() == ["17850", "7"]


def test_a_float_id_too_long_for_a_float_is_reported(company, load):
    data = load(company({"orders.parquet": orders([1.2e17, 5.0])}, max_bad_rows=1))
    assert data.totals["transactions"].reasons == {"unreadable:customer_id": 1}


def test_one_customer_written_in_two_ways_is_one_customer(company, load):
    data = load(company({"orders.csv": orders(["17850", "17850.0", "1.7850E+04", " 17850"])}))
    assert data.totals["transactions"].whole.customers["used"] == 1
