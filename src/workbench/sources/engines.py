"""Engines: where the tables are computed. SQL is written once, in DuckDB's dialect, and translated."""

import logging
import os
import re
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import pyarrow as pa
import sqlglot
from sqlglot import exp

from workbench.errors import refusal
from workbench.parameters import Source
from workbench.sources import embedded
from workbench.sources.engine_errors import MEMORY_VARIABLE, refused

Kind = Literal["duckdb", "postgres", "spark"]
LEAST_POSTGRES = 16  # pg_input_is_valid, by which a text is tried without an error, came with it
SHUFFLE_PARTITIONS = 8  # Spark's own 200 are for clusters; a session that is there already keeps its number
MB_PER_COLUMN = 1  # of a kept table: a block of a quarter for each, and more of them as it is written
MANY_COLUMNS = 100
LARGE_FROM = 2_000_000  # rows: compressing takes a second per million and leaves a fifth of the memory
VARIABLE = re.compile(r"\$\{(\w+)\}")
SCHEMES = ("duckdb", "postgres", "mysql", "sqlite", "spark")


@dataclass(frozen=True)
class Engine:
    """An open connection to what computes.

    Attributes
    ----------
    con : ibis backend
    store : ibis backend or None
        A database that holds the tables but does not compute: its rows are streamed into `con`.
    """

    kind: Kind
    con: Any
    store: Any = None

    def native(self, sql: str) -> str:
        """`sql`, written for DuckDB, in the engine's own dialect."""
        if self.kind == "duckdb":
            return sql
        tree = sqlglot.parse_one(sql, dialect="duckdb")
        if self.kind == "postgres":
            tree = tree.transform(_postgres)
        return tree.sql(dialect=self.kind, identify=True)

    def query(self, sql: str) -> Any:
        """The Ibis table of a query in DuckDB's dialect."""
        return self.con.sql(self.native(sql), dialect=self.kind)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query with exact decimals (a data frame would turn them into doubles or objects)."""
        native = self.native(sql)
        if self.kind == "spark":
            return [tuple(row) for row in self.con._session.sql(native).collect()]
        if self.kind == "postgres":
            with self.con.con.cursor() as cursor:
                return list(cursor.execute(native).fetchall())
        return list(self.con.con.execute(native).fetchall())

    def digest(self, name: str) -> str:
        """A fingerprint of a kept table, whatever the order of its rows; each engine has its own."""
        each = {
            "duckdb": "hash(t)",
            "postgres": "hashtextextended(t::text, 0)",
            "spark": "xxhash64(struct(t.*))",
        }
        total = f"SELECT sum(CAST({each[self.kind]} AS DECIMAL(38, 0))) FROM {name} t"
        if self.kind == "duckdb":
            return f"duckdb:{self.con.con.execute(total).fetchone()[0]}"
        if self.kind == "spark":
            return f"spark:{self.con._session.sql(total).collect()[0][0]}"
        with self.con.con.cursor() as cursor:
            return f"postgres:{cursor.execute(total).fetchone()[0]}"

    def keep(self, name: str, sql: str) -> Any:
        """Compute the query once and keep it as `name` for the session; nothing of the user's is changed."""
        if self.kind == "spark":
            frame = self.con._session.sql(self.native(sql)).cache()
            frame.count()  # computed here, so that an error names the table it belongs to
            frame.createOrReplaceTempView(name)
        else:
            self._run(f'DROP TABLE IF EXISTS {_own(self.kind)}"{name}"')
            temporary = "TEMPORARY" if self.kind == "postgres" else ""
            self._run(f'CREATE {temporary} TABLE "{name}" AS {self.native(sql)}')
        if self.kind == "duckdb" and self.is_large(name):
            self._run("CHECKPOINT")  # which compresses
        return self.con.table(name)

    def widen(self, columns: int) -> None:
        """Before so many columns are kept: let DuckDB hold some blocks of each, if the user sets no limit."""
        if self.kind == "duckdb" and columns > MANY_COLUMNS and not os.environ.get(MEMORY_VARIABLE):
            self._run(f"SET memory_limit = '{embedded.MEMORY_MB + columns * MB_PER_COLUMN}MB'")

    def to_disk(self) -> None:
        """Before large tables are kept: DuckDB keeps them in a private file, gone with the process."""
        embedded.keep_on_disk(self.con)

    def is_large(self, name: str) -> bool:
        """Whether a kept table is worth the time that it takes to keep it small."""
        return bool(self.rows(f'SELECT count(*) FROM "{name}"')[0][0] >= LARGE_FROM)

    def push(self, name: str, rows: pa.Table) -> None:
        """Bring a small table of texts into the engine under `name`, for the session."""
        if self.kind == "duckdb":
            self.con.create_table(name, ibis.memtable(rows), temp=True, overwrite=True)
        elif self.kind == "spark":
            frame = self.con._session.createDataFrame(
                rows.to_pandas(), ", ".join(f"`{c}` string" for c in rows.column_names)
            )
            frame.createOrReplaceTempView(name)
        else:
            columns = ", ".join(f'"{column}" TEXT' for column in rows.column_names)
            with self.con.con.cursor() as cursor:
                cursor.execute(f'DROP TABLE IF EXISTS pg_temp."{name}"')
                cursor.execute(f'CREATE TEMPORARY TABLE "{name}" ({columns})')
                with cursor.copy(f'COPY pg_temp."{name}" FROM STDIN') as copy:
                    for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                        copy.write_row(row)
            self._commit()

    def _run(self, native: str) -> None:
        self.con.con.execute(native)
        self._commit()

    def _commit(self) -> None:
        """An error of a later query rolls its own transaction back, not the tables that are kept."""
        if self.kind == "postgres":
            self.con.con.commit()

    def drop(self, name: str) -> None:
        """Give back what `name` holds."""
        if self.kind == "spark":
            self.con._session.catalog.dropTempView(name)
        else:
            self._run(f'DROP TABLE IF EXISTS {_own(self.kind)}"{name}"')


