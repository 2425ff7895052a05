"""The executed notebook on disk: replaced whole, without times and without paths of this machine."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from papermill.engines import NotebookExecutionManager
from papermill.iorw import write_ipynb

INJECTED = "injected-parameters"
# What papermill notes and two equal runs do not share.
_CHANCE = ("input_path", "output_path", "start_time", "end_time", "duration")


class Saved(NotebookExecutionManager):  # type: ignore[misc]  # papermill has no types
    """Keeps the file of a notebook up to date while it is executed.

    papermill's own writes in place, so that a process that is killed meanwhile leaves half a notebook; and it
    saves in the middle of cells, which takes longer the more they put out.
    """

    def __init__(self, nb: NotebookNode, output_path: str | None, *, progress_bar: Any = False) -> None:
        super().__init__(nb, output_path=output_path, progress_bar=progress_bar, autosave_cell_every=0)

    def save(self, **options: Any) -> None:
        """Write the notebook."""
        if self.output_path:
            write(self.nb, self.output_path)

    def notebook_start(self, **options: Any) -> None:
        """Clear what an earlier execution has left, and write the notebook."""
        for name in _CHANCE:
            self.nb.metadata.get("papermill", {}).pop(name, None)
        for cell in self.nb.cells:
            cell.metadata.pop("papermill", None)
            if cell.cell_type == "code":
                cell.execution_count, cell.outputs = None, []
                cell.metadata.pop("execution", None)
                cell.metadata.pop("workbench", None)
            if INJECTED in cell.metadata.get("tags", []):
                cell.id = INJECTED  # papermill draws one at random
        self.save()

    def cell_complete(self, cell: NotebookNode, cell_index: int | None = None, **options: Any) -> None:
        """Write the notebook with the output of a cell that has ended."""
        self.save()
        if self.pbar:
            self.pbar.update(1)

    def notebook_complete(self, **options: Any) -> None:
        """Write the notebook as it stands at the end."""
        self.cleanup_pbar()
        self.save()


def write(nb: NotebookNode, path: str) -> None:
    """Write a notebook so that whoever reads it, or a crash, sees the old one or the new one."""
    if path == "-" or "://" in path:  # papermill knows how
        write_ipynb(nb, path)
        return
    part = Path(path).with_name(f".{Path(path).name}.part")
    part.write_text(nbformat.writes(nb) + "\n", encoding="utf-8")
    part.replace(path)
