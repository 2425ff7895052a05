"""Do PostgreSQL and Spark count the customer base as DuckDB does?"""

import ibis
import pandas as pd
import pytest
from tests.engine_fixtures import postgres_server, spark_session
from tests.profiling.base_rows import AS_OF, company, table

from workbench.profiling.base import activity, contracts, gaps, months, places, rhythm, voices
from workbench.profiling.base.orders_book import order_book
from workbench.results import Missing

# Spark turns frames into its rows by what pandas is about to remove; its pin holds until it does not.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]


@pytest.fixture(scope="module")
def postgres():
    with postgres_server() as address:
        connection = ibis.connect(address)
        yield connection
        connection.disconnect()


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    with spark_session(tmp_path_factory.mktemp("spark")) as session:
        yield ibis.pyspark.connect(session)


@pytest.fixture(scope="module")
def expected():
    return counted(ibis.duckdb.connect())


def counted(con):
    """Everything about the base that an engine counts, as frames and plain values."""
    tables = {name: table(name, rows, con) for name, rows in company().items()}
    transactions = tables["transactions"]
    with order_book(transactions).cache() as book:
        active = activity.activity(book)
        found = {
            "activity": active,
            "months": months.months(transactions, book, active, AS_OF, 24),
            "gaps": gaps.gaps(book, transactions),
            "hours": sorted_frame(rhythm.order_hours(book).to_pandas(), ["day", "hour"]),
            "region": places.by_attribute(book, tables["customers"], "region"),
            "channel": places.by_channel(book),
        }
    found["filled"] = places.filled(tables["customers"], ["region", "acquisition_channel"])
    found["contracts"] = contracts.contracts(tables["subscriptions"], AS_OF, 24)
    found["voices"] = voices.voices(tables["feedback"], 24)
    return found


def sorted_frame(frame, keys):
    frame = frame.assign(day=pd.to_datetime(frame.day).astype("datetime64[us]"))
    return frame.sort_values(keys, ignore_index=True)


def assert_alike(found, expected):
    """The same parts, frames and numbers; doubles to nine digits."""
    assert type(found) is type(expected)
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-9)
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name in expected:
            assert_alike(found[name], expected[name])
    elif hasattr(expected, "__dataclass_fields__") and not isinstance(expected, Missing):
        assert_alike(vars(found), vars(expected))
    else:
        assert (
            found == pytest.approx(expected, rel=1e-9) if isinstance(expected, float) else found == expected
        )


def test_what_is_compared_holds_something(expected):
    missing = {name for name, part in expected.items() if isinstance(part, Missing)}
    assert missing == set()
    assert len(expected["gaps"].by_category) == 6
    assert list(expected["region"].table.kind) == ["named"] * 3 + ["unknown"]
    for part in ("by_tenure", "by_fee", "starts"):
        assert not isinstance(getattr(expected["contracts"], part), Missing)


def test_postgresql_agrees_with_duckdb(postgres, expected):
    assert_alike(counted(postgres), expected)


@pytest.mark.long  # PostgreSQL runs the same expressions each time
def test_spark_agrees_with_duckdb(spark, expected):
    assert_alike(counted(spark), expected)
