"""Does the guess depend on what the columns are called and hold, and on nothing else?"""

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.discovery.columns import Candidate, assign
from workbench.discovery.lexicon import lexicon
from workbench.discovery.values import facts_of

N = 60
DAYS = pd.date_range("2024-01-03", periods=N, freq="31h").strftime("%Y-%m-%d")
TABLES = {
    "transactions": {
        "InvoiceNo": [f"{i // 2}" for i in range(N)],
        "StockCode": [f"P{i % 7}" for i in range(N)],
        "Description": [f"thing {i % 7}" for i in range(N)],
        "Quantity": [1 + i % 3 for i in range(N)],
        "InvoiceDate": DAYS,
        "UnitPrice": [1.25 + i for i in range(N)],
        "CustomerID": [f"{i % 9}" for i in range(N)],
        "ShipDate": DAYS,
        "E-Mail": [f"{i}@example.org" for i in range(N)],
    },
    "subscriptions": {
        "customerID": [f"{i}" for i in range(N)],
        "Contract_Start": DAYS,
        "MonthlyCharges": [9.9 + i for i in range(N)],
        "tenure": list(range(N)),
        "Churn": ["Yes" if i % 4 else "No" for i in range(N)],
    },
    "tickets": {
        "工单号": [f"T{i}" for i in range(N)],
        "会员ID": [f"{i % 9}" for i in range(N)],
        "受理时间": DAYS,
        "解决时间": DAYS,
        "工单类型": ["投诉" if i % 3 else "咨询" for i in range(N)],
        "手机号": [f"138{i:08d}" for i in range(N)],
    },
}
FULL_WIDTH = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
SPELLINGS = (
    str,
    str.upper,
    str.lower,
    str.swapcase,
    lambda name: f"  {name} ",
    lambda name: name.translate(FULL_WIDTH),
    lambda name: name.replace("_", " "),
)


FACTS = {
    table: {own: facts_of(pd.Series(cells)) for own, cells in all_.items()} for table, all_ in TABLES.items()
}


def mapping(table: str, columns: list[tuple[str, str]]) -> dict[str, str]:
    """Canonical column to the file's own column, for columns given as (header, own name)."""
    candidates = [Candidate(own, lexicon().form(header), FACTS[table][own]) for header, own in columns]
    return {name: found.candidate.name for name, found in assign(table, candidates).items()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_order_and_spelling_of_headers_do_not_change_the_mapping(data):
    table = data.draw(st.sampled_from(sorted(TABLES)))
    own = list(TABLES[table])
    usual = mapping(table, [(name, name) for name in own])
    shuffled = data.draw(st.permutations(own))
    spelled = [data.draw(st.sampled_from(SPELLINGS)) for _ in own]
    changed = [(spell(name), name) for spell, name in zip(spelled, shuffled, strict=True)]
    assert mapping(table, changed) == usual


def test_the_usual_mapping_is_the_right_one():
    own = list(TABLES["transactions"])
    assert mapping("transactions", [(name, name) for name in own]) == {
        "customer_id": "CustomerID",
        "ordered_at": "InvoiceDate",
        "order_id": "InvoiceNo",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
        "product_id": "StockCode",
        "product_name": "Description",
    }


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=30))
def test_any_cells_have_facts_whose_shares_are_shares(cells):
    facts = facts_of(pd.Series(cells, dtype=object))
    for share in (
        facts.filled,
        facts.unique,
        facts.number,
        facts.whole,
        facts.date,
        facts.unix,
        facts.spaces,
    ):
        assert 0 <= share <= 1 + 1e-9  # a sum of shares


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_any_header_has_a_form(header):
    lexicon().set_aside(lexicon().form(header))
    assert lexicon().form(header) == lexicon().form(header.upper().lower() if header.isascii() else header)
