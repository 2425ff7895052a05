"""Times: which of day, month and year comes first, decided by all cells of a column."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache

from workbench.sources.files.parts import NUMBER_CELL, TIME_CELL
from workbench.sources.files.shapes import Shape, literal, normal_sql

EXCEL, UNIX, ISO_ZONED = "excel", "unix", "iso zoned"
# Date formats by what they may be taken for: of each line one is right for a column.
FAMILIES: tuple[tuple[str, ...], ...] = (
    *((f"%Y{s}%m{s}%d",) for s in "-/."),
    *((f"%d{s}%m{s}%Y", f"%m{s}%d{s}%Y") for s in "/-."),
    *((f"%d{s}%m{s}%y", f"%m{s}%d{s}%y", f"%y{s}%m{s}%d") for s in "/-."),
    ("%Y年%m月%d日",), ("%Y年%m月%d号",), ("%y年%m月%d日",), ("%Y年%m月",),
    *((f"%d{s}{b}{s}{y}",) for s in "- /." for b in ("%b", "%B") for y in ("%Y", "%y")),
    *((f"%b{s}%d{s}%Y",) for s in "- /"),
    ("%b %d, %Y",), ("%B %d, %Y",), ("%B %d %Y",), ("%d. %B %Y",), ("%d. %b %Y",),
    *((f"{b}{s}%Y",) for s in " -" for b in ("%b", "%B")),
    ("%Y-%m",), ("%Y/%m",), ("%Y.%m",),
)  # fmt: skip
# Without any separator only a column that is mapped to a time is looked at so.
COMPACT: tuple[tuple[str, ...], ...] = (
    ("%Y%m%d%H%M%S",), ("%Y%m%d%H%M",), ("%Y%m%d", "%d%m%Y", "%m%d%Y"),
    ("%Y%m", "%y%m%d", "%d%m%y", "%m%d%y"), ("%Y",),
)  # fmt: skip
CLOCKS = (
    "", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%H:%M:%S.%n", "%I:%M %p", "%I:%M%p", "%I:%M:%S %p", "%I:%M:%S%p",
    "%H时%M分", "%H时%M分%S秒", "%H点%M分", "%H点%M分%S秒", "%H時%M分", "%H時%M分%S秒",
)  # fmt: skip
ZONE = r" ?(?:z|utc|[-+][0-9]{2}(?::?[0-9]{2})?| [a-z]+/[a-z_/]+)"
ZONED_CLOCK = rf"[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?{ZONE}"
ISO_DATE = "%Y-%m-%d"
ISO_CLOCKS = ("", *(f"{t}%H:%M{rest}" for t in " T" for rest in ("", ":%S", ":%S.%f", ":%S.%n")))
LONGEST_FIRST = sorted((date for dates in (*FAMILIES, *COMPACT) for date in dates), key=len, reverse=True)
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
LONG_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
FIELDS = {
    "%Y": "[0-9]{4}", "%y": "[0-9]{2}", "%m": "[0-9]{1,2}", "%d": "[0-9]{1,2}", "%H": "[0-9]{1,2}",
    "%I": "[0-9]{1,2}", "%M": "[0-9]{2}", "%S": "[0-9]{2}", "%f": "[0-9]{1,6}", "%n": "[0-9]{7,9}",
    "%p": "[ap]m",
    "%b": f"(?:{MONTHS})", "%B": f"(?:{LONG_MONTHS})",
}  # fmt: skip
# What a shape begins with that may be a date: the others are not tried.
DATE_LIKE = re.compile(f"(?:[0-9]|{MONTHS}).{{2,40}}[0-9a-z日号月秒分]$")
IN_COMPACT = {"%Y": "(?:19|20)[0-9]{2}"} | dict.fromkeys(("%m", "%d", "%H"), "[0-9]{2}")
# The days that Excel's numbers are taken for: 1950-01-01 to 2100-12-31.
FIRST_SERIAL, LAST_SERIAL = "18264", "73415"
EXCEL_EPOCH = "1899-12-30"  # Excel's own 1900-02-29 never was: right from March 1900 on
# Seconds since 1970, from 1973 on, when they have nine digits, to 2099.
FIRST_SECOND, LAST_SECOND = "100000000", "4102444799"
UNIX_DIGITS = {9: 0, 10: 0, 12: 3, 13: 3, 15: 6, 16: 6}  # digits of a number: places of a second in it
MORNING, AFTERNOON = "上午", "下午"


@dataclass(frozen=True)
class Reading:
    """One way to read one shape: a format of the date, and of what follows it."""

    date: str
    clock: str

    @property
    def format(self) -> str:
        """The whole format."""
        return self.date + self.clock


@dataclass(frozen=True)
class Family:
    """Shapes of one column that one choice of format decides.

    Attributes
    ----------
    dates : tuple of str
        The date formats to choose from.
    clocks : Counter
        Cells by what follows the date.
    """

    dates: tuple[str, ...]
    clocks: Counter[str] = field(default_factory=Counter)

    @property
    def cells(self) -> int:
        """Cells of all its shapes."""
        return sum(self.clocks.values())


@cache
def date_of(format_: str) -> str | None:
    """The date at the beginning of a format, where it is one of those that are found out by themselves."""
    return next((date for date in LONGEST_FIRST if format_.startswith(date)), None)


@cache
def pattern_of(format_: str) -> str:
    """The regular expression of the cells, in small letters, that a format may read."""
    date = date_of(format_) or ""
    compact = any(date in dates for dates in COMPACT)
    clock = _pattern(format_.removeprefix(date), FIELDS)
    return _pattern(date, FIELDS | IN_COMPACT if compact else FIELDS) + clock


def _pattern(format_: str, fields: dict[str, str]) -> str:
    return re.sub(r"%[A-Za-z]|[^%]+", lambda m: fields.get(m[0], re.escape(m[0].lower())), format_)


@cache
def _compiled(format_: str) -> re.Pattern[str]:
    return re.compile(pattern_of(format_))


def families_of(shapes: list[Shape], *, compact: bool) -> dict[tuple[str, ...], Family]:
    """The families of date formats that the shapes fit; with `compact` those without separators as well."""
    found: dict[tuple[str, ...], Family] = {}
    for shape in shapes:
        if shape.mark not in (None, NUMBER_CELL) or not DATE_LIKE.match(shape.text):
            continue
        hit = _family(_western_clock(shape.text), compact=compact)
        if hit is not None and (shape.mark is None or hit[0] in COMPACT):
            dates, clock = hit
            found.setdefault(dates, Family(dates)).clocks[clock] += shape.cells
    return found


@lru_cache(maxsize=10_000)
def _family(text: str, *, compact: bool) -> tuple[tuple[str, ...], str] | None:
    for dates in FAMILIES + COMPACT if compact else FAMILIES:
        for date in dates:
            # A 9 stands for any digit: a shape fits the pattern if digits do.
            hit = _shape_pattern(date).match(text)
            clock = _clock(text[hit.end() :], date) if hit else None
            if clock is not None:
                return dates, clock
    return None


@cache
def _shape_pattern(date: str) -> re.Pattern[str]:
    return re.compile(pattern_of(date).replace("(?:19|20)", "[0-9]{2}"))


@cache
def _clock(rest: str, date: str) -> str | None:
    """The format of what follows the date, with what joins the two; None if it is no time of day."""
    if not rest:
        return ""
    joint = re.match(r"(?:, | +|t)?", rest)
    assert joint is not None
    clock = rest[joint.end() :]
    for format_ in CLOCKS[1:]:
        if _compiled(format_).fullmatch(clock):
            return f"{joint.group().upper() or ''}{format_}" if joint.group() or "年" in date else None
    zoned = date == ISO_DATE and joint.group() in (" ", "t") and re.fullmatch(ZONED_CLOCK, clock)
    return ISO_ZONED if zoned else None


def _western_clock(text: str) -> str:
    """下午 1:30 as 1:30 pm."""
    return re.sub(
        f"({MORNING}|{AFTERNOON}) ?([0-9:]+)",
        lambda m: f"{m[2]} {'am' if m[1] == MORNING else 'pm'}",
        text,
    )


def time_text_sql(column: str, shapes: list[Shape]) -> str:
    """SQL of the normalised cell, with a Chinese half of the day in the place where the formats have it."""
    text = column if all(shape.plain for shape in shapes) else normal_sql(column)
    if not any(half in shape.text for shape in shapes for half in (MORNING, AFTERNOON)):
        return text
    for half, word in ((MORNING, "AM"), (AFTERNOON, "PM")):
        text = f"regexp_replace({text}, '{half} ?([0-9:]+)', '\\1 {word}')"
    return text


def is_iso(format_: str) -> bool:
    """Whether the engine's own reading of ISO 8601, which is ten times as fast, reads the format."""
    return format_.startswith(ISO_DATE) and format_.removeprefix(ISO_DATE) in ISO_CLOCKS


