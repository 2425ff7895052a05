"""Reviews, withdrawal, retention, and an archive that a crash between any two writes leaves in order."""

import hashlib
import json
import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.runner.archive import commit, rebuild, recover
from workbench.runner.prune import Rule, prune, to_prune
from workbench.runner.review import find_run, review
from workbench.runner.runs import list_runs, seals, verify
from workbench.store import local as local_store
from workbench.store import open_store

FIRST, SECOND, FAILED = "20261101T060000Z-aaaaaa", "20261102T060000Z-bbbbbb", "20261103T060000Z-cccccc"
NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
FILES = {"index.html": b"<html>", "notebooks/03_churn.ipynb": b"{}", "tables/value.parquet": b"PAR1"}


def build(folder: Path, period: str, run_id: str, status: str = "published") -> Path:
    """A run with a page, a notebook and a table."""
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    files = {n: {"sha256": hashlib.sha256(c).hexdigest(), "bytes": len(c)} for n, c in FILES.items()}
    ended = f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T06:00:00+00:00"
    record = {"study": "demo", "period": period, "run_id": run_id, "status": status, "title": "Demo"}
    record |= {"as_of": f"{period}-28", "ended_at": ended, "files": files, "figures": []}
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def add(archive: Path, period: str, run_id: str, status: str = "published") -> None:
    store = open_store(archive)
    commit(store, "demo", period, run_id, build(store.staging / run_id, period, run_id, status))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """September with one run; October with two and a failed one."""
    folder = tmp_path / "reports"
    add(folder, "2026-09", "20261001T060000Z-aaaaaa")
    for run_id, status in ((FIRST, "published"), (SECOND, "published"), (FAILED, "failed")):
        add(folder, "2026-10", run_id, status)
    return folder


def pointer(archive: Path) -> str | None:
    path = archive / "demo" / "2026-10" / "current.json"
    return json.loads(path.read_text("utf-8"))["run"] if path.exists() else None


def say(archive: Path, run: str, verdict: str = "approved", by: str = "Ann", note: str = ""):
    return review(archive, run, verdict=verdict, by=by, note=note, at=NOON)


def text(archive: Path, name: str = "demo/2026-10/index.html") -> str:
    return (archive / name).read_text("utf-8")


def test_a_verdict_is_one_line_beside_the_run_and_changes_no_published_byte(archive):
    place = archive / "demo" / "2026-10" / SECOND
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    say(archive, SECOND, note="Totals agree with finance.")
    trail = place.with_name(f"{SECOND}.reviews.jsonl")
    assert [json.loads(line) for line in trail.read_text("utf-8").splitlines()] == [
        {
            "at": "2026-11-05T12:00:00+00:00",
            "by": "Ann",
            "verdict": "approved",
            "note": "Totals agree with finance.",
            "manifest_sha256": hashlib.sha256(before[place / "manifest.json"]).hexdigest(),
        }
    ]
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before
    assert [verify(run) for run in list_runs(archive)] == [[]] * 4
    assert "Approved by Ann" in text(archive)
    assert "Approved" in text(archive, "index.html")
    assert "Approved" in text(archive, "demo/index.html")


def test_a_newer_run_of_the_month_voids_the_verdict_where_a_reader_sees_it(archive):
    say(archive, "demo/2026-10")
    assert "no longer holds" not in text(archive)
    add(archive, "2026-10", "20261109T060000Z-dddddd")
    assert "This verdict no longer holds." in text(archive)
    assert "not reviewed yet" in text(archive)
    assert "(void: a newer run is the month&#39;s report)" in text(archive, "index.html")


def test_a_failed_run_voids_nothing(archive):
    say(archive, "demo/2026-10")
    add(archive, "2026-10", "20261109T060000Z-dddddd", "failed")
    assert "no longer holds" not in text(archive)


