"""Does the same source give the same tables and totals on every engine, and do only aggregates leave it?"""

import shutil
import socket
import sqlite3
import subprocess
import time
from decimal import Decimal

import ibis
import pandas as pd
import psycopg
import pymysql
import pytest
from tests.engine_fixtures import postgres_server
from tests.sources.messy_shop import AS_OF, COLUMNS, CUSTOMERS, N, assert_same, shop, source_of

from workbench import features
from workbench.sources import databases, engines

MARIADB_PORT_WAIT_S = 20
SQL_LINES = (
    "Customer DOUBLE PRECISION, Invoice VARCHAR(20), At TIMESTAMP NULL, Quantity INTEGER, "
    "Price DECIMAL(12, 2), Stock VARCHAR(9), Kind VARCHAR(20)"
)
SQL_PEOPLE = "Id VARCHAR(20), City VARCHAR(20), Since TIMESTAMP NULL"


def filled(connection, mark, text=lambda value: value):
    """Create and fill the tables `Lines` and `people` of a DB-API connection."""
    cursor = connection.cursor()
    for name, columns, frame in zip(("orderlines", "people"), (SQL_LINES, SQL_PEOPLE), shop(), strict=True):
        cursor.execute(f"CREATE TABLE {name} ({columns})")
        rows = [tuple(None if pd.isna(v) else text(v) for v in row) for row in frame.itertuples(index=False)]
        cursor.executemany(f"INSERT INTO {name} VALUES ({', '.join([mark] * len(frame.columns))})", rows)
    connection.commit()


@pytest.fixture(scope="module")
def parquet(tmp_path_factory):
    """The folder of both tables as Parquet files."""
    folder = tmp_path_factory.mktemp("parquet")
    for name, frame in zip(("orderlines", "people"), shop(), strict=True):
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


@pytest.fixture(scope="module")
def postgres():
    """The address of a real PostgreSQL server that holds both tables."""
    with postgres_server() as address:
        with psycopg.connect(address) as connection:
            filled(connection, "%s")
        yield address


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory):
    """The file of a SQLite database that holds both tables."""
    path = tmp_path_factory.mktemp("sqlite") / "shop.db"
    with sqlite3.connect(path) as connection:
        filled(connection, "?", lambda v: str(v) if isinstance(v, (pd.Timestamp, Decimal)) else v)
    return path


@pytest.fixture(scope="module")
def mysql(tmp_path_factory):
    """The address of a real MariaDB server, on the loopback address, that holds both tables."""
    server = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
    if server is None or shutil.which("mariadb-install-db") is None:
        pytest.skip("no MariaDB is installed (tests/system_packages.py does it)")
    folder = tmp_path_factory.mktemp("mysql")
    common = ["--no-defaults", f"--datadir={folder}/data", "--user=root"]
    rooted = "--auth-root-authentication-method=normal"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["mariadb-install-db", *common, rooted, "--skip-test-db"], check=True, **quiet)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    at = [f"--socket={folder}/s", f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={folder}/pid"]
    process = subprocess.Popen([server, *common, *at, "--character-set-server=utf8mb4"], **quiet)
    try:
        connection = _patiently(port)
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE shop")
            cursor.execute("USE shop")
        filled(connection, "%s", lambda v: v.to_pydatetime() if isinstance(v, pd.Timestamp) else v)
        connection.close()
        yield f"mysql://root:@127.0.0.1:{port}/shop"
    finally:
        process.terminate()
        process.wait(timeout=MARIADB_PORT_WAIT_S)


def _patiently(port):
    until = time.monotonic() + MARIADB_PORT_WAIT_S
    while True:
        try:
            return pymysql.connect(host="127.0.0.1", port=port, user="root", password="")
        except pymysql.err.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="module")
def expected(company, load, parquet):
    """What DuckDB makes of the Parquet files."""
    source = source_of(company, "duckdb", f"{parquet}/orderlines.parquet", f"{parquet}/people.parquet")
    return load(source, as_of=AS_OF)


def test_the_messy_shop_is_messy(expected):
    """Otherwise the agreement of engines would say little."""
    kinds = {(s.kind, s.name) for totals in expected.totals.values() for s in totals.whole_steps}
    assert kinds == {
        ("excluded", "without_customer"),
        ("excluded", "cancellations"),
        ("net", "refunds"),
        ("quarantined", "missing:ordered_at"),
        ("quarantined", "repeated:customer_id"),
    }
    assert expected.orphans["transactions"] > 0
    assert expected.totals["transactions"].as_of.rows["used"] > 1_000


