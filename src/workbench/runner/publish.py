"""From executed notebooks to a run in the archive: pages, manifest, one rename, the pointer, the index."""

import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import nbformat
import pyarrow.parquet as pq
from nbformat import NotebookNode

from workbench import report
from workbench.report.outputs import plain_error
from workbench.results import Results, loads
from workbench.runner.archive import MANIFEST, OWNER, list_runs, point_to_newest, write_whole
from workbench.runner.execute import SCRATCH
from workbench.runner.judge import Verdict
from workbench.runner.manifest import commit, environment, manifest, page_name
from workbench.runner.plan import Plan

HISTORY_MONTHS = 12


def publish(plan: Plan, verdicts: Sequence[Verdict], started_at: datetime) -> Path:
    """Write the pages and the record of a run and make it visible.

    Returns
    -------
    Path
        The run's ``index.html`` in the archive. A failed run is there too, but is nobody's current report.
    """
    status = "published" if all(v.succeeded for v in verdicts) else "failed"
    for verdict in verdicts:
        _clean(plan, verdict)
    log = plan.staging / "run.log"
    write_whole(log, plain_error(log.read_text(encoding="utf-8", errors="replace")))
    shutil.rmtree(plan.staging / SCRATCH, ignore_errors=True)
    write_pages(plan, verdicts, status)
    (plan.staging / OWNER).unlink(missing_ok=True)
    record = manifest(plan, verdicts, started_at=started_at, status=status)
    write_whole(plan.staging / MANIFEST, json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    _sync(*plan.staging.rglob("*"), plan.staging)
    with _undisturbed():
        plan.place.parent.mkdir(parents=True, exist_ok=True)
        plan.staging.rename(plan.place)
        _sync(plan.place.parent)
        point_to_newest(plan.place.parent)
        report.write_archive_index(plan.archive)
    return plan.place / "index.html"


def write_pages(plan: Plan, verdicts: Sequence[Verdict], status: str) -> None:
    """One page per notebook and the run's own first page, into the staging folder."""
    run = _run_record(plan, status)
    earlier = _earlier_runs(plan)
    pages = []
    for verdict in verdicts:
        link = _link(plan, verdict)
        history = [r for folder in earlier if (r := _results(folder, verdict.notebook)) is not None]
        own = _results(plan.staging, verdict.notebook) if verdict.succeeded else None
        pages.append(report.RunPage(link, own, history[-1] if history else None, history))
    links = [page.link for page in pages]
    for verdict, page in zip(verdicts, pages, strict=True):
        if verdict.node is not None:
            context = _page_context(plan, run, verdict, page, links)
            report.write_page(
                plan.staging / f"{verdict.notebook}.html", report.render_page(verdict.node, context)
            )
    error = "; ".join(f"{v.notebook}: {v.reason}" for v in verdicts if not v.succeeded) or None
    index = report.IndexContext(run, pages, _tables(plan.staging), error)
    report.write_page(plan.staging / "index.html", report.render_run_index(index))


def _page_context(
    plan: Plan, run: report.Run, verdict: Verdict, page: report.RunPage, links: Sequence[report.PageLink]
) -> report.PageContext:
    step = next(step for step in plan.steps if step.notebook == verdict.notebook)
    return report.PageContext(
        run,
        verdict.notebook,
        results=page.results,
        previous=page.previous,
        history=page.history,
        parameters=step.injected,
        links=links,
        error=verdict.reason,
    )


def _run_record(plan: Plan, status: str) -> report.Run:
    return report.Run(
        study=plan.study.study,
        title=plan.study.title,
        as_of=plan.as_of,
        run_id=plan.run_id,
        status=status,
        language=plan.study.language,
        currency=plan.study.currency,
        command=plan.command,
        commit=commit(),
        seed=plan.study.seed,
        inputs=plan.inputs,
        environment=environment(),
    )


def _link(plan: Plan, verdict: Verdict) -> report.PageLink:
    source = next(step.path for step in plan.steps if step.notebook == verdict.notebook)
    node = verdict.node or nbformat.read(source, as_version=4)
    title = report.title_of(node, plan.study.language, verdict.notebook)
    return report.PageLink(
        verdict.notebook, title, page_name(verdict), "complete" if verdict.succeeded else "failed"
    )


def _earlier_runs(plan: Plan) -> list[Path]:
    """The current runs of the study's earlier months, oldest first."""
    runs = [r for r in list_runs(plan.archive) if r.study == plan.study.study and r.current]
    return [run.folder for run in runs if run.period < plan.period][-HISTORY_MONTHS:]


def _results(folder: Path, notebook: str) -> Results | None:
    """A notebook's figures, or None if it has none or an older version wrote metrics we no longer know."""
    try:
        return loads((folder / "results" / f"{notebook}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _tables(staging: Path) -> list[report.TableFile]:
    return [
        report.TableFile(path.stem, pq.read_metadata(path).num_rows, f"tables/{path.name}")
        for path in sorted((staging / "tables").glob("*.parquet"))
    ]


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


def _sync(*paths: Path) -> None:
    """Have the operating system put files, or the names in a folder, onto the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