def test_a_withdrawn_report_gives_its_place_to_the_newest_run_that_is_not(archive):
    done = say(archive, SECOND, "withdrawn")
    assert (done.before, done.after, pointer(archive)) == (SECOND, FIRST, FIRST)
    assert f"The month&#39;s report is now run {FIRST}." in text(archive)
    done = say(archive, FIRST, "withdrawn")
    assert (done.after, pointer(archive)) == (None, None)
    assert "The month has no report until another run is published." in text(archive)
    assert "Withdrawn" in text(archive, "index.html")
    recover(archive)
    rebuild(archive)
    assert pointer(archive) is None
    assert say(archive, SECOND).after == SECOND  # the last verdict on a run counts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"run": SECOND, "verdict": "aproved"}, "review: --verdict must be one of approved, rejected, "
         "withdrawn; got 'aproved'. Did you mean 'approved'?"),
        ({"run": SECOND, "by": "  "}, "review: --by must be the name of a person; got an empty name. "
         "Say who reviewed it."),
        ({"run": FAILED}, f"review: {FAILED} must be a published run; got a run that is failed. "
         "Only a report can be reviewed."),
        ({"run": "20261102T060000Z-bbbbbc"}, "archive: the run must be one in the archive; got "
         f"'20261102T060000Z-bbbbbc'. Did you mean '{SECOND}'?"),
        ({"run": "202611"}, "archive: the run must be one run; got '202611', which 3 runs begin with. "
         f"Give one of demo/2026-10/{FIRST}, demo/2026-10/{SECOND}, demo/2026-10/{FAILED}."),
        ({"run": "demo/2026-11"}, "demo/2026-11: the month must be a month with a report; got one without. "
         "See `workbench archive list`."),
    ],
)  # fmt: skip
def test_what_can_not_be_reviewed_is_refused_and_nothing_is_written(archive, arguments, message):
    before = set(archive.rglob("*"))
    with pytest.raises(WorkbenchError) as error:
        say(archive, **arguments)
    assert (str(error.value), error.value.exit_code) == (message, 2)
    assert {path for path in archive.rglob("*") if ".locks" not in path.parts} <= before


@pytest.mark.parametrize(
    "name", ["demo/2026-10", f"demo/2026-10/{SECOND}", SECOND, "20261102", "demo/2026-10/20261102"]
)
def test_a_run_is_found_by_its_id_a_beginning_of_it_or_its_month(archive, name):
    assert find_run(archive, name).run_id == SECOND


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"at": 3}', "line 1 of the review trail cannot be read"),
        ("{", "line 1 of the review trail cannot be read"),
        (json.dumps({"at": "2026-11-05T12:00:00+00:00", "by": "A", "verdict": "approved", "note": "",
                     "manifest_sha256": "ab"}),
         "the review of 2026-11-05T12:00:00+00:00 is of another manifest"),
    ],
)  # fmt: skip
def test_verify_reads_the_review_trail(archive, line, fault):
    (archive / "demo" / "2026-10" / f"{SECOND}.reviews.jsonl").write_text(line + "\n", encoding="utf-8")
    (run,) = [run for run in list_runs(archive) if run.run_id == SECOND]
    assert verify(run) == [fault]


def test_verify_finds_a_byte_of_the_manifest_that_was_flipped_even_after_another_publication(archive):
    path = archive / "demo" / "2026-10" / SECOND / "manifest.json"
    path.write_text(path.read_text("utf-8").replace('"Demo"', '"DEmo"'), encoding="utf-8")
    add(archive, "2026-10", "20261109T060000Z-dddddd")
    rebuild(archive)
    sealed = seals(archive)
    faults = {run.run_id: verify(run, sealed[run.place]) for run in list_runs(archive)}
    assert faults.pop(SECOND) == ["manifest.json was changed"]
    assert set(map(tuple, faults.values())) == {()}


