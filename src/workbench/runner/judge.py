"""Whether a notebook has succeeded. What the notebook says of itself is not asked.

papermill marks a notebook as completed whose kernel was killed, and returns normally from one that ended
itself with ``sys.exit(0)``; so four things that cannot be so by accident must hold at once.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from workbench.runner.execute import Execution

# Colours of a terminal, as tracebacks carry them.
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Verdict:
    """What became of one notebook; `reason` is None if it succeeded, `node` None if no page can be made.

    One that was `skipped` was never begun, because another one that it needs has failed.
    """

    notebook: str
    reason: str | None
    node: NotebookNode | None
    skipped: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the notebook's figures may be published."""
        return self.reason is None


def judge(notebook: str, execution: Execution, end_mark: Path) -> Verdict:
    """The verdict on one executed notebook.

    Success is: the process returned cleanly, every cell with code was executed, no cell shows an error, and
    the notebook's last call has left its results (`end_mark`).
    """
    node = _read(execution.output)
    return Verdict(notebook, _reason(execution, node, end_mark), node)


def _reason(execution: Execution, node: NotebookNode | None, end_mark: Path) -> str | None:
    if execution.timed_out:
        return "the notebook did not end before its deadline"
    error = _first_error(node)
    if error is not None:
        return error
    if execution.exit_code != 0:
        return (
            f"its process ended with exit code {execution.exit_code}: the kernel died or was killed (memory?)"
        )
    if node is None:
        return "the executed notebook cannot be read"
    left = sum(1 for cell in _code_cells(node) if cell.execution_count is None)
    if left:
        return f"{left} of {len(_code_cells(node))} cells were not executed"
    if not end_mark.is_file():
        return "the notebook did not hand on its results"
    return None


def _read(path: Path) -> NotebookNode | None:
    try:
        node: NotebookNode = nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError):  # missing, empty, cut short
        return None
    return node


def _code_cells(node: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in node.cells if cell.cell_type == "code" and cell.source.strip()]


def _first_error(node: NotebookNode | None) -> str | None:
    for cell in _code_cells(node) if node is not None else ():
        for output in cell.outputs:
            if output.output_type == "error":
                return _ANSI.sub("", f"{output.ename}: {output.evalue}")
    return None
