"""Does a page say what the notebook and the run hold, in one language, and nothing else?"""

import dataclasses
import itertools
import re

import pytest
from bs4 import BeautifulSoup

from workbench import report
from workbench.language import say
from workbench.report.outputs import render_output, without_folders
from workbench.results import Check, Finding, Metric, Results

PNG = "iVBORw0KGgo="
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>客户</text></svg>'


def parse(html):
    return BeautifulSoup(html, "html.parser")


def test_the_frame_of_a_page_is_complete_and_allows_nothing_in(page, build):
    soup = parse(page(build["markdown"]("# Who leaves?\n\nThree months ahead.")))
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert soup.html["lang"] == "en"
    assert [h.text for h in soup.find_all("h1")] == ["Who leaves?"]
    assert all(soup.find(tag) for tag in ("header", "nav", "main", "footer"))
    assert soup.find("a", class_="skip")["href"] == "#main" == f"#{soup.main['id']}"
    assert not soup.find_all(["script", "link", "iframe"])
    assert soup.find(class_="lead").text.strip() == "Three months ahead."


def test_a_page_asks_for_nothing_outside_of_itself(page, build, october):
    html = page(
        build["markdown"]("# T\n\n[a source](https://example.org) ![x](https://example.org/x.png)"),
        build["code"]("ax", build["shown"]({"image/svg+xml": SVG})),
        results=october,
    )
    assert "://" not in html


def test_the_first_screen_has_state_figures_findings_decisions_and_checks(page, build, october):
    soup = parse(page(build["markdown"]("# T"), results=october))
    facts = " ".join(soup.find(class_="facts").text.split())
    assert facts == (
        "Published data as of 31 October 2026 Run 20261101T060312Z-4f2a"
        " Prepared by workbench run params/demo.yml --as-of 2026-10-31"
    )
    assert [tile.find(class_="label").text for tile in soup.select(".tiles li")] == [
        "Leaving",
        "Ranking",
        "Revenue",
    ]
    assert soup.select(".tiles .reason")[0].text == "Not computed: too few customers"
    assert [said.text for said in soup.select(".answer")] == ["Found 3 things."]
    told = [li.get_text(" ", strip=True) for li in soup.select(".findings li")]
    assert told == ["Call 38 customers.", "Not passed: Slope is 0.710."]
    assert "1 of 2 checks passed" in soup.text


def test_the_answer_stands_before_all_else_and_findings_after_the_figures(page, build, october):
    two = dataclasses.replace(october, findings=(*october.findings, Finding("t.finding", {"n": 4})))
    soup = parse(page(build["markdown"]("# T\n\nThree months ahead."), results=two))
    order = [tag.get("class") for tag in soup.main.find_all(["p", "div", "ul"], class_=True)]
    assert order[:2] == [["answer"], ["lead"]]
    assert soup.find("h3", string="What was found").find_next("ul").text.strip() == "Found 4 things."


def test_that_there_is_no_earlier_month_is_said_once(page, build, october):
    soup = parse(page(build["markdown"]("# T"), results=october))
    assert soup.text.count("no earlier month") == 1
    assert soup.find(class_="alone").text == "There is no earlier month to compare with."
    assert not soup.select(".change")
    later = parse(page(build["markdown"]("# T"), results=october, past=report.Past(october)))
    assert later.select(".change")
    assert not later.select(".alone")


@pytest.mark.parametrize(("language", "kept", "gone"), [("en", "English", "中文"), ("zh", "中文", "English")])
def test_cells_of_the_other_language_are_gone(page, build, run, language, kept, gone):
    cells = [
        build["markdown"]("# English title", "lang-en"),
        build["markdown"]("# 中文标题", "lang-zh"),
        build["markdown"]("English text", "lang-en"),
        build["markdown"]("中文正文", "lang-zh"),
        build["code"]("1", build["shown"]({"text/plain": "English out"}), tags=("lang-en",)),
        build["code"]("1", build["shown"]({"text/plain": "中文输出"}), tags=("lang-zh",)),
    ]
    html = page(*cells, run=dataclasses.replace(run, language=language))
    assert kept in html
    assert gone not in html
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}">' in html


def test_parameter_cells_are_gone_and_a_table_says_what_was_set(page, build):
    soup = parse(
        page(
            build["code"]("horizon_days = 90  # default", tags=("parameters",)),
            build["code"]("horizon_days = 60  # given", tags=("injected-parameters",)),
            parameters={
                "horizon_days": 60,
                "identify": False,
                "as_of": None,
                "source": "/srv/anna/p/s/x.yml",
            },
        )
    )
    assert "# default" not in soup.text
    assert "# given" not in soup.text
    table = soup.find(id="parameters").find_next("table")
    rows = [[cell.text for cell in row.find_all(["th", "td"])] for row in table.tbody.find_all("tr")]
    assert rows[0] == ["horizon_days", "60", "Days without an order that count as churn"]
    assert [row[1] for row in rows] == ["60", "no", "–", "…/s/x.yml"]


