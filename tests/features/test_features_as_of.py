"""Does each as-of feature equal plain Python, at many cut-offs in one pass, and does nothing later enter?"""

from datetime import date, datetime, timedelta
from functools import cache

import ibis
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.engine_fixtures import all_loaded
from tests.features.canonical_rows import (
    CUT_OFFS,
    SCHEMAS,
    TIMES,
    companies,
    in_memory,
    row_strategies,
    seeded,
    table,
)
from tests.features.plain_features import plain_features

from workbench import features

# Each example is a long query; to make a failing one smaller would take minutes.
SLOW = settings(deadline=None, phases=[Phase.explicit, Phase.generate])
CUT = CUT_OFFS[1]
AFTER = datetime(2024, 2, 29)  # the first instant that a study as of CUT does not see


@cache
def query(late, cut_offs):
    """A connection with all tables, and the text of the query: to write it takes longer than to run it."""
    con = ibis.duckdb.connect()
    rows = {name: [{"available_at": None} if late else {}] for name in SCHEMAS}
    rows["transactions"][0]["amount"] = "0"
    tables = all_loaded(con, {name: table(name, made) for name, made in rows.items()})
    return con, con.compile(features.as_of_features(tables, cut_offs))


def computed(company, cut_offs=CUT_OFFS):
    """The features by customer and cut-off, sorted."""
    frames = {name: table(name, rows) for name, rows in company.items()}
    late = {"available_at" in schema for _, schema in frames.values()}
    if set(company) == set(SCHEMAS) and len(late) == 1:
        con, text = query(late.pop(), tuple(cut_offs))
        all_loaded(con, frames)
        found = con.raw_sql(text).df()
    else:
        found = features.as_of_features(in_memory(company), cut_offs).to_pandas()
    found["as_of"] = pd.to_datetime(found["as_of"]).dt.date
    return found.set_index(["as_of", "customer_id"]).sort_index()


def assert_same(found, expected):
    """Equal but for the sums of doubles of the second route."""
    assert list(found.index) == list(expected.index)
    assert set(found.columns) == set(expected.columns)
    expected = expected[found.columns].astype("float64")
    # The second route sums doubles in another order; a weight has eighteen decimals here.
    pd.testing.assert_frame_equal(found.astype("float64"), expected, rtol=1e-9, atol=1e-12)


def second_route(company, cut_offs=CUT_OFFS):
    frames = {cut: plain_features(company, cut) for cut in sorted(cut_offs)}
    return pd.concat({cut: frame for cut, frame in frames.items() if len(frame)}, names=["as_of"])


@settings(SLOW, max_examples=10)
@given(companies())
def test_features_of_many_cut_offs_equal_a_second_route(company):
    if any(len(plain_features(company, cut)) for cut in CUT_OFFS):
        assert_same(computed(company), second_route(company))


@settings(SLOW, max_examples=6)
@given(companies(late=True))
def test_rows_that_arrive_late_are_seen_from_their_arrival(company):
    for rows in company.values():  # at least one row has a moment of arrival, so that the column is there
        rows[0]["available_at"] = AFTER
    if any(len(plain_features(company, cut)) for cut in CUT_OFFS):
        assert_same(computed(company), second_route(company))


@pytest.mark.parametrize("late", [False, True])
def test_a_larger_company_equals_the_second_route(late):
    company = seeded(25, late=late)
    assert_same(computed(company), second_route(company))


@pytest.mark.parametrize("late", [False, True])
def test_many_cut_offs_in_one_pass_equal_each_alone(late):
    company = seeded(60, late=late)
    together = computed(company)
    for cut in CUT_OFFS[::2]:
        # The weights decay in two steps here and in one there: eighteen decimals each.
        pd.testing.assert_frame_equal(
            together.loc[[cut]], computed(company, [cut]), rtol=1e-12, atol=1e-15, check_exact=False
        )


def later_rows():
    """Rows of any table whose time lies after CUT."""
    rows = row_strategies()
    moved = {
        name: rows[name].map(lambda row, name=name: row | {TIMES[name]: _beyond(row[TIMES[name]])})
        for name in rows
    }
    return st.fixed_dictionaries({name: st.lists(moved[name], max_size=6) for name in moved})


def _beyond(moment):
    """A moment after CUT, at the earliest the first."""
    return AFTER if moment is None else AFTER + (moment - datetime(2022, 1, 1)) % timedelta(days=200)


@settings(SLOW, max_examples=10)
@given(companies(), later_rows(), later_rows())
def test_rows_after_the_cut_off_change_no_feature(company, before, after):
    """Whatever comes after it, is changed or taken away there: new customers, refunds, answers."""
    earlier = {name: [row for row in rows if not _later(row, name)] for name, rows in company.items()}
    one, other = ({name: earlier[name] + rows[name] for name in earlier} for rows in (before, after))
    pd.testing.assert_frame_equal(computed(one, [CUT]), computed(other, [CUT]), check_exact=True)


