"""Are gaps, cohorts and growth right: by CDNOW's figures, by a second route, by what must balance?"""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profiling.base_rows import AS_OF, company, frame, lines, table

from workbench.profiling.base import activity, cohorts, concentration, gaps, growth
from workbench.profiling.base.orders_book import buyers, order_book
from workbench.results import Missing, rate
from workbench.results.intervals import wilson

CDNOW_END = date(1998, 6, 30)


@pytest.fixture(scope="module")
def cdnow_lines(shared_data):
    path = shared_data / "cdnow" / "CDNOW_master.txt"
    read = pd.read_csv(path, sep=r"\s+", dtype={"customer_id": "str"})
    read["ordered_at"] = pd.to_datetime(read["date"].astype(str), format="%Y%m%d")
    return read


@pytest.fixture(scope="module")
def cdnow_orders(cdnow_lines):
    """The lines as canonical transactions, a day of a customer an order."""
    kept = cdnow_lines[["customer_id", "ordered_at", "dollar_value"]]
    made = ibis.duckdb.connect().create_table("lines", ibis.memtable(kept))
    empty = {name: ibis.null("string") for name in ("order_id", "category", "channel")}
    return made.mutate(amount=made.dollar_value.cast("decimal(18, 4)"), **empty).drop("dollar_value")


@pytest.fixture(scope="module")
def cdnow_activity(cdnow_orders):
    return activity.activity(order_book(cdnow_orders))


def test_gaps_of_cdnow_are_those_published(cdnow_orders):
    found = gaps.gaps(order_book(cdnow_orders), cdnow_orders)
    assert found.quantiles.days.tolist() == [34, 119, 200, 283]
    assert found.n == 67_591 - 23_570  # customer-days less the first of each customer
    assert found.customers == 23_570 - 12_054  # all but the one-time buyers
    assert (found.quantiles.low <= found.quantiles.days).all()
    assert (found.quantiles.high >= found.quantiles.days).all()
    assert found.by_category.reason == "the orders name no category: gaps by category are left out"


def test_cohorts_of_cdnow_are_those_published(cdnow_activity):
    found = cohorts.cohorts(cdnow_activity, CDNOW_END)
    first = found.triangle[found.triangle.age == 1]
    assert first.denominator.tolist() == [7_846, 8_476, 7_248]
    assert (first.share * 100).round(2).tolist() == [14.75, 15.48, 14.24]
    assert found.triangle.groupby("cohort").age.max().tolist() == [17, 16, 15]
    assert not found.partial
    _, customers, denominator = found.after_a_month
    assert denominator == 23_570
    assert customers == first.customers.sum()
    assert ((first.low < first.share) & (first.share < first.high)).all()


def test_growth_of_cdnow_has_the_same_customers_as_its_months(cdnow_activity, cdnow_lines):
    found = growth.growth(cdnow_activity, CDNOW_END, 24).by_month
    active = cdnow_lines.groupby(cdnow_lines.ordered_at.dt.to_period("M")).customer_id.nunique()
    assert found.active.tolist() == active.tolist()
    assert found.new.tolist() == [7_846, 8_476, 7_248] + [0] * 15


def test_revenue_of_cdnow_is_concentrated_as_published(cdnow_lines):
    revenue = cdnow_lines.groupby("customer_id").dollar_value.sum()
    found = concentration.concentration(revenue, 0.2, 1)
    shares = (found.tenth_revenue_share, found.top_revenue_share, found.gini)
    assert shares == pytest.approx((0.5094, 0.6778, 0.6346), abs=5e-5)  # printed to four digits
    for low, value, high in (
        (found.tenth_low, found.tenth_revenue_share, found.tenth_high),
        (found.top_low, found.top_revenue_share, found.top_high),
        (found.gini_low, found.gini, found.gini_high),
    ):
        assert low < value < high


def gaps_in_pandas(rows):
    """Days between the days of orders of each customer: the second route."""
    bought = rows[rows.amount >= 0]
    key = bought.order_id.where(bought.order_id.notna(), bought.ordered_at.dt.strftime("%Y-%m-%d"))
    first = bought.groupby([bought.customer_id, key]).ordered_at.min().dt.normalize().reset_index(level=1)
    days = first.reset_index()[["customer_id", "ordered_at"]].drop_duplicates().sort_values("ordered_at")
    return days.groupby("customer_id").ordered_at.diff().dropna().dt.days


