"""A file seen for the first time: what it is, which columns it has, how each of them is written."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from ibis.backends.duckdb import Backend

from workbench.sources.files import excel, loading
from workbench.sources.files.formats import Format
from workbench.sources.files.headers import ROW
from workbench.sources.files.parts import Overrides
from workbench.sources.files.raw_tables import looked_at
from workbench.sources.files.shapes import quoted

SAMPLE_ROWS = 1_000


@dataclass(frozen=True)
class Peek:
    """What a file looks like, before anything is mapped.

    Attributes
    ----------
    path : Path
    sheet : str or None
        The sheet that was read; None for other files than books.
    sheets : tuple of str
        All sheets of the book.
    encoding, separator : str or None
        Of a text file; None for others. The separator is a character or ``whitespace``; None for one column.
    columns : tuple of str
        Cleaned names; ``column_1`` … for a file without a line of names.
    original : tuple of str
        The names as they are spelled in the file, in the same order; empty without a line of names.
    has_header : bool
        Whether the first line holds names.
    rows : int
    table : str
        The temporary table in the connection that holds all rows: ``_row`` and the columns as text (Parquet:
        as they are typed there).
    formats : tuple of Format
        One for each column; what the data do not decide stands in ``choices``.
    sample : pandas.DataFrame
        The first rows (1,000 at most) of the table, without ``_row``.
    """

    path: Path
    sheet: str | None
    sheets: tuple[str, ...]
    encoding: str | None
    separator: str | None
    columns: tuple[str, ...]
    original: tuple[str, ...]
    has_header: bool
    rows: int
    table: str
    formats: tuple[Format, ...]
    sample: pd.DataFrame


def peek(
    con: Backend,
    path: Path,
    *,
    sheet: str | None = None,
    name: str = "peek",
    encoding: str | None = None,
    separator: str | None = None,
    names: list[str] | None = None,
) -> Peek:
    """Read a file whole, as text, and say what it looks like.

    A first line that looks like values is taken for values, unlike in `read_raw`; what a column's cells leave
    open is told in its format, not refused.

    Raises
    ------
    WorkbenchError
        If the file can not be read.
    """
    overrides = Overrides(sheet, encoding, separator, None if names is None else tuple(names))
    part = loading.part_of(con.con, path, overrides, looking=True)
    loaded = loading.load(con.con, f"{name}_files", [part])
    columns = ", ".join(quoted(column) for column in loaded.types)
    found = tuple(looked_at(con.con, loaded, column) for column in loaded.types)
    rows = f"SELECT rowid + 1 AS {ROW}, {columns} FROM {loaded.name}"
    con.con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {rows}")
    con.con.execute(f"DROP TABLE {loaded.name}")
    excel.forget()
    query = f"SELECT {columns} FROM {quoted(name)} ORDER BY {ROW} LIMIT {SAMPLE_ROWS}"
    sample = con.con.execute(query).to_arrow_table().to_pandas()
    about, sheets = loading.input_of(part), part.sheet.sheets if part.sheet else ()
    return Peek(
        path, about.sheet, sheets, about.encoding, about.separator,
        part.names.cleaned, part.names.original, part.names.in_file, loaded.rows, name, found, sample,
    )  # fmt: skip