def test_tags_remove_a_cell_its_code_or_its_output(page, build):
    out = [build["shown"]({"text/plain": word}) for word in ("one", "two", "three")]
    html = page(
        build["code"]("secret_cell()", out[0], tags=("remove-cell",)),
        build["code"]("secret_code()", out[1], tags=("remove-input",)),
        build["code"]("# shown code", out[2], tags=("remove-output",)),
    )
    assert "secret" not in html
    assert "<pre>one" not in html
    assert "<pre>two" in html
    assert "<pre>three" not in html
    assert "Code: shown code" in html


def test_code_is_folded_under_a_summary_that_says_what_it_does(page, build):
    soup = parse(
        page(
            build["code"]("import os\nfrom a import b\n\nmodel = fit(data)\nshow(model)"),
            build["code"]("# Draw the curve\nax = f(1 < 2)"),
            build["code"]("results.save(\n    1,\n)"),
        )
    )
    folded = soup.select("details.code")
    assert [d.summary.text for d in folded] == [
        "Code: model = fit(data)",
        "Code: Draw the curve",
        "Code: results.save(…)",
    ]
    assert not any(d.has_attr("open") for d in folded)
    assert "f(1 < 2)" in folded[1].text


@pytest.mark.parametrize("kind", ["display_data", "execute_result"])
def test_every_output_in_is_an_output_out(page, build, kind):
    data = [
        {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "df"},
        {"image/png": PNG, "text/plain": "<Figure>"},
        {"image/jpeg": PNG},
        {"image/svg+xml": SVG},
        {"text/markdown": "**bold**"},
        {"text/plain": "42"},
        {"text/html": "<script>draw()</script>", "text/plain": "Widget"},
        {"application/json": "{}"},
        {"application/vnd.x+json": "{}", "text/plain": "fallback"},
        {"text/latex": "$x$", "text/plain": "x"},
    ]
    extra = {"execution_count": 1} if kind == "execute_result" else {}
    outputs = [build["shown"](d, kind) for d in data]
    outputs[0].update(extra)
    streams = [build["stream"]("stdout", "printed"), build["stream"]("stderr", "noise")]
    soup = parse(page(build["code"]("x", *outputs), build["code"]("y", *streams)))
    shown = soup.select(".output")
    assert len(shown) == len(data) + 1  # stdout; stderr belongs in the log
    assert all(output.get_text(strip=True) or output.img for output in shown)
    assert "noise" not in soup.text
    assert [shown[i].get_text(strip=True) for i in (6, 8, 9)] == ["Widget", "fallback", "x"]
    assert "application/json" in shown[7].text


def test_pictures_are_figures_with_their_own_alt_text(page, build):
    figures = [
        build["shown"]({"image/svg+xml": SVG}, **{"image/svg+xml": {"alt": 'Rises "fast" <5%>'}}),
        build["shown"]({"image/png": PNG}, **{"image/png": {"alt": "Falls"}}),
        build["shown"]({"image/png": PNG}),
    ]
    images = parse(page(build["code"]("x", *figures))).select("figure.picture > img")
    alts = [image["alt"] for image in images]
    assert alts == ['Rises "fast" <5%>', "Falls", "Picture without a description"]
    assert images[0]["src"].startswith("data:image/svg+xml;base64,")


def test_headings_get_unique_ids_levels_without_gaps_and_a_contents_list(page, build):
    soup = parse(
        page(
            build["markdown"]("# Title\n\n## What? \n\ntext"),
            build["markdown"]("# Second h1"),
            build["markdown"]("## What?\n\n#### Deep\n\n### 客户是谁？"),
            build["markdown"]("## Parameters\n\n## ???"),
        )
    )
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    levels = [int(h.name[1]) for h in soup.find_all(re.compile(r"^h[1-6]$"))]
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    links = [a["href"].removeprefix("#") for a in soup.select("nav.contents a")]
    assert links == [
        *("section-1", "section-2", "section-3", "section-3-1", "section-3-2", "section-4", "section-5"),
        "about",
    ]
    assert set(links) <= set(ids)


