"""Raw tables that lie in a database or in Spark: found, named, and read without leaving the engine."""

from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
from ibis.common.exceptions import TableNotFound
from sqlglot import exp
from sqlglot.errors import SqlglotError

from workbench.errors import nearest, refusal
from workbench.parameters import Source
from workbench.sources.engine_errors import refused
from workbench.sources.engines import Engine
from workbench.sources.staging import quoted

BATCH_ROWS = 100_000  # of a table that is streamed out of its database
FOLDER_FORMATS = {".csv": "csv", ".json": "json", ".jsonl": "json", ".orc": "orc"}  # Parquet otherwise


def columns_of(engine: Engine, source: Source, table: str) -> list[str]:
    """The column names of the raw table.

    Raises
    ------
    WorkbenchError
        If there is no such table, with the nearest name that exists, or it can not be read.
    """
    return list(_found(engine, source, table).columns)


def raw_table(engine: Engine, source: Source, table: str) -> str:
    """The name by which the engine reads the raw table of `table`.

    A table of PostgreSQL or Spark is read where it lies. One of a database that does not compute is streamed
    into the engine, ``_row`` being its row's place in the stream.
    """
    found = _found(engine, source, table)
    if engine.store is None:
        return _reference(engine, source, table)
    name = f"raw_{table}"
    with refused(f"{source.path}: tables.{table}.from", "the table", "one that can be read to its end"):
        con, rows = engine.con.con, 0
        for batch in _batches(engine.store, found):
            con.register("batch", batch)
            numbered = f"SELECT row_number() OVER () + {rows} AS _row, * FROM batch"
            into = f"INSERT INTO {name}" if rows else f"CREATE OR REPLACE TEMP TABLE {name} AS"
            con.execute(f"{into} {numbered}")
            con.unregister("batch")
            rows += batch.num_rows
    return name


def _batches(store: Any, found: Any) -> Iterator[pa.Table]:
    """The rows of `found` by the hundred thousand; of a table without rows its columns alone.

    Ibis holds the whole answer of SQLite and MySQL before it hands on the first batch. Its way from a
    database's rows to Arrow is kept: only the cursor is another one.
    """
    schema = found.schema()
    kinds = schema.to_pyarrow()
    if store.name == "duckdb":
        batches = (pa.Table.from_batches([part]) for part in found.to_pyarrow_batches(chunk_size=BATCH_ROWS))
    else:
        frames = (store._fetch_from_cursor(rows, schema) for rows in _fetched(store, found))
        batches = (pa.Table.from_pandas(frame, schema=kinds, preserve_index=False) for frame in frames)
    first = next(batches, kinds.empty_table())
    return chain([first], batches)


class _Rows(tuple[Any, ...]):
    """Rows that are here already, for who asks a cursor for all of them."""

    def fetchall(self) -> "_Rows":
        return self


def _fetched(store: Any, found: Any) -> Iterator[_Rows]:
    if store.name == "mysql":
        from pymysql.cursors import SSCursor  # the usual one reads the whole answer at once

        cursor = store.con.cursor(SSCursor)
    else:
        cursor = store.con.cursor()
    with closing(cursor):
        cursor.execute(store.compile(found))
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield _Rows(rows)


def _found(engine: Engine, source: Source, table: str) -> Any:
    where, name = f"{source.path}: tables.{table}.from", source.tables[table].from_
    holder = engine.store if engine.store is not None else engine.con
    with refused(where, "the table", "one that the user may read"):
        if engine.kind == "spark" and _folder(source, table) is not None:
            return engine.query(f"SELECT * FROM {_reference(engine, source, table)}")
        parts = _parts(source, table)
        try:
            found = holder.table(parts[-1], database=tuple(parts[:-1]) or None)
        except TableNotFound:
            there = [str(known) for known in holder.list_tables(database=tuple(parts[:-1]) or None)]
            near = nearest(parts[-1], there)
            hint = f"Did you mean '{near}'?" if near else f"There are {len(there)} tables. Check the name."
            raise refusal(where, "the table", "one that the database has", f"'{name}'", hint) from None
    return found


def _parts(source: Source, table: str) -> list[str]:
    """Catalogue, schema and name, as far as they are given."""
    text = source.tables[table].from_
    try:
        parsed = exp.to_table(text, dialect="duckdb")
    except SqlglotError:
        rule = "a table's name, as in orders or shop.orders"
        where = f"{source.path}: tables.{table}.from"
        raise refusal(where, "the value", rule, f"'{text}'", "Quote a name that is no word.") from None
    return [part for part in (parsed.catalog, parsed.db, parsed.name) if part]


def _reference(engine: Engine, source: Source, table: str) -> str:
    """The raw table in SQL of DuckDB's dialect."""
    folder = _folder(source, table) if engine.kind == "spark" else None
    if folder is None:
        return ".".join(quoted(part) for part in _parts(source, table))
    name = f"raw_{table}"
    session = engine.con._session
    kind = FOLDER_FORMATS.get(Path(folder).suffix.lower(), "parquet")
    reader = session.read.options(header=True, inferSchema=False) if kind == "csv" else session.read
    reader.format(kind).load(folder).createOrReplaceTempView(name)
    return name


def _folder(source: Source, table: str) -> str | None:
    """The path of a table that Spark reads from files; None for one of its catalogue."""
    text = source.tables[table].from_
    path = source.path.parent / text
    if "://" in text:
        return text
    if any(mark in text for mark in "/*") or path.exists():
        return str(path)
    return None
