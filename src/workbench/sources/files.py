"""Raw tables: CSV, Parquet and Excel files as they are, in one DuckDB connection."""

import os
import re
import tempfile
from glob import glob
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd
from ibis.backends.duckdb import Backend
from python_calamine import CalamineError

from workbench.errors import WorkbenchError, nearest, refusal
from workbench.parameters import Source, TableMapping

CSV_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
EXCEL_ENDINGS = (".xlsx", ".xls", ".xlsb", ".ods")


# The engine would skip in silence lines at the top that do not fit the rest, and lines like comments.
NO_LINE_SKIPPED = {"skip": 0, "comment": ""}


def connect(source: Source) -> Backend:
    """A connection to the engine of `source`.

    Raises
    ------
    WorkbenchError
        If the engine is not known.
    """
    if source.engine != "duckdb":
        kind, address, _ = source.engine.partition("://")  # an address may hold a password
        got = f"'{kind}{address and '://…'}'"
        raise refusal(str(source.path), "engine", "duckdb", got, "Write `engine: duckdb`.")
    # Without a folder named, the engine would spill what memory can not hold into the working folder.
    return ibis.duckdb.connect(temp_directory=str(Path(tempfile.gettempdir()) / f"workbench-{os.getpid()}"))


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


def columns_of(con: Backend, source: Source, table: str) -> list[str]:
    """The column names of the raw files, as they are spelled there."""
    return list(_read(con, source, table, text_columns=(), whole=False).columns)


def read_raw(con: Backend, source: Source, table: str, text_columns: tuple[str, ...]) -> str:
    """Read the files of `table` whole into the connection.

    Parameters
    ----------
    text_columns : tuple of str
        Columns that stay text although they look like numbers: ids keep their leading zeros.

    Returns
    -------
    str
        The name of the raw table. It has one column more, ``_row``: the row's place in the files, from 1.
    """
    name = f"raw_{table}"
    try:
        raw = _read(con, source, table, text_columns=text_columns, whole=True)
        view = con.create_view(f"{name}_files", raw, overwrite=True)
        # Written as SQL: Ibis gives row_number a frame, which costs DuckDB time that grows with rows squared.
        numbered = con.sql(f"SELECT row_number() OVER () AS _row, * FROM {view.get_name()}", dialect="duckdb")
        con.create_table(name, numbered, temp=True, overwrite=True)
    except duckdb.Error as error:
        raise _unreadable(source, table, error) from None
    return name


def _read(con: Backend, source: Source, table: str, *, text_columns: tuple[str, ...], whole: bool) -> Any:
    mapping, paths = source.tables[table], paths_of(source, table)
    ending = paths[0].name.lower()
    try:
        if ending.endswith(CSV_ENDINGS):
            options: dict[str, Any] = {"header": True, "union_by_name": True} | NO_LINE_SKIPPED
            if whole:  # a letter in the last row decides the type of a column: all rows are looked at
                options["sample_size"] = -1
            if text_columns:
                options["types"] = dict.fromkeys(text_columns, "string")
            return _of_one_width(source, table, con.read_csv([str(p) for p in paths], **options))
        if ending.endswith(".parquet"):
            return con.read_parquet([str(p) for p in paths])
    except duckdb.Error as error:
        raise _unreadable(source, table, error) from None
    if ending.endswith(EXCEL_ENDINGS):
        rows = None if whole else 0
        frames = [_excel(source, table, mapping, path, rows) for path in paths]
        return ibis.memtable(pd.concat(frames, ignore_index=True))
    where = f"{source.path}: tables.{table}.from"
    rule = "a CSV, Parquet or Excel file"
    raise refusal(where, "the file", rule, f"'{paths[0].name}'", "Save the table in one of these forms.")


def _of_one_width(source: Source, table: str, raw: Any) -> Any:
    """`raw`, unless its lines have so different numbers of columns that the engine saw a single one."""
    if len(raw.columns) == 1 and re.search(r"[,;\t|]", raw.columns[0]):
        raise _broken(source, table, "lines with different numbers of columns")
    return raw


def _excel(source: Source, table: str, mapping: TableMapping, path: Path, rows: int | None) -> pd.DataFrame:
    try:
        book = pd.ExcelFile(path, engine="calamine")
    except CalamineError:
        raise _broken(source, table, f"a file that is no book ('{path.name}')") from None
    with book:
        names = [str(name) for name in book.sheet_names]
        sheet = mapping.sheet or names[0]
        if sheet not in names:
            near = nearest(sheet, names)
            hint = f"Did you mean '{near}'?" if near else f"The book has: {', '.join(names)}."
            where = f"{source.path}: tables.{table}.sheet"
            raise refusal(where, "the sheet", "one that the book has", f"'{sheet}'", hint)
        # As objects the cells stay what the book says: text of digits is text, and keeps its leading zeros.
        frame = pd.read_excel(
            book, sheet_name=sheet, nrows=rows, dtype=object, keep_default_na=False, na_values=[""]
        )
    frame.columns = [str(name) for name in frame.columns]
    return frame.apply(_one_type)


def _one_type(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of mixed cells (numbers and texts, as spreadsheets have them) as text; others as typed."""
    column = column.infer_objects()
    if column.dtype != object:
        return column
    return column.map(lambda value: None if pd.isna(value) else str(value)).astype("str")


def _unreadable(source: Source, table: str, error: duckdb.Error) -> Exception:
    # DuckDB's message quotes the broken line, which holds a customer's values: only its number is told.
    line = re.search(r"(?:Line|line)[: ]+(\d+)", str(error))
    got = (
        f"a line that is not (line {line.group(1)})"
        if line
        else f"an unreadable file ({type(error).__name__})"
    )
    return _broken(source, table, got)


def _broken(source: Source, table: str, got: str) -> WorkbenchError:
    ending = paths_of(source, table)[0].name.lower()
    rule = "text in UTF-8 with the same columns in every line"
    if not ending.endswith(CSV_ENDINGS):
        rule = "a Parquet file" if ending.endswith(".parquet") else "an Excel book"
    where = f"{source.path}: tables.{table}.from"
    return refusal(where, "the file", rule, got, "Mend the file or export it again.")
