"""Does the column profile say what the columns hold, by hand, by pandas and by the engine's own summary?"""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profiling.trust_tables import canonical, shop_rows

from workbench.profiling import trust
from workbench.profiling.trust import filling, outliers, repeats, text_counts
from workbench.results import Missing

DAY = pd.Timestamp("2024-06-01")
numbers = st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1, max_size=60)


def attributes(**columns):
    """A study of customers with these attribute columns."""
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], **columns})
    return canonical({"customers": frame})


def columns_of(data):
    return trust.examine(data).columns


def profile_of(data, column):
    found = columns_of(data).profile
    return found[found["column"] == column].iloc[0]


@settings(max_examples=25, deadline=None)  # each example is three queries
@given(numbers)
def test_figures_of_a_numeric_column_equal_those_of_pandas(values):
    series = pd.Series(values, dtype="float64")
    row = profile_of(attributes(size=series), "size")
    assert row.filled == series.notna().sum()
    assert row.missing_share == pytest.approx(series.isna().mean())
    assert row.distinct == series.nunique()
    if not series.notna().any():
        assert pd.isna(row.low)
        return
    for share, name in ((0.05, "p05"), (0.25, "p25"), (0.5, "p50"), (0.75, "p75"), (0.95, "p95")):
        # Ten significant digits are kept, of sums of numbers up to 1e9.
        assert row[name] == pytest.approx(series.quantile(share), rel=1e-9, abs=1e-6)
    assert (row.low, row.high) == pytest.approx((series.min(), series.max()), rel=1e-9)
    assert row["mean"] == pytest.approx(series.mean(), rel=1e-6, abs=1e-5)
    assert row.zero_share == pytest.approx((series == 0).sum() / series.notna().sum())
    assert row.negative_share == pytest.approx((series < 0).sum() / series.notna().sum())


def test_counts_and_ranges_equal_the_engine_s_own_summary():
    con = ibis.duckdb.connect()
    data = canonical({"transactions": shop_rows()}, con=con)
    ours = columns_of(data).profile.set_index("column")
    summary = con.sql("SELECT * FROM (SUMMARIZE transactions)").to_pandas().set_index("column_name")
    for column in ours.index:
        theirs = summary.loc[column]
        assert ours["rows"][column] == theirs["count"]
        assert ours.missing_share[column] * 100 == pytest.approx(float(theirs.null_percentage), abs=0.01)
        assert ours.distinct[column] == pytest.approx(theirs.approx_unique, rel=0.2)  # theirs is an estimate
        if ours.kind[column] in ("money", "number"):
            assert ours.low[column] == pytest.approx(float(theirs["min"]))
            assert ours.high[column] == pytest.approx(float(theirs["max"]))
            assert ours["mean"][column] == pytest.approx(float(theirs.avg))
            assert ours.sd[column] == pytest.approx(float(theirs["std"]))


def test_infinite_values_and_what_is_no_number_count_as_filled_and_have_no_part_in_figures():
    row = profile_of(attributes(size=[1.0, 3.0, float("inf"), -float("inf"), 1e200]), "size")
    assert (row.filled, row.low, row.high, row["mean"], row.p50) == (5, 1, 3, 2, 2)


def test_columns_that_hold_nothing_or_one_value_and_copies_are_named():
    found = columns_of(
        attributes(
            void=pd.Series([None] * 4, dtype="float64"),
            fixed=["x"] * 4,
            size=[1.0, 2, 3, None],
            copy=[1.0, 2, 3, None],
            other=[3.0, 2, 1, None],
        )
    )
    assert found.empty == ["customers.void"]
    assert found.constant == ["customers.fixed"]
    assert found.equal == (("customers", "size", "copy"),)


