"""The supervisor: one process per notebook, watched, and ended with everything it started."""

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from workbench.language import LANGUAGES
from workbench.results import EARLIER_VARIABLE, OUT_VARIABLE
from workbench.runner.limits import Limits
from workbench.runner.plan import Step
from workbench.runner.processes import (
    MARK_VARIABLE,
    SCRATCH,
    SOCKETS_PREFIX,
    end_notebook,
    pids_file,
    short_folder,
    sockets_file,
)
from workbench.runner.warm import Forked, Spawned, Warm, base_environment

__all__ = ["SCRATCH", "Execution", "Tell", "execute"]

# After the deadline the process has this long to write down where it stood before it is ended from outside.
LATE_SECONDS = 20.0
SOCKET_PATH_CHARACTERS = 100  # of the 107 that the system allows
Pipe = Forked | Spawned


# A cell of the notebook begins: its name, and ``index`` among ``of`` cells, ``stage`` (the last heading above
# it), and ``language`` where the cell is only said again in another language.
Tell = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Execution:
    """How the process of one notebook ended.

    Attributes
    ----------
    exit_code : int
        Of the process; negative where a signal ended it.
    timed_out : bool
        Whether the supervisor had to end it after the deadline.
    output : Path
        The executed notebook; it may be missing or cut short when the process was ended.
    translations : mapping of str to Path
        The notebook in the other languages that were asked for.
    seconds : float
        From the start of the process to its end.
    peak_mib : float or None
        The most memory that the kernel held; None if its process could not tell.
    last : mapping or None
        What was told of the cell that began last.
    """

    exit_code: int
    timed_out: bool
    output: Path
    translations: Mapping[str, Path] = field(default_factory=dict)
    seconds: float = 0.0
    peak_mib: float | None = None
    last: Mapping[str, Any] | None = None


def execute(
    step: Step,
    staging: Path,
    *,
    threads: int,
    tell: Tell,
    stopping: threading.Event | None = None,
    warm: Warm | None = None,
    languages: Sequence[str] = (),
    limits: Limits | None = None,
) -> Execution:
    """Execute one notebook in a process of its own.

    Parameters
    ----------
    staging : Path
        Folder of the run: the executed notebook, its results, its tables and its log go there.
    threads : int
        Threads that the numerical libraries in the kernel may use.
    tell : callable
        Called when a cell begins, with the notebook's name and where it stands.
    stopping : Event, optional
        Set when the whole run is being stopped: what was started too late to be seen then ends at once.
    warm : Warm, optional
        Where processes come from; they are started anew without it.
    languages : sequence of str
        Languages of the report; each besides the notebook's own leaves ``notebooks/<name>.<language>.ipynb``.
    """
    output = staging / "notebooks" / f"{step.notebook}.ipynb"
    limits = limits or Limits()
    begin = time.monotonic()
    late, watch = threading.Event(), _Watch(step.notebook, tell)
    others = [each for each in languages if each != step.injected.get("language", LANGUAGES[0])]
    timer = threading.Timer(limits.notebook_seconds + LATE_SECONDS, _end_late, args=(output, late))
    try:
        task = _task(step, staging, output, others, limits)
        with (staging / "run.log").open("ab") as log:
            process = _process(log, task, threads, warm)
        timer.start()
        if stopping is None or not stopping.is_set():
            _follow(process, task, watch)
    finally:
        timer.cancel()
        end_notebook(output)
    process.close()
    code = process.wait()
    translations = {language: output.with_suffix(f".{language}.ipynb") for language in others}
    seconds = time.monotonic() - begin
    return Execution(code, late.is_set(), output, translations, seconds, watch.peak_mib, watch.last)


def _task(
    step: Step, staging: Path, output: Path, languages: Sequence[str], limits: Limits
) -> dict[str, Any]:
    scratch = staging / SCRATCH
    scratch.mkdir(mode=0o700, exist_ok=True)
    # IPython's own folder too: a user's start-up files are no part of a report.
    folders = dict.fromkeys(("TMPDIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"), str(scratch))
    earlier = {} if step.earlier is None else {EARLIER_VARIABLE: str(step.earlier)}
    return {
        "notebook": str(step.path),
        "output": str(output),
        "parameters": dict(step.injected),
        "folder": str(step.working_folder),
        "languages": list(languages),
        "limits": asdict(limits),
        "pids": str(pids_file(output)),
        "connection": str(scratch / f"{step.notebook}.json"),
        "sockets": str(_sockets(output)),
        "environment": {OUT_VARIABLE: str(staging), MARK_VARIABLE: str(output)} | earlier | folders,
    }


def _sockets(output: Path) -> Path:
    """A private folder whose path is short enough for sockets in it."""
    folder = pids_file(output).with_suffix("")
    if len(str(folder)) > SOCKET_PATH_CHARACTERS and (short := short_folder()):
        folder = Path(short) / f"{SOCKETS_PREFIX}{secrets.token_hex(8)}"
        sockets_file(output).write_text(str(folder), encoding="utf-8")  # before it is there: it will be found
    folder.mkdir(mode=0o700)
    return folder


def _process(log: IO[bytes], task: Mapping[str, Any], threads: int, warm: Warm | None) -> Pipe:
    forked = warm.fork(log) if warm is not None else None
    return forked or Spawned(base_environment(threads) | task["environment"], log)


def _end_late(output: Path, late: threading.Event) -> None:
    late.set()
    end_notebook(output)


class _Watch:
    """What is known of a notebook from its events."""

    def __init__(self, notebook: str, tell: Tell) -> None:
        self.notebook, self.tell = notebook, tell
        self.last: Mapping[str, Any] | None = None
        self.peak_mib: float | None = None

    def see(self, line: str) -> None:
        """Take one event."""
        with suppress(ValueError):  # cut short: its process was ended
            event = json.loads(line)
            if event.pop("event") == "cell":
                self.last = event
                self.tell(self.notebook, event)
            else:
                self.peak_mib = event["peak_mib"] or None


def _follow(process: Pipe, task: Mapping[str, Any], watch: _Watch) -> None:
    with suppress(BrokenPipeError):  # it ended at once: the judge will see
        process.stdin.write(json.dumps(task) + "\n")
        process.stdin.flush()  # and stays open: its end tells the process that we are gone
    for line in process.stdout:
        watch.see(line)
    process.wait()