def _own(kind: Kind) -> str:
    """The schema of the session's own tables: a user's table of the same name is never dropped."""
    return "pg_temp." if kind == "postgres" else ""  # DuckDB's database is the session's, see `scratch`


def connect(source: Source, timezone: str) -> Engine:
    """The engine that the source names, its session's clock set to the study's time zone.

    Raises
    ------
    WorkbenchError
        If the engine is not known, its driver is not installed, or it can not be reached. No message holds
        more of the address than its scheme: the rest may hold a password.
    """
    where = f"{source.path}: engine"
    address = _with_variables(source.engine, where)
    address = address.replace("postgresql", "postgres", 1) if address.startswith("postgresql") else address
    scheme = address.partition("://")[0]
    if scheme not in SCHEMES:
        rule = f"one of {', '.join(SCHEMES)}, with an address where one is needed"
        raise refusal(where, "the value", rule, f"'{scheme}'", "As in `postgres://${USER}@host/base`.")
    with refused(where, "the database", "one that can be reached with this address"):
        if scheme == "spark":
            return Engine("spark", _spark(address, timezone, where))
        if scheme == "postgres":
            return Engine("postgres", _postgres_connection(address, timezone, where))
        store = (
            None
            if scheme == "duckdb" and address in ("duckdb", "duckdb://")
            else _store(scheme, address, source)
        )
        return Engine("duckdb", embedded.scratch(), store)
    raise AssertionError  # refused() raises


def _with_variables(text: str, where: str) -> str:
    missing = [name for name in VARIABLE.findall(text) if name not in os.environ]
    if missing:
        rule = "set in the environment"
        raise refusal(where, f"${{{missing[0]}}}", rule, "nothing", f"export {missing[0]}=… first.")
    return VARIABLE.sub(lambda match: os.environ[match[1]], text)


def _postgres_connection(address: str, timezone: str, where: str) -> Any:
    con = ibis.connect(address)
    if int(con.version.split(".")[0]) < LEAST_POSTGRES:
        rule = f"PostgreSQL {LEAST_POSTGRES} or newer"
        raise refusal(where, "the server", rule, con.version, "Export the tables to files instead.")
    with con.con.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, false)", (timezone,))
    con.con.commit()
    return con


def _spark(address: str, timezone: str, where: str) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise refusal(where, "pyspark", "installed", "nothing", "Run `make spark`.") from None
    master = address.partition("://")[2] or "local[*]"
    builder = SparkSession.builder.appName("workbench")
    builder = builder.master(master if master.startswith("local") else address)
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": str(SHUFFLE_PARTITIONS),
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    logging.getLogger("py4j").setLevel(logging.WARNING)
    con = ibis.pyspark.connect(builder.getOrCreate())
    con._session.conf.set("spark.sql.session.timeZone", timezone)  # Ibis has set it to UTC
    return con


def _store(scheme: str, address: str, source: Source) -> Any:
    """A database whose rows are read, not computed on: its dialect has no medians, no exact decimals."""
    if scheme == "mysql":
        import pymysql

        pymysql.install_as_MySQLdb()  # Ibis asks for the driver that has to be compiled
        with warnings.catch_warnings():  # a server without tables of zones refuses UTC by its name
            warnings.filterwarnings("ignore", "Unable to set session timezone")
            return ibis.connect(address)
    name = address.partition("://")[2]
    # As SQLAlchemy has it: of sqlite:///x the x is relative, of sqlite:////x absolute.
    path = source.path.parent / (name.removeprefix("/") if scheme == "sqlite" else name)
    if not path.is_file():
        raise refusal(f"{source.path}: engine", "the file", "one that exists", f"'{name}'", "Check the path.")
    if scheme == "sqlite":
        return ibis.sqlite.connect(path)
    return ibis.duckdb.connect(path, read_only=True)


def _postgres(node: Any) -> Any:
    """TRY_CAST for PostgreSQL: the cast is made only where the server says that the text is valid."""
    if not isinstance(node, exp.TryCast):
        return node
    kind = node.to.sql(dialect="postgres")
    text = exp.cast(node.this.copy(), "text")
    valid = exp.Anonymous(this="pg_input_is_valid", expressions=[text, exp.Literal.string(kind)])
    cast = exp.Cast(this=text.copy(), to=node.to.copy())
    return exp.Case(ifs=[exp.If(this=valid, true=cast)])
