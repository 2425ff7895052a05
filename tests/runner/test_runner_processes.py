"""Is everything gone that a notebook has started: after the deadline, and when the supervisor is killed?"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from workbench.runner import Plan, Step, execute, run
from workbench.runner.judge import Verdict
from workbench.runner.processes import end_run

pytestmark = pytest.mark.run

DEADLINE_SECONDS = 10.0  # far more than a kernel needs to come to the cell that never ends
# PyDLL keeps the interpreter's lock during the call: the kernel can answer nobody, not even a dead parent.
ENDLESS = """\
import ctypes, os, pathlib, subprocess
sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
pathlib.Path("pids").write_text(f"{os.getpid()} {sleeper.pid}")
ctypes.PyDLL(None).sleep(600)"""
SUPERVISOR = """\
import json, sys, types
from pathlib import Path
from workbench.runner.execute import execute
given = json.loads(sys.argv[1])
step = types.SimpleNamespace(
    notebook="endless", path=Path(given["path"]), injected={}, working_folder=Path(given["folder"]))
execute(step, Path(given["staging"]), threads=1, tell=lambda *_: None)
"""


def gone(pids: list[int], seconds: float = 5.0) -> bool:
    """Whether all processes end within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(map(psutil.pid_exists, pids)):
            return True
        time.sleep(0.05)
    return False


def wait_for(path: Path, seconds: float = 60.0) -> list[int]:
    """The numbers in `path` as soon as it is there."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if path.exists() and path.read_text():
            return [int(number) for number in path.read_text().split()]
        time.sleep(0.05)
    raise AssertionError(f"{path.name} was not written")


def test_a_deadline_ends_the_notebook_and_everything_it_has_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: Callable[..., Step], plan: Callable[..., Plan]
):
    monkeypatch.setattr(execute, "DEADLINE_SECONDS", DEADLINE_SECONDS)
    judged: list[Verdict] = []
    made = plan(tmp_path, [step(tmp_path, "endless", ENDLESS)], "20261101T060000Z-aaaaaa")
    begin = time.monotonic()
    outcome = run(made, tell=lambda *_: None, judged=judged.append)
    assert time.monotonic() - begin < DEADLINE_SECONDS + 10.0
    assert judged[0].reason == "the notebook did not end before its deadline"
    assert outcome.exit_code == 1
    assert gone(wait_for(tmp_path / "pids"))


def test_a_killed_supervisor_leaves_no_kernel_and_the_next_run_ends_the_rest(
    tmp_path: Path, step: Callable[..., Step]
):
    made, staging = step(tmp_path, "endless", ENDLESS), tmp_path / "archive" / ".staging" / "run"
    (staging / "notebooks").mkdir(parents=True)
    given = {"path": str(made.path), "folder": str(tmp_path), "staging": str(staging)}
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, json.dumps(given)])
    kernel, sleeper = wait_for(tmp_path / "pids")
    children = [child.pid for child in psutil.Process(supervisor.pid).children(recursive=True)]
    assert kernel in children
    supervisor.kill()
    supervisor.wait()
    assert gone(children)
    end_run(staging)
    assert gone([sleeper])