def _later(row, name):
    return row[TIMES[name]] is None or row[TIMES[name]] >= AFTER


@settings(SLOW, max_examples=6)
@given(companies(), st.sampled_from([None, AFTER, AFTER + timedelta(days=30)]))
def test_what_becomes_of_a_ticket_after_the_cut_off_is_not_seen(company, moment):
    """A resolution or an answer that lies after the day may change or vanish."""

    def rewritten(ticket):
        times = {
            name: moment
            for name in ("first_response_at", "resolved_at")
            if ticket[name] is None or ticket[name] >= AFTER
        }
        reopened = {"reopened": moment is None} if "resolved_at" in times else {}
        return ticket | times | reopened

    changed = company | {"tickets": [rewritten(ticket) for ticket in company["tickets"]]}
    pd.testing.assert_frame_equal(computed(company, [CUT]), computed(changed, [CUT]), check_exact=True)


@settings(SLOW, max_examples=4)
@given(companies(), st.randoms())
def test_the_order_of_rows_changes_no_bit(company, random):
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in company.items()}
    pd.testing.assert_frame_equal(computed(company), computed(shuffled), check_exact=True)


def order(moment, **values):
    return {"customer_id": "a", "ordered_at": moment, "amount": "10"} | values


def test_a_late_order_moves_the_gaps_only_after_it_has_arrived():
    """It lies between two orders that are known at once; the older cut-off must not see it."""
    rows = [order(datetime(2024, 1, 1)), order(datetime(2024, 1, 21))]
    late = order(datetime(2024, 1, 11), available_at=datetime(2024, 3, 1))
    found = computed({"transactions": [*rows, late]}, [date(2024, 2, 29), date(2024, 3, 1)])
    assert found["n_order_days"].tolist() == [2, 3]
    assert found["max_gap_days"].tolist() == [20.0, 10.0]
    assert found["last_gap_days"].tolist() == [20.0, 10.0]


def test_a_row_that_arrives_on_the_day_is_seen_and_at_midnight_not():
    rows = [
        order(datetime(2024, 1, 1), available_at=datetime(2024, 2, 28, 23, 59, 59)),
        order(datetime(2024, 1, 2), available_at=datetime(2024, 2, 29)),
        order(datetime(2024, 1, 3), available_at=None),  # known at once
    ]
    assert computed({"transactions": rows}, [CUT])["n_orders"].tolist() == [2]


def test_an_absent_table_leaves_its_features_empty_and_a_silent_customer_has_zeros():
    company = {
        "customers": [{"customer_id": "a", "registered_at": datetime(2024, 1, 1)}],
        "events": [{"customer_id": "b", "occurred_at": datetime(2024, 1, 1), "event": "visit"}],
    }
    found = computed(company, [CUT]).loc[CUT]
    silent = found.loc["a"]
    assert silent["tenure_days"] == 58
    assert (silent["n_events"], silent["events_decayed"]) == (0, 0.0)
    assert pd.isna(silent["days_since_last_event"])
    assert found["n_orders"].isna().all()
    assert found["n_tickets_30d"].isna().all()


@pytest.mark.parametrize("name", SCHEMAS)
def test_one_table_alone_gives_the_whole_schema(name):
    company = {name: seeded(5)[name]}
    made = features.as_of_features(in_memory(company), [CUT])
    assert dict(made.schema()) == dict(features.as_of_features({}, [CUT]).schema())


def test_without_any_table_there_is_no_row_and_every_column():
    found = features.as_of_features({"transactions": None}, [CUT]).to_pandas()
    assert found.empty
    assert list(found.columns) == ["customer_id", "as_of", *(entry.name for entry in features.dictionary())]


def test_without_a_cut_off_there_is_nothing_to_compute():
    with pytest.raises(ValueError, match="cut_offs must hold at least one day"):
        features.as_of_features({}, [])


def test_a_cut_off_named_twice_counts_once():
    found = computed({"transactions": [order(datetime(2024, 1, 1))]}, [CUT, CUT])
    assert len(found) == 1


def test_an_order_on_two_days_with_a_cut_off_between_grows():
    rows = [order(datetime(2024, 2, 28), order_id="o"), order(datetime(2024, 2, 29), order_id="o")]
    found = computed({"transactions": rows}, [date(2024, 2, 28), date(2024, 2, 29)])
    assert found["n_orders"].tolist() == [1, 1]
    assert found["n_order_days"].tolist() == [1, 2]
    assert found["mean_order_value"].tolist() == [10.0, 20.0]


def test_half_of_an_event_is_left_after_thirty_days_and_a_quarter_after_sixty():
    event = {"customer_id": "a", "occurred_at": datetime(2024, 1, 1), "event": "visit"}
    days = [date(2024, 1, 1) + timedelta(days=days) for days in (0, 30, 60, 30 * 62)]
    found = computed({"events": [event]}, days)
    assert found["events_decayed"].tolist() == [1.0, 0.5, 0.25, 0.0]
