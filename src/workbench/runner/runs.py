"""The runs of an archive, and whether every file of them is as it was published.

An archive is given as a store, or as what one is opened with: a folder or a URL.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from workbench.report import site
from workbench.report.site import index
from workbench.report.site.month import PERIOD, POINTER
from workbench.report.site.trail import SUFFIX
from workbench.store import MANIFEST, Store, open_store

PRUNED = ".pruned.json"
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
    current = read_json(found.get(f"{month}/{POINTER}")).get("run")
    return [
        ArchiveRun(
            study,
            period,
            run_id,
            store.local / month / run_id,
            read_json(found.get(names[run_id])),
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
    listed = read_json(run.store.read_many([name]).get(name)).get("files")
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


def read_json(content: bytes | None) -> dict[str, Any]:
    """The JSON object in `content`; an empty one if there is none or it is damaged."""
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
