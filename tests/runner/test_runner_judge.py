"""Does a run know of each notebook whether it succeeded, whatever the notebook says of itself?

One run of small notebooks that end in every way a notebook can, after one that was published.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from workbench.runner import ArchiveRun, Outcome, Plan, Step, list_runs, run, verify
from workbench.runner.execute import Execution
from workbench.runner.judge import Verdict, judge

pytestmark = pytest.mark.run

KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
SLEEPER = """\
import pathlib, subprocess
sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
pathlib.Path("pid").write_text(str(sleeper.pid))"""
DIED = (
    "DeadKernelError: the kernel was killed (SIGKILL), probably out of memory, in cell {cell}; it held # MiB"
)
REASONS = {
    "02_raises": "ValueError: no dates in {folder}/orders.csv",
    "03_exits": "SystemExit: 0",
    "04_killed": DIED.format(cell="3 of 4") + " at most",
    "05_killed_last": DIED.format(cell="4 of 4") + " at most",
    "06_silent": "the notebook did not hand on its results",
    "07_after_handing_on": "KeyError: 'later'",
}


@dataclass(frozen=True)
class Seen:
    """A published run, and the run after it, of which most notebooks fail."""

    published: Plan
    failed: Plan
    outcomes: tuple[Outcome, Outcome]
    told: list[Mapping[str, Any]]


@pytest.fixture(scope="module")
def seen(
    tmp_path_factory: pytest.TempPathFactory,
    step: Callable[..., Step],
    plan: Callable[..., Plan],
    hand_over: str,
) -> Seen:
    folder = tmp_path_factory.mktemp("judge")
    raises = "import os\nraise ValueError(f'no dates in {os.getcwd()}/orders.csv')"
    steps = [
        step(folder, "01_success", SLEEPER, "print('to the end')", hand_over),
        step(folder, "02_raises", raises, hand_over),
        step(folder, "03_exits", "import sys\nsys.exit(0)", hand_over),
        step(folder, "04_killed", KILLED, hand_over),
        step(folder, "05_killed_last", hand_over, KILLED),
        step(folder, "06_silent", "1 + 1"),
        step(folder, "07_after_handing_on", hand_over, "{}['later']"),
    ]
    told: list[Mapping[str, Any]] = []
    first = plan(folder, steps[:1], "20261101T060000Z-aaaaaa")
    second = replace(plan(folder, steps, "20261102T060000Z-bbbbbb", jobs=2), fresh=True)
    outcomes = (run(first, tell=lambda _: None), run(second, tell=told.append))
    return Seen(first, second, outcomes, told)


def entry(plan: Plan) -> ArchiveRun:
    return next(one for one in list_runs(plan.archive) if one.run_id == plan.run_id)


def test_a_notebook_succeeds_if_nothing_at_all_went_wrong(seen):
    published, failed = seen.outcomes
    assert published.exit_code == 0
    assert published.verdicts[0].succeeded
    assert failed.verdicts[0].succeeded
    assert not any(verdict.succeeded for verdict in failed.verdicts[1:])
    assert failed.exit_code == 1


@pytest.mark.parametrize("name", REASONS)
def test_each_way_to_fail_is_told_by_its_reason(seen, name):
    verdict = next(verdict for verdict in seen.outcomes[1].verdicts if verdict.notebook == name)
    folder = seen.failed.steps[0].working_folder
    assert re.sub(r"\b[\d,]+ MiB", "# MiB", verdict.reason) == REASONS[name].format(folder=folder)


def test_every_verdict_is_told_once_as_soon_as_there_is_one(seen):
    told = [event for event in seen.told if event["event"] == "judged"]
    assert sorted(event["notebook"] for event in told) == ["01_success", *REASONS]


def test_the_begin_of_every_cell_is_told(seen):
    # The tagged cell, the injected one behind it, and the notebook's own three.
    cells = [event for event in seen.told if event["event"] == "cell" and event["notebook"] == "01_success"]
    assert [(event["index"], event["of"]) for event in cells] == [(index, 5) for index in range(5)]


def test_what_a_notebook_has_started_ends_with_it(seen):
    pid = int((seen.failed.steps[0].working_folder / "pid").read_text())
    assert not psutil.pid_exists(pid)


def test_a_failed_run_stands_in_the_archive_and_the_report_stays(seen):
    month = seen.published.place.parent
    assert json.loads((month / "current.json").read_text()) == {"run": seen.published.run_id}
    assert entry(seen.failed).manifest["status"] == "failed"
    assert [one.current for one in list_runs(seen.failed.archive)] == [True, False]
    assert seen.outcomes[1].index == seen.failed.place / "index.html"
    listed = {one["name"]: one for one in entry(seen.failed).manifest["notebooks"]}
    assert listed.pop("01_success")["status"] == "complete"
    assert {name: one["status"] for name, one in listed.items()} == dict.fromkeys(REASONS, "failed")


def test_the_page_of_a_failed_notebook_ends_at_its_error(seen):
    page = (seen.failed.place / "02_raises.html").read_text("utf-8")
    folder = seen.failed.steps[0].working_folder
    assert f"ValueError: no dates in …/{folder.name}/orders.csv" in page
    index = seen.outcomes[1].index.read_text("utf-8")
    assert 'href="02_raises.html"' in index
    assert "04_killed: DeadKernelError: the kernel was killed (SIGKILL), probably out of memory" in index


def test_figures_handed_on_before_a_failure_are_on_no_page(seen):
    assert (seen.failed.place / "results" / "07_after_handing_on.json").is_file()
    assert "KeyError" in (seen.failed.place / "07_after_handing_on.html").read_text("utf-8")


def test_both_runs_are_whole_and_nothing_else_is_left(seen):
    assert [verify(one) for one in list_runs(seen.failed.archive)] == [[], []]
    assert list((seen.failed.archive / ".staging").iterdir()) == []


def test_no_file_of_a_run_holds_a_path_of_this_machine(seen):
    folder = str(seen.failed.archive.parent)
    texts = [p for p in seen.failed.place.rglob("*") if p.suffix in (".html", ".ipynb", ".json", ".log")]
    assert len(texts) > 2 * len(REASONS)
    for path in texts:
        text = path.read_text("utf-8")
        assert folder not in text, path
        assert not re.search(r"/(site-packages|lib/python3)", text), path


def test_executed_notebooks_hold_no_trace_of_papermill(seen):
    for path in (seen.failed.place / "notebooks").glob("*.ipynb"):
        node = nbformat.read(path, as_version=4)
        assert "papermill" not in node.metadata
        assert not [c for c in node.cells if {"papermill", "execution"} & c.metadata.keys()]


def test_two_runs_of_one_notebook_leave_the_same_notebook(seen):
    first, second = (plan.place / "notebooks" / "01_success.ipynb" for plan in (seen.published, seen.failed))
    assert first.read_bytes() == second.read_bytes()


def test_the_record_holds_everything_a_reviewer_may_ask_for(seen):
    manifest = entry(seen.published).manifest
    promised = {"run_id", "study", "period", "as_of", "parameters", "inputs", "commit", "packages", "seed"}
    assert promised | {"started_at", "ended_at", "status", "files", "command"} <= manifest.keys()
    assert manifest["parameters"] == {"01_success": {"months": 12, "source": "source.yml"}}
    assert manifest["started_at"] <= manifest["ended_at"]
    assert {"python", "workbench", "papermill", "pandas"} <= manifest["packages"].keys()


def test_every_file_of_a_run_is_in_its_record(seen):
    folder, files = seen.published.place, entry(seen.published).manifest["files"]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == files.keys() | {"manifest.json"}
    assert {name: about["bytes"] for name, about in files.items()} == {
        name: (folder / name).stat().st_size for name in files
    }


# Without a kernel: files that only a crash leaves.


@pytest.mark.parametrize("content", [None, "", '{"cells": [', "[]"])
def test_a_notebook_that_cannot_be_read_has_failed_and_has_no_page(tmp_path: Path, content: str | None):
    output, mark = tmp_path / "notebook.ipynb", tmp_path / "mark.json"
    mark.touch()
    if content is not None:
        output.write_text(content, encoding="utf-8")
    verdict = judge("03_churn", Execution(0, timed_out=False, output=output), mark)
    assert verdict == Verdict("03_churn", "the executed notebook cannot be read", None)


def test_a_cell_that_was_not_executed_is_a_failure(tmp_path: Path, notebook: Callable[..., Path]):
    output, mark = notebook(tmp_path / "notebook.ipynb", "1 + 1", ""), tmp_path / "mark.json"
    mark.touch()
    verdict = judge("03_churn", Execution(0, timed_out=False, output=output), mark)
    assert verdict.reason == "2 of 2 cells were not executed"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1, "its process ended with exit code 1; the log says why; cell 3 of 9 was at work"),
        (-9, "its process was killed (SIGKILL), probably out of memory; cell 3 of 9 was at work"),
        (-11, "its process died of SIGSEGV; cell 3 of 9 was at work"),
    ],
)
def test_a_process_that_failed_is_a_failure_whatever_it_has_left(
    tmp_path: Path, notebook: Callable[..., Path], code: int, reason: str
):
    output, mark = notebook(tmp_path / "notebook.ipynb"), tmp_path / "mark.json"
    mark.touch()
    last = {"index": 2, "of": 9, "stage": ""}
    execution = Execution(code, timed_out=False, output=output, last=last)
    assert judge("03_churn", execution, mark).reason == reason


def test_a_notebook_that_was_ended_from_outside_was_too_late(tmp_path: Path, notebook: Callable[..., Path]):
    output, last = notebook(tmp_path / "notebook.ipynb"), {"index": 0, "of": 9, "stage": ""}
    execution = Execution(-15, timed_out=True, output=output, last=last)
    reason = "the notebook did not end before its deadline; cell 1 of 9 was at work"
    assert judge("03_churn", execution, tmp_path / "mark.json").reason == reason