@pytest.mark.parametrize(
    ("few", "day"),
    [(10**9, DAY), (0, DAY), (0, DAY + pd.Timedelta(days=1))],
    ids=["few", "many", "another day"],
)
def test_only_values_of_ten_customers_are_listed_and_never_ids_or_what_people_wrote(few, day, monkeypatch):
    """Of many customers those of one day a month are looked at first; those of other days count too."""
    monkeypatch.setattr(text_counts, "FEW_CUSTOMERS", few)
    plan = ["basic"] * 30 + ["gold"] * 10 + ["Wu Mei"] * 9
    feedback = pd.DataFrame(
        {"feedback_id": [f"f{i}" for i in range(49)], "customer_id": [f"c{i % 49}" for i in range(49)],
         "given_at": day, "text": ["good"] * 49, "channel": ["web"] * 40 + ["shop"] * 9}
    )  # fmt: skip
    one_buyer = pd.DataFrame(
        {"customer_id": "c1", "ordered_at": day, "amount": 5.0, "channel": ["agent Li"] * 60}
    )
    data = canonical({
        "customers": pd.DataFrame({"customer_id": [f"c{i}" for i in range(49)], "plan": plan}),
        "feedback": feedback,
        "transactions": one_buyer,
    })  # fmt: skip
    tops = columns_of(data).tops
    assert tops[["table", "column", "value", "rows"]].values.tolist() == [
        ["customers", "plan", "basic", 30],
        ["customers", "plan", "gold", 10],
        ["feedback", "channel", "web", 40],
    ]  # fmt: skip
    assert tops.share.tolist() == pytest.approx([30 / 49, 10 / 49, 40 / 49])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=80))
def test_a_histogram_holds_every_row_in_at_most_twenty_bins(values):
    found = columns_of(attributes(size=pd.Series(values))).shapes
    assert found.rows.sum() == len(values)
    assert len(found) <= 20
    assert (found.high.to_numpy() > found.low.to_numpy()).all()


def test_a_histogram_of_whole_numbers_counts_them_by_hand():
    found = columns_of(attributes(size=[0.0] * 5 + [20.0] * 3 + [10.0] * 2)).shapes
    counts = found.set_index("low").rows
    assert counts[counts > 0].to_dict() == {0.0: 5, 10.0: 2, 19.0: 3}


def test_times_are_counted_by_month():
    times = pd.to_datetime(["2024-01-31 23:59:59", "2024-02-01", "2024-02-29"], format="ISO8601")
    rows = pd.DataFrame({"customer_id": list("abc"), "ordered_at": times, "amount": 1.0})
    found = columns_of(canonical({"transactions": rows}))
    assert found.months[["month", "rows"]].values.tolist() == [
        [pd.Timestamp("2024-01-01"), 1], [pd.Timestamp("2024-02-01"), 2],
    ]  # fmt: skip
    ordered = found.profile.set_index("column").loc["ordered_at"]
    assert (ordered["first"], ordered["last"]) == (times[0], times[2])


def test_many_columns_make_a_page_of_forty_rows_and_a_whole_profile():
    wide = {f"a{i}": [float(i), None, float(i % 7)] for i in range(200)}
    found = columns_of(attributes(**wide))
    assert len(found.profile) == 201
    assert len(trust.tables.columns_table(found)) == 40
    assert trust.tables.columns_left_out(found) == 161
    assert found.profile.set_index("column").loc["a199", "low"] == 199 % 7


@pytest.mark.parametrize("exact_rows", [10_000, 1_000])
def test_very_many_categories_are_counted_and_not_listed(monkeypatch, exact_rows):
    monkeypatch.setattr(filling, "EXACT_ROWS", exact_rows)
    n = 5_000
    rows = pd.DataFrame(
        {"customer_id": [f"c{i % 500}" for i in range(n)], "ordered_at": DAY, "amount": 1.0,
         "category": [f"k{i}" for i in range(n)]}
    )  # fmt: skip
    found = columns_of(canonical({"transactions": rows}))
    row = found.profile.set_index("column").loc["category"]
    assert row.approximate == (exact_rows < n)
    # The estimate's standard error is a tenth.
    assert row.distinct == (pytest.approx(n, rel=0.3) if row.approximate else n)
    assert found.constant == ["transactions.ordered_at", "transactions.amount"]
    assert found.tops.empty


def test_correlations_equal_those_of_numpy_and_leave_out_constants():
    rng = np.random.default_rng(1)
    x = rng.normal(size=200)
    y = x + rng.normal(size=200)
    y[:20] = np.nan
    data = attributes(x=x, y=y, still=np.ones(200), mirror=-x)
    found = trust.examine(data).correlations
    pairs = {(row.one, row.other): (row.r, row.n) for row in found.pairs.itertuples()}
    assert set(pairs) == {("x", "y"), ("x", "mirror"), ("y", "mirror")}
    assert pairs["x", "y"] == pytest.approx((np.corrcoef(x[20:], y[20:])[0, 1], 180), rel=1e-8)
    assert found.pairs.r.iloc[0] == pytest.approx(-1)