def test_a_section_has_the_same_anchor_in_every_language(page, build, run):
    cells = [
        build["markdown"]("# Title", "lang-en"),
        build["markdown"]("# 标题", "lang-zh"),
        build["markdown"]("## Is it better?", "lang-en"),
        build["markdown"]("## 更好吗？", "lang-zh"),
        build["markdown"]("## Limits\n\n### One", "lang-en"),
        build["markdown"]("## 局限\n\n### 其一", "lang-zh"),
    ]
    for cell in cells[2:4]:
        cell.metadata["anchor"] = "model-test"
    anchors = [
        [a["href"] for a in parse(page(*cells, run=dataclasses.replace(run, language=spoken))).select(
            "nav.contents a")]
        for spoken in ("en", "zh")
    ]  # fmt: skip
    assert anchors[0] == anchors[1] == ["#model-test", "#section-2", "#section-2-1", "#about"]


def test_no_text_can_take_an_anchor_for_its_own(page, build):
    html = page(build["markdown"]("<!--anchor:main-->\n\n## One\n\n<!--anchor:about-->"))
    assert [h["id"] for h in parse(html).select(".body h2")] == ["section-1"]
    assert report.faults(html) == []


def test_the_sections_of_findings_are_known(build):
    cell = build["markdown"]("## Is it better?", "lang-en")
    cell.metadata |= {"anchor": "Model test", "findings": ["t.finding"]}
    notebook = build["notebook"](cell, build["markdown"]("## Limits"))
    assert report.sections_of_findings(notebook, "en") == {"t.finding": "model-test"}
    assert report.sections_of_findings(notebook, "zh") == {}


def test_metrics_in_tables_and_tiles_lead_to_their_definitions(page, build, october):
    row = '<table><tbody><tr><th scope="row">{}</th><td>1</td></tr></tbody></table>'
    shown = [build["shown"]({"text/html": row.format(name)}) for name in ("Leaving", "Something else")]
    soup = parse(page(build["code"]("x", *shown), results=october))
    assert [a["href"] for a in soup.select(".output a")] == ["#metric-t_rate"]
    assert {a["href"] for a in soup.select(".tiles .label a")} == {
        "#metric-t_rate", "#metric-t_auc", "#metric-t_revenue",
    }  # fmt: skip
    entry = soup.find(id="metric-t_rate").find_next("dd").get_text(" ", strip=True)
    assert entry == (
        "What Leaving means. 24.3% · 95% interval 23.4% to 25.2% · n\xa0=\xa08,211 · unit: share"
        " · lower is better"
    )


def test_a_page_leads_to_its_twin_in_the_other_language_and_to_its_index_in_its_own(page, build, run):
    both = dataclasses.replace(run, languages=("en", "zh"))
    english = parse(page(build["markdown"]("# T"), run=both))
    chinese = parse(page(build["markdown"]("# T"), run=dataclasses.replace(both, language="zh")))
    for soup, index, file, tag, name in (
        (english, "index.html", "03_churn.zh.html", "zh-Hans", "中文"),
        (chinese, "index.zh.html", "03_churn.html", "en", "English"),
    ):
        (twin,) = soup.select(".twins a")
        assert (twin["href"], twin["hreflang"], twin["lang"], twin.text) == (file, tag, tag, name)
        assert [a["href"] for a in soup.select("header nav a")] == [
            "../../../index.html",
            "../index.html",
            index,
        ]
    assert not parse(page(build["markdown"]("# T"))).select(".twins")


def test_the_quality_of_the_data_stands_on_every_page(page, build, october):
    books = Results(
        "01_profiling",
        october.as_of,
        metrics=(
            Metric("rows_in", 1_000),
            Metric("rows_used", 900),
            Metric("rows_excluded", 90),
            Metric("rows_quarantined", 10),
            Metric("t_revenue", None, reason=say("missing.table", table="tickets", section="service")),
        ),
        checks=(Check("data_reach_as_of", False, {"latest": "2026-10-05", "as_of": "2026-10-31"}),),
    )
    soup = parse(page(build["markdown"]("# T"), results=october, everything=[books, october]))
    strip = [[part.text for part in pair.find_all(["dt", "dd"])] for pair in soup.select(".strip div")]
    assert strip == [
        ["Rows in", "1,000"],
        ["Used", "900"],
        ["Excluded by rule", "90"],
        ["Quarantined", "10"],
        ["Late inputs", "The data reach 5 October 2026; the study is as of 31 October 2026."],
        ["Missing tables", "tickets"],
        ["Checks passed", "1 of 3"],
    ]


def test_the_thresholds_of_a_page_are_those_of_the_code(page, build):
    soup = parse(page(build["markdown"]("# T")))
    rows = soup.find(id="thresholds").find_next("tbody").find_all("tr")
    cells = [[cell.text for cell in row.find_all(["th", "td"])] for row in rows]
    assert len(rows) == 7
    assert cells[1][:2] == ["Slope of calibration below which the probabilities are too extreme", "0.800"]
    assert all(re.fullmatch("[0-9a-f]{8}", version) for _, _, version in cells)


