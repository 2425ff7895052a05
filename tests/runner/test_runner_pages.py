"""Do the pages of a run come in all its languages, and do their figures lead back to earlier months?"""

import dataclasses
import json
from datetime import date

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from workbench import report
from workbench.language import definition_version
from workbench.results import Metric, Results, dumps
from workbench.runner.judge import Verdict
from workbench.runner.pages import write_pages

NAME = "03_churn"


def executed(language):
    """An executed notebook whose one output is in a language."""
    said = {"en": "said in English", "zh": "用中文说"}[language]
    output = new_output("display_data", data={"text/html": f'<p class="sentence">{said}</p>'})
    return new_notebook(
        cells=[
            new_markdown_cell("# Who leaves?", metadata={"tags": ["lang-en"]}),
            new_markdown_cell("# 谁会流失？", metadata={"tags": ["lang-zh"]}),
            new_markdown_cell("## Limits", metadata={"tags": ["lang-en"], "anchor": "limits"}),
            new_markdown_cell("## 局限", metadata={"tags": ["lang-zh"], "anchor": "limits"}),
            new_code_cell("show()", outputs=[output], execution_count=1),
        ]
    )


@pytest.fixture
def publish(tmp_path, step, plan):
    """Write the pages of a month and put them into the archive; the folder of the run is returned."""

    def published(as_of, auc, languages=("en",), definitions=None, reason=None):
        made = plan(tmp_path, [step(tmp_path, NAME, "1")], f"{as_of:%Y%m%d}T000000Z-abc")
        study = made.study.model_copy(update={"language": languages[0], "also_in": languages[1:]})
        made = dataclasses.replace(made, study=study, as_of=as_of)
        for part in ("notebooks", "results", "tables"):
            (made.staging / part).mkdir(parents=True)
        if reason is None:
            figures = Results(NAME, as_of, (Metric("auc", auc), Metric("brier", 0.2)))
            (made.staging / "results" / f"{NAME}.json").write_text(dumps(figures), encoding="utf-8")
            for language in languages[1:]:
                nbformat.write(executed(language), made.staging / "notebooks" / f"{NAME}.{language}.ipynb")
        write_pages(made, [Verdict(NAME, reason, executed(languages[0]))], "published")
        made.place.parent.mkdir(parents=True)
        made.staging.rename(made.place)
        record = {"status": "published", "definitions": definitions or {}}
        (made.place / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
        (made.place.parent / "current.json").write_text(json.dumps({"run": made.run_id}), encoding="utf-8")
        return made.place

    return published


def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_one_execution_gives_the_pages_of_both_languages(publish):
    run = publish(date(2026, 10, 31), 0.8, ("en", "zh"))
    pages = sorted(path.name for path in run.glob("*.html"))
    assert pages == ["03_churn.html", "03_churn.zh.html", "index.html", "index.zh.html"]
    assert all(report.faults((run / page).read_text(encoding="utf-8")) == [] for page in pages)
    english, chinese = soup(run / "03_churn.html"), soup(run / "03_churn.zh.html")
    assert (english.h1.text, english.select_one(".output").text) == ("Who leaves?", "said in English")
    assert (chinese.h1.text, chinese.select_one(".output").text) == ("谁会流失？", "用中文说")
    assert english.find(id="limits").text == "Limits"
    assert chinese.find(id="limits").text == "局限"
    assert [a["href"] for a in soup(run / "index.zh.html").select(".pages a")] == ["03_churn.zh.html"]


def test_the_main_language_has_the_plain_names(publish):
    run = publish(date(2026, 10, 31), 0.8, ("zh", "en"))
    assert soup(run / "03_churn.html").html["lang"] == "zh-Hans"
    assert soup(run / "03_churn.en.html").html["lang"] == "en"


def test_a_figure_leads_to_itself_last_month_and_last_year(publish):
    publish(date(2025, 10, 31), 0.7)
    publish(date(2026, 9, 30), 0.75)
    run = publish(date(2026, 10, 31), 0.8, ("en", "zh"))
    for name in ("03_churn.html", "03_churn.zh.html", "index.html"):
        links = [a["href"] for a in soup(run / name).select("#figure-auc .change a")]
        assert links == [
            "../../2026-09/20260930T000000Z-abc/03_churn.html#figure-auc",
            "../../2025-10/20251031T000000Z-abc/03_churn.html#figure-auc",
        ]
        assert all((run / href.partition("#")[0]).resolve().is_file() for href in links)
    told = [p.text for p in soup(run / "03_churn.html").select("#figure-auc .change")]
    assert told == ["+0.050 on Sept 2026: better", "+0.100 on Oct 2025: better"]


def test_a_page_leads_to_the_earlier_page_in_its_own_language(publish):
    publish(date(2026, 9, 30), 0.75, ("en", "zh"))
    run = publish(date(2026, 10, 31), 0.8, ("en", "zh"))
    (link,) = soup(run / "03_churn.zh.html").select("#figure-auc .change a")
    assert link["href"] == "../../2026-09/20260930T000000Z-abc/03_churn.zh.html#figure-auc"


def test_a_figure_that_was_defined_otherwise_is_not_called_better(publish):
    publish(date(2026, 9, 30), 0.75, definitions={"auc": "0" * 12, "brier": definition_version("brier")})
    run = publish(date(2026, 10, 31), 0.8)
    page = soup(run / "03_churn.html")
    assert page.select_one("#figure-auc .change").text == (
        "+0.050 on Sept 2026, but the definition has changed since"
    )
    assert page.select_one("#figure-brier .change").text == "about the same as in Sept 2026"


def test_a_notebook_that_failed_has_its_page_in_every_language_too(publish):
    run = publish(date(2026, 10, 31), 0.8, ("en", "zh"), reason="ValueError: too few")
    assert "ValueError: too few" in soup(run / "03_churn.zh.html").select_one(".error").text
    assert "ValueError: too few" in soup(run / "index.zh.html").select_one(".error").text
