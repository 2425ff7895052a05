"""Customers files into one table of texts inside the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import nearest, refusal
from workbench.linkage.columns import LinkColumns, resolve
from workbench.sources import embedded, files

JOINED = ("name", "address")  # parts make the whole; of phones and e-mails the first one given counts
THREADS = 2  # a fixed number: the order in which an engine adds up must not change a figure


@dataclass(frozen=True)
class Customers:
    """What was read into ``link_input`` (id, source and the four fields as text).

    Attributes
    ----------
    con : duckdb.DuckDBPyConnection
    columns : tuple of LinkColumns
        One for each file.
    n_without_id, n_repeated : int
        Rows left out: those without an id, and exact repetitions of another row.
    """

    con: Any
    columns: tuple[LinkColumns, ...]
    n_records: int
    n_without_id: int
    n_repeated: int

    @property
    def used(self) -> tuple[str, ...]:
        """The fields that some file has."""
        return tuple(
            f for f in ("name", "phone", "email", "address") if any(f in c.used for c in self.columns)
        )


def read(paths: Sequence[Path], prefixes: Sequence[str], given: LinkColumns | None) -> Customers:
    """Read all files; `prefixes` are put before the ids of each.

    Raises
    ------
    WorkbenchError
        If a file or column is missing, there are no rows, or one id stands for two different records.
    """
    for path in paths:
        _check_exists(path)
    backend = embedded.scratch()
    peeks = [files.peek(backend, path, name=f"link_file_{i}") for i, path in enumerate(paths)]
    columns = resolve(given, [(p.path, p.columns) for p in peeks])
    con = backend.con
    con.execute(f"SET threads = {THREADS}")
    parts = [
        _selection(peek.table, i, prefix, chosen)
        for i, (peek, prefix, chosen) in enumerate(zip(peeks, prefixes, columns, strict=True))
    ]
    con.execute("CREATE TEMP TABLE link_rows AS " + " UNION ALL ".join(parts))
    con.execute("CREATE TEMP TABLE link_input AS SELECT DISTINCT * FROM link_rows WHERE id IS NOT NULL")
    for peek in peeks:
        backend.drop_table(peek.table)
    n_rows, n_with_id = _numbers(con, "SELECT count(*), count(id) FROM link_rows")
    (n_records,) = _numbers(con, "SELECT count(*) FROM link_input")
    con.execute("DROP TABLE link_rows")
    _check_ids(con, paths, n_records)
    return Customers(con, columns, n_records, n_rows - n_with_id, n_with_id - n_records)


def _check_exists(path: Path) -> None:
    if path.is_file():
        return
    there = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest(path.name, there)
    hint = f"Did you mean '{near}'?" if near else "Check the path."
    raise refusal(str(path), "the customers file", "a file that exists", "no such file", hint)


def _selection(table: str, source: int, prefix: str, columns: LinkColumns) -> str:
    id_text = _cell(columns.id[0])
    # Spreadsheets write whole numbers as 17850.0.
    repaired = f"regexp_replace({id_text}, '^(\\d+)\\.0+$', '\\1')"
    parts = [f"'{prefix.replace(chr(39), chr(39) * 2)}' || {repaired} AS id", f"{source} AS source"]
    for field in ("name", "phone", "email", "address"):
        cells = [_cell(column) for column in getattr(columns, field)]
        both = f"concat_ws(' ', {', '.join(cells)})" if field in JOINED else f"coalesce({', '.join(cells)})"
        parts.append(f"{both if cells else 'NULL::VARCHAR'} AS {field}")
    return f"SELECT {', '.join(parts)} FROM {table}"


def _cell(column: str) -> str:
    quoted = '"' + column.replace('"', '""') + '"'
    return f"nullif(trim({quoted}::VARCHAR), '')"


def _check_ids(con: Any, paths: Sequence[Path], n_records: int) -> None:
    where = ", ".join(str(path) for path in paths)
    if not n_records:
        raise refusal(where, "the table", "one with rows that have an id", "0 rows", "Check the file.")
    across, within = _numbers(
        con,
        "SELECT count(*) FILTER (WHERE files > 1), count(*) FILTER (WHERE files = 1) FROM "
        "(SELECT id, count(DISTINCT source) AS files FROM link_input GROUP BY id HAVING count(*) > 1)",
    )
    if across:
        hint = "Give each file a prefix, as in --prefix web- --prefix shop-."
        raise refusal(where, "ids", "different in each file", f"{across:,} ids that are in several", hint)
    if within:
        hint = "Leave one row for each id; several ids of one person are what is looked for here."
        raise refusal(where, "ids", "unique", f"{within:,} ids with different rows", hint)


def _numbers(con: Any, query: str) -> tuple[int, ...]:
    return tuple(int(value) for value in con.execute(query).fetchone())
