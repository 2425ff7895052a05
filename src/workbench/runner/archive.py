"""The archive on disk: what is current, what is left over from a killed run, whether every hash is right."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from workbench.report import write_archive_index
from workbench.runner.processes import end_run

STAGING, LOCKS, OWNER, POINTER, MANIFEST = ".staging", ".locks", "owner.json", "current.json", "manifest.json"
# The time a process was started is told from the clock of the machine, which is set now and then; far less
# time than the machine needs to give the same number to another process.
CLOCK_TOLERANCE_SECONDS = 60.0


@dataclass(frozen=True)
class ArchiveRun:
    """A run in the archive; `manifest` is empty if it cannot be read."""

    study: str
    period: str
    run_id: str
    folder: Path
    manifest: dict[str, Any]
    current: bool


def list_runs(archive: Path) -> list[ArchiveRun]:
    """All runs, oldest month first, then in the order in which they were started."""
    folders = sorted(archive.glob("[!.]*/????-??/[!.]*/"), key=lambda f: (f.parent.name, f.name))
    return [_archive_run(folder) for folder in folders]


def _archive_run(folder: Path) -> ArchiveRun:
    month = folder.parent
    current = _json(month / POINTER).get("run") == folder.name
    return ArchiveRun(month.parent.name, month.name, folder.name, folder, _json(folder / MANIFEST), current)


def verify(run: ArchiveRun) -> list[str]:
    """What is wrong with a run's files: missing, changed or extra against the manifest's hashes."""
    try:
        promised = {name: str(about["sha256"]) for name, about in run.manifest["files"].items()}
    except (KeyError, TypeError, AttributeError):
        return ["manifest.json cannot be read"]
    there = hashes(run.folder)
    missing = [f"{name} is missing" for name in promised if name not in there]
    changed = [
        f"{name} was changed" for name, digest in promised.items() if there.get(name, digest) != digest
    ]
    extra = [f"{name} was added" for name in there if name not in promised]
    return missing + changed + extra


def hashes(folder: Path) -> dict[str, str]:
    """The sha256 of every file under a run's folder but the manifest, by relative path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST:
            with path.open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new, never a part."""
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


def recover(archive: Path) -> None:
    """Remove what killed runs have left, and finish what one was killed in the middle of publishing."""
    for folder in (archive / STAGING).glob("*"):
        if not _alive(folder):
            end_run(folder)  # what its notebooks have started may have outlived it
            shutil.rmtree(folder, ignore_errors=True)
    for part in [*archive.glob(".*.part"), *archive.glob("[!.]*/????-??/.*.part")]:
        part.unlink()
    moved = [point_to_newest(month) for month in sorted(archive.glob("[!.]*/????-??/"))]
    if any(moved):
        write_archive_index(archive)


def point_to_newest(month: Path) -> bool:
    """Make the newest published run of a month its report. Returns whether the pointer was moved."""
    published = [r.name for r in _runs(month) if _json(r / MANIFEST).get("status") == "published"]
    if not published or _json(month / POINTER).get("run") == published[-1]:
        return False
    write_whole(month / POINTER, json.dumps({"run": published[-1]}) + "\n")
    return True


def _runs(month: Path) -> Iterator[Path]:
    # A run's id begins with the time it was started, so names sort by time.
    yield from sorted(p for p in month.glob("[!.]*") if p.is_dir())


def _alive(staging: Path) -> bool:
    owner = _json(staging / OWNER)
    try:
        drift = psutil.Process(owner["pid"]).create_time() - float(owner["started"])
        return abs(drift) < CLOCK_TOLERANCE_SECONDS
    except (KeyError, TypeError, ValueError, psutil.Error):
        return False


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
