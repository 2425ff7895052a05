"""Does an archive in an S3-compatible store keep its promises? Against a real server on this machine."""

import hashlib
import json
import time
from datetime import UTC, date, datetime

import pytest

from workbench.errors import WorkbenchError
from workbench.report import site
from workbench.runner.archive import (
    begin,
    bring_study,
    commit,
    recover,
)
from workbench.runner.prune import Rule, prune, to_prune
from workbench.runner.review import find_run, review
from workbench.runner.runs import list_runs, seals, verify
from workbench.store import Locked, open_store
from workbench.store import remote as remote_store

RUN = "20261101T060000Z-aaaaaa"
NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


def build(folder, study, period, run_id):
    """A run in a staging folder."""
    contents = {"index.html": b"<html>", "tables/value.parquet": b"PAR1", "results/03_churn.json": b"{}"}
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    files = {n: {"sha256": hashlib.sha256(c).hexdigest(), "bytes": len(c)} for n, c in contents.items()}
    figures = [{"notebook": "03_churn", "name": "auc", "value": 0.8, "unit": "ratio"}]
    record = {"study": study, "period": period, "run_id": run_id, "status": "published", "title": "Demo"}
    record |= {
        "as_of": f"{period}-28",
        "files": files,
        "figures": figures,
        "ended_at": f"{period}-28T06:00:00",
    }
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


@pytest.fixture
def store(bucket):
    return open_store(bucket)


@pytest.fixture
def filled(store):
    """Two months, October with two runs."""
    runs = {"20261001T060000Z-aaaaaa": "2026-09", RUN: "2026-10", "20261102T060000Z-bbbbbb": "2026-10"}
    for run_id, period in runs.items():
        commit(store, "demo", period, run_id, build(store.staging / run_id, "demo", period, run_id))
    return store


def test_files_lines_and_folders_are_read_as_they_were_written(store):
    assert not store.is_there()
    store.prepare()
    store.write_whole("a/b.txt", "eins")
    store.write_whole("a/b.txt", (piece for piece in (b"zw", b"ei")))
    for number in range(3):
        store.append_line("a/trail.jsonl", str(number))
    assert store.read("a/b.txt") == b"zwei"
    assert store.read("a/trail.jsonl") == b"0\n1\n2\n"
    assert (store.folders(), store.names("a")) == (["a"], ["b.txt", "trail.jsonl"])
    assert store.files("a") == {"b.txt": 4, "trail.jsonl": 6}
    assert store.read_many(["a/b.txt", "a/none"]) == {"a/b.txt": b"zwei"}
    store.remove("a/b.txt")
    store.remove("a/b.txt")
    assert not store.exists("a/b.txt")


def test_a_line_is_not_lost_when_another_writes_in_between(store, monkeypatch):
    store.append_line("trail.jsonl", "first")
    original, met = store._tagged, []

    def tagged(name):
        found = original(name)
        if not met:
            met.append(name)
            store.append_line("trail.jsonl", "between")
        return found

    monkeypatch.setattr(store, "_tagged", tagged)
    store.append_line("trail.jsonl", "last")
    assert store.read("trail.jsonl") == b"first\nbetween\nlast\n"


def test_a_lock_is_held_by_one_and_names_its_holder(store, bucket):
    with (
        store.lock("demo", wait=False),
        pytest.raises(Locked, match=r"process \d+ on "),
        open_store(bucket).lock("demo", wait=False),
    ):
        pass
    with open_store(bucket).lock("demo", wait=False):
        pass


@pytest.mark.parametrize(
    "holder",
    [
        {"token": "t", "pid": 1, "host": "elsewhere", "at": 0.0, "lease_seconds": 60.0},
        {"token": "t", "pid": 2**22 + 1, "host": "here", "at": 4e9, "lease_seconds": 60.0},
        {"strange": True},
    ],
)
def test_a_lock_whose_holder_is_gone_or_whose_lease_is_over_is_taken_over(store, holder, monkeypatch):
    monkeypatch.setattr(remote_store.platform, "node", lambda: "here")
    store.write_whole(".locks/demo.json", json.dumps(holder))
    with store.lock("demo", wait=False):
        assert json.loads(store.read(".locks/demo.json"))["host"] == "here"


def test_a_lock_is_renewed_as_long_as_it_is_held(store, monkeypatch):
    monkeypatch.setattr(remote_store, "LEASE_SECONDS", 3.0)  # a loaded machine may stand still for a second
    with store.lock("demo", wait=False):
        time.sleep(3.5)
        with pytest.raises(Locked), store.lock("demo", wait=False):
            pass