def read_sql(text: str, format_: str, *, guarded: bool) -> str:
    """SQL that reads the normalised cell `text` in one format; `guarded` where other cells stand beside."""
    if format_ == ISO_ZONED:
        value, pattern = f"TRY_CAST({text} AS TIMESTAMPTZ)", f"{pattern_of(ISO_DATE)}[ t]{ZONED_CLOCK}"
    elif is_iso(format_):
        value, pattern = f"TRY_CAST({text} AS TIMESTAMP)", pattern_of(format_)
    else:
        value, pattern = f"try_strptime({text}, {literal(format_)})", pattern_of(format_)
    if not guarded:
        return value
    return f"CASE WHEN regexp_full_match(lower({text}), {literal(pattern)}) THEN {value} END"


def excel_sql(number: str) -> str:
    """SQL of the moment that an Excel serial number is, to the second."""
    seconds = f"CAST(round({number} * 86400) AS BIGINT)"
    return (
        f"CASE WHEN {number} BETWEEN {FIRST_SERIAL} AND {LAST_SERIAL}.99999 "
        f"THEN TIMESTAMP '{EXCEL_EPOCH}' + to_seconds({seconds}) END"
    )


def unix_sql(number: str, places: int) -> str:
    """SQL of the instant that a number of seconds (or thousandths …) since 1970 is; its zone is UTC."""
    seconds = f"({number} / {10**places}.0)"
    inside = f"{seconds} BETWEEN {FIRST_SECOND} AND {LAST_SECOND}.999999"
    return f"CASE WHEN {inside} THEN to_timestamp({seconds}) END"


