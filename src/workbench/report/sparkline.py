"""The last twelve months of a figure as a small line, with words for a reader who cannot see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from workbench.language import say
from workbench.report.wording import written

MONTHS = 12
FEWEST = 3  # two points are the change that is printed anyway


@dataclass(frozen=True)
class Frame:
    """The size of a line's picture in user units; the page scales it."""

    width: float
    height: float
    margin: float

    def x(self, position: int, count: int) -> float:
        """Where the point at `position` of `count` stands."""
        return self.margin + position * (self.width - 2 * self.margin) / (count - 1)

    def line(self, series: Sequence[float | None]) -> str:
        """The line from lowest to highest value with a dot at its end; a missing value is a gap."""
        known = [value for value in series if value is not None]
        low, high = min(known), max(known)
        scale = (self.height - 2 * self.margin) / (high - low) if high > low else 0.0
        points = [
            None
            if value is None
            else (self.x(i, len(series)), self.height / 2 - (value - (low + high) / 2) * scale)
            for i, value in enumerate(series)
        ]
        last = points[-1]
        dot = "" if last is None else f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.5"/>'
        return "".join(f'<polyline points="{part}"/>' for part in _unbroken(points)) + dot


FRAME = Frame(120, 28, 3)  # of a tile


def sparkline(values: Mapping[date, float | None], name: str) -> Markup:
    """An inline SVG of the metric `name` in the MONTHS up to the latest date in `values`.

    A month without a value is a gap in the line. The vertical axis spans lowest to highest value: the line
    shows the shape, and its words say the span. Nothing is drawn for fewer than FEWEST values.
    """
    series = _by_month(values)
    known = [value for value in series if value is not None]
    if len(known) < FEWEST:
        return Markup("")
    low, high, now = (written(value, name) for value in (min(known), max(known), series[-1]))
    label = say("report.sparkline", n=len(series), low=low, high=high, last=now)
    svg = Markup(
        '<svg class="line" viewBox="0 0 {w} {h}" preserveAspectRatio="xMinYMid" role="img"'
        ' aria-label="{label}">{body}</svg>'
    )
    return svg.format(w=FRAME.width, h=FRAME.height, label=label, body=Markup(FRAME.line(series)))


def _by_month(values: Mapping[date, float | None]) -> list[float | None]:
    """One value a month, from the first known one to the latest month."""
    latest = max(values)
    by_age = {(latest.year - d.year) * 12 + latest.month - d.month: value for d, value in values.items()}
    ages = [age for age, value in by_age.items() if value is not None and age < MONTHS]
    return [by_age.get(age) for age in range(max(ages, default=0), -1, -1)]


def _unbroken(points: Sequence[tuple[float, float] | None]) -> list[str]:
    """Runs of neighbouring points as SVG writes them."""
    runs: list[list[str]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(f"{point[0]:.1f},{point[1]:.1f}")
    return [" ".join(run) for run in runs if len(run) > 1]