def test_a_published_run_is_whole_and_current_and_its_pages_are_there(filled):
    runs = list_runs(filled)
    assert [(run.period, run.run_id, run.current) for run in runs] == [
        ("2026-09", "20261001T060000Z-aaaaaa", True),
        ("2026-10", RUN, False),
        ("2026-10", "20261102T060000Z-bbbbbb", True),
    ]
    sealed = seals(filled)
    assert [verify(run, sealed[run.place]) for run in runs] == [[]] * 3
    names = {
        "index.html",
        "feed.xml",
        "demo/index.html",
        "demo/2026-10/index.html",
        "demo/2026-10/compare.html",
    }
    assert all(filled.exists(name) for name in names)
    assert b"20261102T060000Z-bbbbbb" in filled.read("index.html")


def test_a_changed_a_missing_and_an_added_file_are_found(filled):
    filled.write_whole(f"demo/2026-10/{RUN}/index.html", "<htmL>")
    filled.remove(f"demo/2026-10/{RUN}/tables/value.parquet")
    filled.write_whole(f"demo/2026-10/{RUN}/tables/more.parquet", "x")
    run = next(run for run in list_runs(filled) if run.run_id == RUN)
    assert verify(run) == [
        "tables/value.parquet is missing",
        "index.html was changed",
        "tables/more.parquet was added",
    ]


def test_a_run_whose_upload_was_broken_off_is_not_there_and_the_next_run_clears_up(filled, monkeypatch):
    late = "20261109T060000Z-cccccc"
    staging = build(filled.staging / late, "demo", "2026-10", late)

    def broken_off(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(filled._files, "put_file", broken_off)
        with pytest.raises(KeyboardInterrupt):
            commit(filled, "demo", "2026-10", late, staging)
    assert late not in [run.run_id for run in list_runs(filled)]
    assert filled.files(f"demo/2026-10/{late}")
    recover(filled)
    assert not filled.files(f"demo/2026-10/{late}")
    assert filled.names(".index/pending") == []
    assert json.loads(filled.read("demo/2026-10/current.json")) == {"run": "20261102T060000Z-bbbbbb"}


def test_what_was_uploaded_whole_is_finished_by_the_next_run(filled):
    late = "20261109T060000Z-cccccc"
    begin(filled, "demo", "2026-10", late)
    filled.publish(build(filled.staging / late, "demo", "2026-10", late), f"demo/2026-10/{late}")
    recover(filled)
    assert json.loads(filled.read("demo/2026-10/current.json")) == {"run": late}
    assert late.encode() in filled.read("index.html")


def test_a_withdrawn_run_gives_its_place_back(filled):
    done = review(filled, "demo/2026-10", verdict="withdrawn", by="Ann", note="prices", at=NOON)
    assert (done.before, done.after) == ("20261102T060000Z-bbbbbb", RUN)
    assert find_run(filled, "demo/2026-10").run_id == RUN
    assert b"A run was withdrawn." in filled.read("demo/2026-10/index.html")


def test_pruning_and_comparing_work_there_too(filled):
    chosen = list(to_prune(filled, Rule(keep_months=1), date(2026, 10, 31)))
    assert [one.run.period for one in chosen] == ["2026-09"]
    assert prune(filled, chosen, "2026-10-31") == 1
    assert [verify(run) for run in list_runs(filled)] == [[]] * 3
    records = [site.read_record(filled, find_run(filled, f"demo/2026-{month}")) for month in ("09", "10")]
    assert site.compare(*records)[0].rows[0][2:4] == ("0.800", "0.800")


def test_another_machine_gets_copies_of_what_a_run_looks_at(filled, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    other = open_store(filled.where())
    bring_study(other, "demo", "2026-10")
    assert other.local.is_relative_to(tmp_path / "another")
    here = {path.relative_to(other.local).as_posix() for path in other.local.rglob("*") if path.is_file()}
    assert "demo/2026-09/20261001T060000Z-aaaaaa/results/03_churn.json" in here
    assert "demo/2026-09/20261001T060000Z-aaaaaa/tables/value.parquet" not in here
    assert "demo/2026-10/20261102T060000Z-bbbbbb/tables/value.parquet" in here
    assert [run.current for run in list_runs(other.local)] == [True, True]


def test_a_bucket_that_is_not_there_is_refused(bucket):
    with pytest.raises(WorkbenchError, match="the archive must be a place one can write to") as error:
        open_store("s3://there-is-no-such-bucket/reports").prepare()
    assert error.value.exit_code == 2
