"""The process that executes one notebook: papermill and nothing else. Started by the supervisor, by its path.

The task comes as one line of JSON on standard input, which stays open as long as the supervisor lives. Events
go to standard output, one JSON line each; what there is to say besides goes to standard error.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, TextIO, cast

import psutil

CELL_TIMEOUT_SECONDS = 3_600
OUTPUT_TIMEOUT_SECONDS = 60  # for the last output of a cell; 4 s, the default, are too few on a busy machine


def own_events() -> TextIO:
    """Standard output for events alone: what a kernel prints past its notebook goes to the log."""
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return events


def end_with_supervisor() -> None:
    """Wait until the supervisor is gone, then end this process and everything below it."""
    os.read(sys.stdin.fileno(), 1)  # nothing is ever sent: this returns when the other end is closed
    for process in psutil.Process().children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    os._exit(1)


def execute(task: dict[str, Any], events: TextIO) -> None:
    """Execute the notebook of `task`; what papermill raises passes through."""
    # jsonschema, which papermill imports, compiles a grammar of web addresses for more than a second if it
    # can import this package. No notebook's schema asks for the form of a web address.
    cast(dict[str, Any], sys.modules)["rfc3987_syntax"] = None
    import papermill

    def tell(cell: Any, cell_index: int) -> None:
        events.write(json.dumps({"event": "cell", "index": cell_index}) + "\n")
        events.flush()

    papermill.execute_notebook(
        _literal(task["notebook"]),
        _literal(task["output"]),
        parameters=task["parameters"],
        cwd=Path(task["folder"]),
        progress_bar=False,
        request_save_on_cell_execute=True,
        execution_timeout=CELL_TIMEOUT_SECONDS,
        iopub_timeout=OUTPUT_TIMEOUT_SECONDS,
        on_cell_execute=tell,
    )


def _literal(path: str) -> str:
    """`path` so that papermill, which fills parameters into braces, takes it as it is."""
    return path.replace("{", "{{").replace("}", "}}")


if __name__ == "__main__":
    given = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_supervisor, daemon=True).start()
    execute(given, own_events())
