"""Files of the same columns are one table where a pattern names just them; else one of them is used."""

import re
from glob import glob
from pathlib import Path

from workbench.discovery.guess import TableGuess
from workbench.sources.files import Peek

SPECIAL = re.compile(r"[*?\[\]]")


def grouped(peeks: list[Peek]) -> list[tuple[list[Peek], str]]:
    """The files that belong together, with the name of the one or the glob of the several."""
    alike: dict[object, list[Peek]] = {}
    for peek in peeks:
        alike.setdefault(_signature(peek), []).append(peek)
    groups: list[tuple[list[Peek], str]] = []
    for same in alike.values():
        pattern = glob_of([peek.path for peek in same]) if len(same) > 1 else None
        groups += [(same, pattern)] if pattern else [([peek], peek.path.name) for peek in same]
    return groups


def _signature(peek: Peek) -> object:
    """What is equal in files that can be read as one; a sheet of a book stands for itself."""
    if len(peek.sheets) > 1:
        return peek.path, peek.sheet
    # Without names the kinds of the columns are all that tells two tables apart.
    kinds = () if peek.has_header else tuple(f.kind for f in peek.formats)
    return peek.path.resolve().parent, "".join(peek.path.suffixes), peek.has_header, peek.columns, kinds


def glob_of(paths: list[Path]) -> str | None:
    """The pattern that names just the files `paths` of one folder, or None if there is none."""
    names = [path.name for path in paths]
    if any(SPECIAL.search(name) for name in names):
        return None
    start = _common(names)
    end = _common([name[len(start) :][::-1] for name in names])[::-1]
    pattern = f"{start}*{end}"
    found = glob(pattern, root_dir=paths[0].resolve().parent)
    return pattern if start + end and sorted(found) == sorted(names) else None


def _common(names: list[str]) -> str:
    """What all `names` begin with."""
    shortest = min(names, key=len)
    differing = (i for i, letter in enumerate(shortest) if any(name[i] != letter for name in names))
    return shortest[: next(differing, len(shortest))]


def one_per_kind(tables: list[TableGuess]) -> tuple[list[TableGuess], list[str]]:
    """One table of each kind, and in words which files are not used and why."""
    kept: list[TableGuess] = []
    not_used: list[str] = []
    for kind in dict.fromkeys(table.table for table in tables):
        same = [table for table in tables if table.table == kind]
        best = max(same, key=lambda table: (table.score * len(table.columns), table.rows))
        kept.append(best)
        not_used += [_why_not(table, best) for table in same if table is not best]
    return kept, not_used


def _why_not(table: TableGuess, best: TableGuess) -> str:
    if table.expressions == best.expressions and table.names == best.names:
        return (
            f"{table.shown}: {table.table} with the columns of {best.shown}; put both into a folder of "
            "their own, or name them alike, and write `from: folder/*`"
        )
    return (
        f"{table.shown}: {table.table} too, but with other columns than {best.shown}; one `from` holds "
        "files of the same columns only"
    )
