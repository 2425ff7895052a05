"""The page of one executed notebook: one file, no network, no script."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from markupsafe import Markup
from nbformat import NotebookNode

from workbench.language import metric_entry, say, speaking
from workbench.report.context import PageContext
from workbench.report.keyfigures import interval, key_figures, sample_size
from workbench.report.notebook import count_outputs, render_cells, shown_cells, split_title, up_to_error
from workbench.report.outline import contents, outline
from workbench.report.outputs import plain_error, without_folders
from workbench.report.quality import quality
from workbench.report.shell import render
from workbench.report.thresholds import thresholds
from workbench.report.wording import say_if_known, unit_name, written
from workbench.results import Results

# Ids that the frame of the page uses: a heading of the notebook gets another one.
OWN_IDS = (
    "main",
    "at-a-glance",
    "quality",
    "contents",
    "about",
    "parameters",
    "inputs",
    "environment",
    "reproduce",
    "metrics",
    "method",
    "thresholds",
)


def render_page(notebook: NotebookNode, context: PageContext) -> str:
    """The page of an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
        As executed. It is not changed.
    context : PageContext
        Everything on the page that is not in the notebook.

    Returns
    -------
    str
        A whole HTML page, the same for the same notebook and context.
    """
    run = context.run
    with speaking(run.language, run.currency):
        cells = shown_cells(notebook, run.language)
        if context.error is not None:
            cells = up_to_error(cells)
        title, lead, cells = split_title(cells, context.notebook)
        body, entries = outline(render_cells(cells), OWN_IDS)
        return render(
            "page.html.j2",
            run,
            title=title,
            lead=Markup(lead),
            body=Markup(linked_labels(body, context.results)),
            outputs=count_outputs(cells),
            error=None if context.error is None else plain_error(context.error),
            contents=contents(entries),
            notebook=context.notebook,
            results=context.results,
            tiles=key_figures(context.results, context.past),
            quality=quality(context.everything),
            stem=context.notebook,
            thresholds=thresholds(context.notebook),
            method=say_if_known(f"report.method_{context.notebook}").splitlines(),
            parameters=parameter_rows(context.notebook, context.parameters),
            metrics=metric_rows(context.results),
            links=context.links,
        )


def linked_labels(body: str, results: Results | None) -> str:
    """`body` with the names of metrics at the head of table rows linked to their definitions."""
    names = {escape(metric_entry(m.name).label): m.name for m in (results.metrics if results else ())}

    def linked(match: re.Match[str]) -> str:
        name = names.get(match[1])
        return match[0] if name is None else f'<th scope="row"><a href="#metric-{name}">{match[1]}</a></th>'

    return re.sub(r'<th scope="row">([^<]*)</th>', linked, body)


def parameter_rows(notebook: str, parameters: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, value and meaning of each parameter, in the order given."""
    return [(name, _value(value), meaning(notebook, name)) for name, value in parameters.items()]


def meaning(notebook: str, name: str) -> str:
    """What the parameter `name` of `notebook` means; nothing for one without words."""
    return say_if_known(f"report.parameter_{notebook}_{name}", f"report.parameter_{name}")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return say("show.yes") if value else say("show.no")
    return "–" if value is None else without_folders(str(value))


def metric_rows(results: Results | None) -> list[dict[str, Any]]:
    """All metrics of the notebook with their entries of the metric dictionary."""
    rows = []
    for metric in results.metrics if results else ():
        entry = metric_entry(metric.name)
        value = metric.why if metric.value is None else written(metric.value, metric.name)
        unit = say("report.unit", unit=unit_name(entry.unit))
        better = say_if_known(f"report.direction_{entry.better}")
        rows.append(
            {
                "name": metric.name,
                "label": entry.label,
                "definition": entry.definition,
                "facts": [
                    fact for fact in (value, interval(metric), sample_size(metric), unit, better) if fact
                ],
            }
        )
    return rows
