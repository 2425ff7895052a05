"""Do public data sets come in with the figures their publishers and their readers count?"""

from datetime import date
from decimal import Decimal

import pytest

RETAIL = {
    "customer_id": "CustomerID",
    "order_id": "InvoiceNo",
    "ordered_at": "InvoiceDate",
    "amount": "Quantity * UnitPrice",
    "product_id": "StockCode",
}


@pytest.fixture(scope="module")
def retail(company, load, shared_data):
    """Online Retail (UCI 352): purchases only; a quarter of all lines has no customer."""
    table = {
        "from": str(shared_data / "online_retail" / "online_retail.csv.gz"),
        "columns": RETAIL,
        "where": "Quantity > 0 AND UnitPrice > 0",
    }
    return load(company({}, {"transactions": table}, max_bad_rows=0.3))


def test_online_retail_has_the_figures_of_its_readme(retail):
    whole = retail.totals["transactions"].whole
    assert whole.rows["in"] == 541_909
    assert whole.revenue["in"] == Decimal("9747747.934")
    assert whole.rows["used"] == 397_884
    assert whole.customers["used"] == 4_338
    assert whole.revenue["used"] == Decimal("8911407.904")
    assert whole.balanced


def test_online_retail_lines_without_a_customer_are_counted_with_their_reason(retail):
    totals = retail.totals["transactions"]
    # 135,080 lines have none; those that are no purchases are excluded before.
    assert totals.reasons == {"missing:customer_id": totals.whole.rows["quarantined"]}
    assert 0 < totals.whole.rows["quarantined"] < 135_080


def test_online_retail_ends_with_its_last_complete_month(retail):
    assert (retail.latest, retail.as_of) == (date(2011, 12, 9), date(2011, 11, 30))


def test_online_retail_ids_are_whole_texts(retail):
    orders = retail.get("transactions")
    lines = orders.filter(orders.order_id == "536365").to_pandas()
    # The first invoice: seven lines, 139.12 pounds; the customer is written 17850.0 in the file.
    assert (len(lines), lines.amount.astype(float).sum()) == (7, pytest.approx(139.12))
    assert set(lines.customer_id) == {"17850"}
    assert "85123A" in set(lines.product_id)


def book(shared_data, columns=RETAIL, **table):
    path = str(shared_data / "online_retail" / "online_retail_sample_40k.xlsx")
    return {"transactions": {"from": path, "columns": columns} | table}


def test_a_real_book_with_a_quarter_of_its_customers_missing_is_refused(company, refused, shared_data):
    assert refused(company({}, book(shared_data))) == (
        "tables.transactions: rows that break the schema must be at most 1.0% of 40,000; got 10,057 (25.1%): "
        "missing customer_id: 10,057. "
        "Correct the mapping, exclude them by a rule, or raise max_bad_rows."
    )


def test_a_real_book_is_read_cell_by_cell(company, load, shared_data):
    data = load(company({}, book(shared_data, where="CustomerID IS NOT NULL")))
    totals, orders = data.totals["transactions"].whole, data.get("transactions")
    assert totals.rows == {"in": 40_000, "used": 29_943, "excluded": 10_057, "quarantined": 0}
    found = orders.aggregate(
        cancelled=orders.order_id.startswith("C").sum(),
        odd=(~orders.customer_id.re_search(r"^\d{5}$")).sum(),
        letters=orders.product_id.re_search("[A-Z]").sum(),
        first=orders.ordered_at.min(),
    ).to_pandas().iloc[0]  # fmt: skip
    assert found["odd"] == 0  # ids of five digits, none with a decimal point
    assert found["cancelled"] > 0  # numbers and texts in one column
    assert found["letters"] > 0
    assert found["first"].date() == date(2010, 12, 1)


def test_telco_has_its_customers_churn_and_a_numeric_bill(company, load, shared_data):
    columns = {
        "customer_id": "customerID",
        "churned": "Churn",
        "tenure_months": "tenure",
        "monthly_fee": "MonthlyCharges",
    }
    path = str(shared_data / "telco_churn" / "WA_Fn-UseC_-Telco-Customer-Churn.csv")
    table = {"from": path, "columns": columns, "attributes": "all"}
    data = load(company({}, {"subscriptions": table}), as_of="2024-01-31")
    found = data.get("subscriptions").to_pandas()
    assert (len(found), found.churned.sum()) == (7_043, 1_869)
    assert data.totals["subscriptions"].whole.rows["quarantined"] == 0
    # 11 blanks stand in the bill of customers in their first month.
    assert found.TotalCharges.dtype == "float64"
    assert found.TotalCharges.isna().sum() == 11
    assert set(found.tenure_months[found.TotalCharges.isna()]) == {0.0}
    assert found.SeniorCitizen.dtype == "float64"
    assert set(found.Contract) == {"Month-to-month", "One year", "Two year"}
    assert (data.latest, data.as_of) == (None, date(2024, 1, 31))
    assert len(data.attributes("subscriptions")) == 21 - len(columns)