def test_tables_of_any_origin_can_be_read_aloud(page, build):
    pandas_html = (
        '<style scoped>.dataframe tbody tr th {}</style><table border="1" class="dataframe"><thead><tr>'
        "<th></th><th>tier</th></tr></thead><tbody><tr><th>0</th><td>A</td></tr></tbody></table>"
    )
    soup = parse(page(build["code"]("x", build["shown"]({"text/html": pandas_html}))))
    frame = soup.select_one(".output .scroll")
    assert (frame["role"], frame["tabindex"], frame["aria-label"]) == ("region", "0", "Table")
    assert all(th["scope"] in ("col", "row") and th.text for th in soup.find_all("th"))
    assert "dataframe" not in str(frame)


def test_a_failed_notebook_ends_at_its_error_without_colours_and_folders(page, build, run):
    trace = ("\x1b[31mFile /srv/anna/proj/src/model.py:88\x1b[0m", "ValueError: <b>too few</b>")
    html = page(
        build["code"]("fit()", build["error"](*trace)),
        build["markdown"]("## Never reached"),
        run=dataclasses.replace(run, status="failed"),
        error="ValueError: too few in /srv/anna/proj/src/model.py",
    )
    soup = parse(html)
    first, second = soup.select(".error")
    assert first.text == (
        "This notebook failed, and the page ends where it did: ValueError: too few in …/src/model.py"
    )
    assert "Error: ValueError: too few" in second.text
    assert "<b>too few</b>" in second.pre.text
    assert "\x1b" not in html
    assert "anna" not in html
    assert "Never reached" not in html
    assert soup.find(class_="facts").strong.text == "Failed"
    assert "No key figures were handed on." in soup.text


def test_a_notebook_that_was_cut_short_ends_at_the_cell_that_did_not_finish(page, build):
    finished, running = build["code"]("a = 1"), build["code"]("b = 2")
    finished.execution_count = 1
    cells = [finished, running, build["markdown"]("## Never reached"), build["code"]("c = 3")]
    html = page(*cells, error="the kernel died")
    assert "Code: b = 2" in html
    assert "Never reached" not in html
    assert "Code: c = 3" not in html
    assert "Never reached" in page(*cells)


def test_paths_keep_only_what_names_no_person():
    text = "/srv/anna/x.yml C:\\Users\\anna\\proj\\x.py http://a/b/c params/x/y.yml and/or 1/2"
    assert without_folders(text) == "…/x.yml …/proj/x.py http://a/b/c params/x/y.yml and/or 1/2"


def test_the_end_of_a_page_says_what_was_run_and_how_to_run_it_again(page, build, october, run):
    links = [
        report.PageLink("01_profiling", "Who are they?", "01_profiling.html"),
        report.PageLink("03_churn", "Who leaves?", "03_churn.html"),
        report.PageLink("04_feedback", "What do they say?", "", "skipped"),
    ]
    soup = parse(page(build["markdown"]("# T"), results=october, links=links))
    about = soup.find(class_="about").get_text(" ", strip=True)
    for words in ("541,909", "ab" * 32, "393d0e4", "pandas 3.1.1", run.command, "What Leaving means."):
        assert words in about
    assert "1,234,567" in about
    assert "unit: share" in about
    assert [a["href"] for a in soup.footer.find_all("a")] == ["01_profiling.html"]
    assert "Not run" in soup.footer.text
    assert soup.header.find("a")["href"] == "../../../index.html"
    assert 'content: "demo · 2026-10 · 20261101T060312Z-4f2a"' in soup.style.text


def test_the_same_notebook_gives_the_same_bytes_and_a_small_page(page, build, october):
    cells = [build["markdown"]("# T\n\n## Q?"), build["code"]("x = 1", build["shown"]({"text/plain": "1"}))]
    html = page(*cells, results=october)
    assert html == page(*cells, results=october)
    assert len(html.encode()) < 60_000  # the floor of a page without pictures


def test_rendering_leaves_the_notebook_as_it_was(run, build):
    notebook = build["notebook"](build["markdown"]("# T\n\ntext\n\n## Q"), build["code"]("x"))
    before = notebook.copy()
    report.render_page(notebook, report.PageContext(run, "03_churn"))
    assert notebook == before
    assert report.title_of(notebook, "en", "03_churn") == "T"
    assert report.title_of(build["notebook"](), "en", "03_churn") == "03_churn"


def test_terminal_colours_are_gone_from_printed_text(build):
    assert render_output(build["stream"]("stdout", "\x1b[1m<b>\x1b[0m")) == "<pre>&lt;b&gt;</pre>"


def test_a_markdown_picture_whose_attachment_is_gone_does_not_stop_the_page(page, build):
    assert "before" in page(build["markdown"]("before ![x](attachment:gone.png) after"))
