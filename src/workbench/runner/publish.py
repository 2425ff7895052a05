"""From executed notebooks to a run in the archive: pages, manifest, one rename, the pointer, the index."""

import json
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from workbench import report
from workbench.report import site
from workbench.report.outputs import plain_error
from workbench.runner.archive import ARCHIVE_LOCK, MANIFEST, OWNER, commit, write_whole
from workbench.runner.events import Sink
from workbench.runner.execute import SCRATCH
from workbench.runner.judge import Verdict
from workbench.runner.manifest import Record, files, manifest
from workbench.runner.pages import write_pages
from workbench.runner.plan import Plan

DIGEST = "digest.txt"


def compose(plan: Plan, verdicts: Sequence[Verdict], record: Record) -> str:
    """Write the pages and the manifest of a run into its staging folder, which is whole then.

    Returns
    -------
    str
        ``published``, ``failed`` or ``held``: pages that break a rule of `report.faults` are nobody's report.
        The log says which rule.
    """
    status = "published" if all(v.succeeded for v in verdicts) else "failed"
    for verdict in verdicts:
        _clean(plan, verdict)
    shutil.rmtree(plan.staging / SCRATCH, ignore_errors=True)
    write_pages(plan, verdicts, status)
    faults = _faults(plan.staging)
    if faults and status == "published":
        status = "held"
        write_pages(plan, verdicts, status)
    log = plan.staging / "run.log"
    said = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    write_whole(log, plain_error(said) + "".join(f"held: {fault}\n" for fault in faults))
    (plan.staging / OWNER).unlink(missing_ok=True)
    content = manifest(plan, verdicts, status=status, record=record)
    write_whole(plan.staging / DIGEST, site.digest_text(content, record.last_month))
    content["files"] = files(plan.staging)
    write_whole(plan.staging / MANIFEST, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return status


def publish(plan: Plan, tell: Sink) -> None:
    """Make the run in the staging folder visible, then bring the archive's pages up to date."""
    with plan.store.lock(ARCHIVE_LOCK, wait=True), _undisturbed():
        tell({"event": "stage", "stage": "publishing"})
        place = (plan.study.study, plan.period, plan.run_id)
        indexing = partial(tell, {"event": "stage", "stage": "indexing"})
        commit(plan.store, *place, plan.staging, visible=indexing)


def _faults(staging: Path) -> list[str]:
    """What is wrong with the pages, each with its page."""
    pages = sorted(staging.glob("*.html"))
    return [f"{page.name}: {f}" for page in pages for f in report.faults(page.read_text(encoding="utf-8"))]


def _clean(plan: Plan, verdict: Verdict) -> None:
    """Write the executed notebook again, in each language, without what tells of this machine and hour."""
    folder = plan.staging / "notebooks"
    if verdict.node is None:
        for path in folder.glob(f"{verdict.notebook}*.ipynb"):
            path.unlink()  # cut short: nobody could open it
        return
    write_whole(folder / f"{verdict.notebook}.ipynb", nbformat.writes(_cleaned(verdict.node)))
    for path in folder.glob(f"{verdict.notebook}.*.ipynb"):
        write_whole(path, nbformat.writes(_cleaned(nbformat.read(path, as_version=4))))


def _cleaned(node: NotebookNode) -> NotebookNode:
    """`node` without times, without this machine's paths, and with fixed ids."""
    cleaned: NotebookNode = nbformat.from_dict(node)
    cleaned.metadata.pop("papermill", None)
    for cell in cleaned.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"  # papermill draws one at random
        for output in cell.get("outputs", []):
            _without_paths(output)
    return cleaned


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
