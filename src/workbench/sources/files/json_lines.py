"""JSON lines: one object in each line, its members as columns of text with the kinds that JSON gives them."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench.sources.files.parts import MARK, NUMBER_CELL, TRUTH_CELL
from workbench.sources.files.streams import broken
from workbench.sources.files.text_files import examined, lines_of

BATCH_LINES = 100_000
RULE = "one JSON object in each line"


class _RepeatedError(Exception):
    """A name stands twice in an object."""


class _Number(str):
    """A number with the digits it is written with."""


def names_in(path: Path, encoding: str | None) -> tuple[str, ...]:
    """The names of the members of all lines, in the order in which they come first."""
    stat = path.stat()
    return _names(path, stat.st_mtime_ns, stat.st_size, encoding)


@lru_cache(maxsize=8)
def _names(path: Path, changed: int, size: int, encoding: str | None) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for row in _objects(path, encoding):
        if row.keys() - found.keys():
            found.update(dict.fromkeys(row))
    return tuple(found)


def batches(path: Path, encoding: str | None, names: tuple[str, ...]) -> Iterator[pa.Table]:
    """The rows as text columns ``c0`` … in the order of `names`, with their kinds in ``_cell_0`` ….

    A nested object or list is its own JSON text. Every line's numbers keep the digits they are written with.
    """
    rows: list[dict[str, Any]] = []
    for row in _objects(path, encoding):
        rows.append(row)
        if len(rows) == BATCH_LINES:
            yield _as_text(rows, names)
            rows = []
    if rows:
        yield _as_text(rows, names)


def _objects(path: Path, encoding: str | None) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(
        parse_float=_Number, parse_int=_Number, parse_constant=str, object_pairs_hook=_once_each
    )
    for number, line in enumerate(lines_of(examined(path, encoding)), 1):
        if line.strip():
            yield _object(path, decoder, line.removeprefix("\ufeff"), number)


def _object(path: Path, decoder: json.JSONDecoder, line: str, number: int) -> dict[str, Any]:
    own_line = "Write each object in a line of its own."
    try:
        row = decoder.decode(line.strip())
    except _RepeatedError:
        raise broken(path, RULE, f"a name that stands twice in an object (line {number:,})") from None
    except (ValueError, RecursionError):
        hint = own_line if number == 1 else "Mend the file or export it again."
        raise broken(path, RULE, f"a line that is none (line {number:,})", hint) from None
    if not isinstance(row, dict):
        raise broken(path, RULE, f"another value (line {number:,})", own_line)
    return row


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object: of two with one name, JSON's own rule would keep the last in silence."""
    row = dict(pairs)
    if len(row) < len(pairs):
        raise _RepeatedError
    return row


def _as_text(rows: list[dict[str, Any]], names: tuple[str, ...]) -> pa.Table:
    columns = {}
    for place, name in enumerate(names):
        cells = [row.get(name) for row in rows]
        columns[f"c{place}"] = pa.array(map(_text, cells), pa.string())
        columns[f"{MARK}{place}"] = pa.array(map(_mark, cells), pa.string())
    return pa.table(columns)


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return json.dumps(_plain(cell), ensure_ascii=False)


def _plain(cell: Any) -> Any:
    """A nested value with its numbers as numbers again."""
    if isinstance(cell, dict):
        return {name: _plain(value) for name, value in cell.items()}
    if isinstance(cell, list):
        return [_plain(value) for value in cell]
    return float(cell) if isinstance(cell, _Number) else cell


def _mark(cell: Any) -> str | None:
    if isinstance(cell, _Number):
        return NUMBER_CELL
    return TRUTH_CELL if isinstance(cell, bool) else None
