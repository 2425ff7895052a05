"""Times of one column: which order of day, month and year its own cells decide for."""

import re
from dataclasses import dataclass, replace
from typing import Any

from workbench.sources.files import time_formats
from workbench.sources.files.parts import NUMBER_CELL
from workbench.sources.files.shapes import Shapes, normal_sql
from workbench.sources.files.time_formats import COMPACT, EXCEL, ISO_ZONED, UNIX, Family, read_sql

WRITTEN = f"(mark IS NULL OR mark = '{NUMBER_CELL}')"  # cells whose meaning their characters decide
# The third cell may be the year (24-01-13) or the day: days take many values, years in one table few.
LEAST_CELLS_FOR_SPREAD, LEAST_DAYS, MOST_YEARS = 100, 20, 4
FIRST_WORD = {"%d": "day", "%m": "month", "%y": "year", "%Y": "year"}


@dataclass(frozen=True)
class Times:
    """How the times of a column are written.

    Attributes
    ----------
    formats : dict of str to int
        Cells by whole format, most frequent first; ``excel``, ``unix`` and ``iso zoned`` among them.
    cells : int
    choices : tuple of str
        Date formats that fit equally well and differ.
    problem : tuple or None
        (code, counts): why there is no decision.
    """

    formats: dict[str, int]
    cells: int
    evidence: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    problem: tuple[str, tuple[int, ...]] | None = None


def times_of(con: Any, shapes: Shapes, *, compact: bool) -> Times:
    """The times of a column: those with separators or those without, whichever has more cells."""
    text = time_formats.time_text_sql("v", shapes.shapes)
    found = time_formats.families_of(shapes.shapes, compact=compact)
    decided = {
        dates: decide_family(con, shapes.values, text, family, alone=family.cells == shapes.filled)
        for dates, family in found.items()
    }
    separated = _joined([times for dates, times in decided.items() if dates not in COMPACT])
    typed = time_formats.typed_times(shapes.shapes)
    numeric = [times for dates, times in decided.items() if dates in COMPACT]
    hit = time_formats.numeric_times(shapes.shapes) if compact else None
    if hit is not None:
        name, cells, places = hit
        numeric.append(Times({f"{UNIX}{places}" if name == UNIX else name: cells}, cells))
    best = max(numeric, key=lambda times: times.cells, default=Times({}, 0))
    chosen = separated if separated.cells >= best.cells else best
    return replace(chosen, cells=chosen.cells + typed)


def _joined(found: list[Times]) -> Times:
    """Several families of one column: each decided by itself; the first problem is the column's."""
    found = sorted(found, key=lambda times: -times.cells)
    formats: dict[str, int] = {}
    for times in found:
        for pattern, cells in times.formats.items():
            formats[pattern] = formats.get(pattern, 0) + cells
    problems = [times for times in found if times.problem]
    return Times(
        dict(sorted(formats.items(), key=lambda item: -item[1])),
        sum(times.cells for times in found),
        tuple(code for times in found for code in times.evidence),
        problems[0].choices if problems else (),
        problems[0].problem if problems else None,
    )


def given_times(con: Any, given: str, shapes: Shapes) -> Times:
    """The times of a column in the format that the source file gives."""
    if given in (EXCEL, UNIX):
        hit = time_formats.numeric_times(shapes.shapes)
        typed = time_formats.typed_times(shapes.shapes)
        if hit is None or hit[0] != given:
            return Times({}, typed)
        return Times({f"{UNIX}{hit[2]}" if given == UNIX else EXCEL: hit[1]}, hit[1] + typed)
    date = time_formats.date_of(given)
    if date is None:
        read = f"try_strptime({normal_sql('v')}, ?) IS NOT NULL"
        query = f"SELECT coalesce(sum(n) FILTER ({read}), 0) FROM {shapes.values}"
        cells = con.execute(query, [given]).fetchone()[0]
        return Times({given: int(cells)}, int(cells))
    fits = time_formats.families_of(shapes.shapes, compact=True)
    clocks = [clock for dates, family in fits.items() if date in dates for clock in family.clocks.items()]
    family = Family((date,))
    for clock, cells in clocks:
        family.clocks[clock] += cells
    formats = {
        ISO_ZONED if clock == ISO_ZONED else date + clock: n for clock, n in family.clocks.most_common()
    }
    return Times(formats, family.cells + time_formats.typed_times(shapes.shapes))


