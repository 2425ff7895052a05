"""Does each feature equal the same figure in plain pandas, and does nothing after the day enter?"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.engine_fixtures import loaded

from workbench import features

AS_OF = date(2024, 6, 30)
AS_OF_NEXT = datetime(2024, 7, 1)  # the first instant that a study does not see
# Each example is a query of the engine; to make a failing one smaller would take minutes.
SLOW = settings(deadline=None, phases=[Phase.explicit, Phase.generate])
KINDS = ["customer_id", "ordered_at", "amount", "order_id", "product_id", "category", "channel"]
SCHEMA = ibis.schema(
    {
        "customer_id": "string", "ordered_at": "timestamp", "amount": "decimal(18, 4)", "order_id": "string",
        "product_id": "string", "category": "string", "channel": "string",
    }
)  # fmt: skip
# Days back from the as-of day: the edges of the windows and of the trend, and a few between.
AGES = [0, 1, 29, 30, 89, 90, 91, 179, 180, 364, 365, 400]


def frame_of(rows):
    """The frame of a canonical table of transactions; short rows leave the optional columns empty."""
    full = [(*row, *[None] * (len(KINDS) - len(row))) for row in rows]
    frame = pd.DataFrame(full, columns=KINDS).astype({name: object for name in KINDS if name != "ordered_at"})
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"]).astype("datetime64[us]")
    frame["amount"] = [Decimal(str(amount)) for amount in frame["amount"]]
    return frame


def table(rows):
    """A canonical table of transactions."""
    return ibis.memtable(frame_of(rows), schema=SCHEMA)


@cache
def query(as_of):
    """A connection with the table, and the text of the query: to write it takes longer than to run it."""
    con = ibis.duckdb.connect()
    lines = loaded(con, "transactions", frame_of([("a", at(0), 1)]), SCHEMA)
    found = features.order_features(lines, [as_of]).drop("as_of")
    return con, con.compile(found.inner_join(features.order_times(lines, as_of), "customer_id"))


def computed(rows, as_of=AS_OF):
    """What is known of each customer with an order, with the moments of the first and the last one."""
    con, text = query(as_of)
    loaded(con, "transactions", frame_of(rows), SCHEMA)
    return con.raw_sql(text).df().set_index("customer_id").sort_index()


def at(age, clock="12:00"):
    """The moment so many days before the as-of day."""
    return datetime.fromisoformat(f"{AS_OF - timedelta(days=age)}T{clock}")


def second_route(rows, as_of=AS_OF):
    """The same features customer by customer in pandas, from their definitions."""
    full = [(*row, *[None] * (len(KINDS) - len(row))) for row in rows]
    frame = pd.DataFrame(full, columns=KINDS).assign(amount=lambda f: f.amount.astype(float))
    frame["day"] = frame.ordered_at.map(lambda moment: moment.date())
    frame = frame[frame.day <= as_of]
    frame["age"] = [(as_of - day).days for day in frame.day]
    found = {}
    for customer, lines in frame.groupby("customer_id"):
        bought = lines[lines.amount >= 0]
        if bought.empty:
            continue
        number = bought.order_id.where(bought.order_id.notna(), bought.day.astype(str))
        placed = bought.groupby(number).day.min().map(lambda day: (as_of - day).days)
        days = sorted(set(bought.day))
        gaps = [(b - a).days for a, b in pairwise(days)]
        last, before = (
            lines[(lines.age >= a) & (lines.age < b)].amount.sum() for a, b in ((0, 90), (90, 180))
        )
        gross = bought.amount.sum()
        found[customer] = {
            "first_order_at": bought.ordered_at.min(),
            "last_order_at": bought.ordered_at.max(),
            "days_since_first_order": bought.age.max(),
            "days_since_last_order": bought.age.min(),
            "n_orders": len(placed),
            "n_order_days": len(days),
            "revenue": lines.amount.sum(),
            "mean_order_value": bought.amount.sum() / len(placed),
            "mean_gap_days": np.mean(gaps) if gaps else np.nan,
            "last_gap_days": gaps[-1] if gaps else np.nan,
            "refund_share": -lines.amount[lines.amount < 0].sum() / gross if gross else np.nan,
            "n_products": bought.product_id.nunique(),
            "n_categories": bought.category.nunique(),
            "n_channels": bought.channel.nunique(),
            "spend_trend": np.log((max(last, 0) + 1) / (max(before, 0) + 1)),
            **{f"n_orders_{w}d": (placed < w).sum() for w in features.WINDOWS},
            **{f"revenue_{w}d": lines.amount[lines.age < w].sum() for w in features.WINDOWS},
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("customer_id")


def choice(options):
    return st.sampled_from(options)


LINES = st.tuples(
    choice(["a", "b", "c"]),
    st.builds(at, choice(AGES), choice(["00:00:00", "12:00:00", "23:59:59.999999"])),
    choice(["10", "0.01", "2.5", "-3", "-20", "0"]),
    choice([None, "o1", "o2", "o3"]),
    choice([None, "p1", "p2"]),
    choice([None, "k1"]),
    choice([None, "web", "shop"]),
)


@settings(SLOW, max_examples=8)
@given(st.lists(LINES, min_size=1, max_size=40))
def test_features_equal_a_second_route(rows):
    found, expected = computed(rows), second_route(rows)
    assert sorted(found.index) == sorted(expected.index)
    if len(expected):
        assert set(expected.columns) <= set(found.columns)
        pd.testing.assert_frame_equal(
            found.sort_index()[expected.columns], expected.sort_index(),
            check_dtype=False, rtol=1e-9, atol=1e-9,  # decimals summed there, doubles here
        )  # fmt: skip


@settings(SLOW, max_examples=4)
@given(st.lists(LINES, min_size=1, max_size=20), st.lists(LINES, max_size=10))
def test_rows_after_the_day_change_no_feature(rows, later):
    """Whatever comes after the day, new customers and refunds among it, is not seen."""
    moved = [(c, AS_OF_NEXT + (moment - at(400, "00:00")), *rest) for c, moment, *rest in later]
    pd.testing.assert_frame_equal(computed(rows), computed([*rows, *moved]), check_exact=True)


@settings(SLOW, max_examples=4)
@given(st.lists(LINES, min_size=1, max_size=20), st.randoms())
def test_the_order_of_rows_changes_no_bit(rows, random):
    shuffled = random.sample(rows, len(rows))
    pd.testing.assert_frame_equal(computed(rows), computed(shuffled), check_exact=True)


def test_the_last_instant_of_the_day_counts_and_the_next_midnight_does_not():
    rows = [("a", at(0, "23:59:59.999999"), 5), ("b", AS_OF_NEXT, 5), ("c", at(0, "00:00"), 5)]
    found = computed(rows)
    assert list(found.index) == ["a", "c"]
    assert found.days_since_last_order.tolist() == [0, 0]
    assert computed(rows, AS_OF + timedelta(days=1)).days_since_last_order.to_dict() == {
        "a": 1,
        "b": 0,
        "c": 1,
    }


@pytest.mark.parametrize("window", features.WINDOWS)
def test_a_window_holds_so_many_days_with_the_as_of_day(window):
    found = computed([("in", at(window - 1, "00:00"), 5), ("out", at(window, "23:59:59"), 5)])
    assert found[f"n_orders_{window}d"].to_dict() == {"in": 1, "out": 0}
    assert found[f"revenue_{window}d"].to_dict() == {"in": 5.0, "out": 0.0}


def test_who_only_has_refunds_is_no_customer_with_orders():
    assert list(computed([("a", at(5), -10), ("b", at(5), 10)]).index) == ["b"]


def test_a_refund_lowers_revenue_and_is_no_order():
    found = computed([("a", at(40), 100), ("a", at(10), -30)]).loc["a"]
    assert (found.n_orders, found.n_order_days, found.revenue) == (1, 1, 70.0)
    assert (found.mean_order_value, found.refund_share) == (100.0, 0.3)
    assert found.days_since_last_order == 40
    assert found.revenue_30d == -30.0


def test_lines_under_one_number_are_one_order_of_their_customer():
    rows = [("a", at(5), 1, "o1"), ("a", at(5), 2, "o1"), ("a", at(5), 4, "o2"), ("b", at(5), 8, "o1")]
    found = computed(rows)
    assert found.n_orders.to_dict() == {"a": 2, "b": 1}
    assert found.mean_order_value.to_dict() == {"a": 3.5, "b": 8.0}


def test_without_numbers_a_day_is_an_order():
    found = computed([("a", at(5, "09:00"), 1), ("a", at(5, "18:00"), 2), ("a", at(4), 4)]).loc["a"]
    assert (found.n_orders, found.n_order_days) == (2, 2)


def test_an_order_that_takes_two_days_is_one_order_on_two_days():
    """All counts of days agree: two days of purchase have one gap between them."""
    found = computed([("a", at(9), 1, "o1"), ("a", at(5), 2, "o1")]).loc["a"]
    assert (found.n_orders, found.n_order_days) == (1, 2)
    assert (found.mean_gap_days, found.last_gap_days) == (4.0, 4)


def test_one_day_of_purchase_has_no_gap():
    found = computed([("a", at(5), 1), ("a", at(5), 2)]).loc["a"]
    assert np.isnan(found.mean_gap_days)
    assert np.isnan(found.last_gap_days)


def test_gaps_are_counted_between_days_whatever_the_clock_says():
    found = computed([("a", at(10, "23:59"), 1), ("a", at(9, "00:01"), 1), ("a", at(2), 1)]).loc["a"]
    assert (found.mean_gap_days, found.last_gap_days) == (4.0, 7)


def test_rising_spend_has_a_positive_trend_and_none_has_zero():
    found = computed([("up", at(10), 99), ("down", at(100), 99), ("old", at(300), 99)])
    assert found.spend_trend.to_dict() == pytest.approx({"up": np.log(100), "down": -np.log(100), "old": 0.0})


def test_purchase_days_are_one_row_per_customer_and_day():
    rows = [
        ("a", at(5, "09:00"), 1),
        ("a", at(5, "18:00"), 2),
        ("a", at(4), -4),
        ("b", at(5), 8),
        ("b", AS_OF_NEXT, 1),
    ]
    found = features.purchase_days(table(rows), AS_OF).order_by("customer_id", "day").to_pandas()
    day = pd.Timestamp(AS_OF - timedelta(days=5))
    assert [(c, pd.Timestamp(d), a) for c, d, a in found.itertuples(index=False)] == [
        ("a", day, 3.0),
        ("b", day, 8.0),
    ]


def test_orders_are_one_row_per_customer_and_number_on_their_first_day():
    rows = [("a", at(9), 1, "o1"), ("a", at(5), 2, "o1"), ("b", at(5), 4, "o1"), ("b", at(3), -4, "o9")]
    found = features.orders(table(rows), AS_OF).order_by("customer_id").to_pandas()
    assert found[["customer_id", "order_id", "amount"]].values.tolist() == [
        ["a", "o1", 3.0],
        ["b", "o1", 4.0],
    ]
    assert [(AS_OF - pd.Timestamp(day).date()).days for day in found.day] == [9, 5]


def test_visible_rows_end_with_the_day():
    rows = [("a", at(0, "23:59:59"), 1), ("b", AS_OF_NEXT, 1)]
    assert features.visible(table(rows), "ordered_at", AS_OF).count().execute() == 1


def test_every_feature_is_a_number():
    types = features.order_features(table([("a", at(1), 1)]), [AS_OF]).schema()
    for name, kind in types.items():
        assert name in ("customer_id", "as_of") or kind.is_integer() or kind.is_floating(), name


def test_no_row_is_no_customer():
    rows = [("a", AS_OF_NEXT, 1)]
    assert computed(rows).empty
    assert features.purchase_days(table(rows), AS_OF).count().execute() == 0


def test_an_order_that_costs_nothing_is_an_order():
    """Paid with a voucher, it still says that the customer is there; CDNOW's published figures count it."""
    found = computed([("a", at(9), 0), ("b", at(9), 10), ("b", at(5), 0)])
    assert found.n_orders.to_dict() == {"a": 1, "b": 2}
    assert found.days_since_last_order.to_dict() == {"a": 9, "b": 5}
    assert found.mean_order_value.to_dict() == {"a": 0.0, "b": 5.0}
    assert np.isnan(found.refund_share["a"])
