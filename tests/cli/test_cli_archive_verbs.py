"""The verbs of the archive, without a kernel: what they print, what they refuse, what they end with."""

import hashlib
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from workbench.archive_cli import archive_app, review
from workbench.errors import WorkbenchError
from workbench.runner.archive import recover

RUNS = {"2026-09": "20261001T060000Z-aaaaaa", "2026-10": "20261101T060000Z-bbbbbb"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two months of one study."""
    folder = tmp_path / "reports"
    for number, (period, run_id) in enumerate(RUNS.items()):
        place = folder / "demo" / period / run_id
        (place / "tables").mkdir(parents=True)
        contents = {"index.html": b"<html>", "tables/value.parquet": b"PAR1"}
        for name, content in contents.items():
            (place / name).write_bytes(content)
        files = {
            n: {"sha256": hashlib.sha256(c).hexdigest(), "rows": 5 + number} for n, c in contents.items()
        }
        figures = [{"notebook": "03_churn", "name": "auc", "value": 0.8 + number / 10, "unit": "ratio"}]
        record = {"study": "demo", "period": period, "run_id": run_id, "status": "published", "title": "Demo"}
        record |= {"as_of": f"{period}-28", "ended_at": "2020-01-01T00:00:00+00:00", "files": files}
        (place / "manifest.json").write_text(json.dumps(record | {"figures": figures}), encoding="utf-8")
    recover(folder)
    return folder


@pytest.fixture
def run(archive: Path):
    """Run a verb on the archive."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.add_typer(archive_app, name="archive")
    app.command()(review)

    def ran(*words: str):
        return CliRunner().invoke(app, [*words, "--archive", str(archive)])

    return ran


def test_list_marks_the_reports(run):
    assert run("archive", "list").output == (
        "* demo  2026-09  published  20261001T060000Z-aaaaaa\n"
        "* demo  2026-10  published  20261101T060000Z-bbbbbb\n"
    )


def test_verify_ends_with_1_when_something_is_not_as_it_was(run, archive):
    assert run("archive", "verify").output == "2 runs, 0 of them not as they were published\n"
    (archive / "demo" / "2026-10" / RUNS["2026-10"] / "index.html").write_text("x", encoding="utf-8")
    done = run("archive", "verify")
    assert done.exit_code == 1
    assert "demo 2026-10 20261101T060000Z-bbbbbb: index.html was changed\n" in done.output


def test_compare_prints_what_differs_and_writes_a_page(run, tmp_path):
    done = run("archive", "compare", "demo/2026-09", "20261101", "--html", str(tmp_path / "both.html"))
    assert done.exit_code == 0
    assert "  AUC of the model  03_churn  0.800  0.900  +0.100, better\n" in done.output
    assert "Row-level tables\n  value  5  6\n" in done.output
    assert "Two runs side by side" in (tmp_path / "both.html").read_text("utf-8")
    chinese = run("archive", "compare", "demo/2026-09", "demo/2026-10", "--language", "zh")
    assert "明细数据\n  value  5  6\n" in chinese.output


def test_prune_says_what_would_go_and_does_it_only_when_told(run, archive):
    table = archive / "demo" / "2026-09" / RUNS["2026-09"] / "tables" / "value.parquet"
    dry = run("archive", "prune", "--keep-months", "1")
    assert "demo/2026-09/20261001T060000Z-aaaaaa: 1 files, 4 bytes (older than 1 months)" in dry.output
    assert "would be removed; say --apply to do it" in dry.output
    assert table.is_file()
    assert "bytes removed" in run("archive", "prune", "--keep-months", "1", "--apply").output
    assert not table.exists()
    assert run("archive", "verify").exit_code == 0


def test_review_says_what_has_become_of_the_month(run):
    done = run("review", "demo/2026-10", "--verdict", "withdrawn", "--by", "Ann Li", "--note", "prices")
    assert done.output == (
        "demo/2026-10/20261101T060000Z-bbbbbb: withdrawn by Ann Li\ndemo 2026-10: there is no report now\n"
    )


def test_a_hook_is_told_of_a_review(archive, tmp_path):
    out = tmp_path / "event.json"
    review("demo/2026-10", verdict="approved", by="Ann", archive=str(archive), hook=f"cat > {out}")
    event = json.loads(out.read_text("utf-8"))
    wanted = {"event": "reviewed", "verdict": "approved", "by": "Ann", "run_id": RUNS["2026-10"]}
    assert event.items() >= wanted.items()


def test_rebuild_writes_every_page_anew(run, archive):
    for page in archive.glob("**/*.html"):
        if RUNS["2026-10"] not in page.parts and RUNS["2026-09"] not in page.parts:
            page.unlink()
    assert run("archive", "rebuild").output == "2 months written anew\n"
    assert (archive / "index.html").is_file()
    assert (archive / "demo" / "2026-10" / "compare.html").is_file()


@pytest.mark.parametrize("verb", ["list", "verify", "prune", "rebuild"])
def test_an_archive_that_does_not_exist_is_refused(verb, tmp_path):
    done = CliRunner().invoke(archive_app, [verb, "--archive", str(tmp_path / "nowhere")])
    assert isinstance(done.exception, WorkbenchError)
    assert done.exception.exit_code == 2
    assert str(done.exception) == (
        f"{tmp_path / 'nowhere'}: the archive must be a folder that exists; got no such folder. "
        "Give the folder with --archive."
    )
