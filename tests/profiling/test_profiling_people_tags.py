"""Do tags and preferences follow their declarations, and does no later row change what was said before?"""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features.canonical_rows import companies, row_strategies
from tests.profiling.people_rows import (
    AS_OF,
    BEFORE,
    company,
    people_of,
    plain_choice,
    plain_day_part,
    seen,
    tables_of,
)

from workbench.profiling.people import people, portrait_table
from workbench.profiling.people.portrait import COLUMNS
from workbench.results import Missing
from workbench.sources import Canonical

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TIMES = {
    "transactions": "ordered_at",
    "events": "occurred_at",
    "tickets": "opened_at",
    "campaigns": "sent_at",
}


@pytest.fixture(scope="module")
def rows():
    return company()


@pytest.fixture(scope="module")
def found(rows):
    return people_of(rows)


def by_customer(rows, cut):
    """Each customer's lines that the day `cut` sees."""
    lines = {}
    for row in seen(rows["transactions"], "ordered_at", cut):
        lines.setdefault(row["customer_id"], []).append(row)
    return lines


def test_there_is_one_row_for_each_customer_of_any_table(rows, found):
    known = {row["customer_id"] for name in ("customers", "subscriptions", "feedback") for row in rows[name]}
    known |= {row["customer_id"] for name, time in TIMES.items() for row in seen(rows[name], time, AS_OF)}
    assert found.customers.customer_id.tolist() == sorted(known)
    assert (found.as_of, found.before) == (AS_OF, BEFORE)
    assert found.absent == {}


def test_preferences_equal_a_second_route(rows, found):
    table = found.customers.set_index("customer_id")
    lines = by_customer(rows, AS_OF)
    compared = 0
    for choice in ("category", "channel", "day_part"):
        for who, own in lines.items():
            plain = plain_day_part(own) if choice == "day_part" else plain_choice(own, choice)
            if plain is None:
                assert pd.isna(table.loc[who, f"top_{choice}"])
                continue
            assert table.loc[who, list(plain)].to_dict() == pytest.approx(plain)
            compared += 1
    assert compared > 200
    assert set(table.index[table.top_channel.notna()]) <= set(lines)


