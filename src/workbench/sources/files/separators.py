"""Separators of text files: the character that gives every line the same number of cells."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import refusal
from workbench.sources.files.headers import is_value
from workbench.sources.files.streams import broken
from workbench.sources.files.text_files import WHITESPACE, TextFile

# Of two that fit equally well the first is taken. A comma beside a semicolon is a decimal one.
SEPARATORS = ("\t", "|", ";", ",")
NONE = "\x1f"  # unit separator: stands for "one column", it is in no text
LONGEST_CELL = 2_000_000  # characters; the engine's limit for a line
csv.field_size_limit(LONGEST_CELL)


@dataclass(frozen=True)
class Dialect:
    """How the lines of a text file fall into cells.

    Attributes
    ----------
    separator : str
        A character, or ``whitespace``.
    records : list of list of str
        The first lines in cells, the line of names (if there is one) among them.
    """

    separator: str
    records: list[list[str]]

    @property
    def character(self) -> str:
        """What the engine finds between two cells."""
        return "\t" if self.separator == WHITESPACE else self.separator

    @property
    def quote(self) -> str:
        """What a text may stand in."""
        return "" if self.separator == WHITESPACE else '"'


def dialect_of(file: TextFile, separator: str | None = None) -> Dialect:
    """The separator that is given, or by which the first lines have the same number of cells, two or more.

    Raises
    ------
    WorkbenchError
        If `separator` is none, a quote in the first line is never closed, or lines stand above the names.
    """
    if separator is not None and separator != WHITESPACE and (len(separator) != 1 or separator in '"\r\n'):
        where, rule = str(file.path), "one character, or `whitespace`"
        hint = "As in `separator: ;`."
        raise refusal(where, "separator", rule, f"{len(separator)} characters", hint)
    separator = separator or file.separator
    if separator is not None:
        return _checked(file, Dialect(separator, _records(file, separator)))
    read = {candidate: _records(file, candidate) for candidate in SEPARATORS}
    complete = [c for c, records in read.items() if _share(records) == 1]
    if complete:
        return _best(complete, read)
    blanks = _records(file, WHITESPACE)
    if _share(blanks) == 1 and _has_numbers(blanks):
        return Dialect(WHITESPACE, blanks)
    several = [c for c, records in read.items() if records and len(records[0]) > 1]
    if several:
        chosen = max(several, key=lambda c: (_share(read[c]), len(read[c][0])))
        return Dialect(chosen, read[chosen])
    _refuse_lines_above(file.path, read)
    return _checked(file, Dialect(NONE, _records(file, NONE)))


def _checked(file: TextFile, dialect: Dialect) -> Dialect:
    """Refuse a file whose first line has a quote that is never closed: all of the rest would be a name."""
    if not dialect.records:
        got = f"a quote that ends in the middle of a cell or never (line {file.lines_left_out + 1:,})"
        raise broken(file.path, "text in quotes that are closed", got)
    return dialect


def _best(complete: list[str], read: dict[str, list[list[str]]]) -> Dialect:
    if {";", ","} <= set(complete):
        complete = [c for c in complete if c != ","]
    chosen = max(complete, key=lambda c: len(read[c][0]))
    return Dialect(chosen, read[chosen])


def _records(file: TextFile, separator: str) -> list[list[str]]:
    """The head in cells, as far as its quotes are in order; without its last line where it is cut there."""
    if separator == WHITESPACE:
        lines = file.head.splitlines()
        records = [cells for line in lines if (cells := line.split())]
    else:
        text = io.StringIO(file.head, newline="")
        # Strict: a quote has to end where its cell ends, which it does with the right separator only.
        reader = csv.reader(text, delimiter=separator, skipinitialspace=True, strict=True)
        records = []
        try:
            records.extend(record for record in reader if record)
        except csv.Error as error:
            cut = str(error) == "unexpected end of data" and not file.whole
            return records if cut or not records else [*records, []]
    return records if file.whole or len(records) < 2 else records[:-1]


def _share(records: list[list[str]]) -> float:
    """The share of lines with as many cells as the first one, or 0 if that has only one."""
    if not records or len(records[0]) < 2:
        return 0.0
    return sum(len(record) == len(records[0]) for record in records) / len(records)


def _has_numbers(records: list[list[str]]) -> bool:
    """Whether one column is values below its first line: sentences may have equally many words by chance."""
    below = records[1:] or records
    return any(all(is_value(cell) for cell in column) for column in zip(*below, strict=True))


def _refuse_lines_above(path: Path, read: dict[str, list[list[str]]]) -> None:
    """Refuse a first line of one cell above lines that have several, equally many each: it is a title."""
    for records in read.values():
        widths = {len(record) for record in records[1:]}
        if len(records) > 2 and len(widths) == 1 and min(widths) > 1:
            got = f"1 cell in the first line and {min(widths)} in the others"
            hint = "Take the lines above the names out of the file, or say `separator`."
            raise broken(path, "one whose first line holds the names of the columns", got, hint)
