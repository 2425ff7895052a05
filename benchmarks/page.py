"""Rendering a page: ours beside nbconvert's default template, in time and in size."""

from datetime import date

import nbconvert
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from benchmarks.timing import Comparison, in_turn
from workbench.report import PageContext, Run, render_page

SECTIONS = 12


def compare() -> Comparison:
    """Both render the same notebook; ours must be the smaller page."""
    notebook = new_notebook(cells=[cell for number in range(SECTIONS) for cell in section(number)])
    context = PageContext(Run("bench", "Benchmark", date(2026, 6, 30), "run", "published"), "01_profiling")
    exporter = nbconvert.HTMLExporter()

    def ours() -> str:
        return render_page(notebook, context)

    def rival() -> str:
        return exporter.from_notebook_node(notebook)[0]

    sizes = f"{len(ours()) // 1000} kB beside {len(rival()) // 1000} kB"
    return in_turn(f"a page of {SECTIONS} sections ({sizes})", ours, "nbconvert's default template", rival)


def section(number: int) -> list:
    """A heading, and a cell that shows a table."""
    rows = "".join(f"<tr><th scope='row'>{row}</th><td>{row * number}</td></tr>" for row in range(20))
    table = new_output("display_data", {"text/html": f"<table>{rows}</table>", "text/plain": "table"})
    code = new_code_cell(f"show(table_{number})", outputs=[table], execution_count=number + 1)
    return [new_markdown_cell(f"## Question {number}?", metadata={"tags": ["lang-en"]}), code]
