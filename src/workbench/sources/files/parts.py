"""One file of a table, whatever its form: its names, and its rows brought into the engine as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError, refusal
from workbench.sources.files import headers

MARK = "_cell_"  # before a column's place: what kind of cell each value was in a book or in JSON
# Kinds of cells, where the file says them; NULL is text, whose meaning its format decides.
NUMBER_CELL, TIME_CELL, TRUTH_CELL = "n", "t", "b"


@dataclass(frozen=True)
class Overrides:
    """What the source file says of a table's files; None is found out."""

    sheet: str | None = None
    encoding: str | None = None
    separator: str | None = None
    names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Names:
    """The columns of one file.

    Attributes
    ----------
    cleaned : tuple of str
    original : tuple of str
        As they are spelled in the file; empty where they are not from there.
    """

    cleaned: tuple[str, ...]
    original: tuple[str, ...] = ()

    @property
    def in_file(self) -> bool:
        """Whether the first line of the file holds them."""
        return bool(self.original)


def names_of(
    path: Path, first: Sequence[object], given: tuple[str, ...] | None, *, has_header: bool
) -> Names:
    """The names of a file's columns: those `given`, or its first line.

    Raises
    ------
    WorkbenchError
        If there are more or fewer names than cells, or one is too long, a word of our own, or there twice.
    """
    cleaned = headers.column_names(first)
    if given is None:
        names = Names(tuple(cleaned), tuple(map(str, first))) if has_header else _numbered(len(first))
    else:
        wanted = headers.column_names(given)
        if len(wanted) != len(first):
            rule = "as many as the file has columns"
            got = f"{len(wanted)} names for {len(first)} columns"
            raise refusal(str(path), "names", rule, got, "Name every column, in the order of the file.")
        same = [a.casefold() for a in wanted] == [b.casefold() for b in cleaned]
        names = Names(tuple(wanted), tuple(map(str, first)) if same else ())
    _refuse_unusable(path, names)
    twice = headers.repeated(names.cleaned)
    if twice:
        raise _repeated(path, twice, holds_names=names.in_file and not any(map(headers.is_value, first)))
    return names


def _refuse_unusable(path: Path, names: Names) -> None:
    longest = max(map(len, names.cleaned), default=0)
    if longest > headers.LONGEST_ALLOWED:
        rule = f"names of at most {headers.LONGEST_ALLOWED} characters"
        hint = "If the first line holds values, list the names under `names`."
        raise refusal(str(path), "the first line", rule, f"one of {longest:,} or more", hint)
    own = [name for name in names.cleaned if name.casefold() in headers.OWN_NAMES]
    if own:
        rule = f"other names than {' and '.join(headers.OWN_NAMES)}"
        raise refusal(str(path), "the first line", rule, f"'{own[0]}'", "Rename the column in the file.")


def _numbered(width: int) -> Names:
    return Names(tuple(f"column_{place}" for place in range(1, width + 1)))


def _repeated(path: Path, twice: list[str], *, holds_names: bool) -> WorkbenchError:
    rule = "names of columns that differ"
    if not holds_names:  # the first line may be a customer's values, which no message tells
        hint = "If the first line holds values, list the names under `names`."
        return refusal(str(path), "the first line", rule, f"{len(twice)} that stand twice", hint)
    got = ", ".join(f"'{name}'" for name in twice)
    return refusal(str(path), "the first line", rule, f"{got} twice", "Rename one of them in the file.")
