"""Files between notebooks: what this one leaves, and what the last earlier report has left."""

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import platformdirs

from workbench.results.records import Results
from workbench.results.written import dumps

OUT_VARIABLE = "WORKBENCH_OUT"
EARLIER_VARIABLE = "WORKBENCH_EARLIER"


def out_folder() -> Path:
    """Where this process hands on: the run's staging folder, or the analyst's drafts outside a run."""
    given = os.environ.get(OUT_VARIABLE)
    return Path(given) if given else platformdirs.user_cache_path("workbench") / "draft"


def earlier(table: str) -> pd.DataFrame | None:
    """A table that the report of an earlier month has handed on; None where there is none, as outside a run.

    A notebook reads only those that its parameters model names in ``compares``: a run knows then what its
    outputs follow from.
    """
    given = os.environ.get(EARLIER_VARIABLE)
    path = Path(given or "") / f"{table}.parquet"
    return pd.read_parquet(path) if given and path.is_file() else None


def left(table: str) -> pd.DataFrame | None:
    """A table that another notebook has left in `out_folder`; None where there is none."""
    path = out_folder() / "tables" / f"{table}.parquet"
    return pd.read_parquet(path) if path.is_file() else None


def save(
    results: Results, tables: Mapping[str, pd.DataFrame], sheets: Mapping[str, pd.DataFrame] | None = None
) -> None:
    """Write the tables, then the figures, each by one rename, into `out_folder`.

    It then holds ``tables/<name>.parquet``, ``tables/<name>.csv`` of `sheets` (small tables for a
    spreadsheet) and ``results/<notebook>.json``. Nothing is returned, because a notebook shows what its last
    line returns.
    """
    out = out_folder()
    for name, table in tables.items():
        path = out / "tables" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(path.with_suffix(".part"), index=False)
        path.with_suffix(".part").replace(path)
    written = {name: sheet for name, sheet in (sheets or {}).items() if len(sheet.columns)}
    for name, sheet in written.items():
        path = out / "tables" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        # The mark at the beginning lets a spreadsheet read Chinese.
        sheet.to_csv(path.with_suffix(".part"), index=False, encoding="utf-8-sig", lineterminator="\n")
        path.with_suffix(".part").replace(path)
    path = out / "results" / f"{results.notebook}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {name: len(table) for name, table in tables.items()}
    rows |= {f"{name}.csv": len(sheet) for name, sheet in written.items()}
    path.with_suffix(".part").write_text(dumps(results, rows), encoding="utf-8")
    path.with_suffix(".part").replace(path)
