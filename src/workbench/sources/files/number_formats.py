"""Numbers: which mark is the decimal one, decided by all cells of a column."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workbench.sources.files.parts import NUMBER_CELL
from workbench.sources.files.shapes import Shape, literal

Mark = Literal["point", "comma"]
MARKS: tuple[Mark, Mark] = ("point", "comma")
CURRENCIES = {
    "cny": ("cny", "rmb", "元", "圆", "圓"), "usd": ("usd", "us$"), "hkd": ("hkd", "hk$"),
    "twd": ("twd", "nt$"),
    "brl": ("brl", "r$"), "eur": ("eur", "€"), "gbp": ("gbp", "£"), "inr": ("inr", "₹"), "krw": ("krw", "₩"),
    "jpy": ("jpy",), "chf": ("chf",), "aud": ("aud",), "cad": ("cad",), "sek": ("sek",), "nok": ("nok",),
    "dkk": ("dkk",), "pln": ("pln", "zł"), "¥": ("¥",), "$": ("$",),
}  # fmt: skip
CODE_OF = {sign: code for code, signs in CURRENCIES.items() for sign in signs}
_CURRENCY = "(?:" + "|".join(re.escape(sign) for sign in sorted(CODE_OF, key=len, reverse=True)) + ")"
_GROUPS = "[0-9]{1,3}(?:[ '][0-9]{3})+"
BODIES: dict[Mark, str] = {
    # The second kind of groups is the Indian one, 12,34,567.
    "point": rf"(?:(?:[0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,2}}(?:,[0-9]{{2}})+,[0-9]{{3}}|{_GROUPS})"
    r"(?:\.[0-9]*)?|\.[0-9]+|[0-9]+(?:\.[0-9]*)?e[-+]?[0-9]{1,3})",
    "comma": rf"(?:(?:[0-9]+|[0-9]{{1,3}}(?:\.[0-9]{{3}})+|{_GROUPS})(?:,[0-9]*)?|,[0-9]+"
    r"|[0-9]+(?:,[0-9]*)?e[-+]?[0-9]{1,3})",
}


def _whole(body: str) -> str:
    """A number with sign, currency, per cent sign or an accountant's brackets."""
    money, after = rf"(?:{_CURRENCY} ?)?", rf"(?: ?{_CURRENCY}| ?%)?"
    return (
        rf"(?:[-+]? ?{money}{body}{after}|{_CURRENCY} ?[-+] ?{body}|{money}{body}{after}[-+]"
        rf"|\({money}{body}{after}\)|{_CURRENCY} ?\({body}\))"
    )


PATTERNS: dict[Mark, str] = {mark: _whole(BODIES[mark]) for mark in MARKS}
COMPILED = {mark: re.compile(pattern) for mark, pattern in PATTERNS.items()}
SIMPLE = re.compile(r"-?[9.,' ]+")
# Digits a decimal may have: with six places behind the mark a product of five columns still fits 38.
MOST_DECIMALS, MOST_DIGITS, INTEGER_DIGITS = 6, 24, 18
NARROW, WIDE = f"DECIMAL({INTEGER_DIGITS}", "DECIMAL(38"
# What of a cell are digits and marks, without sign and currency.
DIGITS = r"[.,]?[0-9](?:[0-9.,']| [0-9])*(?:e[-+]?[0-9]+)?"
PERCENT = "%"


@dataclass(frozen=True)
class Numbers:
    """How the numbers of a column are written.

    Attributes
    ----------
    mark : str or None
        The decimal mark; None where the cells do not decide.
    cells : int
        Cells that can be read with it (with any, without a decision).
    problem : tuple or None
        (code, counts): why there is no decision.
    """

    mark: Mark | None
    cells: int
    evidence: tuple[str, ...]
    problem: tuple[str, tuple[int, ...]] | None
    sql_type: str
    percent: bool
    simple: bool
    grouped: bool


def numbers_of(shapes: list[Shape], given: Mark | None = None) -> Numbers:
    """Decide how the numbers among `shapes` are written, or take the mark that is `given`.

    A mark is decided by cells that have a meaning with one mark only: ``1,5`` (no group of three),
    ``1,234.5``, ``1.234.567``. Where every cell has exactly three digits behind its only mark, ``1.234`` may
    be either: no decision. A group does not begin with zero: ``0.125`` is decided.
    """
    typed = [shape for shape in shapes if shape.mark == NUMBER_CELL]
    texts = [shape for shape in shapes if shape.mark is None and _readings(shape)]
    percent, texts = _percent(texts)
    by = {mark: sum(s.cells for s in texts if _readings(s) == {mark}) for mark in MARKS}
    undecided = [s for s in texts if len(_readings(s)) == 2 and re.search("[.,]", s.text)]
    zero = _by_leading_zero(undecided)
    problem = None if given else _problem(by, zero, undecided, texts)
    mark = given or ("comma" if by["comma"] or zero == "comma" else "point")
    read = [s for s in texts if mark in _readings(s)]
    evidence = [f"decimal_{m}_by={n}" for m, n in by.items() if n]
    evidence += [f"decimal_{zero}_by_leading_zero={sum(s.cells for s in undecided)}"] if zero else []
    evidence += [f"currency_{code}={n}" for code, n in sorted(_currencies(read).items())]
    brackets = sum(s.cells for s in read if "(" in s.text)
    evidence += [f"negative_in_brackets={brackets}"] if brackets else []
    evidence += [f"percent={sum(s.cells for s in read)}"] if percent else []
    cells = sum(s.cells for s in (texts if problem else [*read, *typed]))
    simple = not percent and len(read) == len(shapes) and all(
        s.plain and s.mark is None and SIMPLE.fullmatch(s.text) for s in read
    )  # fmt: skip
    grouped = any(re.search("[, ']" if mark == "point" else "[. ']", s.text) for s in read)
    sql_type = _type([*read, *typed], mark)
    return Numbers(
        None if problem else mark, cells, tuple(evidence), problem, sql_type, percent, simple, grouped
    )


