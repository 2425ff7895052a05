"""Verdicts on runs: a line beside the run, the month's pointer, the pages. Published bytes never change."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.errors import nearest, refusal, unknown_name
from workbench.report import site
from workbench.report.site import index
from workbench.report.site.entry import manifest_name
from workbench.report.site.month import PERIOD
from workbench.runner.archive import ARCHIVE_LOCK, begin, recover, settle
from workbench.runner.runs import Place
from workbench.store import Store, open_store

MOST_NAMED = 5
PUBLISHED = ("published", "superseded", "unpointed", "withdrawn")


@dataclass(frozen=True)
class Reviewed:
    """What a verdict has brought about.

    Attributes
    ----------
    run : RunEntry
        The run as it now is.
    before, after : str or None
        The run that was the month's report, and the one that is.
    """

    run: site.RunEntry
    review: site.Review
    before: str | None
    after: str | None


def review(archive: Place, run: str, *, verdict: str, by: str, note: str, at: datetime) -> Reviewed:
    """Add a verdict to a run's trail.

    A withdrawn run is not the month's report any more: the newest published run that is not withdrawn takes
    its place, or none.

    Parameters
    ----------
    run : str
        A run id or an unambiguous beginning of one, or ``study/YYYY-MM`` for the month's report.
    at : datetime
        The time of the verdict, by the caller's clock.

    Raises
    ------
    WorkbenchError
        With exit code 2 for an unknown run or verdict, a run without a report, or an empty name.
    """
    store = open_store(archive)
    if verdict not in site.VERDICTS:
        raise unknown_name("review", "--verdict", verdict, site.VERDICTS)
    if not by.strip():
        raise refusal("review", "--by", "the name of a person", "an empty name", "Say who reviewed it.")
    with store.lock(ARCHIVE_LOCK, wait=True):
        recover(store)
        entry = find_run(store, run)
        if entry.status not in PUBLISHED:
            got = f"a run that is {entry.status}"
            raise refusal("review", entry.run_id, "a published run", got, "Only a report can be reviewed.")
        digest = hashlib.sha256(store.read(manifest_name(entry.place))).hexdigest()
        line = site.Review(_stamp(at), by.strip(), verdict, note.strip(), digest)
        before = _current(store, entry)
        begin(store, entry.study, entry.period)
        site.add_review(store, site.trail_name(entry.study, entry.period, entry.run_id), line)
        settle(store, entry.study, entry.period)
        month = site.read_month(store, entry.study, entry.period)
        now = next(one for one in month.runs if one.run_id == entry.run_id)
        return Reviewed(now, line, before, _current(store, entry))


def _current(store: Store, entry: site.RunEntry) -> str | None:
    report = site.read_month(store, entry.study, entry.period).current
    return None if report is None else report.run_id


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def find_run(archive: Place, name: str) -> site.RunEntry:
    """The run called `name`: ``study/YYYY-MM`` (the month's report), a run id, or the beginning of one.

    Raises
    ------
    WorkbenchError
        If there is none, or more than one.
    """
    store = open_store(archive)
    parts = name.strip("/").split("/")
    if len(parts) in (2, 3) and PERIOD.fullmatch(parts[1]):
        return _in_month(store, name, parts[0], parts[1], parts[2] if len(parts) == 3 else None)
    known = _places(store)
    found = [place for place in known if place[2] == name] or [p for p in known if p[2].startswith(name)]
    if not name or not found:
        raise _unknown(name, [place[2] for place in known])
    if len(found) > 1:
        raise _ambiguous(name, ["/".join(place) for place in found])
    study, period, run_id = found[0]
    return _in_month(store, name, study, period, run_id)


def _in_month(store: Store, name: str, study: str, period: str, run_id: str | None) -> site.RunEntry:
    month = site.read_month(store, study, period)
    if run_id is None:
        if month.current is None:
            rule = "a month with a report"
            hint = "See `workbench archive list`."
            raise refusal(name, "the month", rule, "one without", hint)
        return month.current
    found = [run for run in month.runs if run.run_id.startswith(run_id)]
    if not found:
        raise _unknown(name, [run.run_id for run in month.runs])
    if len(found) > 1 and found[0].run_id != run_id:
        raise _ambiguous(name, [run.place for run in found])
    return found[0]


def _places(store: Store) -> list[tuple[str, str, str]]:
    """Study, month and id of every run: as the index has them, else as the folders do."""
    try:
        return [(run.study, run.period, run.run_id) for run in index.read_all(store)]
    except index.DamagedIndex:
        return [
            (study, period, run_id)
            for study in store.folders()
            for period in store.folders(study)
            if PERIOD.fullmatch(period)
            for run_id in store.folders(f"{study}/{period}")
        ]


def _unknown(name: str, names: list[str]) -> Exception:
    near = nearest(name, names)
    hint = f"Did you mean '{near}'?" if near else "See `workbench archive list`."
    return refusal("archive", "the run", "one in the archive", f"'{name}'", hint)


def _ambiguous(name: str, places: list[str]) -> Exception:
    shown = ", ".join(sorted(places)[:MOST_NAMED])
    more = "" if len(places) <= MOST_NAMED else f" and {len(places) - MOST_NAMED} more"
    got = f"'{name}', which {len(places)} runs begin with"
    return refusal("archive", "the run", "one run", got, f"Give one of {shown}{more}.")
