"""The user's files as they are: every file and every sheet read once, its columns as candidates."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from workbench.discovery.columns import Candidate
from workbench.discovery.grouping import grouped
from workbench.discovery.lexicon import lexicon
from workbench.discovery.values import MANY_VALUES, facts_of
from workbench.errors import WorkbenchError, refusal
from workbench.sources import files
from workbench.sources.files import Peek
from workbench.sources.files.formats import Format

SAMPLE_ROWS = 2_000
CHINESE_ENCODINGS = ("gb18030", "big5")
EXACT_ROWS = 2_000_000  # from here on distinct values are estimated: their share of the rows is what counts


@dataclass(frozen=True)
class Looked:
    """One file, several of the same columns, or one sheet of a book.

    Attributes
    ----------
    peeks : tuple of Peek
        One for each file.
    table : str
        The temporary table that holds the rows of them all.
    pattern : str
        The name of the file, or the glob that names just these files.
    candidates : tuple of Candidate
        The columns in the order of the file.
    encoding : str or None
        What the source file has to say, because the letters fit several encodings.
    """

    peeks: tuple[Peek, ...]
    table: str
    pattern: str
    candidates: tuple[Candidate, ...]
    encoding: str | None = None

    @property
    def peek(self) -> Peek:
        """The first file's."""
        return self.peeks[0]

    @property
    def rows(self) -> int:
        """The rows of all files."""
        return sum(peek.rows for peek in self.peeks)

    @property
    def sheet(self) -> str | None:
        """The sheet, in a book that has several."""
        return self.peek.sheet if len(self.peek.sheets) > 1 else None

    @property
    def shown(self) -> str:
        """The file as it is called in messages."""
        return f"{self.pattern} [{self.sheet}]" if self.sheet else self.pattern

    @property
    def hints(self) -> str:
        """Names that may say what the table holds."""
        return f"{self.pattern.partition('.')[0]} {self.peek.sheet or ''}"

    def find(self, name: str) -> Candidate:
        """The column called `name`."""
        return next(c for c in self.candidates if c.name == name)

    def format_of(self, name: str) -> Format | None:
        """How the column is written: as one of the files says without a doubt, if one does."""
        found = [f for peek in self.peeks for f in peek.formats if f.column == name]
        return min(found, key=lambda f: (f.filled == 0, bool(f.choices)), default=None)


def look(con: Any, paths: list[Path]) -> tuple[list[Looked], list[str]]:
    """Every file and sheet, and those sheets that hold no table, in words.

    Raises
    ------
    WorkbenchError
        If a file is not there or can not be read.
    """
    if not paths:
        raise refusal("init", "the files", "one or more", "none", "As in workbench init orders.csv.")
    peeks: list[Peek] = []
    told: dict[Path, str] = {}
    empty: list[str] = []
    for path in dict.fromkeys(paths):
        if not path.is_file():
            got = "a folder" if path.is_dir() else "no such file"
            raise refusal(str(path), "the file", "a file that exists", got, "Check the path.")
        first, encoding = read_first(con, path, f"init_{len(peeks)}")
        told |= {path: encoding} if encoding else {}
        peeks.append(first)
        for sheet in first.sheets:
            if sheet == first.sheet:
                continue
            try:
                peeks.append(files.peek(con, path, sheet=sheet, name=f"init_{len(peeks)}"))
            except WorkbenchError:
                empty.append(f"{path.name} [{sheet}]: no table is on this sheet")
    groups = [(same, pattern, told.get(same[0].path)) for same, pattern in grouped(peeks)]
    return [_together(con, *group) for group in groups], empty


def read_first(con: Any, path: Path, name: str) -> tuple[Peek, str | None]:
    """The file (of a book the first sheet with a table), and its encoding if only the lexicon can tell it.

    Short Chinese texts fit several encodings; in the right one the headers are words.

    Raises
    ------
    WorkbenchError
        If the file can not be read.
    """
    try:
        return files.peek(con, path, name=name), None
    except WorkbenchError as error:
        sheets = _sheets(path)
        for sheet in sheets[1:]:
            with suppress(WorkbenchError):
                return files.peek(con, path, sheet=sheet, name=name), None
        for encoding in () if sheets else CHINESE_ENCODINGS:
            with suppress(WorkbenchError):
                seen = files.peek(con, path, name=name, encoding=encoding)
                if _speaks_chinese(seen.columns):
                    return seen, encoding
        raise error from None


