"""The lines as a study has them: a source file beside them, read through the door that every run takes."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from benchmarks.made_data import write_lines

MADE_COLUMNS = ("customer_id", "order_id", "ordered_at", "amount", "product_id", "category", "channel")


def write_made(folder: Path, lines: int) -> None:
    """So many made lines with their source file."""
    write_lines(folder, lines)
    write_source(folder, {"columns": {name: name for name in MADE_COLUMNS}})


def write_source(folder: Path, table: Mapping[str, Any]) -> None:
    """The source file of ``transactions.parquet`` in `folder`, mapped as `table` says."""
    content = {"tables": {"transactions": {"from": "transactions.parquet"} | dict(table)}}
    (folder / "source.yml").write_text(yaml.safe_dump(content), encoding="utf-8")


def loaded(folder: Path, as_of: date | None = None) -> tuple[Any, Any]:
    """The canonical tables and notebook 01's parameters, under pseudonyms with a key of the folder's own."""
    from workbench import sources
    from workbench.parameters import ProfilingParameters

    os.environ["WORKBENCH_KEY_FILE"] = str(folder / "pseudonyms.key")
    p = ProfilingParameters(source=folder / "source.yml", as_of=as_of)
    return sources.load(p), p