def numeric_times(shapes: list[Shape], *, strict: bool = False) -> tuple[str, int, int] | None:
    """Whether the numbers among the shapes are Excel's days or seconds since 1970.

    Parameters
    ----------
    strict : bool
        Whether all cells have to lie in the years looked at, not only some.

    Returns
    -------
    (str, int, int) or None
        ``excel`` or ``unix``, cells, and for ``unix`` the places of a second (0 seconds, 3 thousandths …).
    """
    found: Counter[tuple[str, int]] = Counter()
    for shape in shapes:
        hit = re.fullmatch(r"(9+)([.,]9+)?", shape.text)
        if not hit or shape.mark not in (None, NUMBER_CELL):
            continue
        digits = len(hit[1])
        if digits == len(FIRST_SERIAL):
            bounds, kind = (FIRST_SERIAL, LAST_SERIAL), (EXCEL, 0)
        elif digits in UNIX_DIGITS:
            places = UNIX_DIGITS[digits]
            bounds = (
                (FIRST_SECOND, LAST_SECOND) if digits - places == len(LAST_SECOND) else ("1", "999999999")
            )
            kind = (UNIX, places)
        else:
            continue
        inside = [bounds[0] <= value[: len(bounds[1])] <= bounds[1] for value in (shape.low, shape.high)]
        if all(inside) or (any(inside) and not strict):
            found[kind] += shape.cells
    if not found:
        return None
    (name, places), cells = found.most_common(1)[0]
    return name, cells, places


def typed_times(shapes: list[Shape]) -> int:
    """Cells that a book holds as times."""
    return sum(shape.cells for shape in shapes if shape.mark == TIME_CELL)
