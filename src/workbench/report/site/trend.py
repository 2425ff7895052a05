"""A figure of all months as a small line, with a mark where its definition changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from workbench.language import say
from workbench.report.site.entry import RunEntry
from workbench.report.site.wording import change, label_of, month_of, written
from workbench.report.sparkline import Frame

TABLE_MONTHS = 36  # in the table behind a line; the line itself spans all months
FRAME = Frame(240, 40, 4)


@dataclass(frozen=True)
class Trend:
    """One figure over the months of a study.

    Attributes
    ----------
    redefined : tuple of str
        The months from which on another definition was in force.
    values : tuple of str
        Of the last TABLE_MONTHS months, written, oldest first.
    """

    notebook: str
    name: str
    label: str
    last: str
    change: str
    tone: str
    line: Markup
    redefined: tuple[str, ...]
    values: tuple[str, ...]


def trends(reports: Sequence[RunEntry]) -> list[Trend]:
    """The key figures of the newest report over all `reports`, which stand oldest first."""
    if not reports:
        return []
    return [_trend(reports, figure.notebook, figure.name, figure.unit) for figure in reports[-1].figures]


def _trend(reports: Sequence[RunEntry], notebook: str, name: str, unit: str) -> Trend:
    values = [report.value_of(notebook, name) for report in reports]
    redefined = _redefined(reports, name)
    before = values[-2] if len(values) > 1 else None
    told, tone = change(before, values[-1], name, unit)
    return Trend(
        notebook,
        name,
        label_of(name),
        written(values[-1], unit),
        told,
        tone,
        _line(values, redefined, [report.period for report in reports], unit),
        tuple(reports[i].period for i in redefined),
        tuple(written(value, unit) for value in values[-TABLE_MONTHS:]),
    )


def _redefined(reports: Sequence[RunEntry], name: str) -> list[int]:
    """Where the digest of the definition is another one than the last one known."""
    marks, known = [], ""
    for position, report in enumerate(reports):
        digest = (report.definitions or {}).get(name, "")
        if digest and known and digest != known:
            marks.append(position)
        known = digest or known
    return marks


def _line(
    values: Sequence[float | None], redefined: Sequence[int], periods: Sequence[str], unit: str
) -> Markup:
    """An inline SVG from lowest to highest value; a month without a value is a gap. Nothing for one value."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    places = [FRAME.x(i, len(values)) for i in redefined]
    marks = "".join(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{FRAME.height}"/>' for x in places)
    low, high, now = (written(value, unit) for value in (min(known), max(known), values[-1]))
    span = {"first": month_of(periods[0], short=True), "latest": month_of(periods[-1], short=True)}
    label = say("archive.trend", low=low, high=high, last=now, **span)
    svg = Markup(
        '<svg class="line trend" viewBox="0 0 {w} {h}" preserveAspectRatio="xMinYMid" role="img"'
        ' aria-label="{label}">{body}</svg>'
    )
    return svg.format(w=FRAME.width, h=FRAME.height, label=label, body=Markup(marks + FRAME.line(values)))
