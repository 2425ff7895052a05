"""The verbs: parse, call, print, exit code. Nothing else."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench import demo, sources
from workbench import runner as runs
from workbench.calendar import last_complete_month, months_between, parse_as_of
from workbench.errors import WorkbenchError, refusal
from workbench.parameters import Study, read_source, read_study
from workbench.progress import Progress

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
archive_app = typer.Typer(no_args_is_help=True, help="What is in the archive, and whether it is whole.")
app.add_typer(archive_app, name="archive")

REPORTS = Path(__file__).parents[2] / "reports"
EXIT_INTERRUPTED = 130
StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.yml", help="the study file")]
Archive = Annotated[Path, typer.Option(metavar="DIR", help="the archive's folder")]
Notebooks = Annotated[str, typer.Option(metavar="01,03", help="only these notebooks")]
Overrides = Annotated[
    list[str], typer.Option("--set", metavar="03_churn.horizon_days=60", help="one parameter")
]
Jobs = Annotated[int, typer.Option(min=1, help="notebooks at the same time")]


@app.command()
def run(
    study: StudyFile,
    as_of: Annotated[
        str, typer.Option(metavar="D", help="last day seen; default: the last complete month")
    ] = "",
    notebooks: Notebooks = "",
    set_: Overrides = [],  # noqa: B006  typer reads the default
    archive: Archive = REPORTS,
    jobs: Jobs = 1,
) -> None:
    """The monthly run: every notebook of the study, its pages, one more month in the archive."""
    asked = read_study(study, tuple(set_))
    outcome = _run(asked, parse_as_of(as_of) if as_of else None, notebooks, archive, jobs)
    raise typer.Exit(outcome.exit_code)


@app.command()
def backfill(
    study: StudyFile,
    from_: Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="first month")],
    to: Annotated[str, typer.Option(metavar="YYYY-MM", help="last month")],
    notebooks: Notebooks = "",
    set_: Overrides = [],  # noqa: B006  typer reads the default
    archive: Archive = REPORTS,
    jobs: Jobs = 1,
) -> None:
    """The same run month by month, oldest first; it stops at the first month that fails."""
    asked = read_study(study, tuple(set_))
    months = months_between(parse_as_of(from_, "--from"), parse_as_of(to, "--to"))
    if not months:
        raise refusal("backfill", "--from", "not later than --to", f"{from_} and {to}", "Swap them.")
    for month in months:
        outcome = _run(asked, month, notebooks, archive, jobs)
        if outcome.exit_code:
            raise typer.Exit(outcome.exit_code)


@app.command()
def check(
    study: StudyFile, as_of: Annotated[str, typer.Option(metavar="D", help="last day seen")] = ""
) -> None:
    """Parameters, source, schema and control totals; no notebook is run."""
    asked = read_study(study)
    seen = _look(asked, parse_as_of(as_of) if as_of else None)
    typer.echo(f"{asked.study}: as of {seen.as_of}, {len(asked.notebooks)} notebooks, parameters in order")
    for totals in seen.totals.values():
        typer.echo(totals.in_words())


@app.command("demo")
def demo_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="folder to write, new or empty")],
    customers: Annotated[int, typer.Option(help="how many customers")] = 5_000,
    seed: Annotated[int, typer.Option(help="seed of everything random")] = 1,
    language: Annotated[str, typer.Option(help="en or zh")] = "en",
) -> None:
    """Write the known-truth company: its tables, a source file and a study file that runs."""
    source = demo.write_company(folder, customers=customers, seed=seed, language=language)
    typer.echo(f"{customers:,} customers written; try: workbench run {source.parent / 'study.yml'}")


@archive_app.command("list")
def archive_list(archive: Archive = REPORTS) -> None:
    """Every run: study, month, status, run id; the month's report is marked with *."""
    for entry in runs.list_runs(archive):
        mark = "*" if entry.current else " "
        status = entry.manifest.get("status", "unreadable")
        typer.echo(f"{mark} {entry.study}  {entry.period}  {status:<10} {entry.run_id}")


@archive_app.command("verify")
def archive_verify(archive: Archive = REPORTS) -> None:
    """Compare every file with the hash in its run's manifest."""
    found = [(entry, runs.verify(entry)) for entry in runs.list_runs(archive)]
    for entry, faults in found:
        for fault in faults:
            typer.echo(f"{entry.study} {entry.period} {entry.run_id}: {fault}", err=True)
    bad = sum(1 for _, faults in found if faults)
    typer.echo(f"{len(found)} runs, {bad} of them not as they were published")
    raise typer.Exit(1 if bad else 0)


def _run(asked: Study, as_of: date | None, notebooks: str, archive: Path, jobs: int) -> runs.Outcome:
    seen = _look(asked, as_of)
    if as_of is None:
        undated = "" if seen.latest else " (the source has no dates)"
        typer.echo(f"as of {seen.as_of}: the last complete month{undated}")
    plan = runs.make_plan(
        asked,
        seen.as_of,
        archive=archive,
        inputs=_inputs(asked, seen),
        clock=_now,
        only=[name.strip() for name in notebooks.split(",") if name.strip()],
        jobs=jobs,
    )
    del seen  # the tables are not needed any more, their memory is
    with Progress([step.path for step in plan.steps], sys.stderr) as progress:
        outcome = runs.run(plan, tell=progress.cell, judged=lambda v: progress.ended(v.notebook, v.reason))
    for verdict in outcome.verdicts:
        if not verdict.succeeded:
            typer.echo(f"{verdict.notebook} failed: {verdict.reason}", err=True)
    typer.echo(str(outcome.index))
    return outcome


def _look(asked: Study, as_of: date | None) -> sources.Canonical:
    """The study's tables, checked. A source without dates is seen as of the last complete month."""
    p = asked.parameters_of(next(iter(asked.notebooks)), as_of)
    return sources.load(p, undated_as_of=last_complete_month(_now().date()))


def _inputs(asked: Study, seen: sources.Canonical) -> list[dict[str, Any]]:
    described = sources.describe_inputs(sources.resolve(read_source(asked.source_path)))
    return [about | {"rows": seen.totals[about["table"]].whole.rows["in"]} for about in described]


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Within, a TERM from a scheduler unwinds the program as Ctrl-C does, so that nothing is left behind."""

    def stop(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> None:
    """The console script: a user's mistake is one message on standard error, without a traceback."""
    try:
        with _terminated_like_interrupted():
            app()
    except WorkbenchError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("interrupted: the archive is as it was", err=True)
        sys.exit(EXIT_INTERRUPTED)
