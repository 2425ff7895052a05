"""The engines beside DuckDB on which the features are computed."""

from collections.abc import Iterator
from typing import Any

import ibis
import pytest
from tests.engine_fixtures import postgres_server, spark_session


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A connection to a real PostgreSQL server of the tests' own."""
    with postgres_server() as address:
        connection = ibis.connect(address)
        yield connection
        connection.disconnect()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A connection to Spark in local mode."""
    with spark_session(tmp_path_factory.mktemp("spark")) as session:
        yield ibis.pyspark.connect(session)
