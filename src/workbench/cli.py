"""The verbs: parse, call, print, exit code. Nothing else."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from workbench import run_cli
from workbench.archive_cli import archive_app, review
from workbench.calendar import parse_as_of
from workbench.card_cli import card
from workbench.errors import WorkbenchError, unknown_name
from workbench.parameters import read_study
from workbench.run_cli import AsOf, StudyFile

# The rooms are imported by the verbs that need them: a misspelled word is answered at once, not after pandas.
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(archive_app, name="archive")
app.command()(run_cli.run)
app.command()(run_cli.backfill)
app.command()(review)
app.command()(card)

AGAIN_SECONDS = 0.05  # between two tries to stop the program
LinkColumn = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN", help="guessed by default; parts may be given one by one")
]


@app.command()
def check(study: StudyFile, as_of: AsOf = None) -> None:
    """Parameters, source, schema and control totals; no notebook is run."""
    from workbench import sources

    asked = read_study(study)
    seen = run_cli.look(asked, None if as_of is None else parse_as_of(as_of))
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


class _Stopped(BaseException):
    """Somebody wants the program to end: no part of it may take this for an error of its own."""


@contextmanager
def _stopped_by_signals(numbers: list[int]) -> Iterator[None]:
    """Within, Ctrl-C and a scheduler's TERM unwind the program, so that nothing is left behind.

    The signal is noted in `numbers`: on its way up the exception may be turned into another one. Python drops
    it where it comes in a callback of its own, so that it is raised until the program is seen to unwind.
    """

    def _stop(number: int, frame: FrameType | None) -> None:
        for each in stops:  # clearing up takes seconds; nobody has to ask twice
            signal.signal(each, signal.SIG_IGN)
        numbers.append(number)
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS, AGAIN_SECONDS)
        _unwind(number, frame)

    stops = (signal.SIGINT, signal.SIGTERM)
    handlers = {signal.SIGALRM: _unwind} | dict.fromkeys(stops, _stop)
    before = {each: signal.signal(each, handler) for each, handler in handlers.items()}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for each, handler in before.items():
            signal.signal(each, handler)


def _unwind(_number: int, frame: FrameType | None) -> None:
    if not (_unwinds(sys.exception()) or _imports(frame)):
        raise _Stopped


def _unwinds(error: BaseException | None) -> bool:
    """Whether the program is on its way out: it handles `_Stopped`, or what that was turned into."""
    while error is not None and not isinstance(error, _Stopped):
        error = error.__context__
    return error is not None


def _imports(frame: FrameType | None) -> bool:
    """Whether a module is being loaded: a library left half loaded may bring the process down as it ends."""
    while frame is not None and "importlib._bootstrap" not in frame.f_code.co_filename:
        frame = frame.f_back
    return frame is not None


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
