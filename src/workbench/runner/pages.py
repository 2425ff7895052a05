"""The pages of a run, written into its staging folder from what its notebooks have left there."""

from collections.abc import Sequence
from pathlib import Path

import nbformat
import pyarrow.parquet as pq

from workbench import report
from workbench.results import Results, loads
from workbench.runner.archive import list_runs
from workbench.runner.judge import Verdict
from workbench.runner.manifest import commit, environment, page_name
from workbench.runner.plan import Plan

HISTORY_MONTHS = 12


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
