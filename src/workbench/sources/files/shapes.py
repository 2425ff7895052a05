"""Shapes of cells: a column's values with a 9 in place of each digit. Formats are decided by them."""

from dataclasses import dataclass
from typing import Any

LONGEST = 64  # characters: a number or a time is shorter
MOST_SHAPES = 3_000  # the most frequent; numbers and times have some dozens, texts as many as rows
# Characters that mean the same as the one below them: full-width forms, blanks of all kinds, minus signs.
WRITTEN = "０１２３４５６７８９．，－＋／：（）％＄￥￡　\t\r\n\u00a0\u2007\u2009\u202f\u2212\u2013’｜"
MEANT = "0123456789.,-+/:()%$¥£" + " " * 8 + "--'|"
NORMAL = str.maketrans(WRITTEN, MEANT)
DIGITS, NINES = "0123456789", "9999999999"
WIDE_DIGITS, WIDE_NINES = DIGITS + "０１２３４５６７８９", NINES + "９９９９９９９９９９"
# What databases write for "no value": no other word is taken for one.
NO_VALUE = ("null", r"\n")


@dataclass(frozen=True)
class Shape:
    """Cells that look alike.

    Attributes
    ----------
    text : str
        Normalised, in small letters, with 9 for each digit.
    low, high : str
        The first and last of the cells in the order of characters: of equally long numbers the least and
        the greatest.
    mark : str or None
        The kind that a book or JSON gives these cells; None for text.
    plain : bool
        Whether the cells are written in the normal characters already.
    """

    text: str
    cells: int
    low: str
    high: str
    mark: str | None
    plain: bool


@dataclass(frozen=True)
class Shapes:
    """All cells of one column.

    Attributes
    ----------
    filled : int
        Cells that are not blank.
    values : str
        The temporary table of the distinct values: ``v``, ``mark``, ``n``.
    """

    filled: int
    shapes: list[Shape]
    values: str


def quoted(name: str) -> str:
    """`name` as an identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def normal_sql(column: str) -> str:
    """SQL of a cell in normal characters without blanks round it."""
    # Texts of as many bytes as characters are ASCII: nothing to translate, which is slow.
    return (
        f"CASE WHEN strlen({column}) = length({column}) THEN trim({column}, E' \\t\\r\\n') "
        f"ELSE trim(translate({column}, {literal(WRITTEN)}, {literal(MEANT)})) END"
    )


def blank_sql(column: str) -> str:
    """SQL of whether a cell holds nothing: blanks, or a database's word for no value."""
    words = ", ".join(literal(word) for word in ("", *NO_VALUE))
    return f"({column} IS NULL OR lower({normal_sql(column)}) IN ({words}))"


def shapes_of(con: Any, table: str, column: str, mark: str | None, name: str) -> Shapes:
    """The shapes of a text column; `mark` is the column with the kinds of its cells, `name` a table to use.

    Values are counted first and their digits replaced then: of half a million times there are 20,000.
    """
    text = quoted(column)
    marked = quoted(mark) if mark else "CAST(NULL AS VARCHAR)"
    short = f"CASE WHEN length({text}) <= {LONGEST} THEN {text} END"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {short} AS v, {marked} AS mark, count(*) AS n "
        f"FROM {table} WHERE {text} IS NOT NULL GROUP BY ALL"
    )
    total = con.execute(f"SELECT coalesce(sum(n), 0) FROM {name}").fetchone()[0]
    shape = (
        f"CASE WHEN strlen(v) = length(v) THEN translate(v, '{DIGITS}', '{NINES}') "
        f"ELSE translate(v, '{WIDE_DIGITS}', '{WIDE_NINES}') END"
    )
    rows = con.execute(
        f"SELECT {shape} AS shape, mark, sum(n) AS cells, min(v), max(v) "
        f"FROM {name} WHERE v IS NOT NULL GROUP BY ALL ORDER BY cells DESC, shape, mark LIMIT {MOST_SHAPES}"
    ).fetchall()
    shapes = [_shape(*row) for row in rows]
    filled = [shape for shape in shapes if shape.text not in ("", *NO_VALUE)]
    blank = sum(shape.cells for shape in shapes) - sum(shape.cells for shape in filled)
    return Shapes(int(total) - blank, filled, name)


def _shape(raw: str, mark: str | None, cells: int, low: str, high: str) -> Shape:
    text = raw.translate(NORMAL).strip(" ")
    return Shape(text.lower(), int(cells), _normal(low), _normal(high), mark, plain=text == raw)


def _normal(value: str) -> str:
    return value.translate(NORMAL).strip(" ")
