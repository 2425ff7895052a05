"""Headless Chromium, and a small archive in both languages to open in it."""

import json
from datetime import date
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from workbench import report
from workbench.language import catalogue, dictionary
from workbench.results import Check, Finding, Metric, Results

LABELS = {"en": "Revenue of the month with a rather long name", "zh": "当月销售额（含全部渠道与退款）"}
WORDS = {
    "en": {"t.finding": "A finding of {m:money}.", "check.t_broken": "Slope is {x:number}."},
    "zh": {"t.finding": "发现金额 {m:money}。", "check.t_broken": "斜率为 {x:number}。"},
}
RUN_ID = "20261101T060312Z-4f2a"


def picture(label: str) -> str:
    """A chart as wide as ours with one word in it."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="518pt" height="230pt" viewBox="0 0 518 230">'
        '<rect width="518" height="230" fill="#fff"/><text x="20" y="120" font-size="40" '
        f'font-family="sans-serif">{label}</text></svg>'
    )


def cells(language: str) -> list[object]:
    """A page with everything that may be too wide: a long word, a wide table, pictures, an error, code."""
    wide = "".join(f'<th scope="col">column_{i}_of_a_wide_table</th>' for i in range(12))
    table = f"<table><caption>Wide</caption><thead><tr>{wide}</tr></thead><tbody></tbody></table>"
    frame = f'<div class="scroll" role="region" tabindex="0" aria-label="Wide">{table}</div>'
    outputs = [
        new_output("display_data", data={"text/html": frame}),
        new_output("display_data", data={"image/svg+xml": picture("客")}, metadata={"alt": "first"}),
        new_output("display_data", data={"image/svg+xml": picture("户")}, metadata={"alt": "second"}),
        new_output(
            "display_data", data={"text/html": "<script>alert(1)</script><img src=x onerror=alert(1)>"}
        ),
        new_output("stream", name="stdout", text="x" * 400),
        new_output("error", ename="ValueError", evalue="y" * 300, traceback=["z" * 300]),
    ]
    title = {"en": "# Who are our customers?", "zh": "# 我们的客户是谁？"}[language]
    return [
        new_markdown_cell(f"{title}\n\n" + {"en": "A lead.", "zh": "客户与流失。"}[language]),
        new_markdown_cell(f"## {'Unbreakable' * 12}\n\n`{'code' * 60}` {'word' * 60}"),
        new_code_cell(f"# {'comment' * 20}\nvalue = '{'v' * 200}'", outputs=outputs),
    ]


def figures(as_of: date) -> Results:
    """Figures of a month, one of them very long."""
    metrics = (
        Metric("t_revenue", 123_456_789_012.0, n=8_211, low=123_000_000_000.0, high=124_000_000_000.0),
        *(Metric("t_revenue", 1_000.0 + k + as_of.month) for k in range(7)),
    )
    check = Check("t_broken", False, {"x": 0.71})
    return Results("01_profiling", as_of, metrics, (check,), (Finding("t.finding", {"m": 1e9}),))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with one study in each language, as files; no other test meets its words."""
    archive = tmp_path_factory.mktemp("archive")
    words = {language: {"label": LABELS[language], "definition": LABELS[language]} for language in LABELS}
    entries = dictionary.entries() | {"t_revenue": {"unit": "currency", "better": "higher"} | words}
    spoken = {language: catalogue.messages(language) | WORDS[language] for language in LABELS}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dictionary, "entries", lambda: entries)
        patch.setattr(catalogue, "messages", lambda language: spoken[language])
        for language in LABELS:
            _put_run(archive, language)
        report.write_archive_index(archive)
    return archive


def _put_run(archive: Path, language: str) -> None:
    title = {"en": "Demo company", "zh": "示例公司"}[language]
    as_of = date(2026, 10, 31)
    run = report.Run(f"study-{language}", title, as_of, RUN_ID, "published", language, command="c " * 200)
    folder = archive / run.study / run.period / run.run_id
    folder.mkdir(parents=True)
    months = [figures(date(2026, month, 28)) for month in range(1, 10)]
    link = report.PageLink("01_profiling", title, "01_profiling.html")
    past = report.Past(months[-1], months, figures(date(2025, 10, 31)))
    everything = [figures(as_of)]
    page = report.PageContext(
        run, "01_profiling", figures(as_of), past, {"source": "s" * 200}, [link], "e" * 300, everything
    )
    report.write_page(folder / link.href, report.render_page(new_notebook(cells=cells(language)), page))
    index = report.IndexContext(run, [report.RunPage(link, figures(as_of), past)])
    report.write_page(folder / "index.html", report.render_run_index(index))
    manifest = {"title": title, "as_of": "2026-10-31", "status": "published", "language": language}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder.parent / "current.json").write_text(json.dumps({"run": run.run_id}), encoding="utf-8")
