"""Do PostgreSQL and Spark find the same columns, feeds and bins as DuckDB?"""

import ibis
import pandas as pd
import pytest
from tests.engine_fixtures import postgres_server, spark_session
from tests.profiling.trust_tables import canonical, shop_rows

from workbench.profiling import trust

# Spark turns frames into its rows by what pandas is about to remove; its pin holds until it does not.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]
AGREEMENT = 1e-9  # in doubles the last digits of a mean may differ


def tables():
    people = pd.DataFrame({
        "customer_id": [f"c{i:02}" for i in range(40)],
        "registered_at": pd.date_range("2023-01-01", periods=40, freq="9D"),
        "marketing_consent": [i % 3 == 0 for i in range(40)],
        "plan": ["basic"] * 25 + ["gold"] * 15,
        "height": [150.0 + i for i in range(39)] + [None],
    })  # fmt: skip
    rows = shop_rows()
    return {"transactions": pd.concat([rows, rows[:5]], ignore_index=True), "customers": people}


def assert_agrees(con):
    here, there = (trust.examine(canonical(tables(), con=each)) for each in (ibis.duckdb.connect(), con))
    same = {"check_dtype": False, "rtol": AGREEMENT}
    for part in ("profile", "tops", "shapes", "months"):
        one, other = (getattr(found.columns, part) for found in (here, there))
        if part == "profile":  # engines name their types in their own way
            one, other = one.drop(columns="type"), other.drop(columns="type")
        pd.testing.assert_frame_equal(other, one, **same)
    assert there.columns.equal == here.columns.equal
    pd.testing.assert_frame_equal(there.bins, here.bins, **same)
    for part in ("feeds", "days", "holes"):
        pd.testing.assert_frame_equal(getattr(there.feeds, part), getattr(here.feeds, part), **same)
    pd.testing.assert_frame_equal(there.outliers.columns, here.outliers.columns, **same)
    pd.testing.assert_frame_equal(there.correlations.pairs, here.correlations.pairs, **same)
    assert there.repeats == here.repeats
    assert there.sales == here.sales
    again = trust.examine(canonical(tables(), con=con), here.bins).drift
    assert not set(again.columns.psi.dropna()) - {0.0}


def test_postgresql_agrees_with_duckdb():
    with postgres_server() as address:
        con = ibis.connect(address)
        assert_agrees(con)
        con.disconnect()


@pytest.mark.long  # PostgreSQL runs the same expressions each time
def test_spark_agrees_with_duckdb(tmp_path):
    with spark_session(tmp_path) as session:
        assert_agrees(ibis.pyspark.connect(session))
