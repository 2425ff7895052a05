"""Is a heavy step computed once for the same rows, code and parameters, and given back as it was?"""

import os
import time

import pandas as pd
import pytest

from workbench import recall as module
from workbench.recall import folder, recall


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def step():
    """A step that counts how often it is computed."""
    frame = pd.DataFrame(
        {
            "who": ["a", None],
            "n": pd.array([1, None], dtype="Int64"),
            "at": pd.to_datetime(["2024-01-05", None]),
        }
    )

    class Step:
        made = 0

        def __call__(self):
            self.made += 1
            return frame

    return Step()


def test_the_same_step_is_computed_once_and_comes_back_the_same(step):
    first = recall("rows", "digest", {"horizon": 90}, step)
    second = recall("rows", "digest", {"horizon": 90}, step)
    assert step.made == 1
    pd.testing.assert_frame_equal(first, second)
    assert [str(kind) for kind in first.dtypes] == ["str", "Int64", "datetime64[us]"]


@pytest.mark.parametrize("other", [("rows", "digest", {"horizon": 91}), ("rows", "other", {"horizon": 90})])
def test_other_rows_or_parameters_are_another_step(step, other):
    recall("rows", "digest", {"horizon": 90}, step)
    recall(*other, step)
    assert step.made == 2


def test_other_code_is_another_step(step, monkeypatch):
    recall("rows", "digest", {}, step)
    monkeypatch.setattr(module, "code_digest", lambda: "changed")
    recall("rows", "digest", {}, step)
    assert step.made == 2


def test_rows_without_a_digest_are_never_kept(step):
    for _ in range(2):
        recall("rows", None, {}, step)
    assert step.made == 2
    assert not folder().exists()


def test_what_was_damaged_is_computed_again(step):
    recall("rows", "digest", {}, step)
    (kept,) = folder().glob("*.parquet")
    kept.write_bytes(kept.read_bytes()[:100])
    assert len(recall("rows", "digest", {}, step)) == 2
    assert step.made == 2


def test_a_cache_that_can_not_be_written_costs_time_and_nothing_else(step, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert len(recall("rows", "digest", {}, step)) == 2


def test_nobody_else_may_read_the_cache_and_what_is_unused_goes(step):
    recall("rows", "digest", {}, step)
    (kept,) = folder().glob("*.parquet")
    assert folder().stat().st_mode & 0o077 == 0
    long_ago = time.time() - (module.UNUSED_DAYS + 1) * module.SECONDS_PER_DAY
    os.utime(kept, (long_ago, long_ago))
    recall("other rows", "digest", {}, step)
    assert not kept.exists()
