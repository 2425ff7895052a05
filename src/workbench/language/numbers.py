"""How numbers are written for a reader: separators, signs, units, digits; and how wide words stand."""

import math
from datetime import date
from numbers import Integral
from typing import Any
from unicodedata import east_asian_width

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

SPECS = frozenset(
    {
        "integer",
        "change",
        "days",
        "number",
        "percent",
        "whole_percent",
        "money",
        "exact_money",
        "date",
        "month",
    }
)
LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
MONTH_FORMS = {"en": "MMMM y", "zh": "y年M月"}
NOT_KNOWN = "–"
# Units whose values are whole numbers by nature.
COUNTS = frozenset(
    {"rows", "customers", "orders", "days", "utterances", "topics", "months", "periods", "categories", "tags"}
)


def write_spec(value: Any, spec: str, language: str, currency: str) -> str:
    """`value` written by one of SPECS in `language`; an en dash where it is missing."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return NOT_KNOWN
    locale = LOCALES[language]
    if spec in ("date", "month"):
        day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
        return str(format_date(day, MONTH_FORMS[language] if spec == "month" else "long", locale=locale))
    if spec == "integer":
        return str(format_decimal(round(value), locale=locale))
    if spec == "change":  # 0 without a sign: nothing has moved
        form = "+#,##0;-#,##0" if round(value) else "0"
        return str(format_decimal(round(value), format=form, locale=locale))
    if spec == "days":  # with the word, which differs for one of them
        count = str(format_decimal(round(value), locale=locale))
        return f"{count} 天" if language == "zh" else f"{count} day{'' if round(value) == 1 else 's'}"
    if spec in ("percent", "whole_percent"):
        form = "#,##0.0%" if spec == "percent" else "#,##0%"
        value = _without_sign_of_zero(value, digits=3 if spec == "percent" else 2)
        return str(format_percent(value, format=form, locale=locale))
    if spec == "exact_money":  # control totals are compared digit by digit
        return str(format_currency(value, currency, "¤#,##0.00##", locale=locale, currency_digits=False))
    if spec == "money":
        return _money(value, locale, currency)
    return _number(value, locale)


def write_number(value: Any, unit: str, *, language: str, currency: str) -> str:
    """`value` in `unit` as a reader expects it.

    Parameters
    ----------
    unit : str
        A metric unit of the dictionary: ``share`` (0 to 1, written as per cent), ``currency``,
        ``exact_currency`` (all decimals), a count
        such as ``rows`` or ``customers``, or any other name (written with three significant digits).
    """
    counted = "integer" if unit in COUNTS else "number"
    spec = {"share": "percent", "currency": "money", "exact_currency": "exact_money"}.get(unit, counted)
    return write_spec(value, spec, language, currency)


def shown_width(text: str) -> int:
    """The places that `text` takes where letters are of one width: a Chinese one takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _money(value: Any, locale: str, currency: str) -> str:
    # Pence matter in a price and are noise in a yearly total.
    digits = 2 if round(abs(value), 2) < 1_000 else 0
    value = _without_sign_of_zero(value, digits)
    pattern = "¤#,##0.00" if digits else "¤#,##0"
    return str(format_currency(value, currency, pattern, locale=locale, currency_digits=False))


def _without_sign_of_zero(value: Any, digits: int) -> Any:
    """0 for what rounds to it: nobody reads -0.0 %."""
    return 0 if round(value, digits) == 0 else value


def _number(value: Any, locale: str) -> str:
    if isinstance(value, Integral) or abs(value) >= 1_000:
        return str(format_decimal(round(value), locale=locale))
    # Three significant digits: what a reader can hold, and no more than most estimates are worth.
    # Rounded first: 0.9996 is written as 1.00.
    rounded = float(f"{abs(value):.3g}")
    digits = 2 if value == 0 else max(0, 2 - math.floor(math.log10(rounded)))
    return str(format_decimal(value, format=f"#,##0.{'0' * digits}" if digits else "#,##0", locale=locale))
