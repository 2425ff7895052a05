"""Does a run's first page bring together what its notebooks found?"""

import dataclasses

from bs4 import BeautifulSoup

from workbench import report
from workbench.results import Finding, Metric


def index(run, **parts):
    return BeautifulSoup(report.render_run_index(report.IndexContext(run, **parts)), "html.parser")


def test_the_first_page_of_a_run_shows_figures_findings_checks_pages_and_tables(run, october):
    profiling = dataclasses.replace(
        october,
        notebook="01_profiling",
        metrics=(Metric("t_orders", 1_000),),
        checks=(),
        findings=(Finding("t.finding", {"n": 7}),),
    )
    soup = index(
        run,
        pages=[
            report.RunPage(report.PageLink("01_profiling", "Who are they?", "01_profiling.html"), profiling),
            report.RunPage(report.PageLink("03_churn", "Who leaves?", "03_churn.html"), october),
        ],
        tables=[report.TableFile("churn.parquet", 8_211, "tables/churn.parquet")],
    )
    assert [h.text for h in soup.find_all("h1")] == ["Demo company: October 2026"]
    assert [tile.p.text for tile in soup.select(".tiles li")] == ["Volume", "Leaving", "Ranking", "Revenue"]
    told = {ul["class"][-1]: [li.get_text(" ", strip=True) for li in ul] for ul in soup.select(".findings")}
    told = {kind: [words for words in lines if words] for kind, lines in told.items()}
    assert told["findings"] == ["Found 7 things. Who are they?", "Found 3 things. Who leaves?"]
    assert told["doubts"] == [
        "Not passed: Slope is 0.710. Who leaves?",
        "Not computed: Ranking – too few customers. Who leaves?",
        "Uncertain: Leaving is 24.3%, and could as well be anything from 23.4% to 25.2% (95% interval). "
        "Who leaves?",
    ]
    assert told["decide"] == ["Call 38 customers. Who leaves?"]
    assert told["warnings"] == ["Not passed: Slope is 0.710."]
    assert [a.text for a in soup.select(".pages a")] == ["Who are they?", "Who leaves?"]
    table = soup.find("table")
    assert table.a["href"] == "tables/churn.parquet"
    assert "8,211" in table.text
    assert not soup.find("script")


def test_without_decisions_there_is_no_such_section(run, october):
    quiet = dataclasses.replace(october, findings=(Finding("t.finding", {"n": 1}),))
    link = report.PageLink("03_churn", "Who leaves?", "03_churn.html")
    assert "What to decide" in index(run, pages=[report.RunPage(link, october)]).text
    assert "What to decide" not in index(run, pages=[report.RunPage(link, quiet)]).text


def test_a_failed_run_says_so_and_links_the_failed_page(run):
    failed = dataclasses.replace(run, status="failed")
    link = report.PageLink("03_churn", "Who leaves?", "03_churn.html", "failed")
    soup = index(failed, pages=[report.RunPage(link)], error="03_churn: ValueError: <too few>")
    assert soup.select_one(".error").text == (
        "This run failed and is not the month's report: 03_churn: ValueError: <too few>"
    )
    assert soup.select_one(".pages .warn").text == "03_churn · Failed"
    assert "No key figures were handed on." in soup.text
