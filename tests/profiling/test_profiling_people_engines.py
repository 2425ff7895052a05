"""Do PostgreSQL and Spark give the same tags and preferences as DuckDB?"""

import ibis
import numpy as np
import pandas as pd
import pytest
from tests.engine_fixtures import all_loaded, postgres_server, spark_session
from tests.profiling.people_rows import AS_OF, ATTRIBUTES, company, frames

from workbench.profiling.people import read_catalogue, tagged

AGREEMENT = 1e-9  # of doubles: the last digits of a quotient may differ


@pytest.fixture(scope="module")
def data():
    return frames(company(120))


def assert_agrees_with_duckdb(con, data):
    tags = [tag for tag in read_catalogue() if set(tag.tables) <= set(data)]
    expected, found = (
        tagged(all_loaded(each, data), ATTRIBUTES, tags, AS_OF) for each in (ibis.duckdb.connect(), con)
    )
    assert found.absent == expected.absent == {}
    assert expected.known_before.tolist() == found.known_before.tolist()
    for part in ("carried", "carried_before"):
        pd.testing.assert_frame_equal(getattr(found, part), getattr(expected, part))
    numbers = expected.customers.select_dtypes("number").columns
    np.testing.assert_allclose(
        found.customers[numbers].astype("float64"),
        expected.customers[numbers].astype("float64"),
        rtol=AGREEMENT,
        atol=1e-12,  # a sum of weights has eighteen decimals
    )
    others = expected.customers.columns.difference(numbers)
    pd.testing.assert_frame_equal(found.customers[others], expected.customers[others])


def test_postgresql_agrees_with_duckdb(data):
    with postgres_server() as address:
        con = ibis.connect(address)
        assert_agrees_with_duckdb(con, data)
        con.disconnect()


# Spark turns frames into its rows by what pandas is about to remove; its pin holds until it does not.
@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")
@pytest.mark.long  # PostgreSQL runs the same expressions each time
def test_spark_agrees_with_duckdb(data, tmp_path):
    with spark_session(tmp_path) as session:
        few = {"transactions": data["transactions"]}
        assert_agrees_with_duckdb(ibis.pyspark.connect(session), few)
