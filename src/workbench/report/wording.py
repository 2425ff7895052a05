"""How the pages write values, units and months in the current language."""

from datetime import date

from babel.dates import format_skeleton
from babel.numbers import format_decimal

from workbench.language import again, catalogue, current, metric_entry, say, write_number
from workbench.language.numbers import LOCALES

MINUS = "−"  # as wide as a plus, unlike a hyphen


def written(value: float | None, name: str) -> str:
    """A value of the metric `name` with its unit, an en dash for None."""
    speech = current()
    unit = metric_entry(name).unit
    text = write_number(value, unit, language=speech.language, currency=speech.currency)
    return text.replace("-", MINUS, 1) if value is not None and value < 0 else text


def in_unit(value: object, unit: str) -> str:
    """A value of a block: a number in `unit`, anything else as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None else str(again(value))
    speech = current()
    text = write_number(value, unit or "number", language=speech.language, currency=speech.currency)
    return text.replace("-", MINUS, 1) if value < 0 else text


def with_decimals(value: float, decimals: int) -> str:
    """A bare number with exactly that many decimals."""
    pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return str(format_decimal(value, format=pattern, locale=LOCALES[current().language]))


def unit_name(unit: str) -> str:
    """The word for a unit of the metric dictionary; nothing for a unit that has none."""
    return say_if_known(f"report.unit_{unit}")


def month_name(day: date, *, short: bool = False) -> str:
    """The month of `day` as a reader writes it: October 2026, 2026年10月; short: Oct 2026."""
    return str(format_skeleton("yMMM" if short else "yMMMM", day, locale=LOCALES[current().language]))


def say_if_known(*codes: str) -> str:
    """The first of the messages `codes` that the catalogue holds; nothing if it holds none of them."""
    return next((say(code) for code in codes if code in catalogue.messages(current().language)), "")
