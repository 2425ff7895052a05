"""The body of a page: which cells a reader sees, and nbconvert with a template of our own to write them."""

import re
from pathlib import Path

from jinja2 import StrictUndefined
from nbconvert import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from workbench.language import LANGUAGES, say
from workbench.report.outline import mark, plain, slug
from workbench.report.outputs import render_markdown, render_output

TEMPLATES = Path(__file__).parent / "templates"
# papermill leaves its own banner in a failed notebook; the page has one that a reader understands.
DROPPED_TAGS = frozenset({"parameters", "injected-parameters", "remove-cell", "papermill-error-cell-tag"})
SUMMARY_LENGTH = 70  # characters: one line of the text column
_TITLE = re.compile(r"\s*# +(.+?)(?:\n|$)")


def tags(cell: NotebookNode) -> frozenset[str]:
    """The tags of a cell."""
    return frozenset(cell.metadata.get("tags", ()))


def shown_cells(notebook: NotebookNode, language: str) -> list[NotebookNode]:
    """The cells that a reader of `language` sees, in order."""
    others = {f"lang-{other}" for other in LANGUAGES if other != language}
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type in ("code", "markdown") and not tags(cell) & (DROPPED_TAGS | others)
    ]


def anchor_of(cell: NotebookNode) -> str:
    """The anchor that a cell gives its heading (metadata ``anchor``): the same in every language."""
    return str(cell.metadata.get("anchor", ""))


def sections_of_findings(notebook: NotebookNode, language: str) -> dict[str, str]:
    """Message code of a finding → anchor of the section that lists it (metadata ``findings``)."""
    return {
        str(code): slug(anchor_of(cell))
        for cell in shown_cells(notebook, language)
        for code in cell.metadata.get("findings", ())
        if anchor_of(cell)
    }


def count_outputs(cells: list[NotebookNode]) -> int:
    """How many outputs of `cells` a page must show."""
    return sum(
        1
        for cell in cells
        if "remove-output" not in tags(cell)
        for output in cell.get("outputs", ())
        if not (output.output_type == "stream" and output.name == "stderr")
    )


def up_to_error(cells: list[NotebookNode]) -> list[NotebookNode]:
    """`cells` up to and including the one in which the notebook ended: by an error, or cut short."""
    for position, cell in enumerate(cells):
        failed = any(output.output_type == "error" for output in cell.get("outputs", ()))
        cut_short = cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None
        if failed or cut_short:
            return cells[: position + 1]
    return cells


def title_of(notebook: NotebookNode, language: str, default: str) -> str:
    """The text of the notebook's first ``# heading`` in `language`, or `default` if there is none."""
    return split_title(shown_cells(notebook, language), default)[0]


def split_title(cells: list[NotebookNode], default: str) -> tuple[str, str, list[NotebookNode]]:
    """Take the title off.

    Returns
    -------
    title : str
        Text of the first ``# heading`` that begins a markdown cell, else `default`.
    lead : str
        Clean HTML of what stands below it in the same cell, up to the next heading.
    cells : list of NotebookNode
        What is left.
    """
    for position, cell in enumerate(cells):
        match = _TITLE.match(cell.source) if cell.cell_type == "markdown" else None
        if match:
            lead, *rest = re.split(r"\n(?=#+ )", cell.source[match.end() :], maxsplit=1)
            after = [new_markdown_cell(text) for text in rest] + cells[position + 1 :]
            return plain(render_markdown(match[1])), render_markdown(lead), cells[:position] + after
    return default, "", cells


def render_cells(cells: list[NotebookNode]) -> str:
    """`cells` as HTML: text, outputs, and each cell's code folded below what it has shown."""
    exporter = TemplateExporter(
        template_name="workbench_notebook",
        template_file="index.html.j2",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={
            "prose": render_markdown,
            "shown": render_output,
            "highlighted": Highlight2HTML(pygments_lexer="ipython3"),
            "summary": code_summary,
            "tags": tags,
            "marked": lambda cell: mark(anchor_of(cell)) if anchor_of(cell) else "",
        },
    )
    exporter.environment.undefined = StrictUndefined
    html, _ = exporter.from_notebook_node(new_notebook(cells=cells))
    return str(html)


def code_summary(source: str) -> str:
    """What a cell's code does, in one line: its first comment, else its first line that is no import."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("import ", "from "))] or lines
    first = telling[0].lstrip("# ") if telling else ""
    first = f"{first}…)" if first.endswith("(") else first  # a call that goes on below
    short = first if len(first) <= SUMMARY_LENGTH else f"{first[: SUMMARY_LENGTH - 1]}…"
    return say("report.code", first=short)
