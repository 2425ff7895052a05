"""Ranges of customers part the tables: everybody is in one of them, and in no other."""

import ibis
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.features import CustomerRange, customer_ranges

IDS = st.lists(st.one_of(st.none(), st.text("aAbz0 9é会", min_size=1, max_size=3)), min_size=1, max_size=60)


@given(orders=IDS, tickets=IDS, rows=st.integers(1, 40))
def test_every_customer_is_in_one_range(orders, tickets, rows):
    tables = {
        "transactions": ibis.memtable(pd.DataFrame({"customer_id": pd.Series(orders, dtype="str")})),
        "tickets": ibis.memtable(pd.DataFrame({"customer_id": pd.Series(tickets, dtype="str")})),
        "events": None,
    }
    ranges = customer_ranges(tables, rows)
    for name, ids in (("transactions", orders), ("tickets", tickets)):
        parts = [each.of(tables[name]).customer_id.execute().dropna().tolist() for each in ranges]
        assert sorted(one for part in parts for one in part) == sorted(one for one in ids if one is not None)
        assert sum(len(set(part)) for part in parts) == len({one for one in ids if one is not None})


def test_ranges_are_even_in_customers():
    ids = [f"c{number:03}" for number in range(100) for _ in range(5)]
    table = ibis.memtable(pd.DataFrame({"customer_id": ids}))
    ranges = customer_ranges({"transactions": table}, rows_at_once=100)
    assert [each.of(table).customer_id.nunique().execute() for each in ranges] == [20] * 5
    assert (ranges[0].first, ranges[1], ranges[-1].beyond) == (None, CustomerRange("c020", "c040"), None)


@pytest.mark.parametrize("rows", [500, 501])
def test_a_small_table_is_one_range_with_its_rows_without_a_customer(rows):
    table = ibis.memtable(pd.DataFrame({"customer_id": ["a", None] * 250}))
    (only,) = customer_ranges({"transactions": table}, rows_at_once=rows)
    assert only == CustomerRange()
    assert only.of(table).count().execute() == 500
