"""From executed notebooks to a run in the archive: pages, manifest, one rename, the pointer, the index."""

import json
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from workbench.report.outputs import plain_error
from workbench.runner.archive import MANIFEST, OWNER, commit, write_whole
from workbench.runner.execute import SCRATCH
from workbench.runner.judge import Verdict
from workbench.runner.manifest import manifest
from workbench.runner.pages import write_pages
from workbench.runner.plan import Plan
from workbench.runner.reuse import Earlier


@dataclass(frozen=True)
class Published:
    """Where the first page of a run is, and whether the run is ``published``, ``failed`` or ``held``."""

    index: Path | str
    state: str


def publish(
    plan: Plan,
    verdicts: Sequence[Verdict],
    started_at: datetime,
    pages: Mapping[str, str],
    reuse: Mapping[str, Earlier],
) -> Published:
    """Write the pages and the record of a run and make it visible.

    Parameters
    ----------
    pages : mapping
        Page keys by notebook.
    reuse : mapping
        The earlier runs that have executed notebooks of this one.

    Returns
    -------
    Published
        A failed run is in the archive too, but is nobody's current report.
    """
    status = "published" if all(v.succeeded for v in verdicts) else "failed"
    for verdict in verdicts:
        _clean(plan, verdict)
    log = plan.staging / "run.log"
    log.touch()
    write_whole(log, plain_error(log.read_text(encoding="utf-8", errors="replace")))
    shutil.rmtree(plan.staging / SCRATCH, ignore_errors=True)
    write_pages(plan, verdicts, status)
    (plan.staging / OWNER).unlink(missing_ok=True)
    record = manifest(plan, verdicts, started_at=started_at, status=status, pages=pages, reuse=reuse)
    write_whole(plan.staging / MANIFEST, json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    with _undisturbed():
        commit(plan.store, plan.study.study, plan.period, plan.run_id, plan.staging)
    return Published(plan.first_page, status)


def _clean(plan: Plan, verdict: Verdict) -> None:
    """Write the executed notebook again without times, without this machine's paths, and with fixed ids."""
    path = plan.staging / "notebooks" / f"{verdict.notebook}.ipynb"
    if verdict.node is None:
        path.unlink(missing_ok=True)  # cut short: nobody could open it
        return
    cleaned: NotebookNode = nbformat.from_dict(verdict.node)
    cleaned.metadata.pop("papermill", None)
    for cell in cleaned.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"  # papermill draws one at random
        for output in cell.get("outputs", []):
            _without_paths(output)
    write_whole(path, nbformat.writes(cleaned))


def _without_paths(output: NotebookNode) -> None:
    """Cut the paths in tracebacks and warnings; what a notebook shows on purpose stays as it is."""
    if output.output_type == "error":
        output.evalue = plain_error(output.evalue)
        output.traceback = [plain_error(part) for part in output.traceback]
    elif output.output_type == "stream" and output.name == "stderr":
        output.text = plain_error(output.text)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Within, a signal to stop waits: between the rename and the index is no good moment for it."""
    if threading.current_thread() is not threading.main_thread():  # signals come to the main thread alone
        yield
        return
    waiting: list[int] = []
    stops = (signal.SIGINT, signal.SIGTERM)
    before = [(stop, signal.signal(stop, lambda number, _frame: waiting.append(number))) for stop in stops]
    try:
        yield
    finally:
        for stop, handler in before:
            signal.signal(stop, handler)
    for number in waiting:
        signal.raise_signal(number)