def _sheets(path: Path) -> list[str]:
    """The sheets of a book: its first one may be empty, or hold a title only."""
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            return list(book.sheet_names)
    except (CalamineError, OSError):
        return []


def _speaks_chinese(columns: tuple[str, ...]) -> bool:
    """Whether most of the Chinese `columns` are words that the lexicon knows."""
    forms = [form for name in columns if (form := lexicon().form(name)).chinese]
    known = [form for form in forms if lexicon().knows(form)]
    return len(known) > len(forms) / 2


def look_again(con: Any, looked: Looked, names: list[str]) -> Looked:
    """The same files with the `names` given to their columns."""
    peeks = [
        files.peek(con, p.path, sheet=p.sheet, name=p.table, encoding=looked.encoding, names=names)
        for p in looked.peeks
    ]
    return _together(con, peeks, looked.pattern, looked.encoding)


def _together(con: Any, peeks: list[Peek], pattern: str, encoding: str | None) -> Looked:
    """`peeks` of the same columns as one table, with the facts about its columns."""
    table = peeks[0].table
    if len(peeks) > 1:
        table = f"{peeks[0].table}_all"
        parts = " UNION ALL BY NAME ".join(f"SELECT * EXCLUDE (_row) FROM {peek.table}" for peek in peeks)
        query = f"SELECT row_number() OVER () AS _row, * FROM ({parts})"
        con.raw_sql(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")
    rows = sum(peek.rows for peek in peeks)
    columns = peeks[0].columns
    step = max(1, rows // SAMPLE_ROWS)
    sample = con.sql(f"SELECT * FROM {table} WHERE _row % {step} = 0 LIMIT {SAMPLE_ROWS}").to_pandas()
    counted = _counted(con, table, rows, columns)
    candidates = []
    for name in columns:
        filled, distinct = counted[name]
        few = 0 < distinct <= MANY_VALUES
        facts = facts_of(_distinct(con, table, name) if few else sample[name])
        if filled:
            unique = min(1.0, distinct / filled)
            facts = replace(facts, filled=filled / rows, distinct=distinct, unique=unique)
        candidates.append(Candidate(name, lexicon().form(name), facts))
    return Looked(tuple(peeks), table, pattern, tuple(candidates), encoding)


def _distinct(con: Any, table: str, name: str) -> "pd.Series[Any]":
    """Every value of a column that has few, as often as it occurs in a sample of the whole file's size."""
    query = f"SELECT {quoted(name)} AS value, count(*) AS n FROM {table} GROUP BY 1 ORDER BY 2 DESC, 1"
    found = con.sql(query).to_pandas()
    times = (found["n"] * SAMPLE_ROWS / found["n"].sum()).clip(lower=1).astype(int)
    return pd.Series(found["value"].repeat(times))


def _counted(con: Any, table: str, rows: int, columns: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """By column: cells that are not blank, and distinct values, over all rows."""
    if not rows:
        return dict.fromkeys(columns, (0, 0))
    count = "count(DISTINCT {})" if rows <= EXACT_ROWS else "approx_count_distinct({})"
    texts = [text_of(name) for name in columns]
    parts = [part for text in texts for part in (f"count({text})", count.format(text))]
    named = ", ".join(f"{part} AS c{i}" for i, part in enumerate(parts))
    row = con.sql(f"SELECT {named} FROM {table}").to_pyarrow().to_pylist()[0]
    return {name: (row[f"c{2 * i}"], row[f"c{2 * i + 1}"]) for i, name in enumerate(columns)}


def text_of(name: str) -> str:
    """SQL of a column's text without blanks round it, NULL if it is blank."""
    return f"nullif(trim(CAST({quoted(name)} AS VARCHAR)), '')"


def quoted(name: str) -> str:
    """`name` as an identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'