def test_the_retention_rule_keeps_pages_and_records_and_says_why(archive):
    add(archive, "2024-10", "20241101T060000Z-aaaaaa")
    chosen = list(to_prune(archive, Rule(keep_months=24), date(2026, 10, 31)))
    assert [(one.run.run_id, one.why) for one in chosen] == [
        ("20241101T060000Z-aaaaaa", "older than 24 months")
    ]
    later = {one.run.run_id: one for one in to_prune(archive, Rule(), date(2026, 12, 24))}
    assert {run_id: one.why for run_id, one in later.items()} == {
        "20241101T060000Z-aaaaaa": "older than 24 months",
        FIRST: "not the month's report, older than 30 days",
        FAILED: "not published, older than 30 days",
    }
    assert later[FIRST].files == ("notebooks/03_churn.ipynb", "tables/value.parquet")
    assert later[FIRST].size == 6
    assert prune(archive, later.values(), "2026-12-24T00:00:00+00:00") == 6
    assert [verify(run) for run in list_runs(archive)] == [[]] * 5
    assert (archive / "demo" / "2026-10" / FIRST / "index.html").is_file()
    assert list(to_prune(archive, Rule(), date(2026, 12, 24))) == []
    assert (archive / "demo" / "2026-10" / SECOND / "tables" / "value.parquet").is_file()


class Killed(BaseException):
    """Stands for a SIGKILL between two calls to the operating system."""


def killing(patch: pytest.MonkeyPatch, calls: int) -> None:
    """After `calls` changes to the disk every further one is the end, as for a process that is gone."""
    left = [calls]

    def guard(original):
        def guarded(*arguments, **options):
            if left[0] <= 0:
                raise Killed
            left[0] -= 1
            return original(*arguments, **options)

        return guarded

    for name in ("replace", "rename", "unlink", "write"):
        patch.setattr(local_store.os, name, guard(getattr(os, name)))


def in_order(archive: Path) -> None:
    """What a reader and the next run rely on: whole runs, a pointer to one, no half-written file."""
    for run in list_runs(archive):
        assert verify(run) == [], run
    for path in archive.glob("demo/*/current.json"):
        assert (path.parent / json.loads(path.read_text("utf-8"))["run"] / "manifest.json").is_file()
    for path in [*archive.rglob("*.html"), *archive.rglob("feed.xml")]:
        ends = ("</html>", "</feed>", "</tr>", "<html>")
        assert path.read_text("utf-8").rstrip().endswith(ends), path


@pytest.mark.parametrize("work", ["publish", "review"])
def test_a_crash_between_any_two_writes_leaves_order_and_the_next_run_finishes(archive, tmp_path, work):
    calls, ended = 0, False
    whole = tmp_path / "whole"
    shutil.copytree(archive, whole)
    _work(whole, work)
    expected = _visible(whole)
    while not ended:
        copy = tmp_path / f"copy-{calls}"
        shutil.copytree(archive, copy)
        with pytest.MonkeyPatch.context() as patch:
            killing(patch, calls)
            try:
                _work(copy, work)
                ended = True
            except Killed:
                pass
        in_order(copy)
        shutil.rmtree(copy / ".staging", ignore_errors=True)
        recover(copy)
        in_order(copy)
        assert not list((copy / ".index" / "pending").glob("*"))
        if _done(copy, work):
            assert _visible(copy) == expected
        else:
            assert calls <= 2  # before anything of it could be seen
        shutil.rmtree(copy)
        calls += 1
    assert calls > 15


def _work(archive: Path, work: str) -> None:
    if work == "publish":
        add(archive, "2026-10", "20261109T060000Z-dddddd")
    else:
        say(archive, SECOND, "withdrawn")


def _done(archive: Path, work: str) -> bool:
    if work == "publish":
        return (archive / "demo" / "2026-10" / "20261109T060000Z-dddddd").is_dir()
    trail = archive / "demo" / "2026-10" / f"{SECOND}.reviews.jsonl"
    return trail.is_file() and trail.stat().st_size > 0


def _visible(archive: Path) -> dict[str, bytes]:
    paths = [path for path in archive.rglob("*") if path.is_file()]
    names = {path.relative_to(archive).as_posix(): path for path in paths}
    return {n: p.read_bytes() for n, p in names.items() if not n.startswith((".locks", ".parts", ".staging"))}
