"""The supervisor: one process per notebook, watched, and ended with everything it started."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.results import OUT_VARIABLE
from workbench.runner.plan import Step
from workbench.runner.processes import MARK_VARIABLE, end_notebook

DEADLINE_SECONDS = 7_200
# Started by its path: as a module of this package it would import the whole runner first, for two seconds.
CHILD = Path(__file__).with_name("child.py")
# Temporary files of the notebooks, and Jupyter's connection files, which hold the key to the kernel: private,
# and gone with the staging folder even if the run is killed.
SCRATCH = ".scratch"
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


def execute(
    step: Step, staging: Path, *, threads: int, tell: Tell, stopping: threading.Event | None = None
) -> Execution:
    """Execute one notebook in a process of its own.

    Parameters
    ----------
    staging : Path
        Folder of the run: the executed notebook, its results, its tables and its log go there.
    threads : int
        Threads that the numerical libraries in the kernel may use.
    tell : callable
        Called with the notebook's name and the index of each cell that begins.
    stopping : Event, optional
        Set when the whole run is being stopped: what was started too late to be seen then ends at once.
    """
    output = staging / "notebooks" / f"{step.notebook}.ipynb"
    task = {
        "notebook": str(step.path),
        "output": str(output),
        "parameters": dict(step.injected),
        "folder": str(step.working_folder),
    }
    with (staging / "run.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(staging, threads) | {MARK_VARIABLE: str(output)},
            start_new_session=True,  # a signal from the terminal reaches the supervisor, which ends the tree
            text=True,
        )
        late = threading.Event()
        timer = threading.Timer(DEADLINE_SECONDS, _end_late, args=(output, late))
        timer.start()
        try:
            if stopping is None or not stopping.is_set():
                _follow(process, json.dumps(task), step.notebook, tell)
        finally:
            timer.cancel()
            end_notebook(output)
            process.communicate()
    return Execution(process.returncode, late.is_set(), output)


def _end_late(output: Path, late: threading.Event) -> None:
    late.set()
    end_notebook(output)


def _follow(process: "subprocess.Popen[str]", task: str, notebook: str, tell: Tell) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):  # it ended at once: the judge will see
        process.stdin.write(task + "\n")
        process.stdin.flush()  # and stays open: its end tells the process that we are gone
    for line in process.stdout:
        tell(notebook, int(json.loads(line)["index"]))
    process.wait()


def _environment(staging: Path, threads: int) -> dict[str, str]:
    scratch = staging / SCRATCH
    scratch.mkdir(mode=0o700, exist_ok=True)
    caps = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    own = {OUT_VARIABLE: str(staging), "PYTHONHASHSEED": "0"}
    # IPython's own folder too: a user's start-up files are no part of a report.
    return kept | caps | own | dict.fromkeys(("TMPDIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"), str(scratch))
