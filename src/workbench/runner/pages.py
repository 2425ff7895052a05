"""The pages of a run, written into its staging folder from what its notebooks have left there."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from workbench import report
from workbench.language import definition_version
from workbench.language.dictionary import entries
from workbench.results import Results, loads
from workbench.runner.judge import Verdict
from workbench.runner.manifest import commit, environment, page_name, table_rows
from workbench.runner.plan import Plan
from workbench.runner.runs import list_runs

HISTORY_MONTHS = 12
# What the tiles of an earlier page can be linked to; only these ids are of interest.
_ANCHOR = re.compile(r'id="((?:figure|metric)-\w+)"')


def write_pages(plan: Plan, verdicts: Sequence[Verdict], status: str) -> None:
    """One page per notebook and the run's own first page, in each of its languages, into the staging."""
    run = _run_record(plan, status)
    earlier = earlier_months(plan)
    for language in run.languages:
        _write_in(replace(run, language=language), plan, verdicts, earlier)


def _write_in(run: report.Run, plan: Plan, verdicts: Sequence[Verdict], earlier: Sequence[Path]) -> None:
    """All pages of the run in its language."""
    nodes = {verdict.notebook: _notebook(plan, run, verdict) for verdict in verdicts}
    pages = []
    for verdict in verdicts:
        node = nodes[verdict.notebook] or _source(plan, verdict)
        own = _results(plan.staging, verdict.notebook) if verdict.succeeded else None
        sections = report.sections_of_findings(node, run.language)
        link = _link(run, verdict, node)
        pages.append(report.RunPage(link, own, _past(plan, run, verdict.notebook, earlier), sections))
    for verdict, page in zip(verdicts, pages, strict=True):
        executed = nodes[verdict.notebook]
        if executed is not None:
            html = report.render_page(executed, _page_context(plan, run, verdict, page, pages))
            report.write_page(plan.staging / page.link.href, html)
    error = "; ".join(f"{v.notebook}: {v.reason}" for v in verdicts if not v.succeeded) or None
    index = report.IndexContext(run, pages, _tables(plan.staging), error)
    report.write_page(plan.staging / run.file("index"), report.render_run_index(index))


def _page_context(
    plan: Plan, run: report.Run, verdict: Verdict, page: report.RunPage, pages: Sequence[report.RunPage]
) -> report.PageContext:
    step = next(step for step in plan.steps if step.notebook == verdict.notebook)
    return report.PageContext(
        run,
        verdict.notebook,
        results=page.results,
        past=page.past,
        parameters=step.injected,
        links=[one.link for one in pages],
        error=verdict.reason,
        everything=[one.results for one in pages if one.results is not None],
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
        languages=tuple(getattr(plan, "languages", (plan.study.language,))),
    )


def _notebook(plan: Plan, run: report.Run, verdict: Verdict) -> NotebookNode | None:
    """The executed notebook with its outputs in the run's language.

    One that failed before it was shown in another language has its outputs in the main one.
    """
    if verdict.node is None or run.language == plan.study.language:
        return verdict.node
    path = plan.staging / "notebooks" / f"{verdict.notebook}.{run.language}.ipynb"
    try:
        node: NotebookNode = nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError):
        return verdict.node
    return node


def _source(plan: Plan, verdict: Verdict) -> NotebookNode:
    """The notebook as it was written."""
    path = next(step.path for step in plan.steps if step.notebook == verdict.notebook)
    node: NotebookNode = nbformat.read(path, as_version=4)
    return node


def _link(run: report.Run, verdict: Verdict, node: NotebookNode) -> report.PageLink:
    title = report.title_of(node, run.language, verdict.notebook)
    failed = "skipped" if getattr(verdict, "skipped", False) else "failed"
    href = run.file(verdict.notebook) if page_name(verdict) else ""
    return report.PageLink(verdict.notebook, title, href, "complete" if verdict.succeeded else failed)


def earlier_months(plan: Plan) -> list[Path]:
    """The current runs of the study's earlier months, oldest first."""
    runs = [r for r in list_runs(plan.archive, plan.study.study) if r.current]
    return [run.folder for run in runs if run.period < plan.period][-HISTORY_MONTHS:]


def _past(plan: Plan, run: report.Run, notebook: str, earlier: Sequence[Path]) -> report.Past:
    """The notebook's figures of earlier months, and where their pages are."""
    found = [(folder, r) for folder in earlier if (r := _results(folder, notebook)) is not None]
    if not found:
        return report.Past()
    a_year_ago = f"{plan.as_of.year - 1}{plan.period[4:]}"
    last_year = [one for one in found if one[0].parent.name == a_year_ago]
    return report.Past(
        previous=found[-1][1],
        history=[results for _, results in found],
        last_year=last_year[0][1] if last_year else None,
        previous_page=_earlier_page(run, found[-1][0], notebook),
        last_year_page=_earlier_page(run, last_year[0][0], notebook) if last_year else None,
    )


def _earlier_page(run: report.Run, folder: Path, notebook: str) -> report.EarlierPage | None:
    """The page of an earlier run in the language at hand, or else the one that it has."""
    names = dict.fromkeys((f"{notebook}.{run.language}.html", f"{notebook}.html"))
    for name in names:
        try:
            anchors = frozenset(_ANCHOR.findall((folder / name).read_text(encoding="utf-8")))
        except OSError:
            continue
        href = f"../../{folder.parent.name}/{folder.name}/{name}"
        return report.EarlierPage(href, anchors, _redefined(folder))
    return None


def _redefined(folder: Path) -> frozenset[str]:
    """The metrics that an earlier run had with another definition than ours."""
    try:
        then = json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("definitions", {})
        return frozenset(
            name for name in then if name in entries() and then[name] != definition_version(name)
        )
    except (OSError, ValueError, AttributeError):
        return frozenset()


def _results(folder: Path, notebook: str) -> Results | None:
    """A notebook's figures, or None if it has none or an older version wrote metrics we no longer know."""
    try:
        return loads((folder / "results" / f"{notebook}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _tables(staging: Path) -> list[report.TableFile]:
    return [
        report.TableFile(path.stem, table_rows(path), f"tables/{path.name}")
        for path in sorted((staging / "tables").glob("*.*"))
    ]
