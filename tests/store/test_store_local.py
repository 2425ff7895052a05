"""Is a file in a local archive always whole, whatever moment the process is stopped at?"""

import contextlib
import json
import os
import threading
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.store import LocalStore, Locked, open_store
from workbench.store import local as local_store


class Killed(BaseException):
    """Stands for a SIGKILL between two calls to the operating system."""


def killed_after(monkeypatch, calls):
    """From now on the call number `calls` to the operating system that changes something is the last."""
    left = [calls]

    def guard(original):
        def guarded(*arguments, **options):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return original(*arguments, **options)

        return guarded

    for name in ("replace", "rename", "fsync", "unlink", "write"):
        monkeypatch.setattr(local_store.os, name, guard(getattr(os, name)))
    return left


def test_a_file_is_old_or_new_whenever_its_writing_is_stopped(tmp_path):
    store = LocalStore(tmp_path)
    store.write_whole("a/b.json", "old")
    for calls in range(5):
        with pytest.MonkeyPatch.context() as patch:
            killed_after(patch, calls)
            with contextlib.suppress(Killed):
                store.write_whole("a/b.json", "new")
        assert store.read("a/b.json") in (b"old", b"new")
        assert store.names("a") == ["b.json"]
    assert store.read("a/b.json") == b"new"
    store.sweep()
    assert list((tmp_path / ".parts").iterdir()) == []


def test_lines_added_at_the_same_time_are_all_there_and_whole(tmp_path):
    store = LocalStore(tmp_path)

    def add(number):
        for count in range(20):
            store.append_line("trail.jsonl", json.dumps({"who": number, "n": count, "text": "x" * 200}))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(line) for line in store.read("trail.jsonl").splitlines()]
    assert len({(line["who"], line["n"]) for line in lines}) == 100


def test_after_a_line_that_was_cut_short_a_new_one_begins(tmp_path):
    store = LocalStore(tmp_path)
    (tmp_path / "trail.jsonl").write_text('{"a": 1}\n{"b', encoding="utf-8")
    store.append_line("trail.jsonl", '{"c": 3}')
    assert store.read("trail.jsonl").splitlines() == [b'{"a": 1}', b'{"b', b'{"c": 3}']


def test_a_lock_is_held_by_one(tmp_path):
    store = LocalStore(tmp_path)
    with store.lock("demo-2026-10", wait=False):
        with pytest.raises(Locked), store.lock("demo-2026-10", wait=False):
            pass
        with store.lock("demo-2026-11", wait=False):
            pass
    with store.lock("demo-2026-10", wait=False):
        pass


def test_a_folder_that_can_not_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="the archive must be a folder one can write to") as error:
        open_store(tmp_path / "file" / "reports").prepare()
    assert error.value.exit_code == 2


@pytest.mark.parametrize("place", ["reports", "file:///tmp/reports"])
def test_a_folder_is_a_local_store(place):
    assert isinstance(open_store(place), LocalStore)
    assert open_store(open_store(place)) == open_store(place)


@pytest.mark.parametrize("place", ["s3://bucket/reports/", Path("s3://bucket/reports")])
def test_a_url_is_a_remote_store_even_where_it_was_taken_for_a_path(place):
    assert open_store(place).where("index.html") == "s3://bucket/reports/index.html"


def test_a_url_of_an_unknown_kind_is_refused():
    with pytest.raises(WorkbenchError) as error:
        open_store("nosuch://bucket/reports").is_there()
    assert str(error.value) == (
        "nosuch://bucket/reports: the archive must be a URL that fsspec knows; got 'nosuch://'. "
        "Give a folder, or a URL such as s3://bucket/reports."
    )
    assert error.value.exit_code == 2


def test_a_password_in_a_url_is_never_shown():
    url = "nosuch://ann:secret@host/reports"
    with pytest.raises(WorkbenchError) as error:
        open_store(url).is_there()
    shown = f"{error.value} {error.value.__cause__} {open_store(url).where('index.html')}"
    assert "secret" not in shown
    assert "ann" not in shown
