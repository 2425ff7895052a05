"""The files of one table, of whatever form, brought into the engine as they are: text, or Parquet's types."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from workbench.sources.engine_errors import lacks_room
from workbench.sources.files import excel, headers, json_lines, separators, text_files
from workbench.sources.files.parts import MARK, Names, Overrides, names_of
from workbench.sources.files.rejected import rejected
from workbench.sources.files.separators import Dialect
from workbench.sources.files.shapes import literal, quoted
from workbench.sources.files.streams import broken, unopened
from workbench.sources.files.text_files import TextFile

BOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
JSON_LINES = (".jsonl", ".ndjson")
TEXTS = (".csv", ".tsv", ".tab", ".txt", ".psv", ".dat", ".data")
PACKED = (".gz", ".zst")
# Forms that are no table, or not one that is read here.
OTHERS = (".json", ".zip", ".rar", ".7z", ".bz2", ".xz", ".tar", ".pdf", ".doc", ".docx", ".html", ".htm",
          ".xml", ".feather", ".arrow", ".orc", ".avro", ".sav", ".dta", ".db", ".sqlite", ".duckdb", ".png",
          ".jpg",
          ".yml", ".yaml", ".py", ".ipynb")  # fmt: skip
PARQUET_MAGIC, ZIP_MAGIC, OLE_MAGIC = b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
FORMS = "a CSV, JSON lines, Parquet or Excel file"
NESTED = re.compile(r"STRUCT|MAP|UNION|BLOB|\[")
TEXT_TYPE = "VARCHAR"


@dataclass(frozen=True)
class Part:
    """One file: its form, its names, and what was found out about it."""

    path: Path
    form: str
    names: Names
    text: TextFile | None = None
    dialect: Dialect | None = None
    sheet: excel.Sheet | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Input:
    """How one file was read: encoding and separator of text, the sheet of a book; None where it has none."""

    path: Path
    encoding: str | None
    separator: str | None
    sheet: str | None


@dataclass(frozen=True)
class Loaded:
    """A table of the engine that holds the files' rows.

    Attributes
    ----------
    name : str
        The rows' place in the files is the table's ``rowid`` plus one.
    types : dict of str to str
        The engine's type by column: ``VARCHAR`` but for Parquet.
    marks : dict of str to str
        By column that column's kinds of cells.
    absent : dict of str to list of Path
        The files that lack a column which others have.
    """

    name: str
    types: dict[str, str]
    rows: int
    marks: dict[str, str] = field(default_factory=dict)
    absent: dict[str, list[Path]] = field(default_factory=dict)


def input_of(part: Part) -> Input:
    """How the file was read."""
    separator = part.dialect.separator if part.dialect else None
    return Input(
        part.path,
        part.text.encoding if part.text else None,
        None if separator == separators.NONE else separator,
        part.sheet.name if part.sheet else None,
    )


def form_of(path: Path) -> str:
    """``text``, ``json``, ``book`` or ``parquet``: by the first bytes, then by the ending.

    Raises
    ------
    WorkbenchError
        If the file can not be read or is of another form.
    """
    try:
        with path.open("rb") as raw:
            magic = raw.read(4)
    except OSError as error:
        raise unopened(path, error) from None
    endings = [e.lower() for e in path.suffixes if e.lower() not in PACKED]
    ending = endings[-1] if endings else ""
    if ending == ".parquet" or magic == PARQUET_MAGIC:
        return "parquet"
    if ending in BOOKS or (ending in TEXTS and magic in (ZIP_MAGIC, OLE_MAGIC)):
        return "book"
    if ending in OTHERS or magic in (ZIP_MAGIC, OLE_MAGIC):
        hint = "Save the table in one of these forms."
        if ending == ".json":
            hint = "Write one object in each line, and call the file .jsonl."
        raise broken(path, FORMS, f"'{path.name}'", hint)
    return "json" if ending in JSON_LINES else "text"


def part_of(con: Any, path: Path, overrides: Overrides, *, looking: bool = False) -> Part:
    """What a file is and which columns it has; with `looking` its first line may hold no names."""
    form = form_of(path)
    if form == "book":
        sheet = excel.read_sheet(path, overrides.sheet)
        return Part(path, form, names_of(path, sheet.first, overrides.names, has_header=True), sheet=sheet)
    if form == "json":
        found = json_lines.names_in(path, overrides.encoding)
        return Part(path, form, names_of(path, found, None, has_header=True), encoding=overrides.encoding)
    if form == "parquet":
        types = _parquet_types(con, path)
        return Part(path, form, names_of(path, list(types), None, has_header=True))
    text = text_files.examined(path, overrides.encoding)
    dialect = separators.dialect_of(text, overrides.separator)
    first, below = dialect.records[0], dialect.records[1:]
    names = names_of(
        path, first, overrides.names, has_header=not looking or headers.holds_names(first, below)
    )
    return Part(path, form, names, text, dialect)


def columns_of(parts: list[Part]) -> list[str]:
    """The columns of all files, in the order in which they come first, spelled as there."""
    found: dict[str, str] = {}
    for part in parts:
        for name in part.names.cleaned:
            found.setdefault(name.casefold(), name)
    return list(found.values())


def load(con: Any, name: str, parts: list[Part]) -> Loaded:
    """Bring the rows of the files, in their order, into the table `name`.

    Raises
    ------
    WorkbenchError
        If a file is broken, or Parquet stands beside other forms.
    """
    columns = columns_of(parts)
    absent = {c: [p.path for p in parts if c.casefold() not in _folded(p)] for c in columns}
    absent = {column: paths for column, paths in absent.items() if paths}
    if any(part.form == "parquet" for part in parts):
        odd = next((part for part in parts if part.form != "parquet"), None)
        if odd is not None:
            raise broken(
                odd.path, "a Parquet file as the others of the table", "another form", "Give one form."
            )
        return _load_parquet(con, name, parts, columns, absent)
    marked = [f"{MARK}{place}" for place in range(len(columns))]
    typed = any(part.form in ("book", "json") for part in parts)
    written = [*columns, *(marked if typed else [])]
    con.execute(f"CREATE OR REPLACE TABLE {name} ({', '.join(f'{quoted(c)} VARCHAR' for c in written)})")
    places = {column.casefold(): place for place, column in enumerate(columns)}
    for part in parts:
        own = [columns[places[c.casefold()]] for c in part.names.cleaned]
        if part.form == "text":
            _insert_text(con, name, part, own)
        else:
            _insert_cells(con, name, part, own, [marked[places[c.casefold()]] for c in own])
    rows = con.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
    marks = _used_marks(con, name, dict(zip(columns, marked, strict=True))) if typed else {}
    return Loaded(name, dict.fromkeys(columns, TEXT_TYPE), int(rows), marks, absent)


def _folded(part: Part) -> set[str]:
    return {name.casefold() for name in part.names.cleaned}


def _used_marks(con: Any, name: str, marks: dict[str, str]) -> dict[str, str]:
    counts = ", ".join(f"count({quoted(mark)})" for mark in marks.values())
    found = con.execute(f"SELECT {counts} FROM {name}").fetchone()
    return {column: mark for (column, mark), n in zip(marks.items(), found, strict=True) if n}


def _insert_cells(con: Any, name: str, part: Part, columns: list[str], marks: list[str]) -> None:
    for batch in _batches(part):
        given = set(batch.column_names)
        targets, sources = [], []
        for place, (column, mark) in enumerate(zip(columns, marks, strict=True)):
            targets.append(quoted(column))
            sources.append(f"c{place}")
            if f"{MARK}{place}" in given:
                targets.append(quoted(mark))
                sources.append(f"{MARK}{place}")
        con.register("_batch", batch)
        con.execute(f"INSERT INTO {name} ({', '.join(targets)}) SELECT {', '.join(sources)} FROM _batch")
        con.unregister("_batch")


def _batches(part: Part) -> Iterator[pa.Table]:
    if part.sheet is None:
        yield from json_lines.batches(part.path, part.encoding, part.names.original)
        return
    rows = part.sheet.rows if part.names.in_file else [list(part.sheet.first), *part.sheet.rows]
    if rows:
        yield excel.as_text(rows)


def _insert_text(con: Any, name: str, part: Part, columns: list[str]) -> None:
    assert part.text is not None
    assert part.dialect is not None
    into = f"INSERT INTO {name} ({', '.join(map(quoted, columns))})"
    with text_files.as_utf8(part.text, part.dialect.separator) as path:
        scan = _scan_sql(path, part, len(columns))
        try:
            con.execute(f"{into} SELECT * FROM {scan})")
        except duckdb.Error as error:
            if lacks_room(error):
                raise  # which says nothing of the file
            separator, again = part.dialect.separator, f"{scan}, store_rejects=true)"
            raise rejected(con, part.path, separator, again, len(columns)) from None


def _scan_sql(path: Path, part: Part, width: int) -> str:
    """SQL, up to its last bracket, that reads the file as it was understood: the engine guesses nothing."""
    assert part.text is not None
    assert part.dialect is not None
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    packed = part.text.compression if path == part.path else "none"
    quote = literal(part.dialect.quote)
    return (
        f"read_csv([{literal(str(path))}], columns={{{columns}}}, delim={literal(part.dialect.character)}, "
        f"quote={quote}, escape={quote}, header={str(part.names.in_file).lower()}, "
        f"skip={part.text.lines_left_out}, compression='{packed}', comment='', auto_detect=false, "
        "strict_mode=true, null_padding=false"
    )


def _parquet_types(con: Any, path: Path) -> dict[str, str]:
    try:
        rows = con.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(str(path))})").fetchall()
    except duckdb.Error:
        raise broken(path, "a Parquet file", "one that is none, or not whole") from None
    return {str(row[0]): str(row[1]) for row in rows}


def _load_parquet(
    con: Any, name: str, parts: list[Part], columns: list[str], absent: dict[str, list[Path]]
) -> Loaded:
    selects = []
    for part in parts:
        spelled = {n.casefold(): o for n, o in zip(part.names.cleaned, part.names.original, strict=True)}
        chosen = [
            f"{quoted(spelled[c.casefold()])} AS {quoted(c)}"
            if c.casefold() in spelled
            else f"NULL AS {quoted(c)}"
            for c in columns
        ]
        selects.append(f"SELECT {', '.join(chosen)} FROM read_parquet({literal(str(part.path))})")
    try:
        con.execute(f"CREATE OR REPLACE TABLE {name} AS {' UNION ALL '.join(selects)}")
    except duckdb.Error as error:
        if lacks_room(error):
            raise
        got = f"one that the engine refuses ({type(error).__name__})"
        raise broken(parts[0].path, "a whole Parquet file with the types of the others", got) from None
    types = {str(r[0]): str(r[1]) for r in con.execute(f"DESCRIBE {name}").fetchall()}
    rows = con.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
    return Loaded(name, types, int(rows), {}, absent)
