"""The demo company three times: in files, in a real PostgreSQL server and in Spark, and its four studies."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pytest
import yaml
from tests.engine_fixtures import postgres_server, spark_session

from workbench import demo

CUSTOMERS = 600


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small demo company."""
    folder = tmp_path_factory.mktemp("company")
    demo.write_company(folder, customers=CUSTOMERS, seed=3, language="en")
    return folder


@pytest.fixture(scope="session")
def postgres(company: Path) -> Iterator[str]:
    """The address of a PostgreSQL server that holds the company's tables."""
    with postgres_server() as address:
        con = ibis.connect(address)
        for name, table in tables_of(company).items():
            con.create_table(name, table.to_pyarrow())
        yield address


@pytest.fixture(scope="session")
def spark(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark session that holds the company's tables as views."""
    folder = tmp_path_factory.mktemp("spark")
    with spark_session(folder) as session:
        for name, table in tables_of(company).items():
            table.to_parquet(folder / f"{name}.parquet")
            session.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(name)
        yield session


def tables_of(company: Path) -> dict[str, ibis.Table]:
    """The company's files by table, typed as DuckDB reads them."""
    source = yaml.safe_load((company / "source.yml").read_text(encoding="utf-8"))
    con = ibis.duckdb.connect()
    return {name: con.read_csv(company / about["from"]) for name, about in source["tables"].items()}


def source_on(company: Path, engine: str) -> Path:
    """The company's source file with its tables on `engine`, under their own names."""
    source = yaml.safe_load((company / "source.yml").read_text(encoding="utf-8"))
    source["engine"] = engine
    for name, about in source["tables"].items():
        about["from"] = name
    path = company / f"{engine.partition(':')[0]}.yml"
    path.write_text(yaml.safe_dump(source, allow_unicode=True), encoding="utf-8")
    return path
