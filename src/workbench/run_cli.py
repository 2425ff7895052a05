"""The verbs that run notebooks: from a study file to a plan, listeners, and an exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.archive_cli import REPORTS, Archive
from workbench.calendar import last_complete_month, months_between, parse_as_of
from workbench.errors import refusal, unknown_name
from workbench.parameters import SegmentationParameters, Study, read_source, read_study

# The rooms are imported by the verbs that need them: a misspelled word is answered at once, not after pandas.
if TYPE_CHECKING:
    from workbench import runner, sources
    from workbench.runner.events import Sink
    from workbench.runner.warm import Warm

LOGS = ("text", "json")
SEGMENTATION, OWN_RULES = "02_segmentation", ("rfm_method", "tier_rules", "hierarchy")
StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.yml", help="the study file")]
AsOf = Annotated[
    str | None, typer.Option(metavar="D", help="last day seen; default: the last complete month")
]
Notebooks = Annotated[str | None, typer.Option(metavar="01,03", help="only these notebooks")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="03_churn.horizon_days=60", help="one parameter")
]
Jobs = Annotated[int, typer.Option(min=1, help="notebooks at the same time")]
Fresh = Annotated[bool, typer.Option("--fresh", help="execute everything, whatever earlier runs have left")]
Log = Annotated[str, typer.Option(metavar="text|json", help="what is told on the way: lines, or events")]
HookOption = Annotated[
    str | None, typer.Option(envvar="WORKBENCH_HOOK", metavar="COMMAND", help="reads events as JSON")
]


@dataclass(frozen=True)
class Asked:
    """What the command line says beside the study and the date."""

    archive: str
    only: list[str] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)
    jobs: int = 1
    fresh: bool = False
    log: str = "text"
    hook: str | None = None


def run(
    study: StudyFile,
    *,
    as_of: AsOf = None,
    notebooks: Notebooks = None,
    set_: Overrides = None,
    archive: Archive = REPORTS,
    jobs: Jobs = 1,
    fresh: Fresh = False,
    log: Log = "text",
    hook: HookOption = None,
) -> None:
    """The monthly run: every notebook of the study, its pages, one more month in the archive."""
    asked = Asked(archive, _only(notebooks), set_ or [], jobs, fresh, _log(log), hook)
    day = None if as_of is None else parse_as_of(as_of)
    wanted = read_study(study, tuple(asked.overrides))
    with _warm(wanted, asked) as warm:
        outcome = _run(wanted, day, asked, warm)
    raise typer.Exit(outcome.exit_code)


def backfill(
    study: StudyFile,
    *,
    from_: Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="first month")],
    to: Annotated[str, typer.Option(metavar="YYYY-MM", help="last month")],
    notebooks: Notebooks = None,
    set_: Overrides = None,
    archive: Archive = REPORTS,
    jobs: Jobs = 1,
    fresh: Fresh = False,
    log: Log = "text",
    hook: HookOption = None,
) -> None:
    """The same run month by month, oldest first; it stops at the first month that fails."""
    asked = Asked(archive, _only(notebooks), set_ or [], jobs, fresh, _log(log), hook)
    wanted = read_study(study, tuple(asked.overrides))
    months = months_between(parse_as_of(from_, "--from"), parse_as_of(to, "--to"))
    if not months:
        raise refusal("backfill", "--from", "not later than --to", f"{from_} and {to}", "Swap them.")
    with _warm(wanted, asked) as warm:
        for month in months:
            outcome = _run(wanted, month, asked, warm)
            if outcome.exit_code:
                raise typer.Exit(outcome.exit_code)


def _only(notebooks: str | None) -> list[str]:
    """The names given to --notebooks; none when it was not given."""
    if notebooks is None:
        return []
    names = [name.strip() for name in notebooks.split(",") if name.strip()]
    if not names:
        raise refusal("--notebooks", "the value", "names or numbers", f"'{notebooks}'", "As in 01,03.")
    return names


def _log(kind: str) -> str:
    if kind not in LOGS:
        raise unknown_name("run", "--log", kind, LOGS)
    return kind


@contextmanager
def _warm(wanted: Study, asked: Asked) -> Iterator["Warm | None"]:
    """Within, a process imports what the notebooks need while their tables are being read."""
    from workbench.runner.warm import Warm

    named = [n for n in wanted.notebooks if not asked.only or {n, n.partition("_")[0]} & set(asked.only)]
    warm = Warm.start(threads=max(1, (os.cpu_count() or 1) // asked.jobs), notebooks=named)
    try:
        yield warm
    finally:
        if warm is not None:
            warm.close()


def _run(wanted: Study, as_of: date | None, asked: Asked, warm: "Warm | None") -> "runner.Outcome":
    seen = look(wanted, as_of)
    if as_of is None and asked.log == "text":
        undated = "" if seen.latest else " (the source has no dates)"
        typer.echo(f"as of {seen.as_of}: the last complete month{undated}")
    from workbench import runner
    from workbench.sources.identity import key_fingerprint

    plan = runner.make_plan(
        wanted,
        seen.as_of,
        archive=asked.archive,
        inputs=_inputs(wanted, seen),
        clock=now,
        only=asked.only,
        overrides=asked.overrides,
        jobs=asked.jobs,
        fresh=asked.fresh,
        pseudonyms="" if wanted.identify else key_fingerprint(),
    )
    del seen  # the tables are not needed any more, their memory is
    with _listeners(plan, asked) as tell:
        outcome = runner.run(plan, tell=tell, warm=warm)
    if asked.log == "text":
        unchanged = outcome.state == "unchanged"
        typer.echo(f"{outcome.index}{' (unchanged: nothing new to publish)' if unchanged else ''}")
    return outcome


@contextmanager
def _listeners(plan: "runner.Plan", asked: Asked) -> Iterator["Sink"]:
    """Everybody who is told how the run goes on."""
    from workbench.progress import Progress
    from workbench.runner import events

    plan.store.prepare()  # an archive that can not be written to is refused before anything is told
    path = plan.staging.parent.parent / ".status" / f"{plan.study.study}-{plan.period}.json"
    sinks: list[Sink] = [events.StatusFile(path, pid=os.getpid())]
    if asked.hook:
        sinks.append(events.hook(asked.hook, lambda text: typer.echo(text, err=True)))
    always = {"study": plan.study.study, "period": plan.period, "run_id": plan.run_id}
    with Progress(sys.stderr) as progress:
        sinks.append(events.json_lines(sys.stdout) if asked.log == "json" else progress)
        tell = events.to_all(sinks, now, **always)
        try:
            yield tell
        except BaseException:  # whoever watches must not wait for an end that never comes
            tell({"event": "interrupted"})
            raise


def look(wanted: Study, as_of: date | None) -> "sources.Canonical":
    """The study's tables, checked. A source without dates is seen as of the last complete month."""
    from workbench import sources

    _refuse_malformed(wanted)
    p = wanted.parameters_of(next(iter(wanted.notebooks)), as_of)
    today = now().date()
    return sources.load(p, undated_as_of=last_complete_month(today), today=today)


def _refuse_malformed(wanted: Study) -> None:
    """Rules of the company's own, which a notebook would refuse after the tables have been read."""
    own = wanted.notebooks.get(SEGMENTATION, {})
    if any(own.get(name) for name in OWN_RULES):  # the room takes seconds to import
        from workbench import segmentation

        p = wanted.parameters_of(SEGMENTATION, None)
        assert isinstance(p, SegmentationParameters)
        segmentation.refuse_malformed(p)


def _inputs(wanted: Study, seen: "sources.Canonical") -> list[dict[str, Any]]:
    from workbench import sources

    return sources.describe_inputs(sources.resolve(read_source(wanted.source_path)), seen)


def now() -> datetime:
    """The time in UTC: the one place where the workbench reads the clock."""
    return datetime.now(UTC)
