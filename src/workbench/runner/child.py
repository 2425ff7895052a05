"""The process that executes one notebook: papermill and nothing else. Started by the supervisor only.

Events go to standard output, one JSON line each; what the process has to say besides goes to standard error.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import papermill

CELL_TIMEOUT_SECONDS = 3_600
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with(supervisor: int) -> None:
    """Let the operating system end this process when its supervisor is gone (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:  # it was gone before the line above
        sys.exit("the supervisor is gone")


def tell(cell: Any, cell_index: int) -> None:
    """One event: this cell begins."""
    sys.stdout.write(json.dumps({"event": "cell", "index": cell_index}) + "\n")
    sys.stdout.flush()


def execute(notebook: Path, output: Path, parameters: dict[str, Any], folder: Path) -> None:
    """Execute `notebook` in `folder` with `parameters`; what papermill raises passes through."""
    papermill.execute_notebook(
        notebook,
        output,
        parameters=parameters,
        cwd=folder,
        progress_bar=False,
        request_save_on_cell_execute=True,
        execution_timeout=CELL_TIMEOUT_SECONDS,
        on_cell_execute=tell,
    )


if __name__ == "__main__":
    task = json.loads(sys.stdin.read())
    die_with(task["supervisor"])
    execute(Path(task["notebook"]), Path(task["output"]), task["parameters"], Path(task["folder"]))
