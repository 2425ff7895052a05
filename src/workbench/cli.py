"""The verbs: parse, call, print, exit code. Nothing else."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.calendar import last_complete_month, months_between, parse_as_of
from workbench.errors import WorkbenchError, refusal, unknown_name
from workbench.parameters import Study, read_source, read_study

# The rooms are imported by the verbs that need them: a misspelled word is answered at once, not after pandas.
if TYPE_CHECKING:
    from workbench import runner, sources

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
archive_app = typer.Typer(no_args_is_help=True, help="What is in the archive, and whether it is whole.")
app.add_typer(archive_app, name="archive")

REPORTS = Path(__file__).parents[2] / "reports"
StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.yml", help="the study file")]
Archive = Annotated[Path, typer.Option(metavar="DIR", help="the archive's folder")]
AsOf = Annotated[
    str | None, typer.Option(metavar="D", help="last day seen; default: the last complete month")
]
Notebooks = Annotated[str | None, typer.Option(metavar="01,03", help="only these notebooks")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="03_churn.horizon_days=60", help="one parameter")
]
LinkColumn = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN", help="guessed by default; parts may be given one by one")
]
Jobs = Annotated[int, typer.Option(min=1, help="notebooks at the same time")]


@app.command()
def run(
    study: StudyFile,
    *,
    as_of: AsOf = None,
    notebooks: Notebooks = None,
    set_: Overrides = None,
    archive: Archive = REPORTS,
    jobs: Jobs = 1,
) -> None:
    """The monthly run: every notebook of the study, its pages, one more month in the archive."""
    asked = read_study(study, tuple(set_ or ()))
    day = None if as_of is None else parse_as_of(as_of)
    outcome = _run(asked, day, _only(notebooks), set_ or [], archive, jobs)
    raise typer.Exit(outcome.exit_code)


@app.command()
def backfill(
    study: StudyFile,
    *,
    from_: Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="first month")],
    to: Annotated[str, typer.Option(metavar="YYYY-MM", help="last month")],
    notebooks: Notebooks = None,
    set_: Overrides = None,
    archive: Archive = REPORTS,
    jobs: Jobs = 1,
) -> None:
    """The same run month by month, oldest first; it stops at the first month that fails."""
    asked = read_study(study, tuple(set_ or ()))
    months = months_between(parse_as_of(from_, "--from"), parse_as_of(to, "--to"))
    if not months:
        raise refusal("backfill", "--from", "not later than --to", f"{from_} and {to}", "Swap them.")
    for month in months:
        outcome = _run(asked, month, _only(notebooks), set_ or [], archive, jobs)
        if outcome.exit_code:
            raise typer.Exit(outcome.exit_code)


@app.command()
def check(study: StudyFile, as_of: AsOf = None) -> None:
    """Parameters, source, schema and control totals; no notebook is run."""
    from workbench import sources

    asked = read_study(study)
    seen = _look(asked, None if as_of is None else parse_as_of(as_of))
    typer.echo(f"{asked.study}: as of {seen.as_of}, {len(asked.notebooks)} notebooks, parameters in order")
    for line in sources.statement(seen):
        typer.echo(line)


@app.command()
def init(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="the company's tables")],
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE.yml", help="the source file to write")] = None,
) -> None:
    """Look at the files, guess what their columns mean, write a source file and a study that runs."""
    from workbench import discovery

    for line in discovery.write_source(files, out=out).in_words():
        typer.echo(line)


@app.command()
def link(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="customers, one file per channel")],
    *,
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="the link table to write")],
    id_: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="the customer's id")] = None,
    name: LinkColumn = None,
    phone: LinkColumn = None,
    email: LinkColumn = None,
    address: LinkColumn = None,
    prefix: Annotated[list[str] | None, typer.Option(help="put before the ids, one for each file")] = None,
    threshold: Annotated[float, typer.Option(help="match probability that links two ids")] = 0.95,
    review_threshold: Annotated[float, typer.Option(help="from here a pair is listed for review")] = 0.5,
    seed: Annotated[int, typer.Option(help="seed of everything random")] = 1,
    language: Annotated[str, typer.Option(help="of the report: en or zh")] = "en",
) -> None:
    """Propose which ids are one person; nothing is merged until a source file names the link table."""
    from workbench import linkage
    from workbench.language import LANGUAGES, use

    if language not in LANGUAGES:
        raise unknown_name("link", "--language", language, LANGUAGES)
    use(language, "EUR")  # the report holds no money
    given = {"id": [id_] if id_ else [], "name": name, "phone": phone, "email": email, "address": address}
    columns = linkage.LinkColumns(**{field: tuple(names or ()) for field, names in given.items()})
    proposal = linkage.propose(
        files,
        out=out,
        columns=columns,
        prefixes=prefix,
        threshold=threshold,
        review_threshold=review_threshold,
        seed=seed,
    )
    for line in linkage.sentences(proposal, out):
        typer.echo(line)


@app.command("demo")
def demo_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="folder to write, new or empty")],
    customers: Annotated[int, typer.Option(help="how many customers")] = 5_000,
    seed: Annotated[int, typer.Option(help="seed of everything random")] = 1,
    language: Annotated[str, typer.Option(help="en or zh")] = "en",
) -> None:
    """Write the known-truth company: its tables, a source file and a study file that runs."""
    from workbench import demo
    from workbench.progress import counted

    with counted("customers", customers, sys.stderr) as tell:
        source = demo.write_company(folder, customers=customers, seed=seed, language=language, tell=tell)
    typer.echo(f"{customers:,} customers written; try: workbench run {source.parent / 'study.yml'}")


@archive_app.command("list")
def archive_list(archive: Archive = REPORTS) -> None:
    """Every run: study, month, status, run id; the month's report is marked with *."""
    _check_there(archive)
    from workbench import runner

    for entry in runner.list_runs(archive):
        mark = "*" if entry.current else " "
        status = entry.manifest.get("status", "unreadable")
        typer.echo(f"{mark} {entry.study}  {entry.period}  {status:<10} {entry.run_id}")


