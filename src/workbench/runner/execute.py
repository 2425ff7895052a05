"""The supervisor: one process per notebook, watched, and ended with everything it started."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from workbench.results import OUT_VARIABLE
from workbench.runner.plan import Step

DEADLINE_SECONDS = 7_200
GRACE_SECONDS = 2.0
Tell = Callable[[str, int], None]


@dataclass(frozen=True)
class Execution:
    """How the process of one notebook ended.

    Attributes
    ----------
    exit_code : int
        Of the process; negative where a signal ended it.
    timed_out : bool
        Whether the supervisor ended it at the deadline.
    output : Path
        The executed notebook; it may be missing or cut short when the process was ended.
    """

    exit_code: int
    timed_out: bool
    output: Path


def execute(step: Step, staging: Path, *, threads: int, tell: Tell) -> Execution:
    """Execute one notebook in a process of its own.

    Parameters
    ----------
    staging : Path
        Folder of the run: the executed notebook, its results, its tables and its log go there.
    threads : int
        Threads that the numerical libraries in the kernel may use.
    tell : callable
        Called with the notebook's name and the index of each cell that begins.
    """
    output = staging / "notebooks" / f"{step.notebook}.ipynb"
    task = {
        "supervisor": os.getpid(),
        "notebook": str(step.path),
        "output": str(output),
        "parameters": dict(step.injected),
        "folder": str(step.working_folder),
    }
    with (staging / "run.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench.runner.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(staging, threads),
            start_new_session=True,  # a signal from the terminal reaches the supervisor, which ends the tree
            text=True,
        )
        late = threading.Event()
        timer = threading.Timer(DEADLINE_SECONDS, _end_late, args=(process.pid, late))
        timer.start()
        try:
            _follow(process, json.dumps(task), step.notebook, tell)
        finally:
            timer.cancel()
            end_tree(process.pid)
            process.wait()
    return Execution(process.returncode, late.is_set(), output)


def _end_late(pid: int, late: threading.Event) -> None:
    late.set()
    end_tree(pid)


def _follow(process: "subprocess.Popen[str]", task: str, notebook: str, tell: Tell) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(task)
    process.stdin.close()
    for line in process.stdout:
        tell(notebook, int(json.loads(line)["index"]))
    process.wait()


def _environment(staging: Path, threads: int) -> dict[str, str]:
    runtime = staging / ".jupyter"
    runtime.mkdir(mode=0o700, exist_ok=True)  # connection files hold the key to the kernel
    caps = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    own = {OUT_VARIABLE: str(staging), "JUPYTER_RUNTIME_DIR": str(runtime), "PYTHONHASHSEED": "0"}
    return kept | caps | own


def end_tree(pid: int) -> None:
    """End a process and everything below it: first politely, after GRACE_SECONDS for good."""
    try:
        root = psutil.Process(pid)
        tree = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    for process in tree:
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(tree, timeout=GRACE_SECONDS)
    for process in alive:
        _signal(process, kill=True)


def end_children() -> None:
    """End every process that this one has started."""
    for child in psutil.Process().children():
        end_tree(child.pid)


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        pass
