"""The archive's upkeep: what becomes visible, what is current, what a killed run has left over.

An archive is given as a store, or as what one is opened with: a folder or a URL.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from workbench.report import site
from workbench.report.site import index
from workbench.report.site.month import PERIOD, POINTER
from workbench.runner.processes import end_run
from workbench.runner.runs import Place, read_json
from workbench.store import LOCKS, MANIFEST, STAGING, LocalStore, Store, open_store

__all__ = ["LOCKS", "MANIFEST", "OWNER", "POINTER", "STAGING"]

OWNER = "owner.json"
PENDING = f"{index.FOLDER}/pending"
ARCHIVE_LOCK = "archive"
HISTORY_MONTHS = 13  # last month, and the same month of last year
# The time a process was started is told from the clock of the machine, which is set now and then; far less
# time than the machine needs to give the same number to another process.
CLOCK_TOLERANCE_SECONDS = 60.0


def write_whole(path: Path, text: str) -> None:
    """Write a file of a staging folder so that a crash leaves the old content or the new, never a part."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def claim(staging: Path) -> None:
    """Make a staging folder and note whose it is."""
    staging.mkdir(parents=True)
    me = psutil.Process()
    write_whole(staging / OWNER, json.dumps({"pid": me.pid, "started": me.create_time()}))


def recover(archive: Place) -> None:
    """Remove what killed runs have left, and finish what one was killed in the middle of publishing.

    Looks at what is noted as pending, not at the whole archive; an archive without an index gets one.
    """
    store = open_store(archive)
    for folder in store.staging.glob("*"):
        if not _alive(folder):
            end_run(folder)  # what its notebooks have started may have outlived it
            shutil.rmtree(folder, ignore_errors=True)
    store.sweep()
    for name in store.names(PENDING):
        _finish(store, f"{PENDING}/{name}")
    try:
        index.read_contents(store)
    except index.DamagedIndex:
        if store.folders():
            rebuild(store)


def _finish(store: Store, pending: str) -> None:
    """Settle a month in which something was begun. Files of a run that never got its manifest are removed."""
    begun = read_json(store.read_many([pending]).get(pending))
    study, period, run_id = (str(begun.get(key, "")) for key in ("study", "period", "run_id"))
    if not study or not PERIOD.fullmatch(period):
        store.remove(pending)
        return
    place = f"{study}/{period}/{run_id}"
    if run_id and not store.renames and not store.exists(f"{place}/{MANIFEST}"):
        store.remove_folder(place)
    settle(store, study, period)


def begin(store: Store, study: str, period: str, run_id: str = "") -> None:
    """Note that something is about to change in a month: whoever comes after a crash will settle it."""
    note = {"study": study, "period": period, "run_id": run_id}
    store.write_whole(_pending(study, period), json.dumps(note) + "\n")


def commit(
    store: Store,
    study: str,
    period: str,
    run_id: str,
    staging: Path,
    *,
    visible: Callable[[], None] = lambda: None,
) -> None:
    """Make the run in `staging` visible and bring pointer and pages up to date. Holds the archive's lock.

    `visible` is called between the two.
    """
    begin(store, study, period, run_id)
    store.publish(staging, f"{study}/{period}/{run_id}")
    visible()
    settle(store, study, period)


def settle(store: Store, study: str, period: str) -> None:
    """Pointer and pages of a month as its runs and reviews say; then nothing is pending there."""
    point_to_newest(store, study, period)
    site.refresh(store, study, period)
    store.remove(_pending(study, period))


def rebuild(archive: Place) -> int:
    """Pointers, index and every page of the archive anew. Returns the number of months."""
    store = open_store(archive)
    for study in store.folders():
        for period in store.folders(study):
            if PERIOD.fullmatch(period):
                point_to_newest(store, study, period)
    return site.rebuild(store)


def point_to_newest(archive: Place, study: str, period: str) -> bool:
    """Make the newest published run of a month its report, of those that are not withdrawn; or none.

    Returns whether the pointer was moved.
    """
    store = open_store(archive)
    name = f"{study}/{period}/{POINTER}"
    able = [
        run.run_id
        for run in site.read_month(store, study, period).runs
        if run.status in ("published", "superseded", "unpointed") and run.verdict != "withdrawn"
    ]
    newest = max(able, default=None)  # a run's id begins with the time it was started
    if newest is None:
        there = store.exists(name)
        store.remove(name)
        return there
    if read_json(store.read_many([name]).get(name)).get("run") == newest:
        return False
    store.write_whole(name, json.dumps({"run": newest}) + "\n")
    return True


def current_run(month: Path) -> str | None:
    """The id of the run that is the month's report, if there is one."""
    try:
        found = read_json((month / POINTER).read_bytes()).get("run")
    except OSError:
        return None
    return None if found is None else str(found)


def bring_study(store: Store, study: str, period: str) -> None:
    """Have on this machine what a run looks at: figures of earlier months, the month's own report."""
    if isinstance(store, LocalStore):
        return
    months = [m for m in store.folders(study) if PERIOD.fullmatch(m) and m <= period][-HISTORY_MONTHS:]
    store.bring((f"{study}/{month}/{POINTER}" for month in months), anew=True)
    for month in months:
        run_id = current_run(store.local / study / month)
        if run_id is not None:
            place = f"{study}/{month}/{run_id}"
            store.bring(f"{place}/{name}" for name in _wanted(store.files(place), whole=month == period))


def _wanted(files: Iterable[str], *, whole: bool) -> list[str]:
    kinds = (MANIFEST, "results/")
    return [name for name in files if whole or name.startswith(kinds) or name.endswith(".html")]


def _pending(study: str, period: str) -> str:
    return f"{PENDING}/{study}-{period}.json"


def _alive(staging: Path) -> bool:
    try:
        owner = read_json((staging / OWNER).read_bytes())
        drift = psutil.Process(owner["pid"]).create_time() - float(owner["started"])
        return abs(drift) < CLOCK_TOLERANCE_SECONDS
    except (OSError, KeyError, TypeError, ValueError, psutil.Error):
        return False
