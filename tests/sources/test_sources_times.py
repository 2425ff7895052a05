"""Does a study see its as-of day to the last second, in its own time zone, and nothing after it?"""

from datetime import date

import pandas as pd
import pytest

from workbench import sources

AS_OF = "2024-01-31"
ORDER_COLUMNS = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}
ORDERS = """\
id,day,paid
a,2024-01-30 00:00:00,1
b,2024-01-31 00:00:00,2
c,2024-01-31 23:59:59,4
d,2024-01-31 23:59:59.999999,8
e,2024-02-01 00:00:00,16
f,2024-03-05 12:00:00,32
"""


def shop(company, text=ORDERS, **top):
    return company({"o.csv": text}, {"transactions": {"from": "o.csv", "columns": ORDER_COLUMNS}}, **top)


def times(found, column="ordered_at"):
    return [str(moment) for moment in found[column]]


def test_the_last_instant_of_the_day_stays_and_the_next_midnight_goes(company, rows):
    assert rows(shop(company), as_of=AS_OF).customer_id.tolist() == ["a", "b", "c", "d"]


def test_control_totals_tell_both_what_is_seen_and_what_the_source_holds(company, load):
    data = load(shop(company), as_of=AS_OF)
    totals = data.totals["transactions"]
    assert (totals.as_of.rows["used"], totals.whole.rows["used"]) == (4, 6)
    assert (totals.as_of.revenue["used"], totals.whole.revenue["used"]) == (15, 63)
    assert (data.as_of, data.latest) == (date(2024, 1, 31), date(2024, 3, 5))


def test_without_a_day_the_last_complete_month_is_taken(company, load):
    assert load(shop(company)).as_of == date(2024, 2, 29)
    ends_with_its_month = ORDERS.replace("2024-03-05", "2024-03-31")
    assert load(shop(company, ends_with_its_month)).as_of == date(2024, 3, 31)


def test_the_date_of_an_excluded_or_broken_row_does_not_move_the_month(company, load):
    text = ORDERS + ",2031-05-31,1\n"
    assert load(shop(company, text, max_bad_rows=1)).as_of == date(2024, 2, 29)


def test_a_registration_to_come_does_not_move_the_month(company, load):
    tables = {
        "transactions": {"from": "o.csv", "columns": ORDER_COLUMNS},
        "customers": {"from": "c.csv", "columns": {"customer_id": "id", "registered_at": "since"}},
    }
    source = company({"o.csv": ORDERS, "c.csv": "id,since\na,2030-01-01\n"}, tables)
    assert load(source).as_of == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Shanghai", ["2024-02-01 06:30:00", "2024-02-01 08:30:00", "2024-02-01 12:30:00"]),
        ("America/New_York", ["2024-01-31 17:30:00", "2024-01-31 19:30:00", "2024-01-31 23:30:00"]),
    ],
)
@pytest.mark.parametrize("dirty", [False, True], ids=["clean", "with a cell that is no time"])
def test_times_that_say_their_zone_are_moved_into_the_study_s(company, rows, zone, expected, dirty):
    """With one bad cell the column is text to the engine, whose own cast would drop the offsets."""
    text = "id,day,paid\n"
    text += "a,2024-01-31T23:30:00+01:00,1\nb,2024-02-01T00:30:00Z,1\nc,2024-01-31T23:30:00-05:00,1\n"
    source = shop(company, text + "d,soon,1\n" * dirty, max_bad_rows=1)
    assert times(rows(source, as_of="2024-02-29", timezone=zone)) == expected


def test_zoned_times_of_a_parquet_file_are_moved_into_the_study_s(company, rows):
    moments = pd.to_datetime(["2024-01-31 23:30:00+00:00", "2024-07-01 00:00:00+00:00"])
    frame = pd.DataFrame({"id": ["a", "b"], "day": moments, "paid": [1, 1]})
    tables = {"transactions": {"from": "o.parquet", "columns": ORDER_COLUMNS}}
    found = rows(company({"o.parquet": frame}, tables), as_of="2024-12-31", timezone="Europe/Berlin")
    assert times(found) == ["2024-02-01 00:30:00", "2024-07-01 02:00:00"]


def test_the_day_ends_in_the_study_s_zone(company, rows):
    """Half past midnight in Berlin is still the evening before in New York."""
    source = shop(company, "id,day,paid\na,2024-02-01T00:30:00+01:00,1\n")
    assert len(rows(source, as_of=AS_OF, timezone="America/New_York")) == 1
    assert len(rows(source, as_of=AS_OF, timezone="Europe/Berlin")) == 0


def test_times_without_a_zone_are_wall_clock_of_the_study(company, rows):
    source = shop(company)
    assert times(rows(source, as_of=AS_OF)) == times(rows(source, as_of=AS_OF, timezone="Asia/Shanghai"))


def test_days_in_other_spellings_are_read_by_an_expression(company, rows):
    columns = ORDER_COLUMNS | {"ordered_at": "try_strptime(CAST(day AS VARCHAR), '%Y%m%d')"}
    source = company(
        {"o.csv": "id,day,paid\na,20240131,1\n"}, {"transactions": {"from": "o.csv", "columns": columns}}
    )
    assert times(rows(source)) == ["2024-01-31 00:00:00"]