def decide_family(con: Any, values: str, text: str, family: Family, *, alone: bool) -> Times:
    """Which of the family's date formats the cells are in.

    A format is right when it reads every cell that any of them reads. Where two are, and give different days,
    the column does not decide. `alone`: no other cells are in the column.
    """
    if len(family.dates) == 1:
        return _decided(family, family.dates[0], ())
    # Years of four digits are told from those of two by the pattern, which other cells make necessary.
    guarded = not alone or not family.dates[0].endswith("%Y")
    names = [f"r{i}" for i in range(len(family.dates))]
    read = [
        ", ".join(read_sql(text, date + clock, guarded=guarded) for clock in family.clocks)
        for date in family.dates
    ]
    parts = ", ".join(f"coalesce({sql}, NULL) AS {name}" for sql, name in zip(read, names, strict=True))
    masks = ", ".join(f"{n} IS NOT NULL" for n in names)
    pairs = ", ".join(
        f"coalesce(sum(n) FILTER (r{i} <> r{j}), 0)"
        for i in range(len(names))
        for j in range(i + 1, len(names))
    )
    rows = con.execute(
        f"SELECT {masks}, sum(n), {pairs} FROM (SELECT n, {parts} FROM {values} WHERE {WRITTEN}) "
        "GROUP BY " + ", ".join(str(i + 1) for i in range(len(names)))
    ).fetchall()
    return _judged(con, values, text, family, rows)


def _judged(con: Any, values: str, text: str, family: Family, rows: list[tuple[Any, ...]]) -> Times:
    size = len(family.dates)
    read = [row for row in rows if any(row[:size])]
    cells = {date: sum(int(row[size]) for row in read if row[i]) for i, date in enumerate(family.dates)}
    total = sum(int(row[size]) for row in read)
    whole = [date for date in family.dates if cells[date] == total]
    if not total:
        return Times({}, 0)
    if not whole:
        best = sorted(cells.values(), reverse=True)
        missed = sorted((total - n for n in cells.values() if n), reverse=True)
        return Times(
            {}, total, problem=("two_orders", (total - best[1], total - best[0])) if missed else None
        )
    different = _by_difference(family, whole, read)
    spread = _by_spread(con, values, text, family, different, total) if len(different) > 1 else different
    if len(spread) > 1:
        return Times({}, total, choices=tuple(spread), problem=("either_order", (total,)))
    date = spread[0]
    word = FIRST_WORD[date[:2]]
    if len(whole) == 1:
        others = min(total - n for other, n in cells.items() if other != date)
        return _decided(family, date, (f"{word}_first_by={others}",))
    same = len(different) == 1
    return _decided(
        family, date, (f"same_in_any_order={total}" if same else f"{word}_first_by_spread={total}",)
    )


def _by_difference(family: Family, whole: list[str], read: list[tuple[Any, ...]]) -> list[str]:
    """The first of the formats that give the same moments in every cell; all of them if they differ."""
    size = len(family.dates)
    pairs = [(i, j) for i in range(size) for j in range(i + 1, size)]
    kept = list(whole)
    for place, (i, j) in enumerate(pairs):
        first, second = family.dates[i], family.dates[j]
        if first in kept and second in kept and not any(row[size + 1 + place] for row in read):
            kept.remove(second)
    return kept


def _by_spread(con: Any, values: str, text: str, family: Family, whole: list[str], total: int) -> list[str]:
    """Of dates with two-digit years: the format whose years take few values and whose days take many."""
    if total < LEAST_CELLS_FOR_SPREAD or not family.dates[0].endswith("%y"):
        return whole
    separator = re.escape(family.dates[0][2])
    cell = f"[0-9]{{1,2}}{separator}"
    thirds = ", ".join(
        f"count(DISTINCT regexp_extract({text}, '^{cell * before}([0-9]{{1,2}})', 1))" for before in range(3)
    )
    pattern = f"{cell}{cell}[0-9]{{1,2}}.*"
    query = f"SELECT {thirds} FROM {values} WHERE {WRITTEN} AND regexp_full_match({text}, '{pattern}')"
    spread = con.execute(query).fetchone()
    fits = []
    for date in whole:
        places = {part: place for place, part in enumerate(re.findall("%[dmy]", date))}
        if spread[places["%d"]] >= LEAST_DAYS and spread[places["%y"]] <= MOST_YEARS:
            fits.append(date)
    return fits or whole


def _decided(family: Family, date: str, evidence: tuple[str, ...]) -> Times:
    formats = {
        ISO_ZONED if clock == ISO_ZONED else date + clock: cells
        for clock, cells in family.clocks.most_common()
    }
    return Times(formats, family.cells, evidence)
