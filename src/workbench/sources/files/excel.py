"""Books: one sheet's cells as text, each with the kind that the book gives it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from workbench.errors import nearest, refusal
from workbench.sources.files.headers import is_value
from workbench.sources.files.parts import MARK, NUMBER_CELL, TIME_CELL, TRUTH_CELL
from workbench.sources.files.streams import broken, unopened

BOOK = "an Excel book"
LARGEST_WHOLE = 2**53  # above, a double has lost the last digits of a whole number
MOST_LINES_ABOVE = 20  # a title, a period, a blank line: names stand within the first lines


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    sheets : tuple of str
        The names of all sheets of the book.
    first : tuple
        The line of names.
    lines_above : int
        Lines left out above the names: blank ones and titles.
    rows : list of list
        The cells below, as the book types them; each row as wide as `first`.
    """

    name: str
    sheets: tuple[str, ...]
    first: tuple[Any, ...]
    lines_above: int
    rows: list[list[Any]]


def read_sheet(path: Path, sheet: str | None) -> Sheet:
    """A sheet of the book, the first one with `sheet` None.

    Raises
    ------
    WorkbenchError
        If the file is no book, is protected by a password, has no such sheet, or that has no line of names.
    """
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size, sheet)


@lru_cache(maxsize=1)  # its names are asked for first, then its rows
def _read(path: Path, changed: int, size: int, sheet: str | None) -> Sheet:
    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            names = [str(name) for name in book.sheet_names]
            if not names:
                raise broken(path, "a book with a sheet", "no sheet", "Check the export.")
            chosen = _chosen(path, sheet, names)
            rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except calamine.PasswordError:
        hint = "Save it without a password."
        raise broken(path, f"{BOOK} that opens", "one protected by a password", hint) from None
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError):
        raise broken(path, BOOK, "a file that is none") from None
    except OSError as error:
        raise unopened(path, error) from None
    return _with_names(path, chosen, tuple(names), rows)


def _chosen(path: Path, sheet: str | None, names: list[str]) -> str:
    chosen = sheet or names[0]
    if chosen not in names:
        near = nearest(chosen, names)
        hint = f"Did you mean '{near}'?" if near else f"The book has: {', '.join(names)}."
        raise refusal(str(path), "the sheet", "one that the book has", f"'{chosen}'", hint)
    return chosen


def _with_names(path: Path, name: str, sheets: tuple[str, ...], rows: list[list[Any]]) -> Sheet:
    """The sheet from its line of names on.

    That is the first line in which at least half of the columns are filled, all lines above being blank or a
    title: one filled cell (two where a label has its value beside it). Assumes that a table has names in its
    first full line.
    """
    where = f"{path.name} [{name}]"
    while rows and all(cell == "" for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise broken(
            path, "a sheet with a line of names and rows", f"an empty sheet ('{name}')", "Choose one."
        )
    width = max(_width(row) for row in rows)
    for place, row in enumerate(rows[:MOST_LINES_ABOVE]):
        filled = sum(cell != "" for cell in row)
        if filled * 2 >= width:
            below = [line[:width] for line in rows[place + 1 :] if any(cell != "" for cell in line)]
            _refuse_values(path, row[:width], place)
            return Sheet(name, sheets, tuple(row[:width]), place, below)
        if filled > 2:
            break
    got = f"{filled} of {width} columns named in line {place + 1} of {where}"
    hint = "Take the lines above the names out of the sheet."
    raise broken(path, "one whose first line holds the names of the columns", got, hint)


def _width(row: list[Any]) -> int:
    return max((place for place, cell in enumerate(row, 1) if cell != ""), default=0)


def _refuse_values(path: Path, row: list[Any], lines_above: int) -> None:
    """Below a title the first full line has to be names: values there would lose a customer's row."""
    if lines_above and any(not isinstance(cell, str) or is_value(cell) for cell in row if cell != ""):
        got = f"values in line {lines_above + 1}, below {lines_above} that are no rows"
        hint = "Take the lines above the names out of the sheet."
        raise broken(path, "one whose first full line holds the names of the columns", got, hint)


def as_text(rows: list[list[Any]]) -> pa.Table:
    """The rows (one at least) as text ``c0`` …, and ``_cell_0`` … where a column holds typed cells."""
    columns: dict[str, pa.Array] = {}
    for place, cells in enumerate(zip(*rows, strict=True)):
        columns[f"c{place}"] = pa.array(map(_text, cells), pa.string())
        marks = [_mark(cell) for cell in cells]
        if any(marks):
            columns[f"{MARK}{place}"] = pa.array(marks, pa.string())
    return pa.table(columns)


def _text(cell: Any) -> str | None:
    """A cell as text from which its value can be had back: numbers shortest, times as ISO 8601 has them."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < LARGEST_WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return f"{cell.isoformat()} 00:00:00"
    return None if cell is None else str(cell)


def _mark(cell: Any) -> str | None:
    if isinstance(cell, bool):
        return TRUTH_CELL
    if isinstance(cell, int | float):
        return NUMBER_CELL
    return TIME_CELL if isinstance(cell, date) else TRUTH_CELL if isinstance(cell, time | timedelta) else None


def forget() -> None:
    """Give back the memory of the sheet that was read last."""
    _read.cache_clear()
