"""How numbers and times are written: decided for each column from all of its cells, and reported."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import duckdb

from workbench.sources.files import time_formats
from workbench.sources.files.number_formats import (
    Mark,
    Numbers,
    cast_sql,
    number_sql,
    numbers_of,
    simple_number_sql,
)
from workbench.sources.files.parts import NUMBER_CELL, TIME_CELL
from workbench.sources.files.shapes import Shapes, blank_sql, literal, normal_sql, quoted, shapes_of
from workbench.sources.files.time_formats import EXCEL, FAMILIES, ISO_ZONED, UNIX
from workbench.sources.files.time_orders import Times, given_times, times_of

Kind = Literal["text", "number", "time"]
Use = Literal["text", "number", "time", ""]
TEXT, POINT, COMMA = "text", "decimal point", "decimal comma"
WORDS = (EXCEL, UNIX, POINT, COMMA, TEXT)  # under `formats:`, beside the formats of dates
MARK_OF: dict[str, Mark] = {POINT: "point", COMMA: "comma"}
# A column that a mapping computes with is of numbers (or times) when this share of its filled cells are.
# Where the source allows more bad rows than the rest, the rest may be so many, but no more than half.
TYPED_SHARE, LEAST_SHARE = 0.99, 0.5
VALUES = "_values"  # the temporary table of one column's distinct cells


@dataclass(frozen=True)
class Format:
    """How one column is written.

    Attributes
    ----------
    column : str
        Cleaned name.
    kind : str
        ``text``, ``number`` or ``time``.
    pattern : str
        What one would write under ``formats:`` for it: a date format, ``excel``, ``unix``, ``decimal point``,
        ``decimal comma`` or ``text``; ``typed`` for a column that the file types itself.
    filled, read : int
        Cells that are not blank, and those of them that could be read so.
    evidence : tuple of str
        What decided it, as ``code=count``: ``day_first_by=13`` (cells with a day above 12 in front).
    choices : tuple of str
        The patterns that fit the data equally well and give different values; empty where one was decided.
    also : tuple of str
        Time patterns that a column of whole numbers fits as well (``unix``, ``excel``): its name decides.
    """

    column: str
    kind: Kind
    pattern: str
    filled: int
    read: int
    evidence: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """A column's format, and how the engine reads it.

    Attributes
    ----------
    sql : str
        The column's value, NULL where a cell can not be read.
    problem : tuple or None
        (code, counts): why the data do not decide; `format.choices` holds what one may write.
    """

    format: Format
    sql: str
    problem: tuple[str, tuple[int, ...]] | None = None


@dataclass(frozen=True)
class Column:
    """A column to decide on.

    Attributes
    ----------
    mark : str or None
        The column with the kinds that a book or JSON gives the cells.
    use : str
        What the mapping takes it for; empty: the data decide.
    given : str or None
        What stands under ``formats:``.
    least_share : float
        Of the filled cells, for a use that the data decide.
    """

    table: str
    name: str
    mark: str | None = None
    use: Use = ""
    given: str | None = None
    least_share: float = TYPED_SHARE
    looking: bool = False


def least_share(max_bad_rows: float) -> float:
    """The share of filled cells that makes a column one of numbers or times, where the data decide."""
    return max(LEAST_SHARE, min(TYPED_SHARE, 1 - max_bad_rows))


def decide(con: Any, column: Column) -> Decision:
    """How a column of text is written, from all of its cells.

    What the mapping takes for a time (or a number) is one as soon as one cell can be read so: the others are
    unreadable then. Where the data decide, `column.least_share` of the filled cells have to be.
    """
    if column.given == TEXT:
        cell = f"nullif(trim({quoted(column.name)}), '')"
        filled = con.execute(f"SELECT count({cell}) FROM {column.table}").fetchone()[0]
        return _text(column, int(filled))
    shapes = shapes_of(con, column.table, column.name, column.mark, VALUES)
    decided = _decided(con, column, shapes)
    if decided.format.kind == "text" or decided.problem:
        return decided
    return replace(decided, format=replace(decided.format, read=_read_cells(con, column, decided.sql)))


def _read_cells(con: Any, column: Column, sql: str) -> int:
    """How many cells the SQL of a decision reads."""
    mark = f", mark AS {quoted(column.mark)}" if column.mark else ""
    values = f"SELECT v AS {quoted(column.name)}{mark}, n AS _cells FROM {VALUES}"
    query = f"SELECT coalesce(sum(_cells) FILTER (({sql}) IS NOT NULL), 0) FROM ({values})"
    return int(con.execute(query).fetchone()[0])


def _decided(con: Any, column: Column, shapes: Shapes) -> Decision:
    if column.given in MARK_OF:
        return _number(column, shapes, numbers_of(shapes.shapes, MARK_OF[column.given]))
    if column.given is not None:
        return _time(column, shapes, given_times(con, str(column.given), shapes))
    if column.use == "number":
        numbers = numbers_of(shapes.shapes)
        return _number(column, shapes, numbers) if numbers.cells else _text(column, shapes.filled)
    if column.use == "time":
        times = times_of(con, shapes, compact=True)
        return _time(column, shapes, times) if times.cells else _text(column, shapes.filled)
    return _by_data(con, column, shapes)


def _by_data(con: Any, column: Column, shapes: Shapes) -> Decision:
    least = max(1, column.least_share * shapes.filled)
    numbers = numbers_of(shapes.shapes)
    if column.looking:
        whole = times_of(con, shapes, compact=True)
        dated = next(iter(whole.formats), "").startswith("%Y%m%d") or whole.choices
        if dated and whole.cells >= least:
            return _time(column, shapes, whole)
    if numbers.cells >= least:
        decided = _number(column, shapes, numbers)
        hit = time_formats.numeric_times(shapes.shapes, strict=True) if column.looking else None
        also = (hit[0],) if hit and hit[1] >= least else ()
        return replace(decided, format=replace(decided.format, also=also))
    times = times_of(con, shapes, compact=False)
    return _time(column, shapes, times) if times.cells >= least else _text(column, shapes.filled)


def _text(column: Column, filled: int) -> Decision:
    return Decision(Format(column.name, "text", TEXT, filled, filled), quoted(column.name))


def _number(column: Column, shapes: Shapes, numbers: Numbers) -> Decision:
    pattern = COMMA if numbers.mark == "comma" else POINT
    choices = () if numbers.problem is None else (POINT, COMMA)
    if numbers.problem and numbers.problem[0] == "two_currencies":
        choices = ()
    format_ = Format(column.name, "number", pattern, shapes.filled, numbers.cells, numbers.evidence, choices)
    cell = quoted(column.name)
    if numbers.simple and numbers.cells == shapes.filled:
        return Decision(format_, simple_number_sql(cell, numbers.mark or "point", numbers), numbers.problem)
    sql = number_sql(normal_sql(cell), numbers.mark or "point", numbers)
    if column.mark:
        typed = cast_sql(cell, numbers.sql_type)
        mark = quoted(column.mark)
        sql = f"CASE WHEN {mark} = '{NUMBER_CELL}' THEN {typed} WHEN {mark} IS NULL THEN {sql} END"
    return Decision(format_, sql, numbers.problem)


def _time(column: Column, shapes: Shapes, times: Times) -> Decision:
    typed = time_formats.typed_times(shapes.shapes)
    zoned = times.formats.get(ISO_ZONED, 0)
    problem = times.problem
    if typed and not column.given and any(_has_order(pattern) for pattern in times.formats):
        problem = ("cells_and_texts", (typed, times.cells - typed))
    pattern = next(iter(times.formats), times.choices[0] if times.choices else ISO_ZONED if zoned else "")
    if pattern in ("", ISO_ZONED):
        pattern = "%Y-%m-%d %H:%M:%S"
    evidence = (*times.evidence, *((f"zoned={zoned}",) if zoned else ()))
    evidence += (f"time_cells={typed}",) if typed else ()
    several = len([p for p in times.formats if p != ISO_ZONED])
    evidence += (f"patterns={several}",) if several > 1 else ()
    format_ = Format(column.name, "time", pattern, shapes.filled, times.cells, evidence, times.choices)
    return Decision(format_, _time_sql(column, shapes, times), problem)


def _has_order(pattern: str) -> bool:
    """Whether the pattern is one of those that another order of day and month would fit as well."""
    return any(len(dates) > 1 and pattern.startswith(date) for dates in FAMILIES for date in dates)


def _time_sql(column: Column, shapes: Shapes, times: Times) -> str:
    text = time_formats.time_text_sql(quoted(column.name), shapes.shapes)
    whole = times.cells == shapes.filled and not column.mark
    if whole and times.formats and all(time_formats.is_iso(pattern) for pattern in times.formats):
        return f"TRY_CAST({text} AS TIMESTAMP)"
    # A text says its zone or says none: where a column has both, each stays the text it is.
    as_text = 0 < times.formats.get(ISO_ZONED, 0) < times.cells
    parts = [
        _pattern_sql(column, text, pattern, guarded=not whole or len(times.formats) > 1)
        for pattern in times.formats
    ]
    if as_text:
        parts = [f"CASE WHEN {part} IS NOT NULL THEN {text} END" for part in parts]
    if column.mark:
        mark, cell = quoted(column.mark), quoted(column.name)
        typed = cell if as_text else f"TRY_CAST({cell} AS TIMESTAMP)"
        parts = [f"CASE WHEN {mark} IS NULL OR {mark} = '{NUMBER_CELL}' THEN {part} END" for part in parts]
        parts.append(f"CASE WHEN {mark} = '{TIME_CELL}' THEN {typed} END")
    return f"coalesce({', '.join([*parts, 'NULL'])})" if parts else "CAST(NULL AS TIMESTAMP)"


def _pattern_sql(column: Column, text: str, pattern: str, *, guarded: bool) -> str:
    number = f"TRY_CAST(replace({normal_sql(quoted(column.name))}, ',', '.') AS DOUBLE)"
    if pattern == EXCEL:
        return time_formats.excel_sql(number)
    if pattern.startswith(UNIX):
        return time_formats.unix_sql(number, int(pattern.removeprefix(UNIX)))
    return time_formats.read_sql(text, pattern, guarded=guarded)


def is_time_format(con: Any, given: str) -> bool:
    """Whether the engine knows the format of a date."""
    if "%" not in given:
        return False
    try:
        con.execute("SELECT try_strptime('', ?)", [given])
    except duckdb.Error:
        return False
    return True


def unread_sql(decision: Decision, value: str) -> str:
    """SQL of the column's name where a filled cell could not be read, NULL elsewhere."""
    name = decision.format.column
    # Nested, so that only the few cells without a value are looked at.
    filled = f"CASE WHEN NOT {blank_sql(quoted(name))} THEN {literal(name)} END"
    return f"CASE WHEN {value} IS NULL THEN {filled} END"
