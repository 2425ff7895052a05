"""Ending what a run has started: processes known by a mark that each of them inherits.

A kernel lives in a session of its own, and a process that a notebook has started is nobody's child once its
kernel is dead; the environment is what neither of them can lose by accident.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

MARK_VARIABLE = "WORKBENCH_EXECUTION"
GRACE_SECONDS = 2.0
POLL_SECONDS = 0.05
ROUNDS = 3  # a process may start another one while it is being ended


def end_notebook(output: Path) -> None:
    """End every process that was started for the executed notebook `output`."""
    _end(lambda mark: mark == str(output))


def end_run(staging: Path) -> None:
    """End every process that was started for any notebook of the run in `staging`."""
    _end(lambda mark: Path(mark).is_relative_to(staging))


def _end(ours: Callable[[str], bool]) -> None:
    """First politely, after GRACE_SECONDS for good."""
    for _ in range(ROUNDS):
        found = [process for process in psutil.process_iter() if ours(_mark(process))]
        if not found:
            return
        _signal(found, kill=False)
        _wait(found)
        _signal(found, kill=True)


def _mark(process: psutil.Process) -> str:
    try:
        return process.environ().get(MARK_VARIABLE, "")
    except (psutil.Error, OSError):  # gone, or another user's
        return ""


def _wait(processes: Sequence[psutil.Process]) -> None:
    # psutil's own wait would take a child's exit status away from whoever started it.
    for _ in range(int(GRACE_SECONDS / POLL_SECONDS)):
        if not any(_lives(process) for process in processes):
            return
        time.sleep(POLL_SECONDS)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _signal(processes: Sequence[psutil.Process], *, kill: bool) -> None:
    for process in processes:
        try:
            if kill:
                process.kill()
            else:
                process.terminate()
        except psutil.Error:  # gone in the meantime
            continue
