"""The lines as a study has them: a source file beside them, read through the door that every run takes."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from benchmarks.made_data import AS_OF, write_lines

MADE_COLUMNS = ("customer_id", "order_id", "ordered_at", "amount", "product_id", "category", "channel")


def write_made(folder: Path, lines: int) -> None:
    """So many made lines with their source file."""
    write_lines(folder, lines)
    write_source(folder, {"columns": {name: name for name in MADE_COLUMNS}}, AS_OF)


def write_source(folder: Path, table: Mapping[str, Any], as_of: date) -> None:
    """The source file of ``transactions.parquet`` in `folder`, mapped as `table` says, and its as-of day."""
    content = {"tables": {"transactions": {"from": "transactions.parquet"} | dict(table)}}
    (folder / "source.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    (folder / "as_of").write_text(as_of.isoformat(), encoding="ascii")


def loaded(folder: Path) -> tuple[Any, Any]:
    """All lines as canonical tables under pseudonyms, and the parameters of notebook 01."""
    from workbench import sources
    from workbench.parameters import ProfilingParameters

    os.environ["WORKBENCH_KEY_FILE"] = str(folder / "pseudonyms.key")
    as_of = (folder / "as_of").read_text(encoding="ascii")
    p = ProfilingParameters(source=folder / "source.yml", as_of=date.fromisoformat(as_of))
    return sources.load(p), p