@archive_app.command("verify")
def archive_verify(archive: Archive = REPORTS) -> None:
    """Compare every file with the hash in its run's manifest."""
    _check_there(archive)
    from workbench import runner

    found = [(entry, runner.verify(entry)) for entry in runner.list_runs(archive)]
    for entry, faults in found:
        for fault in faults:
            typer.echo(f"{entry.study} {entry.period} {entry.run_id}: {fault}", err=True)
    bad = sum(1 for _, faults in found if faults)
    typer.echo(f"{len(found)} runs, {bad} of them not as they were published")
    raise typer.Exit(1 if bad else 0)


def _check_there(archive: Path) -> None:
    """Refuse a folder that does not exist: nothing would be found wrong with it."""
    if not archive.is_dir():
        hint = "Give the folder with --archive."
        raise refusal(str(archive), "the archive", "a folder that exists", "no such folder", hint)


def _only(notebooks: str | None) -> list[str]:
    """The names given to --notebooks; none when it was not given."""
    if notebooks is None:
        return []
    names = [name.strip() for name in notebooks.split(",") if name.strip()]
    if not names:
        raise refusal("--notebooks", "the value", "names or numbers", f"'{notebooks}'", "As in 01,03.")
    return names


def _run(
    asked: Study, as_of: date | None, only: list[str], overrides: list[str], archive: Path, jobs: int
) -> "runner.Outcome":
    seen = _look(asked, as_of)
    if as_of is None:
        undated = "" if seen.latest else " (the source has no dates)"
        typer.echo(f"as of {seen.as_of}: the last complete month{undated}")
    from workbench import runner
    from workbench.progress import Progress

    plan = runner.make_plan(
        asked,
        seen.as_of,
        archive=archive,
        inputs=_inputs(asked, seen),
        clock=_now,
        only=only,
        overrides=overrides,
        jobs=jobs,
    )
    del seen  # the tables are not needed any more, their memory is
    with Progress([step.path for step in plan.steps], sys.stderr) as progress:
        outcome = runner.run(plan, tell=progress.cell, judged=lambda v: progress.ended(v.notebook, v.reason))
    typer.echo(str(outcome.index))
    return outcome


def _look(asked: Study, as_of: date | None) -> "sources.Canonical":
    """The study's tables, checked. A source without dates is seen as of the last complete month."""
    from workbench import sources

    p = asked.parameters_of(next(iter(asked.notebooks)), as_of)
    today = _now().date()
    return sources.load(p, undated_as_of=last_complete_month(today), today=today)


def _inputs(asked: Study, seen: "sources.Canonical") -> list[dict[str, Any]]:
    from workbench import sources

    return sources.describe_inputs(sources.resolve(read_source(asked.source_path)), seen)


def _now() -> datetime:
    return datetime.now(UTC)


class _Stopped(BaseException):
    """Somebody wants the program to end: no part of it may take this for an error of its own."""


@contextmanager
def _stopped_by_signals(numbers: list[int]) -> Iterator[None]:
    """Within, Ctrl-C and a scheduler's TERM unwind the program, so that nothing is left behind.

    The signal is noted in `numbers`: on its way up the exception may be turned into another one, as it is
    where it comes in the middle of an import.
    """

    def _stop(number: int, _frame: object) -> None:
        for each in stops:  # clearing up takes seconds; nobody has to ask twice
            signal.signal(each, signal.SIG_IGN)
        numbers.append(number)
        raise _Stopped

    stops = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, _stop) for each in stops]
    try:
        yield
    finally:
        for each, handler in zip(stops, before, strict=True):
            signal.signal(each, handler)


def main() -> None:
    """The console script: a user's mistake is one message on standard error, without a traceback."""
    stopped: list[int] = []
    try:
        with _stopped_by_signals(stopped):
            app()
    except WorkbenchError as error:
        if not stopped:
            typer.echo(str(error), err=True)
            sys.exit(error.exit_code)
    finally:
        if stopped:
            typer.echo("interrupted: nothing of an unfinished run is left", err=True)
            sys.exit(128 + stopped[0])  # as shells count signals