def test_customers_taken_in_parts_are_the_customers_taken_at_once(rows, found):
    every = sum(len(own) for own in rows.values())
    parts = people_of(rows, rows_at_once=every // 3)
    pd.testing.assert_frame_equal(parts.customers, found.customers)
    pd.testing.assert_frame_equal(parts.carried, found.carried)
    pd.testing.assert_frame_equal(parts.carried_before, found.carried_before)
    assert parts.known_before.tolist() == found.known_before.tolist()


def test_strength_is_the_share_that_the_features_know(found):
    table = found.customers
    for choice in ("category", "channel"):
        pd.testing.assert_series_equal(
            table[f"top_{choice}_strength"], table[f"top_{choice}_share"], check_names=False
        )


def test_the_last_event_is_the_latest_of_those_seen(rows, found):
    table = found.customers.set_index("customer_id").last_event
    for who in table.index:
        own = [row for row in seen(rows["events"], "occurred_at", AS_OF) if row["customer_id"] == who]
        latest = sorted(own, key=lambda row: row["occurred_at"])
        assert table[who] == latest[-1]["event"] if own else pd.isna(table[who])


RULES = {
    "one_time_buyer": lambda f: f.n_orders == 1,
    "repeat_buyer": lambda f: f.n_orders > 1,
    "active_90d": lambda f: f.days_since_last_order < 90,
    "silent_180d": lambda f: f.days_since_last_order >= 180,
    "many_refunds": lambda f: f.refund_share > 0.2,
    "spend_rising": lambda f: (f.spend_trend > 0) & (f.n_orders > 1),
    "registered_no_order": lambda f: (f.tenure_days >= 7) & (f.n_orders == 0),
    "open_ticket": lambda f: f.n_open_tickets >= 1,
    "detractor": lambda f: f.detractor_share >= 0.5,
    "never_responds": lambda f: (f.campaign_response_share == 0) & (f.n_campaigns >= 3),
    "cart_left": lambda f: f.last_event == "cart",
    "changed_channel": lambda f: f.last_channel.notna() & (f.last_channel != f.first_channel),
    "contactable": lambda f: f.customers__marketing_consent.fillna(False),
    "subscriber": lambda f: f.subscriptions__open.fillna(False),
    "contract_ended": lambda f: ~f.subscriptions__open.fillna(True),
    "high_value": lambda f: _band(f.revenue, f.n_orders > 0, 0.8),
    "top_year": lambda f: _band(f.revenue_365d, f.n_orders_365d > 0, 0.8),
    "middle_year": lambda f: _band(f.revenue_365d, f.n_orders_365d > 0, 0.5, 0.8),
    "long_tail_year": lambda f: (f.n_orders_365d > 0) & ~_band(f.revenue_365d, f.n_orders_365d > 0, 0.5),
    "high_fee": lambda f: _band(f.subscriptions__monthly_fee, f.subscriptions__monthly_fee.notna(), 0.8),
}


def _band(values, among, low, high=None):
    known = values[among]
    inside = among & (values >= known.quantile(low))
    return inside & (values < known.quantile(high)) if high else inside


@pytest.mark.parametrize("code", list(RULES))
def test_a_tag_equals_its_rule_written_in_pandas(found, code):
    expected = RULES[code](found.customers).to_numpy(dtype=bool)
    assert found.carried[code].to_numpy().tolist() == expected.tolist()
    assert code == "contract_ended" or 0 < expected.sum() < len(expected)


def test_a_tag_with_a_value_carries_it_only_with_enough_evidence(found):
    table = found.customers
    clear = (table.top_category_strength >= 0.5) & (table.top_category_evidence >= 3)
    assert 0 < clear.sum() < table.top_category.notna().sum()
    pd.testing.assert_series_equal(
        found.carried.prefers_category, table.top_category.where(clear), check_names=False
    )


def test_last_months_tags_are_those_that_a_study_of_last_month_had(rows, found):
    then = people_of(rows, as_of=BEFORE)
    earlier = found.customers.customer_id[found.known_before]
    place = pd.Index(then.customers.customer_id).get_indexer(earlier)
    assert (place >= 0).all()
    for code, column in found.carried_before.items():
        before, at_that_day = column[found.known_before], then.carried[code].iloc[place]
        assert before.fillna("").tolist() == at_that_day.fillna("").tolist(), code


def side_by_side(drawn):
    """One company of several: the customers of each under names of their own."""
    return {
        name: [
            row | {"customer_id": f"{row['customer_id']}{n}"}
            for n, one in enumerate(drawn)
            for row in one[name]
        ]
        for name in TIMES
    }


@settings(SLOW, max_examples=1)  # three companies at once: each study costs seconds, whatever its size
@given(st.lists(companies(max_rows=5), min_size=3, max_size=3), st.data())
def test_rows_after_the_day_before_change_no_tag_of_it(drawn, data):
    kinds = row_strategies()
    small = side_by_side(drawn)
    end = datetime(BEFORE.year, BEFORE.month, BEFORE.day, 23, 59, 59, 999_999)
    more = {name: list(own) for name, own in small.items()}
    later = side_by_side(
        [{name: data.draw(st.lists(kinds[name], max_size=4)) for name in TIMES} for _ in drawn]
    )
    for name, time in TIMES.items():
        more[name] += [row for row in later[name] if row[time] is not None and row[time] > end]
    first, second = people_of(small), people_of(more)
    assert list(first.carried_before) == list(second.carried_before)
    before, after = (
        p.carried_before.set_axis(p.customers.customer_id)[p.known_before].astype(object)
        for p in (first, second)
    )
    pd.testing.assert_frame_equal(before, after.reindex(before.index))


def test_tags_of_a_study_are_computed_beside_the_catalogue(rows):
    own = [
        {"code": "either", "name": "n", "definition": "d", "any": [{"of": "n_orders", "ge": 30},
         {"of": "customers.points", "ge": 90}]},
        {"code": "gold_x", "name": "n", "definition": "d", "all": [{"of": "customers.tier", "in": ["gold"]},
         {"of": "customers.plan", "ne": "y"}, {"of": "customers.region", "known": True}]},
        {"code": "plan", "name": "n", "definition": "d", "value": "customers.plan"},
        {"code": "as_number", "name": "n", "definition": "d", "all": [{"of": "customers.plan", "ge": 1}]},
        {"code": "not_there", "name": "n", "definition": "d", "all": [{"of": "customers.shoe", "eq": "1"}]},
    ]  # fmt: skip
    found = people_of(rows, own)
    table = found.customers
    either = (table.n_orders >= 30) | (table.customers__points >= 90)
    assert found.carried.either.tolist() == either.tolist()
    gold = (
        (table.customers__tier == "gold") & (table.customers__plan == "x") & table.customers__region.notna()
    )
    assert found.carried.gold_x.tolist() == gold.tolist()
    assert found.carried.plan.tolist() == table.customers__plan.tolist()
    assert {code: why.reason for code, why in found.absent.items()} == {
        "as_number": "a column of the tag “n” is of another type than what it is compared with: the tag is"
        " left out",
        "not_there": "the data have no column “customers.shoe”: the tag “n” is left out",
    }


def test_a_table_that_is_absent_leaves_out_its_tags_by_name(rows):
    found = people_of({"transactions": rows["transactions"]})
    tables = {table for tag in found.computed for table in tag.tables}
    assert tables == {"transactions"}
    assert found.absent["open_ticket"].reason == (
        "no “tickets” table is mapped: the tag “Open ticket” is left out"
    )
    assert all(isinstance(why, Missing) for why in found.absent.values())


def test_contracts_without_a_day_and_nothing_else_give_a_portrait_and_tags(rows):
    undated = [row | {"started_at": None, "observed_at": None} for row in rows["subscriptions"]]
    found = people_of({"subscriptions": undated})
    assert found.customers.customer_id.tolist() == sorted({row["customer_id"] for row in undated})
    assert not found.known_before.any()
    assert {tag.code for tag in found.computed} == {"subscriber", "contract_ended", "high_fee"}
    table = portrait_table(found)
    assert table[list(COLUMNS)].drop(columns="customer_id").isna().all(axis=None)
    assert all(set(tags) <= {"subscriber", "contract_ended", "high_fee"} for tags in table.tags)


def test_the_portrait_has_the_promised_columns_first_and_blanks_without_an_order(found):
    table = portrait_table(found)
    assert list(table.columns)[:7] == [*COLUMNS, "tags"]
    assert len(table.columns) == len(set(table.columns)) == 6 + 1 + 67 + 14
    without = (found.customers.n_orders == 0).to_numpy()
    assert 0 < without.sum() < len(table)
    assert table.loc[without, list(COLUMNS)[1:]].isna().all(axis=None)
    assert table.loc[~without, list(COLUMNS)].notna().all(axis=None)
    assert table.n_orders.dtype == table.days_since_last_order.dtype == "Int64"
    assert not any("__" in name for name in table.columns)


def test_the_tags_of_the_portrait_are_those_carried(found):
    listed = portrait_table(found).tags
    carried = found.carried
    for place in range(0, len(listed), 17):
        row = carried.iloc[place]
        expected = [
            code if value is True or value is np.True_ else f"{code}={value}"
            for code, value in row.items()
            if not (value is False or value is np.False_ or pd.isna(value))
        ]
        assert listed[place] == expected


def test_ties_are_decided_by_money_then_by_the_later_day_then_by_name():
    def line(who, day, amount, category, hour=9):
        return {"customer_id": who, "ordered_at": datetime(2024, 3, day, hour), "amount": amount,
                "order_id": None, "product_id": None, "category": category, "channel": None}  # fmt: skip

    lines = [
        line("by money", 1, "5", "k"), line("by money", 2, "3", "m"),
        line("by day", 1, "5", "k"), line("by day", 2, "5", "m"),
        line("by name", 1, "5", "m"), line("by name", 1, "5", "k"),
        line("same day", 1, "5", "m"), line("same day", 1, "7", "k", 20), line("same day", 4, "1", "z"),
        line("no hour", 1, "5", "m", 0),
        line("at five", 1, "5", "m", 5),
    ]  # fmt: skip
    found = people_of({"transactions": lines}).customers.set_index("customer_id")
    top = found.top_category
    assert (top["by money"], top["by day"], top["by name"]) == ("k", "m", "k")
    assert found.loc["same day", ["first_category", "last_category"]].tolist() == ["k", "z"]
    assert pd.isna(found.top_day_part["no hour"])
    assert found.top_day_part["at five"] == "night"


HARD = {
    "one customer, one line": [("a", "5", "k")],
    "nothing but refunds": [("a", "-5", "k"), ("b", "-1", "k")],
    "markup as category": [("a", "5", "<script>alert(1)</script>")] * 4,
    "no category at all": [("a", "5", None), ("b", "6", None)],
}


@pytest.mark.parametrize("name", list(HARD))
def test_hard_tables_give_a_portrait(name):
    rows = [
        {"customer_id": who, "ordered_at": datetime(2024, 3, 5, 10), "amount": amount, "order_id": None,
         "product_id": None, "category": category, "channel": None}
        for who, amount, category in HARD[name]
    ]  # fmt: skip
    found = people_of({"transactions": rows})
    assert len(portrait_table(found)) == len({who for who, *_ in HARD[name]})


def test_a_day_before_every_row_gives_an_empty_portrait(rows):
    found = people_of({"transactions": rows["transactions"]}, as_of=date(2001, 1, 31))
    assert portrait_table(found).empty
    assert list(portrait_table(found).columns)[:7] == [*COLUMNS, "tags"]


def test_the_tables_of_a_study_are_all_that_is_asked_for(rows):

    data = Canonical(AS_OF, AS_OF, {}, tables_of(rows), {"customers": ("plan",)})
    found = people(data, [{"code": "x", "name": "n", "definition": "d", "value": "customers.plan"}])
    assert found.carried.x.notna().any()
