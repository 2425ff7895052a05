"""Ending what a run has started, however it was started.

A kernel lives in a session of its own, and a process that a notebook has started is nobody's child once its
kernel is dead. So three things tell whose a process is: a mark in the environment, which a program inherits;
the list of process ids that forks, whose environment does not show, write beside the notebook; and the
session and the parents of those.
"""

import ctypes
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

MARK_VARIABLE = "WORKBENCH_EXECUTION"
# Temporary files of the notebooks, and Jupyter's connection files, which hold the key to the kernel: private,
# and gone with the staging folder even if the run is killed.
SCRATCH = ".scratch"
SOCKETS_PREFIX = "workbench-ipc-"
GRACE_SECONDS = 2.0
POLL_SECONDS = 0.05
ROUNDS = 3  # a process may start another one while it is being ended
# The time a process was started is told from the clock of the machine, which is set now and then; far less
# time than the machine needs to give the same number to another process.
CLOCK_TOLERANCE_SECONDS = 60.0
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # <linux/prctl.h>


def pids_file(output: Path) -> Path:
    """Where the processes of the executed notebook `output` are listed."""
    return output.parent.parent / SCRATCH / f"{output.stem}.pids"


def sockets_file(output: Path) -> Path:
    """Where the folder of its kernel's sockets is named, if it lies elsewhere."""
    return pids_file(output).with_suffix(".sockets")


def short_folder() -> str | None:
    """Where folders for sockets are made: the path of a socket may have 107 characters and no more."""
    return "/tmp" if os.path.isdir("/tmp") else None


def note(pids: Path) -> None:
    """Add this process to a list."""
    line = json.dumps({"pid": os.getpid(), "started": psutil.Process().create_time()})
    with pids.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def die_with_parent() -> None:
    """Have the system end this process when the thread that forked it ends; only Linux can."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of whatever loses its own below this process; only Linux can."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def end_below() -> None:
    """End every descendant of this process at once."""
    below = psutil.Process().children(recursive=True)
    for process in below:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(below, timeout=GRACE_SECONDS)  # a busy machine takes its time to end them


def end_notebook(output: Path) -> None:
    """End every process that was started for the executed notebook `output`."""
    _end(lambda mark: mark == str(output), [pids_file(output)])
    pids_file(output).with_suffix(".json").unlink(missing_ok=True)  # the connection file, with the key
    shutil.rmtree(pids_file(output).with_suffix(""), ignore_errors=True)
    _remove_sockets([sockets_file(output)])


def end_run(staging: Path) -> None:
    """End every process that was started for any notebook of the run in `staging`."""
    scratch = staging / SCRATCH
    _end(lambda mark: Path(mark).is_relative_to(staging), scratch.glob("*.pids"))
    _remove_sockets(scratch.glob("*.sockets"))


def processes_of(staging: Path) -> list[psutil.Process]:
    """The processes of a run that are alive."""
    return _found(lambda mark: Path(mark).is_relative_to(staging), list((staging / SCRATCH).glob("*.pids")))


def _end(ours: Callable[[str], bool], lists: Iterable[Path]) -> None:
    """First politely, after GRACE_SECONDS for good."""
    noted = list(lists)
    for _ in range(ROUNDS):
        found = _found(ours, noted)
        if not found:
            return
        _signal(found, kill=False)
        _wait(found)
        _signal(found, kill=True)


def _found(ours: Callable[[str], bool], lists: Sequence[Path]) -> list[psutil.Process]:
    noted = _noted(lists)
    roots = {pid for pid, started in noted.items() if _is(pid, started)}
    # A session keeps its number when its leader is dead; the number is another's if a younger process has it.
    sessions = {pid for pid in noted if pid in roots or not psutil.pid_exists(pid)}
    found = {p.pid: p for p in psutil.process_iter() if _session(p.pid) in sessions or ours(_mark(p))}
    for pid in roots | set(found):
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            found |= {each.pid: each for each in (process, *process.children(recursive=True))}
    found.pop(os.getpid(), None)
    return [process for process in found.values() if _lives(process)]


def _noted(lists: Iterable[Path]) -> dict[int, float]:
    noted = {}
    for path in lists:
        with suppress(OSError, ValueError, KeyError):  # one that was cut short
            for line in path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                noted[int(entry["pid"])] = float(entry["started"])
    return noted


def _is(pid: int, started: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < CLOCK_TOLERANCE_SECONDS
    except psutil.Error:
        return False


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except (OSError, AttributeError):  # gone, or a system without sessions
        return -1


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


def _remove_sockets(named: Iterable[Path]) -> None:
    for path in named:
        with suppress(OSError):
            folder = Path(path.read_text(encoding="utf-8"))
            if folder.name.startswith(SOCKETS_PREFIX):  # whatever else the file may say, nothing else goes
                shutil.rmtree(folder, ignore_errors=True)
            path.unlink()


def peak_mib_below() -> float:
    """The most memory (MiB) that a descendant of this process held; 0 while none has ended."""
    try:
        import resource
    except ImportError:  # not a Unix
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 2**20
