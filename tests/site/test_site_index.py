"""Does the archive's page list every run as what it is, whatever lies in the folders?"""

import base64
import hashlib
import re

import pytest
from bs4 import BeautifulSoup

from workbench import report
from workbench.report.site import index
from workbench.runner.archive import commit, rebuild, recover
from workbench.runner.runs import list_runs
from workbench.store import LocalStore, open_store


def page(path):
    return BeautifulSoup(path.read_bytes(), "html.parser")


def listed(archive):
    """Study, month, run and state of the rows of the archive's page."""
    rows = page(archive / "index.html").select("tbody tr")
    return [
        (row.select("small a")[0].text, row.th.text, row.code.text, row.select("td")[1].contents[0])
        for row in rows
    ]


def test_months_stand_newest_first_and_the_report_of_a_month_before_its_other_runs(tmp_path, put):
    put(tmp_path, "demo", "2026-09", "20261001T060000Z-aaaaaa")
    put(tmp_path, "demo", "2026-10", "20261101T060000Z-aaaaaa")
    put(tmp_path, "demo", "2026-10", "20261102T060000Z-aaaaaa")
    put(tmp_path, "demo", "2026-10", "20261103T060000Z-aaaaaa", status="failed")
    put(tmp_path, "alpha", "2026-10", "20261104T060000Z-aaaaaa")
    recover(tmp_path)
    assert listed(tmp_path) == [
        ("alpha", "2026-10", "20261104T060000Z-aaaaaa", "Published"),
        ("demo", "2026-10", "20261102T060000Z-aaaaaa", "Published"),
        ("demo", "2026-10", "20261103T060000Z-aaaaaa", "Failed"),
        ("demo", "2026-10", "20261101T060000Z-aaaaaa", "Superseded"),
        ("demo", "2026-09", "20261001T060000Z-aaaaaa", "Published"),
    ]


def test_broken_files_are_listed_and_do_not_hide_the_rest(tmp_path, put):
    broken = [b"{broken", b"\xff\xfe", b"[1]", b""]
    put(tmp_path, "demo", "2026-10", "20261101T000000Z-aaaaaa")
    for number, content in enumerate(broken):
        folder = put(tmp_path, "demo", "2026-10", f"2026110{number + 2}T000000Z-aaaaaa")
        (folder / "manifest.json").write_bytes(content)
    odd = {"notebooks": "odd", "title": None, "as_of": 7, "figures": [3, {"value": "x"}], "checks": []}
    put(tmp_path, "demo", "2026-09", "20261001T000000Z-aaaaaa", findings={}, definitions=4, **odd)
    recover(tmp_path)
    assert [(run, state) for _, _, run, state in listed(tmp_path)] == [
        ("20261101T000000Z-aaaaaa", "Published"),
        ("20261105T000000Z-aaaaaa", "Unreadable"),
        ("20261104T000000Z-aaaaaa", "Unreadable"),
        ("20261103T000000Z-aaaaaa", "Unreadable"),
        ("20261102T000000Z-aaaaaa", "Unreadable"),
        ("20261001T000000Z-aaaaaa", "Published"),
    ]


