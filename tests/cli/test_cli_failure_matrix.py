"""Does every way in which a notebook can go wrong end the command with the promised code and one reason?

The ways themselves are tested one by one in tests/runner/test_runner_execute.py; here they meet the command.
"""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from workbench.runner import list_runs, plan, verify

pytestmark = pytest.mark.run

# The console script, told of another folder of notebooks and of tighter limits.
PROGRAM = """\
import functools, importlib, pathlib, sys
from workbench.runner import plan
plan.NOTEBOOKS = pathlib.Path(sys.argv.pop(1))
execute = importlib.import_module("workbench.runner.execute")
execute.Limits = functools.partial(execute.Limits, cell_seconds=float(sys.argv.pop(1)))
from workbench.cli import main
main()
"""
HAND_OVER = """\
import json, os, pathlib
out = pathlib.Path(os.environ["WORKBENCH_OUT"]) / "results" / "{name}.json"
out.write_text(json.dumps(
    {{"notebook": "{name}", "as_of": "2026-10-31", "metrics": [], "checks": [], "findings": []}}))"""
# PyDLL keeps the interpreter's lock during the call: the kernel can answer nobody, not even a dead parent.
HOLDS_THE_LOCK = """\
import ctypes, os, pathlib, subprocess
sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
pathlib.Path(os.environ["WORKBENCH_OUT"], "pids").write_text(f"{os.getpid()} {sleeper.pid}")
ctypes.PyDLL(None).sleep(600)"""
KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
Start = Callable[..., "subprocess.Popen[str]"]


def write(folder: Path, name: str, *sources: str, tag: str = "parameters") -> None:
    """A notebook in place of one of ours."""
    cells = [new_code_cell("months = 24", metadata={"tags": [tag]})]
    cells += [
        new_code_cell(source.format(name=name) if source == HAND_OVER else source) for source in sources
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / f"{name}.ipynb")


@pytest.fixture
def start(console, quick, tmp_path) -> Start:
    """Begin a run of notebooks that were written into `tmp_path`."""

    def started(notebooks: str, *options: str, cell_seconds: float = 60.0) -> "subprocess.Popen[str]":
        where = ["--archive", str(tmp_path / "archive"), "--as-of", "2026-10", "--notebooks", notebooks]
        program = [sys.executable, "-c", PROGRAM, tmp_path, str(cell_seconds)]
        return subprocess.Popen(
            [*program, "run", quick, *where, *options],
            env=console.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return started


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Exit code and standard error."""
    _, err = process.communicate(timeout=120)
    return process.returncode, err


def wait_for(archive: Path) -> tuple[Path, list[int]]:
    """The staging folder and the process ids that a notebook has left there."""
    until = time.monotonic() + 60.0
    while time.monotonic() < until:
        for path in (archive / ".staging").glob("*/pids"):
            if path.read_text():
                return path.parent, [int(pid) for pid in path.read_text().split()]
        time.sleep(0.05)
    raise AssertionError("no notebook has begun")


def gone(pids: list[int], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while any(map(lives, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(lives, pids))


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_run_with_failures_of_every_kind_ends_with_1_and_a_reason_for_each(start, tmp_path):
    write(tmp_path, "01_profiling", "print('to the end')", HAND_OVER)
    write(tmp_path, "02_segmentation", "import sys\nsys.exit(0)", HAND_OVER)
    write(tmp_path, "03_churn", HAND_OVER, KILLED)
    write(tmp_path, "04_feedback", "import time\ntime.sleep(600)", HAND_OVER)
    code, err = ended(start("01,02,03,04", "--jobs", "2", cell_seconds=3.0))
    assert code == 1
    told = sorted(re.sub(r"held [\d,]+ MiB", "held # MiB", line) for line in err.splitlines())
    assert [line for line in told if not line.endswith("started")] == [
        "01_profiling: done",
        "02_segmentation: failed: SystemExit: 0",
        "03_churn: failed: DeadKernelError: the kernel was killed (SIGKILL), probably out of memory, "
        "in cell 4 of 4; it held # MiB at most",
        "04_feedback: failed: CellTimeoutError: cell 3 of 4 did not end within 3 s",
    ]
    (run,) = list_runs(tmp_path / "archive")
    assert (run.manifest["status"], run.current, verify(run)) == ("failed", False, [])
    assert "did not end within 3 s" in (run.folder / "04_feedback.html").read_text("utf-8")


@pytest.fixture
def refused(inside, quick, tmp_path, monkeypatch) -> Callable[[], str]:
    """What a run of notebook 01 in `tmp_path` says, which ends before anything is there."""
    monkeypatch.setattr(plan, "NOTEBOOKS", tmp_path)

    def said() -> str:
        done = inside("run", quick, "--archive", tmp_path / "archive", "--notebooks", "01")
        assert done.code == 2
        assert not (tmp_path / "archive").exists()
        return str(done.err)

    return said


def test_a_lost_tag_ends_with_2_before_any_kernel_starts(refused, tmp_path):
    write(tmp_path, "01_profiling", HAND_OVER, tag="params")
    assert "the notebook must be exactly one cell tagged `parameters`; got 0 of them" in refused()


def test_a_shell_command_ends_with_2_before_any_kernel_starts(refused, tmp_path):
    write(tmp_path, "01_profiling", "!false", HAND_OVER)
    assert "cell 2" in refused()


def test_of_two_runs_at_once_one_ends_with_3_and_signals_end_the_other(start, tmp_path):
    write(tmp_path, "01_profiling", HOLDS_THE_LOCK)
    first = start("01")
    staging, pids = wait_for(tmp_path / "archive")
    below = [child.pid for child in psutil.Process(first.pid).children(recursive=True)]
    code, err = ended(start("01"))
    assert code == 3
    assert "the lock must be free; got one that another run holds" in err
    first.send_signal(signal.SIGTERM)
    assert ended(first)[0] == 143
    assert gone([*pids, *below], seconds=1.0)
    assert not staging.exists()


def test_a_killed_run_leaves_no_process_and_the_next_one_succeeds(start, tmp_path):
    write(tmp_path, "01_profiling", HOLDS_THE_LOCK)
    first = start("01")
    staging, pids = wait_for(tmp_path / "archive")
    below = [child.pid for child in psutil.Process(first.pid).children(recursive=True)]
    first.kill()
    first.communicate()
    assert gone([*pids, *below])
    write(tmp_path, "01_profiling", HAND_OVER)
    assert ended(start("01")) == (0, "01_profiling: started\n01_profiling: done\n")
    assert not staging.exists()
    assert list((tmp_path / "archive" / ".staging").iterdir()) == []
