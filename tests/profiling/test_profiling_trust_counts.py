"""Do figures that follow from counts of values equal those that the engine finds for itself?"""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profiling.trust_tables import canonical, shop_rows

from workbench import demo, sources
from workbench.parameters import ProfilingParameters
from workbench.profiling import trust
from workbench.profiling.trust import filling, number_counts
from workbench.results import Missing
from workbench.sources import answer

AGREEMENT = 1e-9  # ten digits are kept, and sums of doubles depend on their order
OUT_OF_RANGE = [np.inf, -np.inf, np.nan, 1e200]
cells = st.none() | st.floats(-1e6, 1e6) | st.integers(-5, 5).map(float) | st.sampled_from(OUT_OF_RANGE)


def shop():
    rows = shop_rows().assign(quantity=np.arange(400) % 7 - 1.0)
    rows.loc[::9, "quantity"] = None
    return {"transactions": rows}


def people(sizes):
    """Customers with these sizes; NaN stands for no number, None for an empty cell."""
    ids = [f"c{i}" for i in range(len(sizes))]
    return {"customers": pd.DataFrame({"customer_id": ids, "size": pd.array(sizes, dtype=pd.Float64Dtype())})}


def both_ways(data, monkeypatch):
    monkeypatch.setattr(number_counts, "ROWS_PER_VALUE", 1)  # few rows, of which many differ
    earlier = trust.examine(data).bins
    counted = trust.examine(data, earlier)
    assert number_counts.counted(data, filling.filling(data)).whole
    monkeypatch.setattr(number_counts, "MOST_VALUES", 0)
    assert not number_counts.counted(data, filling.filling(data)).whole
    return counted, trust.examine(data, earlier)


def assert_same(one, other):
    same = {"check_dtype": False, "rtol": AGREEMENT, "atol": AGREEMENT}
    for part in ("profile", "tops", "shapes", "months"):
        pd.testing.assert_frame_equal(getattr(other.columns, part), getattr(one.columns, part), **same)
    pd.testing.assert_frame_equal(other.outliers.columns, one.outliers.columns, **same)
    pd.testing.assert_frame_equal(other.correlations.pairs, one.correlations.pairs, **same)
    pd.testing.assert_frame_equal(other.bins, one.bins, **same)
    assert isinstance(other.drift, Missing) == isinstance(one.drift, Missing)
    if not isinstance(one.drift, Missing):
        pd.testing.assert_frame_equal(other.drift.columns, one.drift.columns, **same)
    assert other.outliers.without == one.outliers.without
    if not isinstance(one.sales, Missing):
        assert vars(other.sales) == pytest.approx(vars(one.sales), rel=AGREEMENT)


def test_counts_and_the_engine_agree(monkeypatch):
    numbers = np.concatenate([np.round(np.random.default_rng(2).lognormal(2, 1, 300), 1), [0.0, -3.0, 900.0]])
    assert_same(*both_ways(canonical(shop() | people([*numbers, *OUT_OF_RANGE, None, None])), monkeypatch))


@settings(max_examples=8, deadline=None)  # each example is five whole examinations
@given(st.lists(cells, min_size=1, max_size=40).filter(lambda sizes: pd.Series(sizes).notna().any()))
def test_counts_and_the_engine_agree_on_any_numbers(sizes):
    with pytest.MonkeyPatch.context() as patch:
        # Twice each, so that an empty cell does not make more different values than there are numbers.
        assert_same(*both_ways(canonical(people(sizes * 2)), patch))


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=30), st.lists(st.floats(0, 1), min_size=1, max_size=4)
)
def test_quantiles_of_counts_are_those_of_the_rows(values, levels):
    different, rows = np.unique(values, return_counts=True)
    counts = number_counts.Counts(different.astype(float), rows, None, 0, len(values), len(rows), None)
    assert counts.quantiles(levels) == pytest.approx(np.quantile(values, levels).tolist())
    sizes = [abs(value) for value in values if value]
    expected = np.quantile(sizes, levels).tolist() if sizes else None
    assert counts.sizes().quantiles(levels) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("as_of", ["2025-01-15", "2026-09-30"])
def test_the_rows_that_the_intake_has_counted_are_those_of_the_tables(tmp_path, as_of):
    # With broken lines, test orders, excluded staff, and rows after the as-of day.
    source = demo.write_company(tmp_path / "shop", customers=120)
    data = sources.load(ProfilingParameters(source=source, as_of=as_of))
    counted = {name: int(data.get(name).count().execute()) for name in data.tables}
    assert {name: own.rows for name, own in filling.filling(data).items()} == counted


def test_a_column_whose_values_hardly_repeat_does_not_leave_the_engine(monkeypatch):
    fetched = []

    def watched(question):
        fetched.append(len(found := answer(question)))
        return found

    monkeypatch.setattr(number_counts, "answer", watched)
    n = 400
    rows = shop_rows(n=n).assign(amount=np.arange(n) / 100 + 1, quantity=np.arange(n) % 5 + 1.0)
    data = canonical({"transactions": rows})
    found = number_counts.counted(data, filling.filling(data))
    assert list(found.whole) == [("transactions", "quantity")]
    # Of the amounts one more than may be counted, and the five quantities.
    assert fetched == [n // number_counts.ROWS_PER_VALUE + 1 + 5]
    profile = trust.examine(data).columns.profile.set_index("column")
    assert (profile.distinct["amount"], profile.p50["amount"]) == (n, pytest.approx(2.995))


def test_as_many_columns_are_counted_as_may_be_held(monkeypatch):
    data = canonical(shop())
    full = filling.filling(data)
    rows = data.get("transactions").to_pandas()
    held = {column: rows[column].nunique(dropna=False) for column in ("amount", "quantity")}
    monkeypatch.setattr(number_counts, "MOST_VALUES", max(held.values()))
    monkeypatch.setattr(number_counts, "ROWS_PER_VALUE", 1)
    monkeypatch.setattr(number_counts, "VALUES_HELD", held["quantity"])
    assert list(number_counts.counted(data, full).whole) == [("transactions", "quantity")]
    monkeypatch.setattr(number_counts, "VALUES_HELD", sum(held.values()))
    assert len(number_counts.counted(data, full).whole) == 2


def test_a_column_with_more_values_than_before_still_meets_its_earlier_bins():
    """Categories that have become many are not counted; the engine puts them into the named bins."""

    def shop(kinds):
        rows = shop_rows(n=6_000).assign(category=[f"k{i % kinds}" for i in range(6_000)])
        return canonical({"transactions": rows}, con=ibis.duckdb.connect())

    earlier = trust.examine(shop(10)).bins
    found = trust.examine(shop(60), earlier).drift.columns.set_index("column")
    assert found.level["category"] == "strong"
    # Five of six rows are of kinds that the earlier run did not have.
    assert found.rows_now["category"] == found.rows_now["amount"]
