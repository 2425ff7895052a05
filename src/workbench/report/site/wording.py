"""How the archive's pages write figures and changes, whatever version of the workbench made them."""

from datetime import date

from workbench.language import current, metric_entry, say, write_number
from workbench.report.wording import MINUS, month_name, say_if_known, with_decimals

# Units on a scale of their own, whose zero is no natural one: their change is told as a difference.
SCALES = frozenset({"ratio", "score", "nats"})


def label_of(name: str) -> str:
    """The metric's label; the name itself for one the dictionary no longer holds."""
    try:
        return metric_entry(name).label
    except KeyError:
        return name


def written(value: float | None, unit: str) -> str:
    """A value with its unit; an en dash for None."""
    speech = current()
    text = write_number(value, unit, language=speech.language, currency=speech.currency)
    return text.replace("-", MINUS, 1) if value is not None and value < 0 else text


def change(before: float | None, after: float | None, name: str, unit: str) -> tuple[str, str]:
    """The change in words and with its sign, and whether it is ``good``, ``bad`` or ``even``.

    Shares change by percentage points, other figures by per cent of the earlier value where that is not 0.
    """
    if before is None or after is None:
        return say("archive.change_none_known"), "even"
    difference = after - before
    amount = _amount(difference, before, unit)
    if amount is None:
        return say("archive.change_none"), "even"
    tone = _tone(name, difference)
    return say(f"archive.change_{tone}", amount=amount), tone


def _amount(difference: float, before: float, unit: str) -> str | None:
    sign = MINUS if difference < 0 else "+"
    if unit == "share":
        points = round(abs(difference) * 100, 1)
        return say("archive.points", sign=sign, points=with_decimals(points, 1)) if points else None
    if unit in SCALES:
        return f"{sign}{with_decimals(abs(difference), 3)}" if round(difference, 3) else None
    if before == 0:
        return f"{sign}{written(abs(difference), unit)}" if difference else None
    percent = round(abs(difference / before) * 100, 1)
    return f"{sign}{with_decimals(percent, 1)}%" if percent else None


def _tone(name: str, difference: float) -> str:
    try:
        better = metric_entry(name).better
    except KeyError:
        return "even"
    if better not in ("higher", "lower"):
        return "even"
    return "good" if (difference > 0) == (better == "higher") else "bad"


def month_of(period: str, *, short: bool = False) -> str:
    """The month ``YYYY-MM`` as a reader writes it."""
    return month_name(date.fromisoformat(f"{period}-01"), short=short)


def instant(text: str) -> str:
    """An instant of a record, cut to minutes, in UTC as it was written."""
    return f"{text[:10]} {text[11:16]} UTC" if len(text) >= 16 and text[10] == "T" else text


def verdict_word(verdict: str) -> str:
    """A verdict in words; one without words as it is."""
    return say_if_known(f"archive.verdict_{verdict}") or verdict
