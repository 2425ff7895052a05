"""Do rows, customers and money in always equal used + excluded + quarantined, counted by a second route?"""

import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

AS_OF = date(2024, 1, 31)
COLUMNS = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}
IDS = st.sampled_from(["a", "b", "007", "17850", "17850.0", "", " ", "1.2E+12"])
DAYS = st.sampled_from(
    [
        "2024-01-05 10:00:00",
        "2024-01-31 23:59:59",
        "2024-02-01 00:00:00",
        "2024-03-01",
        "",
        "nope",
        "2024-02-30",
    ]
)
AMOUNTS = st.sampled_from(["10", "-3.5", "0.1", "0.0001", "0", "", "abc", "12345678901.9999"])
NOTES = st.sampled_from(["keep", "keep", "drop", ""])
ROWS = st.lists(st.tuples(IDS, DAYS, AMOUNTS, NOTES), min_size=1, max_size=30)
BEST = ["used", "quarantined", "excluded"]


def read_id(text):
    text = text.strip()
    return None if not text or "E+" in text else text.removesuffix(".0")


def read_day(text):
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def read_amount(text):
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def status(row):
    """What should become of a row, and why: plain Python, row by row."""
    id_, day, amount, note = row
    if note != "keep":
        return "excluded", None
    for name, text, read in (
        ("customer_id", id_, read_id(id_)),
        ("ordered_at", day, read_day(day)),
        ("amount", amount, read_amount(amount)),
    ):
        if read is None:
            return "quarantined", f"{'unreadable' if text.strip() else 'missing'}:{name}"
    return "used", None


def expected(rows):
    """Rows, customers and money by what became of them."""
    found = {"rows": Counter(), "customers": Counter(), "revenue": Counter()}
    best = {}
    for row in rows:
        became, _ = status(row)
        found["rows"][became] += 1
        found["revenue"][became] += read_amount(row[2]) or 0
        if (customer := read_id(row[0])) is not None:
            best[customer] = min(best.get(customer, 2), BEST.index(became))
    found["customers"].update(BEST[place] for place in best.values())
    return {
        part: {"in": sum(counts.values())} | {name: counts[name] for name in BEST}
        for part, counts in found.items()
    }


# Each example is a file that the engine reads; to make a failing one smaller would take minutes.
@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(ROWS)
def test_totals_balance_and_equal_a_count_by_hand(company, load, rows):
    frame = pd.DataFrame(rows, columns=["id", "day", "paid", "note"])
    table = {"from": "o.csv", "columns": COLUMNS, "where": "note = 'keep'"}
    totals = load(company({"o.csv": frame}, {"transactions": table}, max_bad_rows=1), as_of=AS_OF).totals[
        "transactions"
    ]
    seen = [r for r in rows if (day := read_day(r[1])) is None or day.date() <= AS_OF]
    for found, counted in ((totals.whole, expected(rows)), (totals.as_of, expected(seen))):
        assert found.balanced
        assert found.rows == counted["rows"]
        assert found.customers == counted["customers"]
        assert found.revenue == counted["revenue"]  # decimals: equal to the last place
    assert totals.reasons == Counter(reason for _, reason in map(status, rows) if reason)


def test_money_is_exact_where_doubles_are_not(company, load):
    tenths = load(company({"o.csv": "id,day,paid\n" + "a,2024-01-31,0.1\n" * 10})).totals["transactions"]
    assert tenths.whole.revenue["used"] == Decimal("1.0000")
    assert sum([0.1] * 10) != 1


def test_a_balance_that_does_not_hold_is_noticed(company, load):
    totals = load(company({"o.csv": "id,day,paid\na,2024-01-31,5\n"})).totals["transactions"].whole
    assert totals.balanced
    for part in ("rows", "customers", "revenue"):
        wrong = {name: dict(getattr(totals, name)) for name in ("rows", "customers", "revenue")}
        wrong[part]["used"] += 1
        assert not type(totals)(**wrong).balanced


def test_the_balance_is_one_line_for_a_terminal(company, load):
    lines = "id,day,paid\na,2024-01-31,1000.5\n,2024-01-31,2\nb,2024-02-01,7\n"
    data = load(company({"o.csv": lines}, max_bad_rows=1), as_of=AS_OF)
    assert data.totals["transactions"].in_words() == (
        "transactions: 2 rows = 1 used + 0 excluded + 1 quarantined; "
        "1 customers = 1 used + 0 excluded + 0 quarantined; "
        "1,002.5000 revenue = 1,000.5000 used + 0.0000 excluded + 2.0000 quarantined"
    )


def test_a_table_without_amounts_has_no_revenue(company, load):
    table = {"from": "s.csv", "columns": {"customer_id": "id", "churned": "gone"}}
    totals = load(company({"s.csv": "id,gone\na,no\n"}, {"subscriptions": table}), as_of=AS_OF)
    assert totals.totals["subscriptions"].whole.revenue == {}
    assert totals.totals["subscriptions"].whole.balanced
