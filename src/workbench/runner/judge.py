"""Whether a notebook has succeeded. What the notebook says of itself is not asked.

papermill marks a notebook as completed whose kernel was killed, and returns normally from one that ended
itself with ``sys.exit(0)``; so four things that cannot be so by accident must hold at once.
"""

import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from workbench.runner.execute import Execution

# Colours of a terminal, as tracebacks carry them.
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Verdict:
    """What became of one notebook; `reason` is None if it succeeded, `node` None if no page can be made.

    Attributes
    ----------
    skipped : bool
        It was never begun, because another one that it needs has failed.
    translations : mapping of str to NotebookNode
        The notebook in the other languages that were asked for, as far as they could be read.
    execution : Execution or None
        What it took; None if it was not executed.
    """

    notebook: str
    reason: str | None
    node: NotebookNode | None
    skipped: bool = False
    translations: Mapping[str, NotebookNode] = field(default_factory=dict)
    execution: Execution | None = field(default=None, compare=False)

    @property
    def succeeded(self) -> bool:
        """Whether the notebook's figures may be published."""
        return self.reason is None


def judge(notebook: str, execution: Execution, end_mark: Path) -> Verdict:
    """The verdict on one executed notebook.

    Success is: the process returned cleanly, every cell with code was executed, no cell shows an error, in
    any language, and the notebook's last call has left its results (`end_mark`).
    """
    node = _read(execution.output)
    read = {language: _read(path) for language, path in execution.translations.items()}
    translations = {language: each for language, each in read.items() if each is not None}
    reason = _reason(execution, node, read, end_mark)
    return Verdict(notebook, reason, node, translations=translations, execution=execution)


def _reason(
    execution: Execution,
    node: NotebookNode | None,
    translations: Mapping[str, NotebookNode | None],
    end_mark: Path,
) -> str | None:
    if execution.timed_out:
        return f"the notebook did not end before its deadline{_where(execution)}"
    error = _first_error(node) or _first_error_said_again(translations)
    if error is not None:
        return error
    if execution.exit_code != 0:
        return _ending(execution.exit_code) + _where(execution)
    if node is None:
        return "the executed notebook cannot be read"
    left = sum(1 for cell in _code_cells(node) if cell.execution_count is None)
    if left:
        return f"{left} of {len(_code_cells(node))} cells were not executed"
    if not end_mark.is_file():
        return "the notebook did not hand on its results"
    missing = [language for language, each in translations.items() if each is None]
    return f"the notebook was not said in {', '.join(missing)}" if missing else None


def _ending(code: int) -> str:
    if code == -signal.SIGKILL:
        return "its process was killed (SIGKILL), probably out of memory"
    if code < 0:
        return f"its process died of {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}; the log says why"


def _where(execution: Execution) -> str:
    last = execution.last
    return f"; cell {last['index'] + 1} of {last['of']} was at work" if last else ""


def _first_error_said_again(translations: Mapping[str, NotebookNode | None]) -> str | None:
    errors = {language: _first_error(node) for language, node in translations.items()}
    return next((f"in {language}: {error}" for language, error in errors.items() if error), None)


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
