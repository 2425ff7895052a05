"""The first page of a run: what all notebooks found, how sure it is, what is to be decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.language import say, speaking
from workbench.report.context import IndexContext
from workbench.report.doubts import Told, decisions, doubts, findings
from workbench.report.keyfigures import key_figures, round_robin
from workbench.report.outline import slug
from workbench.report.outputs import plain_error
from workbench.report.quality import quality
from workbench.report.shell import render
from workbench.report.wording import in_unit
from workbench.results import Block


@dataclass(frozen=True)
class ShownBlock:
    """A block of a notebook, in words.

    Attributes
    ----------
    numbers : tuple of int
        Places of the columns that hold numbers.
    """

    anchor: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    note: str


def render_run_index(context: IndexContext) -> str:
    """The ``index.html`` of a run.

    Returns
    -------
    str
        A whole HTML page, the same for the same context. Five findings and five doubts come first; checks,
        blocks and pages stand in the order of `context.pages`; of the key figures each notebook gets its turn
        until eight are shown.
    """
    run = context.run
    with speaking(run.language, run.currency):
        figures = [key_figures(page.results, page.past, page.link.href) for page in context.pages]
        results = [page.results for page in context.pages if page.results is not None]
        return render(
            "index.html.j2",
            run,
            title=run.title,
            stem="index",
            tiles=round_robin(figures),
            quality=quality(results),
            summary=_summary(context),
            checks=[check for one in results for check in one.checks],
            blocks=[shown_block(block) for one in results for block in one.blocks],
            links=[page.link for page in context.pages],
            tables=context.tables,
            error=None if context.error is None else plain_error(context.error),
        )


def _summary(context: IndexContext) -> list[tuple[str, str, Sequence[Told]]]:
    """(id, heading, sentences) of the three lists that come first; of lists with nothing in them none."""
    lists = [
        ("findings", say("report.findings"), findings(context.pages)),
        ("doubts", say("report.doubts"), doubts(context.pages)),
        ("decide", say("report.decide"), decisions(context.pages)),
    ]
    return [(anchor, heading, told) for anchor, heading, told in lists if told]


def shown_block(block: Block) -> ShownBlock:
    """`block` in the current language."""
    units = [unit for _, unit in block.columns]
    return ShownBlock(
        anchor=f"block-{slug(block.code)}",
        title=say(block.code),
        heads=tuple(say(code) for code, _ in block.columns),
        rows=tuple(tuple(in_unit(v, u) for v, u in zip(row, units, strict=True)) for row in block.rows),
        numbers=tuple(place for place, unit in enumerate(units) if unit),
        note="" if block.note is None else block.note.text,
    )