def test_a_date_at_the_end_of_time_does_not_break_the_study(company, load):
    data = load(shop(company, "id,day,paid\na,2024-01-31,1\nb,9999-12-31,1\n"))
    assert data.latest == date.max
    assert len(data.get("transactions").to_pandas()) == 2


def with_customers(company, customers, columns):
    tables = {
        "transactions": {"from": "o.csv", "columns": ORDER_COLUMNS},
        "customers": {"from": "c.csv", "columns": columns},
    }
    return company({"o.csv": ORDERS, "c.csv": customers}, tables)


def test_customers_who_register_later_are_not_there_yet(company, rows):
    text = "id,since\na,2023-05-01\nb,2024-01-31 23:00:00\nc,2024-02-01\nd,\n"
    source = with_customers(company, text, {"customer_id": "id", "registered_at": "since"})
    # Of d no date is known: she counts as known all along.
    assert rows(source, "customers", as_of=AS_OF).customer_id.tolist() == ["a", "b", "d"]


SUBSCRIPTIONS = """\
id,from,to,gone
a,2023-01-01,,no
b,2023-01-01,2024-01-31,yes
c,2023-01-01,2024-02-01,yes
d,2024-02-01,,no
e,2023-01-01,9999-12-31,no
"""


def contracts(company, columns, text=SUBSCRIPTIONS, **top):
    return company({"s.csv": text}, {"subscriptions": {"from": "s.csv", "columns": columns}}, **top)


@pytest.mark.parametrize("gone", [{}, {"churned": "gone"}], ids=["by its end", "by end and mark"])
def test_a_contract_that_ends_later_has_not_ended(company, rows, gone):
    columns = {"customer_id": "id", "started_at": '"from"', "ended_at": "to"} | gone
    found = rows(contracts(company, columns), "subscriptions", as_of=AS_OF)
    assert found.customer_id.tolist() == ["a", "b", "c", "e"]  # d begins after the day
    assert found.churned.tolist() == [False, True, False, False]
    assert found.ended_at.notna().tolist() == [False, True, False, False]


def test_a_blank_end_is_a_contract_that_goes_on_and_no_broken_row(company, load):
    data = load(contracts(company, {"customer_id": "id", "ended_at": "to"}), as_of=AS_OF)
    assert data.totals["subscriptions"].whole.rows["quarantined"] == 0


def test_without_an_end_the_company_s_own_mark_holds(company, rows):
    found = rows(contracts(company, {"customer_id": "id", "churned": "gone"}), "subscriptions", as_of=AS_OF)
    assert found.churned.tolist() == [False, True, True, False, False]


def test_a_later_observation_of_a_contract_is_not_seen(company, rows):
    text = "id,seen,gone\na,2024-01-31,no\na,2024-02-29,yes\n"
    columns = {"customer_id": "id", "observed_at": "seen", "churned": "gone"}
    found = rows(contracts(company, columns, text), "subscriptions", as_of=AS_OF)
    assert found.churned.tolist() == [False]


def test_a_case_that_is_solved_later_is_still_open(company, rows):
    text = "id,opened,answered,solved\na,2024-01-30,2024-01-31 09:00,2024-02-02\nb,2024-02-01,,\n"
    columns = {
        "customer_id": "id", "opened_at": "opened", "first_response_at": "answered", "resolved_at": "solved",
    }  # fmt: skip
    tables = {
        "transactions": {"from": "o.csv", "columns": ORDER_COLUMNS},
        "tickets": {"from": "t.csv", "columns": columns},
    }
    found = rows(company({"o.csv": ORDERS, "t.csv": text}, tables), "tickets", as_of=AS_OF)
    assert found.customer_id.tolist() == ["a"]
    assert times(found, "first_response_at") == ["2024-01-31 09:00:00"]
    assert found.resolved_at.isna().all()


def test_rows_after_the_day_do_not_decide_what_an_attribute_is(company, rows):
    """A word in next month's rows must not turn this month's numbers into text."""
    text = "id,from,gone,score\na,2024-01-01,no,1\nb,2024-01-02,no,2\nc,2024-02-05,no,many\n"
    columns = {"customer_id": "id", "started_at": '"from"', "churned": "gone"}
    tables = {"subscriptions": {"from": "s.csv", "columns": columns, "attributes": ["score"]}}
    found = rows(company({"s.csv": text}, tables), "subscriptions", as_of=AS_OF)
    assert found.score.tolist() == [1.0, 2.0]


def test_adding_later_rows_changes_nothing_that_is_seen(company, rows):
    old = "\n".join(ORDERS.splitlines()[:5]) + "\n"
    pd.testing.assert_frame_equal(
        rows(shop(company, old), as_of=AS_OF), rows(shop(company), as_of=AS_OF), check_exact=True
    )


def test_times_that_leave_carry_the_zone(company):
    naive = pd.to_datetime(["2024-01-31 12:00", "2024-10-27 02:30", "2024-03-31 02:30", None])
    frame = pd.DataFrame({"at": naive, "n": [1, 2, 3, 4]})
    found = sources.with_zone(frame, "Europe/Berlin")
    assert [str(moment) for moment in found["at"]] == [
        "2024-01-31 12:00:00+01:00",
        "2024-10-27 02:30:00+02:00",  # the hour that comes twice: the first of the two
        "2024-03-31 03:00:00+02:00",  # the hour that is skipped: its end
        "NaT",
    ]
    assert found.n.tolist() == [1, 2, 3, 4]
    assert frame["at"].dt.tz is None
