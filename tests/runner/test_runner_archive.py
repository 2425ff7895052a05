"""What is in an archive, is it whole, and is it put in order after a run was killed?"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from workbench.runner import ArchiveRun, list_runs, verify
from workbench.runner.archive import begin, claim, point_to_newest, rebuild, recover
from workbench.runner.processes import MARK_VARIABLE
from workbench.store import open_store


def put_run(archive: Path, study: str, period: str, run_id: str, status: str = "published") -> Path:
    """A run with two files and a manifest of their hashes."""
    folder = archive / study / period / run_id
    (folder / "tables").mkdir(parents=True)
    contents = {"index.html": f"<html>{run_id}</html>", "tables/value.parquet": "PAR1"}
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    files = {n: {"sha256": hashlib.sha256(t.encode()).hexdigest()} for n, t in contents.items()}
    manifest = {"status": status, "title": study, "language": "en", "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def pointer(archive: Path, study: str, period: str) -> str:
    return str(json.loads((archive / study / period / "current.json").read_text("utf-8"))["run"])


def of(archive: Path, run_id: str) -> ArchiveRun:
    return next(run for run in list_runs(archive) if run.run_id == run_id)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two studies; in October the first was run three times, the last time without success."""
    put_run(tmp_path, "shop", "2026-10", "20261101T060000Z-aaaaaa")
    put_run(tmp_path, "shop", "2026-10", "20261102T060000Z-bbbbbb")
    put_run(tmp_path, "shop", "2026-10", "20261103T060000Z-cccccc", "failed")
    put_run(tmp_path, "shop", "2026-09", "20261104T060000Z-dddddd")
    put_run(tmp_path, "club", "2026-10", "20261101T070000Z-eeeeee")
    recover(tmp_path)
    return tmp_path


@pytest.fixture
def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process as a notebook of the run in the archive's staging folder could have left it."""
    mark = tmp_path / ".staging" / "killed" / "notebooks" / "01_profiling.ipynb"
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], env=os.environ | {MARK_VARIABLE: str(mark)}
    )
    yield process
    process.kill()
    process.wait()


def test_runs_are_listed_by_month_and_then_by_the_time_they_were_started(archive):
    assert [run.run_id[-6:] for run in list_runs(archive)] == [
        "dddddd",
        "aaaaaa",
        "eeeeee",
        "bbbbbb",
        "cccccc",
    ]
    assert [run.run_id[-6:] for run in list_runs(archive) if run.current] == ["dddddd", "eeeeee", "bbbbbb"]


def test_an_archive_that_is_not_there_has_no_runs(tmp_path):
    assert list_runs(tmp_path / "nowhere") == []


def test_what_begins_with_a_dot_is_no_run(archive):
    (archive / "shop" / "2026-10" / ".trash").mkdir()
    (archive / ".staging" / "2026-10" / "run").mkdir(parents=True)
    assert len(list_runs(archive)) == 5


def test_a_run_as_it_was_published_has_no_faults(archive):
    assert [verify(run) for run in list_runs(archive)] == [[]] * 5


def test_verify_finds_a_flipped_bit_a_missing_and_an_added_file(archive):
    run = of(archive, "20261102T060000Z-bbbbbb")
    page, table = run.folder / "index.html", run.folder / "tables" / "value.parquet"
    content = bytearray(page.read_bytes())
    content[-1] ^= 1
    page.write_bytes(content)
    assert verify(run) == ["index.html was changed"]
    table.unlink()
    (run.folder / "tables" / "more.parquet").touch()
    assert verify(run) == [
        "tables/value.parquet is missing",
        "index.html was changed",
        "tables/more.parquet was added",
    ]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"files": 3}', '{"files": {"index.html": {}}}'])
def test_verify_says_of_a_broken_manifest_that_it_cannot_be_read(archive, content):
    run_id = "20261102T060000Z-bbbbbb"
    (of(archive, run_id).folder / "manifest.json").write_text(content, encoding="utf-8")
    assert verify(of(archive, run_id)) == ["manifest.json cannot be read"]


def test_recovering_twice_changes_nothing(archive):
    before = {p: p.stat().st_mtime_ns for p in archive.rglob("*")}
    recover(archive)
    assert {p: p.stat().st_mtime_ns for p in archive.rglob("*")} == before


def test_the_staging_folder_of_a_living_process_stays(archive):
    claim(archive / ".staging" / "mine")
    recover(archive)
    assert (archive / ".staging" / "mine" / "owner.json").is_file()


def test_a_clock_that_was_set_by_a_second_does_not_make_a_process_look_dead(archive):
    started = psutil.Process().create_time() - 1.0
    claim(archive / ".staging" / "mine")
    owner = {"pid": os.getpid(), "started": started}
    (archive / ".staging" / "mine" / "owner.json").write_text(json.dumps(owner), encoding="utf-8")
    recover(archive)
    assert (archive / ".staging" / "mine").is_dir()


def test_the_staging_folders_of_dead_processes_are_removed(archive, dead):
    now = psutil.Process().create_time()
    owners = {
        "ended": json.dumps({"pid": dead, "started": now}),
        "number-given-again": json.dumps({"pid": os.getpid(), "started": now - 3_600.0}),
        "cut-short": '{"pid": ',
        "strange": '{"pid": "1", "started": null}',
    }
    for name, owner in owners.items():
        (archive / ".staging" / name / "tables").mkdir(parents=True)
        (archive / ".staging" / name / "owner.json").write_text(owner, encoding="utf-8")
    (archive / ".staging" / "without-owner").mkdir()
    recover(archive)
    assert list((archive / ".staging").iterdir()) == []


def test_what_a_killed_run_has_started_is_ended_with_its_staging_folder(archive, dead, sleeper):
    folder = archive / ".staging" / "killed"
    folder.mkdir(parents=True)
    (folder / "owner.json").write_text(json.dumps({"pid": dead, "started": 0.0}), encoding="utf-8")
    recover(archive)
    assert sleeper.wait(timeout=5) != 0
    assert not folder.exists()


def test_a_publication_that_was_cut_short_after_the_rename_is_finished(archive):
    begin(open_store(archive), "shop", "2026-10", "20261105T060000Z-ffffff")
    put_run(archive, "shop", "2026-10", "20261105T060000Z-ffffff")
    assert "20261105T060000Z-ffffff" not in (archive / "index.html").read_text("utf-8")
    recover(archive)
    assert pointer(archive, "shop", "2026-10") == "20261105T060000Z-ffffff"
    assert "20261105T060000Z-ffffff" in (archive / "index.html").read_text("utf-8")


def test_a_failed_run_never_becomes_the_months_report(archive):
    put_run(archive, "shop", "2026-11", "20261201T060000Z-ffffff", "failed")
    rebuild(archive)
    assert not (archive / "shop" / "2026-11" / "current.json").exists()
    assert pointer(archive, "shop", "2026-10") == "20261102T060000Z-bbbbbb"
    assert point_to_newest(archive, "shop", "2026-10") is False


def test_half_written_files_of_a_killed_publication_are_removed(archive):
    parts = [archive / ".parts" / "4711.part", archive / ".parts" / "4712.part"]
    for part in parts:
        part.write_text("{", encoding="utf-8")
    recover(archive)
    assert [part for part in parts if part.exists()] == []