def test_hidden_and_foreign_folders_are_not_looked_at(tmp_path, put):
    for place in (".staging/2026-10/r1", "demo/.lock/r2", "demo/2026-10/.r3", "demo/notes/r4"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    rebuild(tmp_path)
    assert list_runs(tmp_path) == []
    assert "No run has been archived yet." in page(tmp_path / "index.html").text


def test_the_page_speaks_the_language_of_the_newest_report_and_links_to_the_other(three_months, put):
    english, chinese = page(three_months / "index.html"), page(three_months / "index.zh.html")
    assert (english.html["lang"], chinese.html["lang"]) == ("en", "zh-Hans")
    assert (english.header.a["href"], english.header.a.text) == ("index.zh.html", "中文")
    put(three_months, "shop", "2026-11", "20261201T060000Z-aaaaaa", languages=["zh"])
    rebuild(three_months)
    assert page(three_months / "index.html").html["lang"] == "zh-Hans"
    assert page(three_months / "index.html").header.a["href"] == "index.en.html"
    assert not (three_months / "index.zh.html").exists()


def test_what_a_study_calls_itself_is_escaped(tmp_path, put):
    put(tmp_path, "demo", "2026-10", "20261101T000000Z-a b", title="<b>客户</b>")
    recover(tmp_path)
    link = page(tmp_path / "index.html").td.a
    assert (link["href"], link.text) == ("demo/2026-10/20261101T000000Z-a%20b/index.html", "<b>客户</b>")
    assert "<b>客户" not in (tmp_path / "demo" / "2026-10" / "index.html").read_text("utf-8")


def test_the_policy_allows_exactly_the_one_script_of_the_page(three_months):
    soup = page(three_months / "index.html")
    (script,) = soup.find_all("script")
    digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
    policy = soup.find("meta", {"http-equiv": True})["content"]
    assert policy.endswith(f"; script-src 'sha256-{digest}'")
    assert soup.select_one(".search").has_attr("hidden")
    assert not re.search("://", str(soup))
    assert all("script-src" not in path.read_text("utf-8") for path in three_months.glob("demo/*/*.html"))


def test_every_link_between_the_archives_pages_leads_somewhere(three_months):
    found = [path for depth in ("", "[!.]*/", "[!.]*/*/") for path in three_months.glob(f"{depth}*.html")]
    assert len(found) >= 8
    for path in found:
        for link in page(path).select("a[href], link[href]"):
            target = link["href"].partition("#")[0]
            assert not target or (path.parent / target).resolve().is_file(), (path, link["href"])


def test_findings_and_figures_stand_in_the_row_of_the_report(three_months):
    rows = page(three_months / "index.html").select("tbody tr.current")
    told = next(row.details.text for row in rows if "bbbbbb" in row.text)
    assert "Finding number 10." in told
    assert "Customers 1,000" in told


def test_publishing_step_by_step_gives_the_same_pages_as_writing_all_anew(tmp_path, record, build_run):
    archive, store = tmp_path / "reports", open_store(tmp_path / "reports")
    months = ["2026-09", "2026-07", "2026-10", "2026-08", "2026-10"]
    for number, period in enumerate(months):
        run_id = f"202611{number + 10}T060000Z-aaaaaa"
        languages = ["zh", "en"] if number % 2 else ["en"]
        staging = build_run(store.staging / run_id, record("demo", period, run_id, languages=languages))
        commit(store, "demo", period, run_id, staging)
    step_by_step = contents(archive)
    rebuild(archive)
    assert contents(archive) == step_by_step
    for path in [*archive.rglob("index*.html"), *archive.rglob("feed.xml"), *archive.rglob("compare*")]:
        if path.parent.name[:6] != "202611":
            path.unlink()
    rebuild(archive)
    assert contents(archive) == step_by_step


def contents(archive):
    """Every file but locks and parts."""
    paths = (path for path in archive.rglob("*") if path.is_file())
    names = {path.relative_to(archive).as_posix(): path for path in paths}
    return {n: p.read_bytes() for n, p in names.items() if not n.startswith((".locks", ".parts", ".staging"))}


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]\n", b'{"study": "demo"}\n', None])
@pytest.mark.parametrize("name", [index.CONTENTS, index.NEWEST, index.shard_name("2026-10"), "studies"])
def test_an_index_that_is_damaged_is_made_anew(three_months, record, build_run, name, damage):
    path = three_months / (index.study_name("demo") if name == "studies" else name)
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    store, run_id = open_store(three_months), "20261109T060000Z-eeeeee"
    staging = build_run(store.staging / run_id, record("demo", "2026-10", run_id))
    commit(store, "demo", "2026-10", run_id, staging)
    rows = listed(three_months)
    assert ("demo", "2026-10", run_id, "Published") in rows
    assert len(rows) == 7


def test_publishing_reads_the_touched_month_alone(three_months, record, build_run, monkeypatch):
    store, run_id = open_store(three_months), "20261201T060000Z-eeeeee"
    staging = build_run(store.staging / run_id, record("demo", "2026-11", run_id))
    read = []

    def noting(self, names):
        read.extend(names)
        return original(self, names)

    original = LocalStore.read_many
    monkeypatch.setattr(LocalStore, "read_many", noting)
    commit(store, "demo", "2026-11", run_id, staging)
    manifests = {name for name in read if name.endswith("manifest.json")}
    assert {name.split("/")[1] for name in manifests} == {"2026-09", "2026-10", "2026-11"}


def test_write_archive_index_is_the_way_for_those_who_have_a_folder(tmp_path, put):
    put(tmp_path, "demo", "2026-10", "20261101T060000Z-aaaaaa")
    report.write_archive_index(tmp_path)
    assert (tmp_path / "demo" / "2026-10" / "index.html").is_file()
