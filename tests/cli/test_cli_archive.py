"""Two runs on the same inputs, in one archive: same bytes, one lock, a list, a verdict on every hash.

The notebook of the first is executed in a forked process, that of the second in one started anew.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from filelock import FileLock
from tests.cli.conftest import Console

pytestmark = pytest.mark.run


class Ran(NamedTuple):
    """An archive with two runs, and how they ended."""

    archive: Path
    done: list[Any]


@pytest.fixture(scope="module")
def ran(console, quick, tmp_path_factory) -> Ran:
    archive = tmp_path_factory.mktemp("twice") / "archive"
    command = ("run", quick, "--notebooks", "02", "--archive", archive)
    anew = Console(console.environment | {"WORKBENCH_WARM": "0"})
    return Ran(archive, [console(*command), anew(*command, "--as-of", "2026-10", "--fresh")])


def runs(ran: Ran) -> list[Path]:
    return sorted(manifest.parent for manifest in ran.archive.glob("demo/2026-10/*/manifest.json"))


def test_a_run_says_what_it_does_and_where_the_report_is(ran):
    first, second = ran.done
    index, later = (folder / "index.html" for folder in runs(ran))
    assert (first.code, second.code) == (0, 0)
    assert first.out == f"as of 2026-10-31: the last complete month\n{index}\n"
    assert second.out == f"{later}\n"
    assert first.err == second.err == "02_segmentation: started\n02_segmentation: done\n"


def test_the_same_inputs_give_the_same_bytes(ran):
    first, second = runs(ran)
    for part in ("results", "tables", "notebooks"):
        names = sorted(path.name for path in (first / part).iterdir())
        assert names == sorted(path.name for path in (second / part).iterdir())
        assert names
        for name in names:
            assert (first / part / name).read_bytes() == (second / part / name).read_bytes(), name


def test_the_pages_differ_only_in_the_name_of_the_run(ran):
    first, second = runs(ran)
    # The second run was told its month; the record of how to make it again is the same nevertheless.
    for name in ("index.html", "02_segmentation.html"):
        page = (first / name).read_text("utf-8").replace(first.name, second.name)
        assert page == (second / name).read_text("utf-8")


def test_the_archive_is_listed_with_the_months_report_marked(ran, inside):
    first, second = (folder.name for folder in runs(ran))
    done = inside("archive", "list", "--archive", ran.archive)
    assert (done.code, done.err) == (0, "")
    assert done.out == (f"  demo  2026-10  published  {first}\n* demo  2026-10  published  {second}\n")


def test_a_run_of_a_month_that_is_under_way_is_refused(ran, inside, quick, snapshot):
    before = snapshot(ran.archive)
    with FileLock(ran.archive / ".locks" / "demo-2026-10.lock"):
        done = inside("run", quick, "--notebooks", "02", "--archive", ran.archive)
    assert done.code == 3
    assert done.err == (
        "demo, 2026-10: the lock must be free; got one that another run holds. Wait for that run to end.\n"
    )
    assert snapshot(ran.archive) == before
    assert os.listdir(ran.archive / ".staging") == []


def test_verify_names_what_is_not_as_it_was_published(ran, inside):
    verify = ("archive", "verify", "--archive", ran.archive)
    done = inside(*verify)
    assert (done.code, done.err) == (0, "")
    assert done.out == "2 runs, 0 of them not as they were published\n"
    run = runs(ran)[0]
    page, content = run / "index.html", (run / "index.html").read_bytes()
    page.write_bytes(content[:-1] + b"?")
    done = inside(*verify)
    page.write_bytes(content)
    assert done.code == 1
    assert done.err == f"demo 2026-10 {run.name}: index.html was changed\n"
    assert done.out == "2 runs, 1 of them not as they were published\n"
