"""The door to files: any form an analyst has, in one DuckDB connection, typed by what its own cells say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

from ibis.backends.duckdb import Backend

from workbench.errors import WorkbenchError, nearest, refusal
from workbench.parameters import Source
from workbench.sources.files import excel, loading, raw_tables
from workbench.sources.files.formats import Format
from workbench.sources.files.loading import Input, Part
from workbench.sources.files.parts import Overrides
from workbench.sources.files.peeking import Peek, peek

__all__ = [
    "Format",
    "Input",
    "Peek",
    "Raw",
    "bytes_of",
    "columns_of",
    "forget",
    "paths_of",
    "peek",
    "read_raw",
]


RAW, ROWS = "raw_", "_files"


@dataclass(frozen=True)
class Raw:
    """A raw table in the connection, a view of the rows that were read; see `forget`.

    Attributes
    ----------
    name : str
        ``raw_<table>``: ``_row`` (place in the files, from 1), every column under its cleaned name, and
        ``_unread``: the names of the columns whose filled cell could not be read in this row, else NULL.
    formats : tuple of Format
        How each column that the mapping reads was understood.
    inputs : tuple of Input
        The files, in their order.
    """

    name: str
    formats: tuple[Format, ...]
    rows: int
    inputs: tuple[Input, ...] = ()


def paths_of(source: Source, table: str) -> list[Path]:
    """The files of one table, in the order of their names.

    Raises
    ------
    WorkbenchError
        If there is no such file; the nearest name in that folder is named.
    """
    folder = source.path.parent
    pattern = folder / source.tables[table].from_
    # The folder's own name, and the name of a file that is there, are no patterns although they hold [ or *.
    named = [pattern] if pattern.is_file() else []
    found = named or [folder / name for name in sorted(glob(source.tables[table].from_, root_dir=folder))]
    if not found:
        folder = pattern.parent
        near = nearest(pattern.name, [p.name for p in folder.iterdir()]) if folder.is_dir() else None
        hint = f"Did you mean '{near}'?" if near else "Paths are relative to the source file."
        where = f"{source.path}: tables.{table}.from"
        raise refusal(
            where, "the path", "a file or glob that exists", f"'{source.tables[table].from_}'", hint
        )
    return found


def bytes_of(source: Source) -> int:
    """What the files of all tables take on disk."""
    paths = [path for table in source.tables for path in paths_of(source, table)]
    return sum(path.stat().st_size for path in paths if path.is_file())


def columns_of(con: Backend, source: Source, table: str) -> list[str]:
    """The cleaned column names of the files of `table`, in the order in which they come first.

    Raises
    ------
    WorkbenchError
        If a file can not be read, or two of its columns have one name.
    """
    with _told_of(source, table):
        return loading.columns_of(_parts(con.con, source, table))


def read_raw(
    con: Backend,
    source: Source,
    table: str,
    text_columns: tuple[str, ...],
    read_columns: tuple[str, ...] | None = None,
) -> Raw:
    """Read the files of `table` whole into the connection, each column typed by all of its cells.

    Parameters
    ----------
    text_columns : tuple of str
        Columns that stay text although they look like numbers: ids keep their leading zeros.
    read_columns : tuple of str, optional
        The columns that have to be understood; by default those that the mapping reads. The others stay text.

    Raises
    ------
    WorkbenchError
        If a file is broken, or the cells of a column leave open what they mean.
    """
    duck, name = con.con, f"{RAW}{table}"
    with _told_of(source, table):
        parts = _parts(duck, source, table)
        loaded = loading.load(duck, f"{name}{ROWS}", parts)
    wanted = raw_tables.wanted_of(source, table, loaded, text_columns, read_columns)
    raw_tables.refuse_absent(source, table, loaded, wanted)
    decided = raw_tables.decisions(duck, source, table, loaded, wanted)
    raw_tables.create_typed(duck, name, loaded, decided)
    excel.forget()
    return Raw(name, raw_tables.reported(decided, loaded), loaded.rows, tuple(map(loading.input_of, parts)))


def forget(con: Backend, raw: Raw) -> None:
    """Give back what a raw table holds."""
    con.con.execute(f"DROP VIEW {raw.name}")
    con.con.execute(f"DROP TABLE {raw.name}{ROWS}")


@contextmanager
def _told_of(source: Source, table: str) -> Iterator[None]:
    """Within, the refusal of a file says in which line of the source file it stands."""
    try:
        yield
    except WorkbenchError as error:
        for path in paths_of(source, table):
            if str(error).startswith(f"{path}: "):
                rest = str(error).removeprefix(f"{path}: ")
                where = f"{source.path}: tables.{table}.from: {path.name}"
                raise WorkbenchError(f"{where}: {rest}", exit_code=error.exit_code) from None
        raise


def _parts(duck: Any, source: Source, table: str) -> list[Part]:
    about = source.tables[table]
    names = None if about.names is None else tuple(about.names)
    overrides = Overrides(about.sheet, about.encoding, about.separator, names)
    return [loading.part_of(duck, path, overrides) for path in paths_of(source, table)]
