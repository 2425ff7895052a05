"""Tables as a study has them: a source file beside them, read through the door that every run takes."""

import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from benchmarks.made_data import AS_OF, LINE_COLUMNS, REST, write_buyers, write_company, write_lines


def write_made(folder: Path, lines: int) -> None:
    """So many made lines with their source file."""
    write_lines(folder, lines)
    write_source(folder, {"transactions": _as_named(LINE_COLUMNS)}, AS_OF)


def write_made_company(folder: Path, lines: int) -> None:
    """The lines and every other table that features are made from, with their source file."""
    write_company(folder, lines)
    others = {name: _as_named(["customer_id", *columns]) for name, (_, columns) in REST.items()}
    write_source(folder, {"transactions": _as_named(LINE_COLUMNS)} | others, AS_OF)


def write_made_buyers(folder: Path, customers: int, orders: int) -> None:
    """Customers who come, buy and leave, with their source file."""
    write_buyers(folder, customers, orders)
    attributes = ("customer_id", "registered_at", "acquisition_channel", "region")
    tables = {"transactions": LINE_COLUMNS, "customers": attributes}
    write_source(folder, {name: _as_named(columns) for name, columns in tables.items()}, AS_OF)


def write_source(folder: Path, tables: Mapping[str, Mapping[str, Any]], as_of: date) -> None:
    """The source file of the Parquet files in `folder`, mapped as `tables` says, and its as-of day."""
    content = {"tables": {name: {"from": f"{name}.parquet"} | dict(own) for name, own in tables.items()}}
    (folder / "source.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    (folder / "as_of").write_text(as_of.isoformat(), encoding="ascii")


def loaded(folder: Path, parameters: Any = None) -> tuple[Any, Any]:
    """All rows as canonical tables under pseudonyms, and the `parameters` of a notebook, else of 01."""
    from workbench import sources
    from workbench.parameters import ProfilingParameters

    os.environ["WORKBENCH_KEY_FILE"] = str(folder / "pseudonyms.key")
    as_of = (folder / "as_of").read_text(encoding="ascii")
    p = (parameters or ProfilingParameters)(source=folder / "source.yml", as_of=date.fromisoformat(as_of))
    return sources.load(p), p


def _as_named(columns: Sequence[str]) -> dict[str, dict[str, str]]:
    return {"columns": {name: name for name in columns}}