def test_postgres_gives_what_duckdb_gives(company, load, postgres, expected, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", postgres)
    assert_same(
        load(source_of(company, "${SHOP_DATABASE}", "orderlines", "public.people"), as_of=AS_OF), expected
    )


def test_sqlite_gives_what_duckdb_gives(company, load, sqlite, expected):
    assert_same(
        load(source_of(company, f"sqlite:///{sqlite}", "orderlines", "people"), as_of=AS_OF), expected
    )


def test_mysql_gives_what_duckdb_gives(company, load, mysql, expected):
    assert_same(load(source_of(company, mysql, "orderlines", "people"), as_of=AS_OF), expected)


@pytest.mark.parametrize("store", ["sqlite", "mysql"])
def test_a_table_that_is_streamed_in_many_batches_is_the_same_table(
    company, load, request, store, expected, monkeypatch
):
    """The last batch is a part of one, and rows keep their places."""
    monkeypatch.setattr(databases, "BATCH_ROWS", 700)
    address = request.getfixturevalue(store)
    engine = f"sqlite:///{address}" if store == "sqlite" else address
    found = load(source_of(company, engine, "orderlines", "people"), as_of=AS_OF)
    assert_same(found, expected)
    places = found.engine.rows("SELECT min(_row), max(_row), count(DISTINCT _row) FROM staged_transactions")
    assert places == [(1, N, N)]


def test_a_large_table_is_compressed_and_is_the_same_table(company, load, parquet, expected, monkeypatch):
    monkeypatch.setattr(engines, "LARGE_FROM", 1_000)
    source = source_of(company, "duckdb", f"{parquet}/orderlines.parquet", f"{parquet}/people.parquet")
    found = load(source, as_of=AS_OF)
    assert_same(found, expected)
    ways = "SELECT DISTINCT compression FROM pragma_storage_info('canonical_transactions')"
    assert "BitPacking" in {way for (way,) in found.engine.rows(ways)}
    who = [row[0] for row in found.engine.rows("SELECT customer_id FROM canonical_transactions")]
    assert who == sorted(who)


def test_a_table_without_rows(company, refused, sqlite):
    with sqlite3.connect(sqlite) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS nobody ({SQL_PEOPLE})")
    message = refused(source_of(company, f"sqlite:///{sqlite}", "orderlines", "nobody"))
    assert message == "tables.customers: the table must be one with rows; got 0 rows. Check the file."


def test_a_duckdb_file_gives_what_its_tables_give(company, load, parquet, expected, tmp_path):
    con = ibis.duckdb.connect(tmp_path / "shop.duckdb")
    for name in ("orderlines", "people"):
        con.create_table(name, con.read_parquet(parquet / f"{name}.parquet"))
    con.disconnect()
    assert_same(
        load(source_of(company, f"duckdb://{tmp_path}/shop.duckdb", "orderlines", "people"), as_of=AS_OF),
        expected,
    )


def test_from_postgres_only_aggregates_come(company, load, postgres, monkeypatch):
    """Neither the intake nor the features fetch more rows than there are customers."""
    fetched = []
    for name in ("fetchall", "fetchmany", "fetchone"):
        plain = getattr(psycopg.Cursor, name)

        def counted(self, *given, _plain=plain):
            rows = _plain(self, *given)
            fetched.append(len(rows) if isinstance(rows, list) else rows is not None)
            return rows

        monkeypatch.setattr(psycopg.Cursor, name, counted)
    data = load(source_of(company, postgres, "orderlines", "people"), as_of=AS_OF)
    features.order_features(data.get("transactions"), [data.as_of]).to_pandas()
    assert fetched
    assert max(fetched) <= CUSTOMERS
    assert sum(fetched) < 6 * CUSTOMERS  # ids, features, and a few lines of totals


def test_nothing_of_the_user_s_database_is_changed(company, load, postgres):
    def tables():
        with psycopg.connect(postgres) as connection:
            return connection.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN "
                "('pg_catalog', 'information_schema') AND schemaname NOT LIKE 'pg_temp%' ORDER BY 1, 2"
            ).fetchall()

    before = tables()
    load(source_of(company, postgres, "orderlines", "people"), as_of=AS_OF)
    assert tables() == before == [("public", "orderlines"), ("public", "people")]


