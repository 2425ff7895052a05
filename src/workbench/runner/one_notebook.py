"""What the process of one notebook does: papermill and nothing else.

The task comes as one line of JSON on standard input, which stays open as long as the supervisor lives. Events
go to standard output, one JSON line each; what there is to say besides goes to standard error.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from workbench.runner.limits import Limits
from workbench.runner.processes import adopt_orphans, end_below, note, peak_mib_below

Task = dict[str, Any]


def spawned() -> None:
    """Execute the notebook of the task on standard input, in a process of its own."""
    task = json.loads(sys.stdin.readline())
    adopt_orphans()
    note(Path(task["pids"]))
    execute(task)


def forked() -> None:
    """The same in a fork: the environment comes with the task, and the kernel is forked too.

    The kernel is made first of all, before there is any thread that a fork would tear in two.
    """
    task = json.loads(sys.stdin.readline())
    os.environ.update(task["environment"])
    adopt_orphans()
    note(Path(task["pids"]))
    from workbench.runner import kernels

    connection, sockets = Path(task["connection"]), Path(task["sockets"])
    kernel = kernels.fork(connection, sockets, Path(task["pids"]), Path(task["folder"]))
    execute(task, lambda name: kernels.manager_of(kernel, name, connection))


def execute(task: Task, make_manager: Any = None) -> None:
    """Execute the notebook of `task`; what papermill raises passes through."""
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    events = _own_events()
    import papermill

    from workbench.runner import kernels

    connection, sockets = Path(task["connection"]), Path(task["sockets"])

    def tell(event: dict[str, Any]) -> None:
        events.write(json.dumps(event) + "\n")
        events.flush()

    try:
        papermill.execute_notebook(
            _literal(task["notebook"]),
            None,  # the engine writes, and whole files
            parameters=task["parameters"],
            engine_name="workbench",
            cwd=Path(task["folder"]),
            progress_bar=False,
            limits=Limits(**task["limits"]),
            languages=task["languages"],
            tell=tell,
            make_manager=make_manager or (lambda name: kernels.manager(name, connection, sockets)),
            save_to=task["output"],
        )
    finally:
        tell({"event": "ended", "peak_mib": round(peak_mib_below(), 1)})
        end_below()  # what the kernel has started, and left to this process when it ended


def _own_events() -> TextIO:
    """Standard output for events alone: what a kernel prints past its notebook goes to the log."""
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return events


def _end_with_supervisor() -> None:
    """Wait until the supervisor is gone, then end this process and everything below it."""
    os.read(sys.stdin.fileno(), 1)  # nothing is ever sent: this returns when the other end is closed
    end_below()
    os._exit(1)


def _literal(path: str) -> str:
    """`path` so that papermill, which fills parameters into braces, takes it as it is."""
    return path.replace("{", "{{").replace("}", "}}")
