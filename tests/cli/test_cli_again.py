"""What does a second run do: nothing, render, or execute, and only what has changed?"""

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Console

pytestmark = pytest.mark.run


@pytest.fixture(scope="module")
def own_company(company, tmp_path_factory) -> Path:
    """The company's folder, to be changed."""
    folder = tmp_path_factory.mktemp("again") / "company"
    shutil.copytree(company, folder)
    return folder


@pytest.fixture(scope="module")
def archive(console, own_company) -> Path:
    """An archive with one run of notebook 01."""
    folder = own_company.parent / "archive"
    assert console("run", own_company / "study.yml", "--notebooks", "01", "--archive", folder).code == 0
    return folder


@pytest.fixture
def again(console, own_company, archive):
    """Runs the study once more; the manifest of the new run, or None if there is none."""

    def run(*options, notebooks="01", study="study.yml"):
        before = set(archive.glob("*/*/*/manifest.json"))
        path = own_company / study
        done = console("run", path, "--notebooks", notebooks, "--archive", archive, *options)
        assert done.code == 0, done.err
        new = set(archive.glob("*/*/*/manifest.json")) - before
        return done, json.loads(new.pop().read_text(encoding="utf-8")) if new else None

    return run


def test_an_unchanged_run_publishes_nothing_and_says_so(again, archive, snapshot):
    before = snapshot(archive)
    done, new = again()
    assert new is None
    assert done.out.splitlines()[-1].endswith("index.html (unchanged: nothing new to publish)")
    assert "started" not in done.err
    assert snapshot(archive) == before
    (status,) = (archive / ".status").iterdir()
    assert json.loads(status.read_text(encoding="utf-8"))["state"] == "unchanged"


def test_other_pages_are_rendered_without_executing(again, archive):
    """As if the report there had been made by other templates."""
    (path,) = archive.glob("*/*/*/manifest.json")
    made = json.loads(path.read_text(encoding="utf-8"))
    made["notebooks"][0]["page_key"] = "of other templates"
    path.write_text(json.dumps(made), encoding="utf-8")
    done, new = again()
    assert f"01_profiling: nothing changed, taken over from {made['run_id']}" in done.err
    assert new["notebooks"][0]["executed_in"] == made["run_id"]
    for name in ("results/01_profiling.json", "tables/portrait.parquet", "notebooks/01_profiling.ipynb"):
        assert new["files"][name] == made["files"][name]
    assert again()[1] is None


def test_a_further_notebook_is_executed_alone(again):
    done, new = again(notebooks="01,02")
    assert "01_profiling: nothing changed" in done.err
    assert "02_segmentation: started" in done.err
    assert [n["status"] for n in new["notebooks"]] == ["complete", "complete"]


def test_a_parameter_executes_its_notebook_alone(again):
    done, _ = again("--set", "02_segmentation.rfm_groups=4", notebooks="01,02")
    assert "01_profiling: nothing changed" in done.err
    assert "02_segmentation: started" in done.err


def test_a_report_that_was_damaged_is_not_taken_for_unchanged(again, archive):
    newest = max(archive.glob("*/*/*/manifest.json"), key=lambda p: p.parent.name).parent
    (newest / "tables" / "portrait.parquet").write_bytes(b"")
    _, new = again("--set", "02_segmentation.rfm_groups=4", notebooks="01,02")
    assert new is not None


def test_fresh_executes_everything(again):
    done, new = again("--fresh")
    assert "01_profiling: started" in done.err
    assert "executed_in" not in new["notebooks"][0]


def test_changed_rows_are_executed(again, own_company):
    (path,) = own_company.glob("customers.csv*")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text + text.splitlines()[-1].replace(text.splitlines()[-1].split(",")[0], "C9999999", 1) + "\n",
        encoding="utf-8",
    )
    done, _ = again()
    assert "01_profiling: started" in done.err


def test_one_or_two_at_a_time_forked_or_started_anew_the_bytes_are_the_same(console, company, tmp_path):
    """Figures, tables and notebooks; churn is left to the demo's own tests, this company is too small."""
    found = {}
    anew = Console(console.environment | {"WORKBENCH_WARM": "0"})
    for name, command, jobs in (("one", console, "1"), ("two", console, "2"), ("anew", anew, "1")):
        options = ("--notebooks", "01,02,04", "--jobs", jobs, "--archive", tmp_path / name)
        assert command("run", company / "study.yml", *options).code == 0
        paths = [
            p
            for kind in ("results", "tables", "notebooks")
            for p in (tmp_path / name).glob(f"*/*/*/{kind}/*")
        ]
        found[name] = {path.name: path.read_bytes() for path in paths}
    assert len(found["one"]) == 3 + 7 + 3
    assert found["two"] == found["one"]
    assert found["anew"] == found["one"]