def test_texts_in_a_database_are_tried_and_quarantined(company, load, postgres):
    with psycopg.connect(postgres) as connection:
        connection.execute("DROP TABLE IF EXISTS texts")
        connection.execute("CREATE TABLE texts (who TEXT, day TEXT, paid TEXT)")
        rows = [
            ("a", "2024-01-05", "5.10"),
            ("a", "2024-13-05", "5"),
            ("b", "2024-01-07", "NaN"),
            ("b", "2024-01-08", "x"),
        ]
        connection.cursor().executemany("INSERT INTO texts VALUES (%s, %s, %s)", rows)
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    tables = {"transactions": {"from": "texts", "columns": columns}}
    data = load(company({}, tables, engine=postgres, max_bad_rows=1), as_of="2024-01-31")
    assert data.totals["transactions"].reasons == {"unreadable:amount": 2, "unreadable:ordered_at": 1}
    assert data.totals["transactions"].as_of.revenue["used"] == Decimal("5.1")


def test_times_with_a_zone_are_moved_into_the_study_s(company, load, postgres):
    with psycopg.connect(postgres) as connection:
        connection.execute("DROP TABLE IF EXISTS zoned")
        connection.execute(
            "CREATE TABLE zoned AS SELECT 'a' AS who, '2024-01-31 20:00+00'::timestamptz AS at, 5 AS paid"
        )
    tables = {
        "transactions": {
            "from": "zoned",
            "columns": {"customer_id": "who", "ordered_at": "at", "amount": "paid"},
        }
    }
    data = load(company({}, tables, engine=postgres), as_of="2024-02-29", timezone="Asia/Shanghai")
    assert data.get("transactions").to_pandas().ordered_at[0] == pd.Timestamp("2024-02-01 04:00")


WRONG = "Check address, user and password."


def test_a_table_that_the_database_lacks(company, refused, postgres):
    assert refused(source_of(company, postgres, "orderline", "people")) == (
        "tables.transactions.from: the table must be one that the database has; got 'orderline'. "
        "Did you mean 'orderlines'?"
    )


def test_a_column_that_the_table_lacks(company, refused, postgres):
    tables = {"transactions": {"from": "orderlines", "columns": COLUMNS | {"amount": "Pric"}}}
    assert refused(company({}, tables, engine=postgres)) == (
        "tables.transactions.columns.amount: the column must be one that the file has; got 'Pric'. "
        "Did you mean 'price'?"
    )


def test_a_server_that_does_not_answer(company, refused):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for scheme in ("postgres", "mysql"):
        address = f"{scheme}://anna:s3cret@127.0.0.1:{port}/shop"
        assert refused(source_of(company, address, "orderlines", "people")) == (
            "engine: the database must be one that can be reached with this address; "
            f"got OperationalError. {WRONG}"
        )


def test_a_wrong_password(company, refused, mysql):
    address = mysql.replace("root:", "anna:s3cret")
    message = refused(source_of(company, address, "orderlines", "people"))
    assert message == (
        "engine: the database must be one that can be reached with this address; "
        f"got OperationalError (28000). {WRONG}"
    )


def test_a_variable_that_is_not_set(company, refused, monkeypatch):
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    assert refused(source_of(company, "postgres://anna:${SHOP_PASSWORD}@host/shop", "a", "b")) == (
        "engine: ${SHOP_PASSWORD} must be set in the environment; got nothing. export SHOP_PASSWORD=… first."
    )


def test_a_database_file_that_is_not_there(company, refused):
    assert refused(source_of(company, "sqlite:///shop.db", "a", "b")) == (
        "engine: the file must be one that exists; got '/shop.db'. Check the path."
    )


def test_a_server_that_goes_away_in_mid_query(company, refused, monkeypatch):
    """The server ends all connections to the database after the tables are staged."""
    from workbench.sources import intake

    with postgres_server() as address:
        with psycopg.connect(address) as connection:
            filled(connection, "%s")
        plain = intake.control_totals

        def after_the_end(engine, *given):
            with psycopg.connect(address, autocommit=True) as other:
                mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                other.execute(f"{mine} AND datname = current_database()")  # others have databases there too
            return plain(engine, *given)

        monkeypatch.setattr(intake, "control_totals", after_the_end)
        message = refused(source_of(company, address, "orderlines", "people"))
    assert message == (
        "the engine must be one that answers to the end; got AdminShutdown (57P01). Run it again."
    )
