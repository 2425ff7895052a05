"""The retention rule: pages, figures and records stay; executed notebooks and row-level tables go in time."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from workbench.calendar import period_of
from workbench.runner.archive import ARCHIVE_LOCK
from workbench.runner.runs import PRUNED, ArchiveRun, Place, list_runs, pruned_files
from workbench.store import open_store

DROPPED = ("notebooks/", "tables/")
KEEP_MONTHS, OTHERS_DAYS = 24, 30


@dataclass(frozen=True)
class Rule:
    """What may go.

    Attributes
    ----------
    keep_months : int
        Months whose report keeps its notebooks and tables, the current month being the first.
    failed_days, superseded_days : int
        Days that a failed run, and a run that is not its month's report, keeps its own.
    """

    keep_months: int = KEEP_MONTHS
    failed_days: int = OTHERS_DAYS
    superseded_days: int = OTHERS_DAYS


@dataclass(frozen=True)
class Pruned:
    """The files of one run that go, with their bytes, and why."""

    run: ArchiveRun
    files: tuple[str, ...]
    size: int
    why: str


def to_prune(archive: Place, rule: Rule, today: date) -> Iterator[Pruned]:
    """What the rule takes away as of `today`, run by run, oldest month first."""
    store = open_store(archive)
    oldest_kept = _months_back(today, rule.keep_months - 1)
    for run in list_runs(store):
        why = _why(run, rule, today, oldest_kept)
        if why:
            files = {n: size for n, size in store.files(run.place).items() if n.startswith(DROPPED)}
            if files:
                yield Pruned(run, tuple(sorted(files)), sum(files.values()), why)


def prune(archive: Place, chosen: Iterable[Pruned], at: str) -> int:
    """Remove the files of `chosen`. Returns how many.

    What goes is noted beside the run before it goes, so that no moment leaves a file missing without a word.
    """
    store = open_store(archive)
    gone = 0
    with store.lock(ARCHIVE_LOCK, wait=True):
        for one in chosen:
            files = sorted({*one.files, *pruned_files(one.run)})
            note = {"at": at, "why": one.why, "files": files}
            store.write_whole(f"{one.run.place}{PRUNED}", json.dumps(note, indent=1) + "\n")
            for name in one.files:
                store.remove(f"{one.run.place}/{name}")
                gone += 1
    return gone


def _why(run: ArchiveRun, rule: Rule, today: date, oldest_kept: str) -> str:
    """The part of the rule that a run falls under; nothing for one that keeps everything."""
    if not run.manifest:
        return ""  # what cannot be read is for a person to look at
    if run.period < oldest_kept:
        return f"older than {rule.keep_months} months"
    status = run.manifest.get("status")
    if status != "published" and _older(run, rule.failed_days, today):
        return f"not published, older than {rule.failed_days} days"
    if status == "published" and not run.current and _older(run, rule.superseded_days, today):
        return f"not the month's report, older than {rule.superseded_days} days"
    return ""


def _older(run: ArchiveRun, days: int, today: date) -> bool:
    try:
        ended = date.fromisoformat(str(run.manifest.get("ended_at") or run.manifest["started_at"])[:10])
    except (KeyError, ValueError):
        return False
    return ended < today - timedelta(days=days)


def _months_back(today: date, months: int) -> str:
    count = today.year * 12 + today.month - 1 - months
    return period_of(date(count // 12, count % 12 + 1, 1))
