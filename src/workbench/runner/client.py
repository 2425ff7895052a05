"""Executes one notebook for the engine: its cells in order, within limits, in every language asked for."""

import copy
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.exceptions import PapermillExecutionError
from papermill.log import logger

from workbench.language import LANGUAGES, say, speaking
from workbench.runner import kernels
from workbench.runner.limits import Limits
from workbench.runner.outlets import Outlet
from workbench.runner.processes import SOCKETS_PREFIX, peak_mib_below, short_folder
from workbench.runner.repeating import SPEAK, repeated
from workbench.runner.saving import Saved

Event = dict[str, Any]
_LANGUAGE_TAG = "lang-"
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


def execute(
    nb: NotebookNode,
    kernel_name: str,
    output_path: str | None = None,
    *,
    limits: Limits | None = None,
    languages: Sequence[str] = (),
    tell: Callable[[Event], None] = lambda event: None,
    make_manager: Callable[[str], AsyncKernelManager] | None = None,
    save_to: str | None = None,
    **options: Any,
) -> NotebookNode:
    """Execute `nb`, which papermill has prepared, and return it.

    Parameters
    ----------
    languages : sequence of str
        Languages to say everything in once more after the notebook has come to its end, by executing in the
        same kernel the cells that have shown something. Saved as ``<name>.<language>.ipynb`` beside it.
    tell : callable
        Called with an event when a cell begins.
    make_manager : callable, optional
        Makes the manager of the kernel from the kernel's name.
    save_to : str, optional
        Where to save instead of `output_path`, and papermill shall not.
    **options
        What papermill passes to every engine: `execution_timeout` (seconds for a cell, before those of
        `limits`), `start_timeout`, `progress_bar`, `log_output`, `stdout_file`, `stderr_file`.

    Raises
    ------
    PapermillExecutionError
        If a cell did not end well in a way that papermill would not see.
    """
    saved = Saved(nb, save_to or output_path, progress_bar=options.get("progress_bar", False))
    with _private_folder() if make_manager is None else nullcontext("") as folder:
        client = Client(
            saved,
            kernel_name=kernel_name,
            startup_timeout=options.get("start_timeout") or 60,
            record_timing=False,
            shutdown_kernel="immediate",  # everything is handed on: nothing is lost but a second
            force_raise_errors=True,
            log=logger,
            **{name: options.get(name) for name in ("stdout_file", "stderr_file")},
            log_output=bool(options.get("log_output")),
        )
        client.tell, client.languages = tell, tuple(languages)
        client.limits = limits or Limits(cell_seconds=options.get("execution_timeout") or Limits.cell_seconds)
        client.make_manager = make_manager or (
            lambda name: kernels.manager(name, Path(folder) / "kernel.json", Path(folder))
        )
        saved.notebook_start()
        try:
            client.execute()
        finally:
            saved.notebook_complete()
    _raise_what_papermill_does_not(nb, client.translations)
    return nb


def _private_folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix=SOCKETS_PREFIX, dir=short_folder())


class Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """papermill's client, with limits and with more than one language."""

    limits: Limits
    languages: tuple[str, ...]
    tell: Callable[[Event], None]
    make_manager: Callable[[str], AsyncKernelManager]
    nb: NotebookNode
    clear_before_next_output: bool

    def __init__(self, saved: Saved, **options: Any) -> None:
        super().__init__(saved, **options)
        self.timeout_func = self._seconds_left
        self.translations: dict[str, NotebookNode] = {}
        self.main = _language(self.nb)
        self.stages = _stages(self.nb.cells, self.main)
        self.begun = time.monotonic()
        self.log_file: TextIO = sys.stderr

    def create_kernel_manager(self) -> AsyncKernelManager:
        """The manager of the kernel that talks in private."""
        self.km = made = self.make_manager(self.kernel_name)
        return made

    def execute(self, **options: Any) -> NotebookNode:
        """Execute the notebook; what went wrong stands in the notebook."""
        self.iopub_timeout = int(self.limits.message_seconds)
        self.reset_execution_trackers()
        with self.setup_kernel(**options):
            about = self.wait_for_reply(self.kc.kernel_info())
            self.nb.metadata["language_info"] = about["content"]["language_info"]
            if self._all_cells():
                self.set_widgets_metadata()
                all(self._again(language) for language in self.languages)
        return self.nb

    def _all_cells(self) -> bool:
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type == "code" and cell.source.strip():
                self.tell(self._event(index))
                ended_well = self._one(cell, index)
                self.nb_man.cell_complete(cell, index)
                if not ended_well:
                    return False
        return True

    def _again(self, language: str) -> bool:
        """Say in another language, in the same kernel, what was said; the counts stay as they were."""
        main, self.nb = self.nb, copy.deepcopy(self.nb)
        self.translations[language] = self.nb
        self.nb.metadata["workbench"] = {"language": language}
        self._silently(SPEAK.format(language=language))
        saved = Saved(self.nb, _beside(self.nb_man.output_path, language))
        try:
            return all(self._one_again(cell, index, language) for index, cell in enumerate(self.nb.cells))
        finally:
            saved.save()
            self.nb = main

    def _one_again(self, cell: NotebookNode, index: int, language: str) -> bool:
        again = repeated(cell)
        if not again:
            return True
        self.tell(self._event(index) | {"language": language})
        source, count, cell.source = cell.source, cell.execution_count, again
        try:
            return self._one(cell, index, language=language)
        finally:
            cell.source, cell.execution_count = source, count

    def _one(self, cell: NotebookNode, index: int, language: str | None = None) -> bool:
        """Execute one cell; what goes wrong is an error among its outputs. Returns whether all is well."""
        notice = _notice(language or self.main)
        self.outlet = Outlet(self.log_file, self.limits.output_characters, notice)
        self.clear_display_id_mapping(index)
        began = time.monotonic()
        error = None
        try:
            self.execute_cell(cell, index, store_history=language is None)
        except CellExecutionError as failure:
            error = None if _error(cell) else (failure.ename, failure.evalue)
        except CellTimeoutError:
            error = self._late(index, time.monotonic() - began)
        except DeadKernelError:
            error = ("DeadKernelError", self._death(index))
        if error:
            told = {"ename": error[0], "evalue": error[1], "traceback": [": ".join(error)]}
            cell.outputs.append(new_output("error", **told))
        if self.outlet.warnings:
            cell.metadata["workbench"] = {"warnings": self.outlet.warnings}
        return _error(cell) is None

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Handle one output of a cell."""
        if not self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            if self.clear_before_next_output:
                outs.clear()
                self.clear_display_id_mapping(cell_index)
                self.clear_before_next_output = False
            if not self.outlet.keeps(msg, outs):
                return None
        kept: NotebookNode | None = super().output(outs, msg, display_id, cell_index)
        return kept

    def _event(self, index: int) -> Event:
        return {"event": "cell", "index": index, "of": len(self.nb.cells), "stage": self.stages[index]}

    def _silently(self, code: str) -> None:
        reply = self.wait_for_reply(self.kc.execute(code, silent=True, store_history=False))
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"{reply['content']['ename']}: {reply['content']['evalue']}")

    def _seconds_left(self, cell: NotebookNode) -> float:
        left = self.limits.notebook_seconds - (time.monotonic() - self.begun)
        return max(0.01, min(self.limits.cell_seconds, left))

    def _late(self, index: int, took: float) -> tuple[str, str]:
        cell = f"cell {index + 1} of {len(self.nb.cells)}"
        if time.monotonic() - self.begun >= self.limits.notebook_seconds:
            whole = f"{self.limits.notebook_seconds:,.0f} s"
            return "NotebookTimeoutError", f"the notebook did not end within {whole}; {cell} was at work"
        if took >= self.limits.cell_seconds:
            return "CellTimeoutError", f"{cell} did not end within {self.limits.cell_seconds:,.0f} s"
        waited = f"{self.limits.message_seconds:,.0f} s"
        return "OutputTimeoutError", f"the last output of {cell} did not come within {waited}"

    def _death(self, index: int) -> str:
        """How the kernel ended, as the system tells it."""
        process = getattr(self.km.provisioner, "process", None)
        code = process.poll() if process is not None else None
        where = f"in cell {index + 1} of {len(self.nb.cells)}; it held {peak_mib_below():,.0f} MiB at most"
        if code == -signal.SIGKILL:
            return f"the kernel was killed (SIGKILL), probably out of memory, {where}"
        if code is not None and code < 0:
            return f"the kernel died of {signal.Signals(-code).name} {where}"
        return f"the kernel ended itself with exit code {code} {where}"


def _notice(language: str) -> Callable[[int], str]:
    def notice(limit: int) -> str:
        with speaking(language):
            return say("runner.output_cut", limit=limit)

    return notice


def _language(nb: NotebookNode) -> str:
    given = nb.metadata.get("papermill", {}).get("parameters", {}).get("language")
    return given if given in LANGUAGES else LANGUAGES[0]


def _stages(cells: Sequence[NotebookNode], language: str) -> list[str]:
    """For each cell the text of the last heading before it, in `language`."""
    stages, stage = [], ""
    for cell in cells:
        spoken = {tag for tag in cell.metadata.get("tags", []) if tag.startswith(_LANGUAGE_TAG)}
        if cell.cell_type == "markdown" and spoken <= {_LANGUAGE_TAG + language}:
            stage = (_HEADING.findall(cell.source) or [stage])[-1]
        stages.append(stage)
    return stages


def _beside(output_path: str | None, language: str) -> str | None:
    return output_path and f"{output_path.removesuffix('.ipynb')}.{language}.ipynb"


def _error(cell: NotebookNode) -> NotebookNode | None:
    return next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)


def _raise_what_papermill_does_not(nb: NotebookNode, translations: dict[str, NotebookNode]) -> None:
    """papermill takes ``sys.exit(0)`` in the middle for a good end, and knows nothing of other languages."""
    for node in (nb, *translations.values()):
        for index, cell in enumerate(node.cells):
            error = _error(cell)
            if error is not None and (node is not nb or error.ename == "SystemExit"):
                given = cell.execution_count, cell.source, error.ename, error.evalue, error.traceback
                raise PapermillExecutionError(index, *given)
