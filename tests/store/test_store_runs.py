"""A whole run, with a kernel, into an archive in an S3-compatible store."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from workbench.parameters import ProfilingParameters, read_study
from workbench.runner import Plan, Step, list_runs, verify
from workbench.runner import run as run_plan
from workbench.store import open_store

pytestmark = pytest.mark.run

HAND_OVER = """\
import json, os, pathlib
out = pathlib.Path(os.environ["WORKBENCH_OUT"]) / "results" / "01_profiling.json"
out.write_text(json.dumps(
    {"notebook": "01_profiling", "as_of": "2026-10-31", "metrics": [], "checks": [], "findings": []}))
"""


@pytest.fixture
def plan(tmp_path: Path, bucket: str) -> Plan:
    """A study of one tiny notebook, into the bucket."""
    content = {"study": "tiny", "title": "Tiny", "source": "source.yml", "notebooks": {"01_profiling": {}}}
    (tmp_path / "study.yml").write_text(json.dumps(content), encoding="utf-8")
    cells = [new_code_cell("months = 24", metadata={"tags": ["parameters"]}), new_code_cell(HAND_OVER)]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path = tmp_path / "notebooks" / "01_profiling.ipynb"
    path.parent.mkdir()
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    injected = {"months": 12, "source": "source.yml"}
    key = {"key": "k", "code": "c"}
    step = Step("01_profiling", path, ProfilingParameters(), injected, tmp_path, key)
    store = open_store(bucket)
    return Plan(
        read_study(tmp_path / "study.yml"), date(2026, 10, 31), store.local, "20261101T060000Z-aaaaaa",
        (step,), (), lambda: datetime.now(UTC), url=bucket,
    )  # fmt: skip


def test_a_run_is_built_here_and_published_there(plan, bucket):
    outcome = run_plan(plan, tell=lambda _: None)
    assert outcome.exit_code == 0
    assert outcome.index == f"{bucket}/tiny/2026-10/20261101T060000Z-aaaaaa/index.html"
    store = open_store(bucket)
    (run,) = list_runs(store)
    assert (run.current, verify(run)) == (True, [])
    assert b"20261101T060000Z-aaaaaa" in store.read("index.html")
    assert list(store.staging.iterdir()) == []
    assert store.names(".locks") == []