def test_fences_of_cases_known_by_hand():
    assert outliers.fences(10, 20, "plain") == (-20, 50)
    # Quartiles 10 and 100: 3 times a factor of 10 beyond.
    assert outliers.fences(10, 100, "size") == pytest.approx((0.01, 100_000))
    assert outliers.fences(5, 5, "size") is None


def test_outliers_of_amounts_are_judged_by_size_and_carry_their_share_of_money():
    usual = [1.0, 10.0, 10.0, 100.0] * 100  # quartiles of the sizes: 7.75 and 32.5
    rows = pd.DataFrame(
        {"customer_id": "c1", "ordered_at": DAY, "amount": [*usual, 1e6, -1e6, 0.0], "quantity": 1.0}
    )
    data = canonical({"transactions": rows})
    found = trust.examine(data).outliers
    row = found.columns.iloc[0]
    sizes = pd.Series([*usual, 1e6, 1e6])
    q1, q3 = sizes.quantile([0.25, 0.75])
    assert (row["column"], row.rule, row["rows"], row.beyond) == ("amount", "size", 402, 2)
    assert row.upper == pytest.approx(q3 * (q3 / q1) ** 3)
    assert row.money_share == pytest.approx(2e6 / sizes.sum())
    assert found.without == 1  # of quantity every row is one


def repeated(rows):
    data = canonical({"transactions": rows})
    return repeats.repeats(data, filling.filling(data))


def test_rows_that_repeat_are_counted_as_pandas_does():
    lines = shop_rows()
    twice = pd.concat([lines, lines.iloc[:7], lines.iloc[:2]], ignore_index=True)
    changed = lines.iloc[:3].assign(channel="elsewhere")
    rows = pd.concat([twice, changed], ignore_index=True)
    (found,) = repeated(rows)
    line = list(repeats.LINE)
    assert (found.whole, found.lines) == (rows.duplicated().sum(), rows.duplicated(line).sum())
    assert (found.whole, found.lines) == (9, 12)


def test_rows_are_compared_in_parts_without_a_change_of_the_count(monkeypatch):
    lines = shop_rows()
    rows = pd.concat([lines, lines.iloc[:50]], ignore_index=True)
    monkeypatch.setattr(repeats, "ROWS_AT_ONCE", 60)
    (found,) = repeated(rows)
    assert found.whole == 50


def test_lines_without_an_order_are_compared_in_every_column_and_are_no_order_lines():
    lines = shop_rows()
    lines.loc[:49, "order_id"] = None
    rows = pd.concat([lines, lines.iloc[:60]], ignore_index=True)
    (found,) = repeated(rows)
    assert (found.whole, found.lines) == (60, 10)


@pytest.mark.parametrize(
    "rows",
    [
        pd.DataFrame({"customer_id": ["a"], "ordered_at": [DAY], "amount": [5.0]}),
        pd.DataFrame({"customer_id": ["a"] * 30, "ordered_at": [DAY] * 30, "amount": [-5.0] * 30}),
        pd.DataFrame(
            {"customer_id": list("abc"), "ordered_at": [DAY] * 3, "amount": [0.0] * 3,
             "category": ["<script>alert(1)</script>"] * 3}
        ),
        pd.DataFrame({"customer_id": [], "ordered_at": pd.to_datetime([]), "amount": []}),
    ],
    ids=["one row", "refunds alone", "markup", "no row"],
)  # fmt: skip
def test_bad_tables_give_tables_and_pictures_or_say_why_not(rows):
    found = trust.examine(canonical({"transactions": rows}, as_of=date(2024, 6, 30)))
    shown = [
        trust.tables.columns_table(found.columns),
        trust.tables.tops_table(found.columns),
        trust.tables.feeds_table(found.feeds),
        trust.tables.holes_table(found.feeds),
        trust.tables.outliers_table(found.outliers),
        trust.tables.drift_table(found.drift),
        trust.tables.correlations_table(found.correlations),
        trust.figures.plot_feeds(found.feeds),
        trust.figures.plot_drift(found.drift),
        trust.figures.plot_missing(found.columns),
    ]
    for part in shown:
        assert not isinstance(part, Missing) or part.reason
    assert trust.told.metrics(found)
    assert trust.told.findings(found) == ()
