"""The archive: what is current, what is left over from a killed run, whether every hash is right.

An archive is given as a store, or as what one is opened with: a folder or a URL.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from workbench.report import site
from workbench.report.site import index
from workbench.report.site.month import PERIOD, POINTER
from workbench.report.site.trail import SUFFIX
from workbench.runner.processes import end_run
from workbench.store import LOCKS, MANIFEST, STAGING, LocalStore, Store, open_store

__all__ = ["LOCKS", "MANIFEST", "OWNER", "POINTER", "STAGING"]

OWNER = "owner.json"
PENDING = f"{index.FOLDER}/pending"
PRUNED = ".pruned.json"
ARCHIVE_LOCK = "archive"
HISTORY_MONTHS = 13  # last month, and the same month of last year
# The time a process was started is told from the clock of the machine, which is set now and then; far less
# time than the machine needs to give the same number to another process.
CLOCK_TOLERANCE_SECONDS = 60.0
Place = str | Path | Store


@dataclass(frozen=True)
class ArchiveRun:
    """A run in the archive; `manifest` is empty if it cannot be read.

    Attributes
    ----------
    folder : Path
        On this machine; of an archive elsewhere only what was brought here lies in it.
    """

    study: str
    period: str
    run_id: str
    folder: Path
    manifest: dict[str, Any]
    current: bool
    store: Store

    @property
    def place(self) -> str:
        """The run's folder in the archive."""
        return f"{self.study}/{self.period}/{self.run_id}"


def list_runs(archive: Place, study: str | None = None) -> list[ArchiveRun]:
    """All runs, or those of one study, oldest month first, then in the order in which they were started."""
    store = open_store(archive)
    studies = store.folders() if study is None else [study]
    months = [
        (name, period) for name in studies for period in store.folders(name) if PERIOD.fullmatch(period)
    ]
    runs = [run for name, period in months for run in _runs_of(store, name, period)]
    return sorted(runs, key=lambda run: (run.period, run.run_id))


def _runs_of(store: Store, study: str, period: str) -> list[ArchiveRun]:
    month = f"{study}/{period}"
    ids = store.folders(month)
    names = {run_id: f"{month}/{run_id}/{MANIFEST}" for run_id in ids}
    found = store.read_many([f"{month}/{POINTER}", *names.values()])
    current = _json(found.get(f"{month}/{POINTER}")).get("run")
    return [
        ArchiveRun(
            study,
            period,
            run_id,
            store.local / month / run_id,
            _json(found.get(names[run_id])),
            run_id == current,
            store,
        )
        for run_id in ids
        if store.renames or names[run_id] in found
    ]


def verify(run: ArchiveRun, sealed: str = "") -> list[str]:
    """What is wrong with a run's files: missing, changed or extra against the manifest's hashes.

    Parameters
    ----------
    sealed : str
        The sha256 of the manifest when the run was published, where the index has it.
    """
    try:
        promised = {name: str(about["sha256"]) for name, about in run.manifest["files"].items()}
    except (KeyError, TypeError, AttributeError):
        return ["manifest.json cannot be read"]
    there = _hashes_in(run.store, run.place)
    own = there.pop(MANIFEST, "")
    dropped = pruned_files(run)
    missing = [f"{name} is missing" for name in promised if name not in there and name not in dropped]
    changed = [
        f"{name} was changed" for name, digest in promised.items() if there.get(name, digest) != digest
    ]
    if sealed and sealed != own:
        changed.insert(0, f"{MANIFEST} was changed")
    extra = [f"{name} was added" for name in there if name not in promised]
    return missing + changed + extra + _trail_faults(run, own)


def pruned_files(run: ArchiveRun) -> set[str]:
    """The files of a run that were taken away by the retention rule."""
    name = f"{run.place}{PRUNED}"
    listed = _json(run.store.read_many([name]).get(name)).get("files")
    return {str(one) for one in listed} if isinstance(listed, list) else set()


def _trail_faults(run: ArchiveRun, digest: str) -> list[str]:
    name = f"{run.place}{SUFFIX}"
    reviews, faults = site.read_trail(run.store.read_many([name]).get(name, b""))
    strange = [review for review in reviews if review.manifest_sha256 != digest]
    return faults + [f"the review of {one.at} is of another manifest" for one in strange]


def seals(archive: Place) -> dict[str, str]:
    """The sha256 that each run's manifest had when it was published, by the run's place."""
    try:
        return {run.place: run.sealed for run in index.read_all(open_store(archive)) if run.sealed}
    except index.DamagedIndex:
        return {}


def _hashes_in(store: Store, place: str) -> dict[str, str]:
    found = {}
    for name in sorted(store.files(place)):
        with store.open(f"{place}/{name}") as file:
            found[name] = _digest(file)
    return found


def hashes(folder: Path) -> dict[str, str]:
    """The sha256 of every file under a run's folder but the manifest, by relative path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST:
            with path.open("rb") as file:
                found[name] = _digest(file)
    return found


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


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
    begun = _json(store.read_many([pending]).get(pending))
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


def commit(store: Store, study: str, period: str, run_id: str, staging: Path) -> None:
    """Make the run in `staging` visible and bring pointer and pages up to date. Holds the archive's lock."""
    begin(store, study, period, run_id)
    store.publish(staging, f"{study}/{period}/{run_id}")
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
    if _json(store.read_many([name]).get(name)).get("run") == newest:
        return False
    store.write_whole(name, json.dumps({"run": newest}) + "\n")
    return True


def current_run(month: Path) -> str | None:
    """The id of the run that is the month's report, if there is one."""
    try:
        found = _json((month / POINTER).read_bytes()).get("run")
    except OSError:
        return None
    return None if found is None else str(found)


def previous_manifest(archive: Place, study: str, period: str) -> dict[str, Any] | None:
    """The manifest of the study's last report before a month; None where there is none."""
    store = open_store(archive)
    months = [m for m in store.folders(study) if PERIOD.fullmatch(m) and m < period]
    for month in reversed(months):
        run_id = _json(store.read_many([f"{study}/{month}/{POINTER}"]).get(f"{study}/{month}/{POINTER}")).get(
            "run"
        )
        name = f"{study}/{month}/{run_id}/{MANIFEST}"
        manifest = _json(store.read_many([name]).get(name)) if run_id else {}
        if "status" in manifest:
            return manifest
    return None


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
        owner = _json((staging / OWNER).read_bytes())
        drift = psutil.Process(owner["pid"]).create_time() - float(owner["started"])
        return abs(drift) < CLOCK_TOLERANCE_SECONDS
    except (OSError, KeyError, TypeError, ValueError, psutil.Error):
        return False


def _json(content: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
