"""What the values of one column look like: facts about a sample, without regard to its header."""

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.discovery.headers import folded

BLANKS = frozenset({"", "nan", "none", "null", "nat", "<na>", "n/a", "#n/a", "\\n", "-"})
SIGNS = r"[￥¥$€£]|rmb|cny|usd|eur|gbp"
NUMBER = re.compile(
    rf"\(?[-+]?\s*(?:{SIGNS})?\s*[-+]?(?:\d+|\d{{1,3}}(?:[,.' ]\d{{3}})+)"
    rf"(?:[.,]\d+)?(?:e[-+]?\d+)?\s*(?:{SIGNS}|元)?\)?"
)
MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
CLOCK = r"(?:[t ]*\d{1,2}:\d{2}.*|[t ]*\d{1,2}[点时].*)?"
DATES = re.compile(
    rf"\d{{4}}[-/.年]\s*\d{{1,2}}[-/.月]\s*\d{{1,2}}日?{CLOCK}"
    rf"|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}}){CLOCK}"
    rf"|\d{{1,2}}[- /.]*{MONTHS}[- /.,]*\d{{2,4}}{CLOCK}|{MONTHS}[- /.]*\d{{1,2}},?[- /.]*\d{{2,4}}{CLOCK}"
    rf"|\d{{4}}[-/.年]\d{{1,2}}月?"
)
# Dates written as one number, and seconds or milliseconds since 1970 (2000 to 2040).
DAY_NUMBER = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6})?(?:\.0)?")
UNIX = re.compile(r"(?:8[5-9]|9\d|1\d{2}|20|21)\d{7}(?:\.0)?|(?:8[5-9]|9\d|1\d{2}|20|21)\d{10}")
EXCEL_DAYS = (20_000, 60_000)  # 1954 to 2064
MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}|\+\d[\d ()-]{8,}")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}")
IDENTITY = re.compile(r"\d{17}[\dx]")
PERSONAL = {"phone number": MOBILE, "e-mail address": MAIL, "identity number": IDENTITY}
# A share of the cells this large makes the column what they are; the rest is dirt.
NEARLY_ALL, MOST = 0.95, 0.8
THOUSAND = 3  # digits between two marks of thousands
MANY_VALUES = 200  # more distinct values than this are no list of categories


@dataclass(frozen=True)
class Facts:
    """One column of a sample.

    Attributes
    ----------
    filled : float
        Share of cells that are not blank.
    distinct, unique : int, float
        Number of distinct values, and their share of the filled cells.
    number, whole, date, day_number, unix, excel : float
        Shares of the filled cells that are numbers, whole numbers, written dates, dates as one number,
        seconds since 1970, and numbers that a spreadsheet's days could be.
    low, high : float
        Of the numbers; nan without any.
    negative, zero : float
        Shares of the numbers.
    length : float
        Mean number of characters.
    of_one_length : float
        Share of the filled cells that have the commonest number of characters.
    spaces : float
        Share of the filled cells with more than one word.
    values, spelled : frozenset of str, dict of str to str
        The distinct values in small letters, and as they are written; empty if they are more than
        MANY_VALUES.
    sign : str
        The currency sign of most numbers, or "".
    personal : str
        What the values are if they are personal data, else "".
    """

    filled: float
    distinct: int
    unique: float
    number: float
    whole: float
    date: float
    day_number: float
    unix: float
    excel: float
    low: float
    high: float
    negative: float
    zero: float
    length: float
    of_one_length: float
    spaces: float
    values: frozenset[str]
    spelled: dict[str, str]
    sign: str
    personal: str

    @property
    def time(self) -> float:
        """Share of the cells that are times in any writing that needs no guess."""
        return max(self.date, self.day_number, self.unix)


def facts_of(column: "pd.Series[Any]") -> Facts:
    """The facts about the sample `column`, of any type; times and numbers are looked at as written."""
    texts = column.astype("object").map(_written)
    texts = texts[texts.map(lambda text: text.strip().casefold() not in BLANKS)]
    counts = texts.value_counts()
    weights = counts / max(1, counts.sum())
    plain = {text: folded(str(text)) for text in counts.index}
    numbers = {text: _number(value) for text, value in plain.items()}
    series = pd.Series({text: value for text, value in numbers.items() if value is not None}, dtype=float)
    held = weights.reindex(series.index)
    is_number = float(held.sum())
    few = len(counts) <= MANY_VALUES

    def share(test: Any) -> float:
        return float(sum(weights[text] for text in counts.index if test(plain[text])))

    return Facts(
        filled=len(texts) / max(1, len(column)),
        distinct=len(counts),
        unique=len(counts) / max(1, len(texts)),
        number=is_number,
        whole=float(held[series % 1 == 0].sum()),
        date=share(DATES.fullmatch),
        day_number=share(DAY_NUMBER.fullmatch),
        unix=share(UNIX.fullmatch),
        excel=float(held[series.between(*EXCEL_DAYS)].sum()),
        low=float(series.min()) if len(series) else float("nan"),
        high=float(series.max()) if len(series) else float("nan"),
        negative=float(held[series < 0].sum() / is_number) if is_number else 0.0,
        zero=float(held[series == 0].sum() / is_number) if is_number else 0.0,
        length=sum(n * len(plain[text]) for text, n in counts.items()) / max(1, len(texts)),
        of_one_length=float(weights.groupby([len(value) for value in plain.values()]).sum().max())
        if plain
        else 0.0,
        spaces=share(lambda value: " " in value),
        values=frozenset(plain.values()) if few else frozenset(),
        spelled={plain[text]: str(text).strip() for text in counts.index} if few else {},
        sign=_sign(plain, weights),
        personal=next((kind for kind, shape in PERSONAL.items() if share(shape.fullmatch) >= MOST), ""),
    )


def _written(cell: Any) -> str:
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and cell != cell):
        return ""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return str(cell)


def _number(text: str) -> float | None:
    """The number that `text` is, without its currency and thousands marks, or None."""
    if not NUMBER.fullmatch(text):
        return None
    digits = re.sub(rf"{SIGNS}|元|[\s'()]", "", text)
    mark = max(digits.rfind("."), digits.rfind(","))
    # 1,234 is more often a thousand than a little more than one.
    if mark >= 0 and digits[mark] == "," and len(digits) - mark - 1 == THOUSAND:
        mark = -1
    whole, decimals = (digits[:mark], digits[mark + 1 :]) if mark >= 0 else (digits, "0")
    whole = re.sub(r"[.,]", "", whole)
    value = float(f"{whole}.{decimals}" if mark >= 0 else whole)
    return -value if text.startswith("(") else value


def _sign(plain: dict[Any, str], weights: "pd.Series[Any]") -> str:
    """The currency sign in most of the cells, or ""."""
    found: dict[str, float] = {}
    for text, value in plain.items():
        sign = re.search(r"[￥¥$€£元円]", value)
        if sign and NUMBER.fullmatch(value):
            found[sign.group()] = found.get(sign.group(), 0.0) + float(weights[text])
    usual, share = max(found.items(), key=lambda item: item[1], default=("", 0.0))
    return usual if share > 1 - MOST else ""