def _readings(shape: Shape) -> frozenset[Mark]:
    return _readings_of(shape.text)


@lru_cache(maxsize=10_000)
def _readings_of(text: str) -> frozenset[Mark]:
    return frozenset(mark for mark in MARKS if COMPILED[mark].fullmatch(text))


def _percent(texts: list[Shape]) -> tuple[bool, list[Shape]]:
    """Whether the column is of percentages, and its shapes: others among them are unreadable."""
    with_sign = [s for s in texts if PERCENT in s.text]
    without = [s for s in texts if PERCENT not in s.text]
    percent = sum(s.cells for s in with_sign) > sum(s.cells for s in without)
    return percent, with_sign if percent else without


def _by_leading_zero(undecided: list[Shape]) -> Mark | None:
    found: set[Mark] = set()
    for shape in undecided:
        if re.sub("[^0-9]", "", shape.low).startswith("0"):
            found.add("point" if "." in shape.text else "comma")
    return found.pop() if len(found) == 1 else None


def _problem(
    by: dict[Mark, int], zero: Mark | None, undecided: list[Shape], texts: list[Shape]
) -> tuple[str, tuple[int, ...]] | None:
    if by["point"] and by["comma"]:
        return "two_marks", (by["point"], by["comma"])
    currencies = _currencies(texts)
    if len(currencies) > 1:
        return "two_currencies", tuple(currencies.values())
    if undecided and not (by["point"] or by["comma"] or zero):
        return "either_mark", (sum(s.cells for s in undecided),)
    if zero and by["comma" if zero == "point" else "point"]:
        return "two_marks", (sum(s.cells for s in undecided), by["comma" if zero == "point" else "point"])
    return None


def _currencies(shapes: list[Shape]) -> Counter[str]:
    """Cells by currency. The signs ¥ and $ go with any currency that is written so."""
    found: Counter[str] = Counter()
    for shape in shapes:
        sign = re.search(_CURRENCY, shape.text)
        if sign:
            found[CODE_OF[sign.group()]] += shape.cells
    for sign_code, codes in (("¥", ("cny", "jpy")), ("$", ("usd", "hkd", "twd", "aud", "cad", "brl"))):
        named = [code for code in codes if code in found]
        if sign_code in found and len(named) == 1:
            found[named[0]] += found.pop(sign_code)
    return found


def cast_sql(text: str, sql_type: str) -> str:
    """SQL of the bare number `text` in the type, NULL where it does not fit."""
    if not sql_type.startswith(NARROW):
        return f"TRY_CAST({text} AS {sql_type})"
    # Parsed in 64 bits, which is thirty times as fast, and widened: products of three columns need room.
    return f"CAST(TRY_CAST({text} AS {sql_type}) AS {sql_type.replace(NARROW, WIDE)})"


def _type(read: list[Shape], mark: Mark) -> str:
    """The engine's type that holds every cell exactly; a double for what no decimal holds."""
    point = "." if mark == "point" else ","
    decimals = digits = 0
    for shape in read:
        if re.search("9e[-+9]", shape.text):
            return "DOUBLE"
        body = re.sub("[^9.,]", "", shape.text)
        before, _, behind = body.rpartition("." if shape.mark else point)
        before, behind = (before, behind) if before or behind != body else (body, "")
        decimals, digits = max(decimals, len(behind)), max(digits, before.count("9"))
    if decimals == 0 and digits <= INTEGER_DIGITS:
        return "BIGINT"
    if decimals > MOST_DECIMALS or digits > MOST_DIGITS:
        return "DOUBLE"
    return f"{NARROW if digits + decimals <= INTEGER_DIGITS else WIDE}, {decimals})"


def simple_number_sql(text: str, mark: Mark, numbers: Numbers) -> str:
    """SQL of a cell of nothing but digits, marks and a minus, in a column where all are known to fit."""
    for sign in (",. '" if mark == "comma" else ", '") if numbers.grouped else ():
        if sign != "," or mark == "point":
            text = f"replace({text}, {literal(sign)}, '')"
    return cast_sql(f"replace({text}, ',', '.')" if mark == "comma" else text, numbers.sql_type)


def number_sql(text: str, mark: Mark, numbers: Numbers) -> str:
    """SQL that turns the normalised cell `text` into a number, NULL where it is none in this format."""
    body = f"regexp_extract(lower({text}), {literal(DIGITS)})"
    bare = f"translate({body}, ', ''', '')" if mark == "point" else f"translate({body}, ',. ''', '.')"
    value = cast_sql(bare, numbers.sql_type)
    negative = f"regexp_matches({text}, '^[^0-9]*[-(]|-$')"
    share = " * 0.01" if numbers.percent else ""
    fits = f"regexp_full_match(lower({text}), {literal(PATTERNS[mark])})"
    sign = "" if numbers.percent else f" AND NOT contains({text}, '%')"
    only = f" AND contains({text}, '%')" if numbers.percent else sign
    return f"CASE WHEN {fits}{only} THEN (CASE WHEN {negative} THEN -{value} ELSE {value} END){share} END"
