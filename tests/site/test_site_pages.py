"""Do the pages of months and studies, feeds, digests and comparisons say what there is?"""

import xml.etree.ElementTree as ET

import pytest
from bs4 import BeautifulSoup

from workbench.language import speaking
from workbench.report import site
from workbench.report.site.trend import trends
from workbench.runner.archive import rebuild
from workbench.runner.review import find_run
from workbench.store import open_store

ATOM = "{http://www.w3.org/2005/Atom}"


def page(path):
    return BeautifulSoup(path.read_bytes(), "html.parser")


def test_the_page_of_a_month_names_its_report_its_revisions_and_its_neighbours(three_months):
    soup = page(three_months / "demo" / "2026-09" / "index.html")
    assert soup.h1.text == "Title of demo: September 2026"
    assert [a["href"] for a in soup.select("nav.turn a")] == [
        "../2026-08/index.html",
        "../2026-10/index.html",
    ]
    assert soup.select_one("ul.pages a")["href"] == "20261001T060000Z-aaaaaa/index.html"
    october = page(three_months / "demo" / "2026-10" / "index.html")
    states = [row.select("td")[1].text for row in october.select("table.archive tbody tr")]
    assert states == ["Published", "Failed", "Superseded"]
    assert "Compare with September 2026" in october.text
    assert "Nobody has reviewed a run of this month yet." in october.text


def test_key_figures_change_in_words_and_with_a_sign(three_months):
    soup = page(three_months / "demo" / "2026-10" / "index.html")
    rows = [[cell.text for cell in row.select("th, td")] for row in soup.select("#figures ~ div tbody tr")]
    assert rows[0] == ["Customers", "1,000", "+11.1%, better", "01_profiling"]
    assert rows[1][1:3] == ["0.800", "+0.010, better"]
    assert rows[2][1:3] == ["20.0%", "about the same"]


def test_a_study_shows_each_figure_over_the_months_and_where_its_definition_changed(three_months):
    soup = page(three_months / "demo" / "index.html")
    trend = next(li for li in soup.select("ul.trends li") if "AUC" in li.text)
    assert trend.svg["aria-label"] == "From Aug 2026 to Oct 2026, lowest 0.780, highest 0.800, now 0.800"
    assert "Definition changed in October 2026" in trend.text
    assert len(trend.svg.find_all("line")) == 1
    assert len(trend.svg.polyline["points"].split()) == 3
    other = next(li for li in soup.select("ul.trends li") if "Customers" in li.text)
    assert not other.svg.find_all("line")
    months = [row.th.text for row in soup.select("table.archive tbody tr")]
    assert months == ["October 2026", "September 2026", "August 2026"]


def test_a_month_without_a_figure_is_a_gap_in_its_line(three_months, put, record):
    figures = record("demo", "2026-11", "20261201T060000Z-aaaaaa")["figures"][:1]
    put(three_months, "demo", "2026-07", "20260801T060000Z-aaaaaa", figures=figures)
    put(three_months, "demo", "2026-06", "20260701T060000Z-aaaaaa")
    rebuild(three_months)
    soup = page(three_months / "demo" / "index.html")
    trend = next(li for li in soup.select("ul.trends li") if "AUC" in li.text)
    assert [len(line["points"].split()) for line in trend.svg.find_all("polyline")] == [3]


def test_no_reports_have_no_trends():
    assert trends([]) == []


def test_feeds_name_each_report_once_newest_first(three_months):
    for path, count in ((three_months / "feed.xml", 4), (three_months / "demo" / "feed.xml", 3)):
        feed = ET.fromstring(path.read_text("utf-8"))
        entries = feed.findall(f"{ATOM}entry")
        stamps = [entry.findtext(f"{ATOM}updated") for entry in entries]
        assert len(entries) == count
        assert stamps == sorted(stamps, reverse=True)
        assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == count
        assert feed.findtext(f"{ATOM}updated") == stamps[0]
        for entry in entries:
            href = entry.find(f"{ATOM}link").attrib["href"]
            assert (path.parent / href).resolve().is_file()


def test_a_digest_says_in_each_language_what_a_mail_needs(record):
    now = record("demo", "2026-10", "20261101T060000Z-aaaaaa", languages=["en", "zh"])
    before = record("demo", "2026-09", "20261001T060000Z-aaaaaa")
    english, chinese = site.digest_text(now, before).split("=" * 72)
    assert english == (
        "Title of demo: October 2026\n"
        "Published, data as of 28 October 2026\n\n"
        "Key figures\n"
        "- Customers: 1,000 (+11.1%, better; compared with Sept 2026)\n"
        "- AUC of the model: 0.800 (+0.010, better; compared with Sept 2026)\n"
        "- Share lost: 20.0% (about the same; compared with Sept 2026)\n\n"
        "What was found\n- Finding number 10.\n\n"
        "3 of 4 checks passed\n"
        "Read it in the archive: demo/2026-10/20261101T060000Z-aaaaaa/index.html\n\n"
    )
    assert "第 10 条发现。" in chinese
    assert "Finding" not in chinese


def test_a_comparison_lists_figures_and_only_what_differs_of_the_rest(three_months):
    first, second = (
        site.read_record(store, find_run(store, name))
        for store in [open_store(three_months)]
        for name in ("demo/2026-09", "demo/2026-10")
    )
    with speaking("en", "EUR"):
        sections = {section.code: section for section in site.compare(first, second)}
    assert sections["compared_figures"].heads[2:4] == ("2026-09", "2026-10")
    assert sections["compared_figures"].rows[0] == (
        "Customers",
        "01_profiling",
        "900",
        "1,000",
        "+11.1%, better",
    )
    assert sections["compared_definitions"].rows == (("AUC of the model", "bbb", "ccc"),)
    assert sections["compared_parameters"].rows == ()
    assert sections["compared_parameters"].same == 2
    assert sections["compared_inputs"].rows == (
        ("transactions", "1,009 rows, content abababababab", "1,010 rows, content abababababab"),
    )
    assert sections["compared_findings"].rows == (("Finding number 9.", "Finding number 10."),)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_of_a_comparison_stands_alone(three_months, language):
    store = open_store(three_months)
    records = [site.read_record(store, find_run(store, f"demo/2026-{month}")) for month in ("08", "10")]
    soup = BeautifulSoup(site.compare_page(*records, language), "html.parser")
    assert soup.find_all("a") == [soup.select_one("a.skip")]
    assert len(soup.find_all("h1")) == 1
    assert soup.find("meta", {"http-equiv": True})["content"].startswith("default-src 'none'")
