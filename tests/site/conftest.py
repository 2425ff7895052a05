"""Runs as they lie in an archive, without a kernel."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGE = b"<html>report</html>"
TABLE = b"PAR1 and so on"


def figure(notebook: str, name: str, value: float | None, unit: str) -> dict[str, Any]:
    """A figure as a manifest has it."""
    return {"notebook": notebook, "name": name, "value": value, "unit": unit}


def manifest(study: str, period: str, run_id: str, **more: Any) -> dict[str, Any]:
    """The record of a run with three figures, one finding and two files."""
    at = f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T{run_id[9:11]}:00:00+00:00"
    month = int(period[-2:])
    texts = {"en": f"Finding number {month}.", "zh": f"第 {month} 条发现。"}
    files = {"index.html": PAGE, "tables/value.parquet": TABLE, "notebooks/03_churn.ipynb": b"{}"}
    return {
        "study": study, "period": period, "run_id": run_id, "title": f"Title of {study}",
        "status": "published", "as_of": f"{period}-28", "started_at": at, "ended_at": at,
        "language": "en", "languages": ["en"], "commit": "abc", "seed": 1,
        "figures": [
            figure("01_profiling", "customers", 100.0 * month, "customers"),
            figure("03_churn", "auc", 0.7 + month / 100, "ratio"),
            figure("03_churn", "base_rate", 0.2, "share"),
        ],
        "findings": [{"notebook": "03_churn", "code": "t.x", "text": texts}],
        "checks": {"passed": 3, "of": 4},
        "definitions": {"customers": "aaa", "auc": "bbb"},
        "notebooks": [{"name": "03_churn", "status": "complete", "page": "03_churn.html"}],
        "parameters": {"03_churn": {"horizon_days": 90, "currency": "EUR"}},
        "packages": {"pandas": "3.1.0"},
        "inputs": [{"name": "transactions", "rows": 1000 + month, "sha256": "ab" * 32}],
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in files.items()
        },
    } | more  # fmt: skip


def build(folder: Path, record: dict[str, Any]) -> Path:
    """The files of a run in a folder of its own."""
    contents = {"index.html": PAGE, "tables/value.parquet": TABLE, "notebooks/03_churn.ipynb": b"{}"}
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "manifest.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return folder


def put_run(archive: Path, study: str, period: str, run_id: str, **more: Any) -> Path:
    """A run in its place, not yet in the index."""
    return build(archive / study / period / run_id, manifest(study, period, run_id, **more))


@pytest.fixture(scope="session")
def put() -> Callable[..., Path]:
    return put_run


@pytest.fixture(scope="session")
def record() -> Callable[..., dict[str, Any]]:
    return manifest


@pytest.fixture(scope="session")
def build_run() -> Callable[[Path, dict[str, Any]], Path]:
    return build


@pytest.fixture
def three_months(tmp_path: Path) -> Path:
    """A study of three months; October was run twice, and once without success. Another study in Chinese."""
    from workbench.runner.archive import recover

    archive = tmp_path / "reports"
    for month in (8, 9, 10):
        put_run(archive, "demo", f"2026-{month:02}", f"2026{month + 1:02}01T060000Z-aaaaaa")
    put_run(archive, "demo", "2026-10", "20261102T060000Z-bbbbbb", definitions={"auc": "ccc"})
    put_run(archive, "demo", "2026-10", "20261103T060000Z-cccccc", status="failed")
    put_run(archive, "shop", "2026-10", "20261101T070000Z-dddddd", languages=["zh"], title="示例公司")
    recover(archive)
    return archive