def test_gaps_agree_with_pandas():
    rows = company()["transactions"]
    made = table("transactions", rows)
    found = gaps.gaps(order_book(made), made)
    expected = gaps_in_pandas(frame("transactions", rows))
    assert found.curve.set_index("days").gaps.to_dict() == expected.value_counts().to_dict()
    by_hand = np.quantile(expected, gaps.QUANTILES, method="inverted_cdf")
    assert found.quantiles.days.tolist() == by_hand.tolist()


def test_gaps_within_a_category_do_not_see_the_other_categories():
    made = lines(
        *((f"c{i}", day, 10, None, what) for i in range(10) for day, what in (
            ("2024-01-01", "tea"), ("2024-01-06", "soap"), ("2024-01-31", "tea"), ("2024-02-05", None),
        ))
    )  # fmt: skip
    made = table("transactions", made)
    found = gaps.gaps(order_book(made), made)
    row = found.by_category.iloc[0]
    assert (len(found.by_category), found.categories) == (1, 2)  # nobody bought soap twice
    assert (row.category, row.gaps, row.customers, row.p50, row.p95) == ("tea", 10, 10, 30, 30)


def test_categories_with_most_money_are_shown_and_small_ones_never_named():
    names = [f"k{i:02}" for i in range(15)]
    made = lines(
        *((f"{name}-{i}", day, 100 - place, None, name) for place, name in enumerate(names)
          for i in range(10) for day in ("2024-01-01", "2024-01-08")),
        *((f"rich-{i}", day, 10_000, None, "secret") for i in range(9)
          for day in ("2024-01-01", "2024-01-08")),
    )  # fmt: skip
    made = table("transactions", made)
    found = gaps.gaps(order_book(made), made)
    assert found.by_category.category.tolist() == names[: gaps.MOST_CATEGORIES - 1]
    assert found.categories == 16
    few = made.filter(made.category == "secret")
    nobody = gaps.gaps(order_book(few), few).by_category
    assert nobody.reason.startswith("in none of the 1 categories with most money did 10 customers buy again")


months = st.dates(date(2023, 11, 1), date(2024, 6, 30))
histories = st.lists(st.tuples(st.sampled_from("abcdefgh"), months), min_size=1, max_size=40)


@settings(max_examples=25, deadline=None)  # a query in each
@given(histories)
def test_growth_balances_for_any_history(history):
    rows = lines(*((who, str(day), 1) for who, day in history))
    active = activity.activity(order_book(table("transactions", rows)))
    found = growth.growth(active, AS_OF, 24)
    if isinstance(found, Missing):
        assert {day.strftime("%Y-%m") for _, day in history} == {"2024-06"}
        return
    by_month = found.by_month
    before = by_month.active.shift(fill_value=0)
    assert (by_month.active == by_month.new + by_month.retained + by_month.resurrected).all()
    assert (before == by_month.retained + by_month.lost).all()
    assert (by_month.net == by_month.active - before).all()
    assert by_month.new.sum() == len({who for who, _ in history})
    assert by_month.month.iloc[-1] == pd.Timestamp("2024-06-01")
    people = pd.DataFrame(history, columns=["who", "day"])
    counted = people.groupby(pd.to_datetime(people.day).dt.to_period("M")).who.nunique()
    assert by_month.active[by_month.active > 0].tolist() == counted.tolist()


@settings(max_examples=25, deadline=None)  # a query in each
@given(histories, st.integers(0, 29))
def test_a_triangle_has_the_whole_cohort_under_every_age_and_no_age_to_come(history, early):
    # Ten customers each with the same history: no cohort is too small.
    rows = lines(*((f"{who}{i}", str(day), 1) for who, day in history for i in range(10)))
    as_of = AS_OF - timedelta(days=early)
    rows = [row for row in rows if row["ordered_at"].date() <= as_of]
    active = activity.activity(order_book(table("transactions", rows)))
    found = cohorts.cohorts(active, as_of)
    if isinstance(found, Missing):
        return
    first = pd.DataFrame(rows).groupby("customer_id").ordered_at.min().dt.strftime("%Y-%m").value_counts()
    cells = found.triangle.assign(name=found.triangle.cohort.dt.strftime("%Y-%m"))
    assert (cells.denominator == cells.name.map(first)).all()
    assert (cells.customers <= cells.denominator).all()
    assert (cells[cells.age == 0].customers == cells[cells.age == 0].denominator).all()
    oldest = (2024 - cells.cohort.dt.year) * 12 + 6 - cells.cohort.dt.month
    assert (cells.age <= oldest).all()
    assert len(cells) == (oldest[cells.age == 0] + 1).sum()
    assert (cells.partial == ((cells.age == oldest) & (early > 0))).all()
    assert cells.customers.sum() == active.customers.sum()


