"""How times and numbers are written, where the source file must say it: odd dates, seconds, day numbers."""

from workbench.discovery.columns import Candidate
from workbench.discovery.guess import ColumnGuess, Question
from workbench.discovery.recognising import Draft
from workbench.discovery.scalars import key, quote
from workbench.discovery.values import MOST
from workbench.sources.canonical import TABLES

DAY_NUMBER, UNIX, EXCEL = "%Y%m%d", "unix", "excel"
DAY_NUMBER_LENGTH = 9  # 20110102, perhaps with .0 behind some; longer ones carry the time of day
WITH_CLOCK = "%Y%m%d%H%M%S"


def formats_of(draft: Draft, columns: list[ColumnGuess]) -> tuple[dict[str, str], list[Question]]:
    """Formats to be written by source column, and what the data leave open.

    What is open becomes one line that holds all formats, so that there is one line to put right.
    """
    fixed: dict[str, str] = {}
    unclear: dict[str, tuple[str, ...]] = {}
    for column in columns:
        kind = TABLES[draft.table].columns[column.canonical].kind
        for name in column.reads if kind not in ("id", "text", "truth") else ():
            seen = draft.looked.format_of(name)
            if seen is not None and seen.choices:
                unclear[name] = seen.choices
            elif kind == "time" and seen is not None and seen.kind != "time":
                pattern = _pattern(draft.looked.find(name))
                fixed |= {name: pattern} if pattern else {}
    return ({}, [_question(draft, fixed, unclear)]) if unclear else (fixed, [])


def _pattern(column: Candidate) -> str:
    facts = column.facts
    if facts.day_number >= MOST:
        return DAY_NUMBER if facts.length <= DAY_NUMBER_LENGTH + 1 else WITH_CLOCK
    if facts.unix >= MOST:
        return UNIX
    return EXCEL if facts.date < MOST and facts.excel >= MOST else ""


def _question(draft: Draft, fixed: dict[str, str], unclear: dict[str, tuple[str, ...]]) -> Question:
    chosen = {name: choices[0] for name, choices in unclear.items()} | fixed
    line = f"formats: {{{', '.join(f'{key(name)}: {quote(pattern)}' for name, pattern in chosen.items())}}}"
    others = " or ".join(quote(other) for other in dict.fromkeys(o for c in unclear.values() for o in c[1:]))
    first = next(iter(unclear.values()))
    what = (
        f"{draft.looked.shown}: {' and '.join(unclear)} can be read as {' and as '.join(first)}, which gives "
        f"other values, and no row decides: take the # off the line `# {line}`"
    )
    return Question(what, f"{line}  # or {others}: take the # in front off")
