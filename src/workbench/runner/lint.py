"""Cells that a scheduled notebook must not have, because they hide a failure from whoever judges the run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

# ``!command`` at the begin of a line, or after an assignment, and the magics that run a shell.
_SHELL_LINE = re.compile(r"^\s*(?:[\w, ]+=\s*)?(!(?!=)|%(?:system|sx|sc)\b)", re.MULTILINE)
_SHELL_CELL = re.compile(r"\A\s*%%(?:bash|sh|script|system|sx|cmd|!)")
_SHELL_CALL = re.compile(r"\bget_ipython\(\)\s*\.\s*(?:system|getoutput)\b")
_ALLOWS_ERRORS = "raises-exception"


@dataclass(frozen=True)
class RefusedCell:
    """A cell that is refused; `number` counts all cells of the notebook from 1."""

    number: int
    reason: str


def refused_cells(notebook: NotebookNode) -> list[RefusedCell]:
    """The cells of a notebook because of which it must not run unattended.

    A shell command that fails is no error to the kernel (``!false`` leaves no trace at all), and a cell
    tagged ``raises-exception`` may fail and be taken for a success.
    """
    return [
        RefusedCell(number, reason)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code"
        for reason in _reasons(cell)
    ]


def _reasons(cell: NotebookNode) -> Iterator[str]:
    if _SHELL_CELL.search(cell.source):
        yield "is a shell script"
    elif _SHELL_LINE.search(_without_strings(cell.source)) or _SHELL_CALL.search(cell.source):
        yield "runs a shell command, whose failure nobody would see"
    if _ALLOWS_ERRORS in cell.metadata.get("tags", []):
        yield f"is tagged {_ALLOWS_ERRORS}"


_STRINGS = re.compile(r'"""(?:.|\n)*?"""' + r"|'''(?:.|\n)*?'''")


def _without_strings(source: str) -> str:
    """`source` without the texts in triple quotes, whose lines may begin with anything."""
    return _STRINGS.sub('""', source)
