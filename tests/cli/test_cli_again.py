"""What does a second run do: nothing, render, or execute, and only what has changed?"""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Console, write_orders

pytestmark = pytest.mark.run


@pytest.fixture(scope="module")
def own_study(company, tmp_path_factory) -> Path:
    """A study of the company's orders, to be changed."""
    return write_orders(company, tmp_path_factory.mktemp("again"))


@pytest.fixture(scope="module")
def archive(console, own_study) -> Path:
    """An archive with one run of notebook 04."""
    folder = own_study.parent / "archive"
    assert console("run", own_study, "--notebooks", "04", "--archive", folder).code == 0
    return folder


@pytest.fixture
def again(inside, own_study, archive):
    """Runs the study once more; the manifest of the new run, or None if there is none."""

    def run(*options, notebooks="04"):
        before = set(archive.glob("*/*/*/manifest.json"))
        done = inside("run", own_study, "--notebooks", notebooks, "--archive", archive, *options)
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
    assert f"04_feedback: nothing changed, taken over from {made['run_id']}" in done.err
    assert new["notebooks"][0]["executed_in"] == made["run_id"]
    for name in ("results/04_feedback.json", "tables/feedback.parquet", "notebooks/04_feedback.ipynb"):
        assert new["files"][name] == made["files"][name]
    assert again()[1] is None


def test_a_further_notebook_is_executed_alone(again):
    done, new = again(notebooks="03,04")
    assert "04_feedback: nothing changed" in done.err
    assert "03_churn: started" in done.err
    assert [n["status"] for n in new["notebooks"]] == ["complete", "complete"]


def test_a_parameter_executes_its_notebook_alone(again):
    done, _ = again("--set", "03_churn.high_risk=0.3", notebooks="03,04")
    assert "04_feedback: nothing changed" in done.err
    assert "03_churn: started" in done.err


def test_a_report_that_was_damaged_is_not_taken_for_unchanged(again, archive):
    newest = max(archive.glob("*/*/*/manifest.json"), key=lambda p: p.parent.name).parent
    (newest / "tables" / "feedback.parquet").write_bytes(b"")
    _, new = again("--set", "03_churn.high_risk=0.3", notebooks="03,04")
    assert new is not None


def test_fresh_executes_everything(again):
    done, new = again("--fresh")
    assert "04_feedback: started" in done.err
    assert "executed_in" not in new["notebooks"][0]


def test_changed_rows_are_executed(again, own_study):
    path = own_study.parent / "orders.csv"
    text = path.read_text(encoding="utf-8")
    _, _, rest = text.splitlines()[-1].partition(",")
    path.write_text(f"{text}O9999999,{rest}\n", encoding="utf-8")
    done, _ = again()
    assert "04_feedback: started" in done.err


@pytest.mark.long
def test_two_at_a_time_and_forked_the_bytes_are_those_of_one_after_the_other_started_anew(
    console, company, tmp_path
):
    """Figures, tables, notebooks; churn is left to the demo's own tests, this company is too small.

    Pages differ in the name of the run, and in the command that makes it again.
    """
    found, pages = {}, {}
    anew = Console(console.environment | {"WORKBENCH_WARM": "0"})
    for name, command, jobs in (("forked", console, "2"), ("anew", anew, "1")):
        options = ("--notebooks", "01,02,04", "--jobs", jobs, "--archive", tmp_path / name)
        assert command("run", company / "study.yml", *options).code == 0
        (run,) = (path.parent for path in (tmp_path / name).glob("*/*/*/manifest.json"))
        paths = [path for kind in ("results", "tables", "notebooks") for path in run.glob(f"{kind}/*")]
        found[name] = {path.name: path.read_bytes() for path in paths}
        texts = {page.name: page.read_text("utf-8") for page in run.glob("*.html")}
        pages[name] = {n: text.replace(run.name, "").replace(" --jobs 2", "") for n, text in texts.items()}
    assert len(found["forked"]) == 3 + 7 + 3
    assert found["forked"] == found["anew"]
    assert len(pages["forked"]) == 4
    assert pages["forked"] == pages["anew"]
