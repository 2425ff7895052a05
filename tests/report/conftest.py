"""A small dictionary, a run and notebooks that the report's tests share."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from workbench import report
from workbench.language import catalogue, dictionary
from workbench.results import Check, Finding, Metric, Results


def entry(unit: str, better: str, label: str) -> dict[str, Any]:
    """A dictionary entry with the same words in both languages."""
    words = {"label": label, "definition": f"What {label} means."}
    return {"unit": unit, "better": better, "en": words, "zh": words}


ENTRIES = {
    "t_rate": entry("share", "lower", "Leaving"),
    "t_auc": entry("ratio", "higher", "Ranking"),
    "t_revenue": entry("currency", "higher", "Revenue"),
    "t_orders": entry("orders", "none", "Volume"),
}
MESSAGES = {
    "t.finding": "Found {n:integer} things.",
    "decide.t": "Call {n:integer} customers.",
    "check.t_sound": "Totals balance.",
    "check.t_broken": "Slope is {x:number}.",
}


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue and the dictionary with a few entries of our own: the tests need no topic."""
    entries = dictionary.entries() | ENTRIES
    spoken = {language: catalogue.messages(language) | MESSAGES for language in ("en", "zh")}
    monkeypatch.setattr(dictionary, "entries", lambda: entries)
    monkeypatch.setattr(catalogue, "messages", lambda language: spoken[language])


@pytest.fixture
def run() -> report.Run:
    """A published run of October."""
    return report.Run(
        "demo",
        "Demo company",
        date(2026, 10, 31),
        "20261101T060312Z-4f2a",
        "published",
        command="workbench run params/demo.yml --as-of 2026-10-31",
        commit="393d0e4",
        seed=1,
        inputs=[{"name": "transactions", "rows": 541_909, "sha256": "ab" * 32}],
        environment={"pandas": "3.1.1"},
    )


@pytest.fixture
def october() -> Results:
    """Figures, checks and findings of a notebook."""
    return Results(
        "03_churn",
        date(2026, 10, 31),
        metrics=(
            Metric("t_rate", 0.243, n=8_211, low=0.234, high=0.252),
            Metric("t_auc", None, reason="too few customers"),
            Metric("t_revenue", 1_234_567.0),
        ),
        checks=(Check("t_sound", True), Check("t_broken", False, {"x": 0.71})),
        findings=(Finding("t.finding", {"n": 3}), Finding("decide.t", {"n": 38})),
    )


def markdown(source: str, *tags: str) -> NotebookNode:
    """A markdown cell with tags."""
    return new_markdown_cell(source, metadata={"tags": list(tags)})


def code(source: str, *outputs: NotebookNode, tags: tuple[str, ...] = ()) -> NotebookNode:
    """A code cell with outputs and tags."""
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def shown(data: dict[str, str], kind: str = "display_data", **metadata: Any) -> NotebookNode:
    """An output that holds `data`."""
    return new_output(kind, data=data, metadata=metadata)


@pytest.fixture
def build() -> dict[str, Callable[..., NotebookNode]]:
    """Makers of cells, outputs and notebooks."""
    return {
        "markdown": markdown,
        "code": code,
        "shown": shown,
        "stream": lambda name, text: new_output("stream", name=name, text=text),
        "error": lambda *trace: new_output(
            "error", ename="ValueError", evalue="too few", traceback=list(trace)
        ),
        "notebook": lambda *cells: new_notebook(cells=list(cells)),
    }


@pytest.fixture
def page(run: report.Run) -> Callable[..., str]:
    """Render cells as a page of `run`; keyword arguments go into the context."""

    def rendered(*cells: NotebookNode, run: report.Run = run, **context: Any) -> str:
        return report.render_page(
            new_notebook(cells=list(cells)), report.PageContext(run, "03_churn", **context)
        )

    return rendered
