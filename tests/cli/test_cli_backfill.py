"""Does a backfill make one run a month, oldest first, each as of its own month?"""

import json

import pytest

pytestmark = pytest.mark.run


def test_a_backfill_makes_every_month_and_each_looks_back_on_the_one_before(inside, quick, tmp_path):
    options = ("--from", "2026-08", "--to", "2026-09", "--notebooks", "01", "--archive", tmp_path)
    done = inside("backfill", quick, *options)
    assert done.code == 0
    indexes = [
        tmp_path / "demo" / month / json.loads(path.read_text("utf-8"))["run"] / "index.html"
        for month in ("2026-08", "2026-09")
        for path in (tmp_path / "demo" / month).glob("current.json")
    ]
    assert done.out == "".join(f"{index}\n" for index in indexes)
    as_of = [json.loads((i.parent / "manifest.json").read_text("utf-8"))["as_of"] for i in indexes]
    assert as_of == ["2026-08-31", "2026-09-30"]
    results = [json.loads((i.parent / "results" / "01_profiling.json").read_text("utf-8")) for i in indexes]
    rows = [next(m["value"] for m in one["metrics"] if m["name"] == "rows_in") for one in results]
    assert rows[0] < rows[1]
    august, september = (index.read_text("utf-8") for index in indexes)
    assert "no earlier month to compare with" in august
    assert "on Aug 2026" in september
