"""The first page of a run: what all notebooks found, how sure it is, what is to be decided."""

from workbench.language import speaking
from workbench.report.context import IndexContext
from workbench.report.keyfigures import key_figures, round_robin
from workbench.report.outputs import plain_error
from workbench.report.shell import render


def render_run_index(context: IndexContext) -> str:
    """The ``index.html`` of a run.

    Returns
    -------
    str
        A whole HTML page, the same for the same context. Findings, checks and pages stand in the order of
        `context.pages`; of the key figures each notebook gets its turn until eight are shown.
    """
    run = context.run
    with speaking(run.language, run.currency):
        figures = [key_figures(page.results, page.previous, page.history) for page in context.pages]
        results = [page.results for page in context.pages if page.results is not None]
        return render(
            "index.html.j2",
            run,
            title=run.title,
            tiles=round_robin(figures),
            findings=[finding for one in results for finding in one.findings],
            checks=[check for one in results for check in one.checks],
            links=[page.link for page in context.pages],
            tables=context.tables,
            error=None if context.error is None else plain_error(context.error),
        )
