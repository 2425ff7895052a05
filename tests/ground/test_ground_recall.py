"""Is a heavy step computed once for the same rows, code and parameters, and given back as it was?"""

import os
import time

import pandas as pd
import pytest

from workbench import recall as module
from workbench.recall import folder, recall, rows_digest


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


def test_another_version_of_a_library_is_another_step(step, monkeypatch):
    recall("rows", "digest", {}, step)
    assert any(name.startswith("lightgbm ") for name in module.libraries())
    monkeypatch.setattr(module, "libraries", lambda: ("lightgbm 0.1",))
    recall("rows", "digest", {}, step)
    assert step.made == 2


def test_types_that_a_model_needs_survive_the_cache():
    frame = pd.DataFrame(
        {
            "kind": pd.Categorical(["b", None], categories=["b", "a"]),
            "yes": [True, False],
            "x": [0.1 + 0.2, float("nan")],
            "words": [["one", "two"], []],
        }
    )
    first, second = (recall("types", "digest", {}, lambda: frame) for _ in range(2))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    pd.testing.assert_frame_equal(first.drop(columns="words"), frame.drop(columns="words"), check_exact=True)
    assert first["words"].map(list).tolist() == frame["words"].tolist()


ROWS = pd.DataFrame({"who": ["a", None, "b"], "n": [1, 2, 3], "x": [0.5, float("nan"), 1.0]})


def test_equal_rows_have_equal_digests_whatever_their_index():
    assert rows_digest(ROWS) == rows_digest(ROWS.set_axis([7, 8, 9]))
    assert rows_digest(ROWS, ROWS) == rows_digest(ROWS, ROWS.copy())


@pytest.mark.parametrize(
    "other",
    [
        ROWS.assign(x=[0.5, 0.0, 1.0]),
        ROWS.assign(who=["a", "", "b"]),
        ROWS.assign(who=["a", "None", "b"]),
        ROWS.assign(who=["a", "nan", "b"]),
        ROWS[::-1],
        ROWS.head(2),
        ROWS.assign(n=ROWS["n"].astype("float64")),
        ROWS.astype({"who": "object"}),
        ROWS.rename(columns={"x": "y"}),
        ROWS[["n", "who", "x"]],
        ROWS.assign(more=1),
    ],
    ids=["value", "blank", "None", "nan", "order", "fewer", "type", "object", "name", "columns", "more"],
)
def test_rows_that_differ_in_anything_have_another_digest(other):
    assert rows_digest(other) != rows_digest(ROWS)


def test_which_frame_a_row_stands_in_counts():
    assert rows_digest(ROWS.head(1), ROWS.tail(2)) != rows_digest(ROWS.head(2), ROWS.tail(1))
    assert rows_digest(ROWS) != rows_digest(ROWS, ROWS)