def test_a_month_that_is_not_over_is_marked_and_does_not_count_together():
    rows = lines(*((f"c{i}", day, 1) for i in range(20) for day in ("2024-03-05", "2024-05-02")))
    active = activity.activity(order_book(table("transactions", rows)))
    found = cohorts.cohorts(active, date(2024, 5, 3))
    assert found.triangle.partial.tolist() == [False, False, True]
    assert found.triangle.customers.tolist() == [20, 0, 20]
    assert found.curve.customers.tolist() == [20, 0]
    accounts = growth.growth(active, date(2024, 5, 3), 24)
    assert accounts.partial
    assert accounts.whole.month.dt.month.tolist() == [3, 4]


def test_small_cohorts_are_counted_and_not_shown():
    many = [(f"c{i}", day, 1) for i in range(20) for day in ("2024-03-05", "2024-04-02")]
    rows = lines(*many, ("one", "2024-04-09", 1), ("one", "2024-05-09", 1))
    active = activity.activity(order_book(table("transactions", rows)))
    found = cohorts.cohorts(active, date(2024, 5, 31))
    assert found.triangle.cohort.unique().tolist() == [pd.Timestamp("2024-03-01")]
    assert found.small == 1
    alone = cohorts.cohorts(active[active.cohort > "2024-03-15"], date(2024, 5, 31))
    assert alone.reason == (
        "no month of first orders (of 1) has 10 new customers: the retention triangle is left out"
    )


def test_only_the_last_two_years_of_cohorts_are_shown():
    rows = lines(
        *((f"{month}-{i}", f"{month}-10", 1) for i in range(10)
          for month in pd.period_range("2021-01", "2024-06", freq="M").astype(str))
    )  # fmt: skip
    found = cohorts.cohorts(activity.activity(order_book(table("transactions", rows))), AS_OF)
    assert found.triangle.cohort.nunique() == cohorts.MOST_COHORTS
    assert found.triangle.cohort.min() == pd.Timestamp("2022-07-01")
    assert found.earlier == 42 - 24


def test_the_quick_ratio_counts_who_came_over_who_was_lost():
    rows = lines(
        ("a", "2024-01-05", 1), ("b", "2024-01-05", 1), ("b", "2024-02-05", 1), ("a", "2024-03-05", 1),
        ("c", "2024-03-05", 1), ("d", "2024-03-06", 1),
    )  # fmt: skip
    found = growth.growth(activity.activity(order_book(table("transactions", rows))), date(2024, 3, 31), 24)
    last = found.by_month.iloc[-1]
    assert [last[name] for name in ("active", "new", "retained", "resurrected", "lost", "net")] == [
        3, 2, 0, 1, 1, 2,
    ]  # fmt: skip
    assert last.quick_ratio == 3
    share = rate("one_time_buyer_rate", 3, 4)  # of four who came or went: its odds are the ratio
    assert (last.low, last.high) == pytest.approx(
        (share.low / (1 - share.low), share.high / (1 - share.high))
    )


def test_wilson_intervals_are_those_of_scipy():
    for k, n in [(0, 1), (1, 1), (3, 10), (12_054, 23_570)]:
        expected = rate("one_time_buyer_rate", k, n)
        low, high = wilson([k], [n])
        assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_refunds_are_no_orders_and_lower_the_revenue():
    rows = lines(
        ("a", "2024-01-05", 10, "1"), ("a", "2024-01-09", -4, "1"), ("a", "2024-02-01", -1, "2"),
        ("b", "2024-02-01", -7, "3"), (None, "2024-02-01", 5, "4"),
    )  # fmt: skip
    book = order_book(table("transactions", rows))
    found = buyers(book).to_pandas()
    assert found.to_dict("records") == [{"customer_id": "a", "orders": 1, "revenue": 5.0}]
    assert activity.activity(book).customers.tolist() == [1]


def test_an_order_of_several_days_is_one_order_of_its_first_day():
    rows = lines(
        ("a", "2024-01-31", 10, "1"), ("a", "2024-02-01", 5, "1"), ("a", "2024-03-01 08:00:00", 5, None),
        ("a", "2024-03-01 21:00:00", 5, None),
    )  # fmt: skip
    made = table("transactions", rows)
    found = gaps.gaps(order_book(made), made)
    assert found.curve[["days", "gaps"]].to_numpy().tolist() == [[30, 1]]
