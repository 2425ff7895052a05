"""Which columns of a customers file hold the id, the name, the phone number, the e-mail and the address."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from workbench.errors import nearest, refusal, unknown_name
from workbench.linkage.words import headers as known_headers


@dataclass(frozen=True)
class LinkColumns:
    """Columns by what they hold. Parts of a name or address are joined; of several phones the first counts.

    Attributes
    ----------
    id : tuple of str
        One column at most.
    """

    id: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    address: tuple[str, ...] = ()

    @property
    def used(self) -> tuple[str, ...]:
        """What records can be compared by."""
        return tuple(f.name for f in fields(self) if f.name != "id" and getattr(self, f.name))


def resolve(
    given: LinkColumns | None, headers: Sequence[tuple[Path, Sequence[str]]]
) -> tuple[LinkColumns, ...]:
    """The columns of each file: those given where the file has them, else those its headers suggest.

    Raises
    ------
    WorkbenchError
        If a given column is in no file, a file has no id column, or none that records can be compared by.
    """
    # Spelled as the files' headers are read: without blanks at the ends, in half-width letters.
    wanted = given or LinkColumns()
    given = LinkColumns(**{f.name: tuple(map(_read, getattr(wanted, f.name))) for f in fields(LinkColumns)})
    everywhere = sorted({header for _, names in headers for header in names})
    for field in fields(LinkColumns):
        for column in getattr(given, field.name):
            if column not in everywhere:
                raise unknown_name(_places(headers), f"--{field.name}", column, everywhere)
    return tuple(_of_file(given, path, names) for path, names in headers)


def _of_file(given: LinkColumns, path: Path, names: Sequence[str]) -> LinkColumns:
    found = guess(names)
    for field in fields(LinkColumns):
        wanted = getattr(given, field.name)
        if wanted and set(wanted) <= set(names):
            found = replace(found, **{field.name: wanted})
    if not found.id:
        hint = f"Name the column of the customers' ids, as in --id {names[0]}."
        raise refusal(str(path), "the file", "one with a column of ids", _listed(names), hint)
    if not found.used:
        rule = "one with a name, a phone number, an e-mail address or an address"
        near = nearest("email", names) or nearest("phone", names)
        hint = f"Name the column, as in --email {near or names[-1]}."
        raise refusal(str(path), "the file", rule, _listed(names), hint)
    return found


def guess(names: Sequence[str]) -> LinkColumns:
    """The columns that the headers suggest, in English or Chinese; whatever the capitals and separators."""
    by_form: dict[str, str] = {}
    for name in names:
        by_form.setdefault(_folded(name), name)
    found: dict[str, tuple[str, ...]] = {}
    for field in fields(LinkColumns):
        choices = known_headers(field.name)
        fitting = next((c for c in choices if all(part in by_form for part in c)), [])
        found[field.name] = tuple(by_form[part] for part in fitting)
    return LinkColumns(**found)


def _read(header: str) -> str:
    return unicodedata.normalize("NFKC", header).strip()


def _folded(header: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", header).casefold() if c.isalnum())


def _listed(names: Sequence[str]) -> str:
    return f"the columns {', '.join(names)}"


def _places(headers: Sequence[tuple[Path, Sequence[str]]]) -> str:
    return ", ".join(str(path) for path, _ in headers)
