"""Names of columns: cleaned, told apart, and told from the values of a file that has none."""

import re
import unicodedata
from collections.abc import Sequence

ROW, UNREAD = "_row", "_unread"
OWN_NAMES = (ROW, UNREAD)  # columns that the raw table adds
ZERO_WIDTH = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
# A cell that is no name: a number, a date, a time, an amount with its currency, an address.
VALUE = re.compile(
    r"[-+(]?\s*[¥$€£]?\s*[\d.,:/'\s年月日-]*\d[\d.,:/'\s年月日tz%+-]*\)?|\S+@\S+\.\S+|https?://\S+",
    re.IGNORECASE,
)
LONGEST_ALLOWED = 255  # characters of a name: a refusal that lists the names stays readable
LONGEST_NAME = 64  # characters; longer cells of a first line are values (PostgreSQL's limit is 63 bytes)


def cleaned(name: object) -> str:
    """`name` as it is compared and shown: NFKC, no zero-width characters, line breaks and edges trimmed."""
    text = unicodedata.normalize("NFKC", str(name)).translate(ZERO_WIDTH)
    return " ".join(part.strip() for part in text.splitlines() if part.strip()).strip()


def column_names(cells: Sequence[object]) -> list[str]:
    """The cleaned names of a line of names; a blank one becomes ``column_<its place>``."""
    return [cleaned(cell) or f"column_{place}" for place, cell in enumerate(cells, 1)]


def repeated(names: Sequence[str]) -> list[str]:
    """The names that stand more than once; capitals make no difference."""
    seen: set[str] = set()
    twice = []
    for name in names:
        if name.casefold() in seen:
            twice.append(name)
        seen.add(name.casefold())
    return list(dict.fromkeys(twice))


def is_value(cell: object) -> bool:
    """Whether a cell looks like a value, so that a line which holds it is no line of names."""
    text = cleaned(cell)
    return bool(VALUE.fullmatch(text)) or len(text) > LONGEST_NAME


def holds_names(first: Sequence[object], below: Sequence[Sequence[object]]) -> bool:
    """Whether the line `first` holds names of the columns whose first values are `below`.

    Names are no numbers, dates or addresses, differ from each other, and do not come again in their own
    column. Assumes that a line of text in a table of text is one of names unless one of these speaks against
    it: a file of nothing but words may be judged wrong.
    """
    cells = [cleaned(cell) for cell in first]
    filled = [cell for cell in cells if cell]
    if not filled or any(is_value(cell) for cell in filled):
        return False
    if len({cell.casefold() for cell in filled}) < len(filled) or len(filled) < len(cells) - 1:
        return False
    if any(_only_values(below, place) for place, cell in enumerate(cells) if cell):
        return True
    again = [
        any(place < len(row) and cleaned(row[place]) == cell for row in below)
        for place, cell in enumerate(cells)
        if cell
    ]
    return not any(again)


def _only_values(below: Sequence[Sequence[object]], place: int) -> bool:
    column = [cleaned(row[place]) for row in below if place < len(row)]
    filled = [cell for cell in column if cell]
    return bool(filled) and all(is_value(cell) for cell in filled)
