"""Does the archive's page list every run as what it is, whatever lies in the folders?"""

import base64
import hashlib
import json
import re

from bs4 import BeautifulSoup

from workbench import report


def put(archive, study, month, run, *, current=False, **manifest):
    folder = archive / study / month / run
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("page", encoding="utf-8")
    content = {"title": f"Title of {study}", "status": "published", "as_of": f"{month}-28", "language": "en"}
    (folder / "manifest.json").write_text(json.dumps(content | manifest), encoding="utf-8")
    if current:
        (folder.parent / "current.json").write_text(json.dumps({"run": run}), encoding="utf-8")
    return folder


def listed(archive):
    return [(e.study, e.period, e.run_id, e.status) for e in report.read_archive(archive)]


def test_months_stand_newest_first_and_the_report_of_a_month_before_its_other_runs(tmp_path):
    put(tmp_path, "demo", "2026-09", "r1", current=True)
    put(tmp_path, "demo", "2026-10", "r2")
    put(tmp_path, "demo", "2026-10", "r3", current=True)
    put(tmp_path, "demo", "2026-10", "r4", status="failed")
    put(tmp_path, "alpha", "2026-10", "r5", current=True)
    assert listed(tmp_path) == [
        ("alpha", "2026-10", "r5", "published"),
        ("demo", "2026-10", "r3", "published"),
        ("demo", "2026-10", "r4", "failed"),
        ("demo", "2026-10", "r2", "superseded"),
        ("demo", "2026-09", "r1", "published"),
    ]


def test_a_failed_run_is_never_the_report_of_the_month(tmp_path):
    put(tmp_path, "demo", "2026-10", "r1", status="failed", current=True)
    assert listed(tmp_path) == [("demo", "2026-10", "r1", "failed")]


def test_broken_files_are_listed_and_do_not_hide_the_rest(tmp_path):
    put(tmp_path, "demo", "2026-10", "r1", current=True)
    (put(tmp_path, "demo", "2026-10", "r2") / "manifest.json").write_text("{broken", encoding="utf-8")
    (put(tmp_path, "demo", "2026-10", "r3") / "manifest.json").write_bytes(b"\xff\xfe")
    (put(tmp_path, "demo", "2026-10", "r4") / "manifest.json").write_text("[1]", encoding="utf-8")
    (put(tmp_path, "demo", "2026-10", "r5") / "manifest.json").unlink()
    put(tmp_path, "demo", "2026-10", "r6", notebooks="odd", title=None, as_of=7)
    put(tmp_path, "demo", "2026-09", "r7")
    (tmp_path / "demo/2026-09/current.json").write_text('{"run": "gone"}', encoding="utf-8")
    put(tmp_path, "demo", "2026-08", "r8")
    assert listed(tmp_path) == [
        ("demo", "2026-10", "r1", "published"),
        ("demo", "2026-10", "r6", "superseded"),
        ("demo", "2026-10", "r5", "unreadable"),
        ("demo", "2026-10", "r4", "unreadable"),
        ("demo", "2026-10", "r3", "unreadable"),
        ("demo", "2026-10", "r2", "unreadable"),
        ("demo", "2026-09", "r7", "unpointed"),
        ("demo", "2026-09", "current.json", "unreadable"),
        ("demo", "2026-08", "r8", "unpointed"),
    ]
    assert "Unreadable" in report.render_archive_index(report.read_archive(tmp_path))


def test_hidden_and_foreign_folders_are_not_looked_at(tmp_path):
    put(tmp_path, ".staging", "2026-10", "r1")
    put(tmp_path, "demo", ".lock", "r2")
    put(tmp_path, "demo", "2026-10", ".r3")
    put(tmp_path, "demo", "notes", "r4")
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    assert listed(tmp_path) == []


def test_the_page_has_both_languages_links_and_escaped_words(tmp_path):
    pages = [{"name": "03_churn", "status": "failed", "page": "03_churn.html"}]
    put(tmp_path, "demo", "2026-10", "r 1", current=True, title="<b>客户</b>", notebooks=pages)
    report.write_archive_index(tmp_path)
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    soup = BeautifulSoup(html, "html.parser")
    assert soup.h1.text == "Archive 报告归档"
    assert [s["lang"] for s in soup.h1.find_all("span")] == ["en", "zh-Hans"]
    assert soup.td.a["href"] == "demo/2026-10/r%201/index.html"
    assert soup.td.a.text == "<b>客户</b>"
    assert "Published 已发布" in soup.tbody.get_text(" ", strip=True)
    assert "03_churn (Failed 失败)" in soup.tbody.get_text()
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


def test_the_policy_allows_exactly_the_one_script_of_the_page(tmp_path):
    report.write_archive_index(tmp_path)
    soup = BeautifulSoup((tmp_path / "index.html").read_bytes(), "html.parser")
    (script,) = soup.find_all("script")
    digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
    policy = soup.find("meta", {"http-equiv": True})["content"]
    assert policy.endswith(f"; script-src 'sha256-{digest}'")
    assert soup.select_one(".search").has_attr("hidden")
    assert not re.search("://", str(soup))
    assert "No run has been archived yet." in soup.text
