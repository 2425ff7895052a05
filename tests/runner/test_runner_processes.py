"""Is everything gone that a notebook has started: after the deadline, and when the supervisor is killed?"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from workbench.runner import Step
from workbench.runner.processes import end_notebook, end_run, pids_file, processes_of, sockets_file

pytestmark = pytest.mark.run

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
from workbench.runner.warm import Warm
given = json.loads(sys.argv[1])
step = types.SimpleNamespace(
    earlier=None,
    notebook="endless", path=Path(given["path"]), injected={}, working_folder=Path(given["folder"]))
warm = Warm.start(threads=1) if given["warm"] else None
execute(step, Path(given["staging"]), threads=1, tell=lambda *_: None, warm=warm)
"""
HOWS = {"forked": True, "spawned": False}


def lives(pid: int) -> bool:
    """Whether a process is more than an exit code that nobody has asked for."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(pids: list[int], seconds: float = 5.0) -> bool:
    """Whether all processes end within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(map(lives, pids)):
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


@pytest.fixture(params=HOWS.values(), ids=HOWS)
def supervisor(
    request: pytest.FixtureRequest, tmp_path: Path, step: Callable[..., Step]
) -> Iterator["subprocess.Popen[bytes]"]:
    """A supervisor whose notebook never ends."""
    made, staging = step(tmp_path, "endless", ENDLESS), tmp_path / "archive" / ".staging" / "run"
    (staging / "notebooks").mkdir(parents=True)
    given = {"path": str(made.path), "folder": str(tmp_path), "staging": str(staging), "warm": request.param}
    process = subprocess.Popen([sys.executable, "-c", SUPERVISOR, json.dumps(given)])
    yield process
    process.kill()
    process.wait()
    end_run(staging)


def test_a_killed_supervisor_leaves_no_process(tmp_path: Path, supervisor: "subprocess.Popen[bytes]"):
    kernel, sleeper = wait_for(tmp_path / "pids")
    below = [child.pid for child in psutil.Process(supervisor.pid).children(recursive=True)]
    assert {kernel, sleeper} <= set(below)
    supervisor.kill()
    supervisor.wait()
    assert gone(below)


def test_the_next_run_ends_what_a_killed_one_could_not(tmp_path: Path, supervisor: "subprocess.Popen[bytes]"):
    kernel, sleeper = wait_for(tmp_path / "pids")
    above = [
        child for child in psutil.Process(supervisor.pid).children(recursive=True) if child.pid != kernel
    ]
    for process in above:  # nobody of them can do anything for its kernel any more
        if process.pid != sleeper:
            process.suspend()
    supervisor.kill()
    supervisor.wait()
    staging = tmp_path / "archive" / ".staging" / "run"
    assert {kernel, sleeper} <= {process.pid for process in processes_of(staging)}
    end_run(staging)
    assert gone([kernel, sleeper])
    for process in above:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def test_a_notebook_process_that_is_killed_takes_its_kernel_with_it(
    tmp_path: Path, supervisor: "subprocess.Popen[bytes]"
):
    kernel, sleeper = wait_for(tmp_path / "pids")
    psutil.Process(psutil.Process(kernel).ppid()).kill()
    assert gone([kernel, sleeper])
    assert supervisor.wait(timeout=10.0) == 0


def test_a_list_that_was_cut_short_and_numbers_of_others_end_nobody(tmp_path: Path):
    output = tmp_path / "notebooks" / "01.ipynb"
    pids_file(output).parent.mkdir(parents=True)
    me = {"pid": os.getppid(), "started": 1.0}  # the number is that of a living process, the time is not
    pids_file(output).write_text(json.dumps(me) + '\n{"pid": ')
    end_notebook(output)
    assert psutil.pid_exists(os.getppid())


def test_only_folders_made_for_sockets_are_removed(tmp_path: Path):
    output, mine = tmp_path / "notebooks" / "01.ipynb", tmp_path / "mine"
    mine.mkdir()
    sockets_file(output).parent.mkdir(parents=True)
    sockets_file(output).write_text(str(mine))
    end_notebook(output)
    assert mine.is_dir()
