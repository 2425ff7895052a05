"""The verbs of the archive: list, verify, prune, compare, rebuild; and review."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import refusal
from workbench.store import Store, open_store

# The rooms are imported by the verbs that need them: a misspelled word is answered at once, not after pandas.
if TYPE_CHECKING:
    from workbench.report import site
    from workbench.runner.review import Reviewed

archive_app = typer.Typer(
    no_args_is_help=True, help="What is in the archive, whether it is whole, how two runs differ."
)

REPORTS = str(Path(__file__).parents[2] / "reports")
Archive = Annotated[str, typer.Option(metavar="DIR|URL", help="the archive's folder, or its URL")]
RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="a run id, the beginning of one, or study/YYYY-MM")
]
KEEP_MONTHS, OTHERS_DAYS = 24, 30


@archive_app.command("list")
def list_(archive: Archive = REPORTS) -> None:
    """Every run: study, month, status, run id; the month's report is marked with *."""
    store = there(archive)
    from workbench import runner

    for entry in runner.list_runs(store):
        mark = "*" if entry.current else " "
        status = entry.manifest.get("status", "unreadable")
        typer.echo(f"{mark} {entry.study}  {entry.period}  {status:<10} {entry.run_id}")


@archive_app.command()
def verify(archive: Archive = REPORTS) -> None:
    """Compare every file with the hash in its run's manifest, and read every review trail."""
    store = there(archive)
    from workbench import runner
    from workbench.runner.runs import seals

    sealed = seals(store)
    found = [(run, runner.verify(run, sealed.get(run.place, ""))) for run in runner.list_runs(store)]
    for run, faults in found:
        for fault in faults:
            typer.echo(f"{run.study} {run.period} {run.run_id}: {fault}", err=True)
    bad = sum(1 for _, faults in found if faults)
    typer.echo(f"{len(found)} runs, {bad} of them not as they were published")
    raise typer.Exit(1 if bad else 0)


@archive_app.command()
def compare(
    first: RunName,
    second: RunName,
    *,
    archive: Archive = REPORTS,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="also write a page that stands alone")
    ] = None,
    language: Annotated[str, typer.Option(help="of the comparison: en or zh")] = "en",
) -> None:
    """Two runs side by side: figures, definitions, findings, parameters, inputs, tables, code, packages."""
    store = there(archive)
    from workbench.errors import unknown_name
    from workbench.language import LANGUAGES, speaking
    from workbench.report import site
    from workbench.runner.review import find_run

    if language not in LANGUAGES:
        raise unknown_name("compare", "--language", language, LANGUAGES)
    before, after = (site.read_record(store, find_run(store, name)) for name in (first, second))
    with speaking(language, after.entry.currency):
        typer.echo(f"{before.entry.place}\n{after.entry.place}")
        for section in site.compare(before, after):
            for line in _section(section):
                typer.echo(line)
    if html is not None:
        html.write_text(site.compare_page(before, after, language), encoding="utf-8")


def _section(section: "site.Section") -> list[str]:
    from workbench.language import say

    lines = ["", say(f"archive.{section.code}")]
    lines += ["  " + "  ".join(cells) for cells in section.rows] or [f"  {say('archive.no_difference')}"]
    return lines + ([f"  {say('archive.same', n=section.same)}"] if section.same else [])


@archive_app.command()
def prune(
    *,
    archive: Archive = REPORTS,
    keep_months: Annotated[
        int, typer.Option(min=1, help="months whose reports keep notebooks and tables")
    ] = KEEP_MONTHS,
    failed_days: Annotated[int, typer.Option(min=0, help="days that failed runs keep theirs")] = OTHERS_DAYS,
    superseded_days: Annotated[
        int, typer.Option(min=0, help="days that runs which are no report keep theirs")
    ] = OTHERS_DAYS,
    apply: Annotated[bool, typer.Option("--apply", help="do it; without it, only say what would go")] = False,
) -> None:
    """Drop executed notebooks and tables by rule; pages, figures, manifests and digests always stay."""
    store = there(archive)
    from workbench.runner.prune import Rule, prune, to_prune

    chosen = list(to_prune(store, Rule(keep_months, failed_days, superseded_days), _now().date()))
    for one in chosen:
        typer.echo(f"{one.run.place}: {len(one.files)} files, {one.size:,} bytes ({one.why})")
    files, size = sum(len(one.files) for one in chosen), sum(one.size for one in chosen)
    if apply:
        prune(store, chosen, _now().isoformat(timespec="seconds"))
    done = "removed" if apply else "would be removed; say --apply to do it"
    typer.echo(f"{files} files of {len(chosen)} runs, {size:,} bytes {done}")


@archive_app.command()
def rebuild(archive: Archive = REPORTS) -> None:
    """Write pointers, index and every page of the archive anew from its runs."""
    store = there(archive)
    from workbench.runner.archive import ARCHIVE_LOCK, rebuild

    with store.lock(ARCHIVE_LOCK, wait=True):
        months = rebuild(store)
    typer.echo(f"{months} months written anew")


def review(
    run: RunName,
    *,
    verdict: Annotated[str, typer.Option(metavar="approved|rejected|withdrawn", help="the verdict")],
    by: Annotated[str, typer.Option(metavar="NAME", help="who reviewed it")],
    note: Annotated[str, typer.Option(help="why")] = "",
    archive: Archive = REPORTS,
    hook: Annotated[
        str | None, typer.Option(envvar="WORKBENCH_HOOK", metavar="COMMAND", help="reads the event as JSON")
    ] = None,
) -> None:
    """Add a verdict to a run's review trail; nothing that was published changes."""
    store = there(archive)
    from workbench.runner.review import review

    done = review(store, run, verdict=verdict, by=by, note=note, at=_now())
    typer.echo(f"{done.run.place}: {verdict} by {done.review.by}")
    if hook:
        _tell(hook, done)
    if done.before != done.after:
        month = f"{done.run.study} {done.run.period}"
        typer.echo(
            f"{month}: the report is now {done.after}" if done.after else f"{month}: there is no report now"
        )
    elif done.run.voided:
        typer.echo(f"the verdict is void: the month's report is {done.after}")


def _tell(hook: str, done: "Reviewed") -> None:
    """Tell the user's command of the verdict; whatever becomes of it changes nothing."""
    from workbench.runner import events

    told = {"verdict": done.review.verdict, "by": done.review.by, "note": done.review.note, "now": done.after}
    run = done.run
    sink = events.hook(hook, lambda text: typer.echo(text, err=True))
    tell = events.to_all([sink], _now, study=run.study, period=run.period, run_id=run.run_id)
    tell({"event": "reviewed", **told})


def there(archive: str) -> Store:
    """The archive's store; one that does not exist is refused, since nothing would be found wrong with it."""
    store = open_store(archive)
    if not store.is_there():
        hint = "Give the folder with --archive."
        raise refusal(str(archive), "the archive", "a folder that exists", "no such folder", hint)
    return store


def _now() -> datetime:
    return datetime.now(UTC)


__all__ = ["REPORTS", "Archive", "archive_app", "review", "there"]
