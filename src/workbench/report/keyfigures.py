"""Key figures: a value with its unit, its doubt, and its change on the last published month in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from workbench.language import current, metric_entry, say
from workbench.language.numbers import COUNTS, write_spec
from workbench.report.context import EarlierPage, Past
from workbench.report.sparkline import sparkline
from workbench.report.wording import MINUS, month_name, unit_name, with_decimals, written
from workbench.results import Metric, Results

MOST = 8  # more figures at once are not read


@dataclass(frozen=True)
class Change:
    """What became of a figure since an earlier month.

    Attributes
    ----------
    tone : str
        ``good``, ``bad`` or ``even``: the colour of `words`, which say the same.
    href : str
        The same figure in that month; empty if there is no page.
    """

    words: str
    tone: str
    href: str = ""


@dataclass(frozen=True)
class KeyFigure:
    """One tile.

    Attributes
    ----------
    name : str
        Of the metric; the tile's id is ``figure-<name>``.
    value : str or None
        Written with its unit; None when it could not be computed, for the reason in `reason`.
    unit : str
        The word for what was counted, unless the label or the value already says it.
    definition : str
        Link to the metric's entry of the dictionary.
    changes : tuple of Change
        On the last published month, then on the same month a year ago.
    line : Markup
        The last months as a small picture, or nothing.
    """

    name: str
    label: str
    value: str | None
    unit: str
    reason: str
    definition: str
    changes: tuple[Change, ...]
    interval: str
    n: str
    line: Markup


NO_PAST = Past()


def key_figures(results: Results | None, past: Past = NO_PAST, page: str = "") -> list[KeyFigure]:
    """The first MOST metrics of a notebook, in the notebook's own order.

    Of several metrics that are missing for the same reason the first one stands for all.

    Parameters
    ----------
    page : str
        The file of the notebook's page, if the tiles stand on another one.
    """
    if results is None:
        return []
    reasons = [metric.reason for metric in results.metrics]
    told = [m for i, m in enumerate(results.metrics) if m.value is not None or m.reason not in reasons[:i]]
    found = [key_figure(metric, results, past) for metric in told[:MOST]]
    return [replace(figure, definition=f"{page}{figure.definition}") for figure in found]


def key_figure(metric: Metric, results: Results, past: Past = NO_PAST) -> KeyFigure:
    """The tile of `metric`, which is one of `results`."""
    missing = metric.value is None
    months = {one.as_of: value_of(one, metric.name) for one in (*past.history, results)}
    return KeyFigure(
        name=metric.name,
        label=metric_entry(metric.name).label,
        value=None if missing else written(metric.value, metric.name),
        unit=_unit_word(metric.name),
        reason=metric.why,
        definition=f"#metric-{metric.name}",
        changes=() if missing else changes(metric, past),
        interval=interval(metric),
        n=sample_size(metric),
        line=Markup("") if missing else sparkline(months, metric.name),
    )


def changes(metric: Metric, past: Past) -> tuple[Change, ...]:
    """The changes of `metric` on last month and on last year; none in a first month: it is said once."""
    if past.previous is None and past.last_year is None:
        return ()
    found = [_change(metric, past.previous, past.previous_page)]
    if past.last_year is not None:
        found.append(_change(metric, past.last_year, past.last_year_page))
    return tuple(found)


def _change(metric: Metric, before: Results | None, page: EarlierPage | None) -> Change:
    words, tone = change_in_words(
        metric, before, redefined=page is not None and metric.name in page.redefined
    )
    return Change(words, tone, page.at(metric.name) if page else "")


def change_in_words(metric: Metric, previous: Results | None, *, redefined: bool = False) -> tuple[str, str]:
    """The change of `metric` on the last published month, and whether it is ``good``, ``bad`` or ``even``.

    A change whose earlier value lies inside this month's 95 % interval is called neither good nor bad, nor is
    one of a figure that was `redefined` since.
    """
    if previous is None:
        return say("report.change_no_month"), "even"
    month = month_name(previous.as_of, short=True)
    before = value_of(previous, metric.name)
    if metric.value is None or before is None:
        return say("report.change_not_computed", month=month), "even"
    amount = _amount(metric.value, before, metric.name)
    if amount is None:
        return say("report.change_none", month=month), "even"
    if redefined:
        return say("report.change_redefined", amount=amount, month=month), "even"
    if metric.low is not None and metric.high is not None and metric.low <= before <= metric.high:
        return say("report.change_inside", amount=amount, month=month), "even"
    better = metric_entry(metric.name).better
    if better not in ("higher", "lower"):
        return say("report.change_even", amount=amount, month=month), "even"
    good = (metric.value > before) == (better == "higher")
    code = "report.change_better" if good else "report.change_worse"
    return say(code, amount=amount, month=month), "good" if good else "bad"


def _amount(value: float, before: float, name: str) -> str | None:
    """The difference with its sign; None if what the reader would see is the same.

    Shares differ in percentage points, money and counts in per cent, all else in its own unit.
    """
    sign = "+" if value > before else MINUS
    unit = metric_entry(name).unit
    if written(value, name) == written(before, name):
        return None
    if unit == "share":
        points = round(abs(value - before) * 100, 1)
        return say("report.points", sign=sign, points=f"{points:.1f}") if points else None
    difference = abs(value - before)
    if unit == "currency" or unit in COUNTS:
        if before == 0:
            return sign + written(difference, name)
        share = round(difference / abs(before), 3)
        return sign + write_spec(share, "percent", current().language, current().currency) if share else None
    # As many decimals as the figure itself is written with: more would be noise beside it.
    decimals = len(written(max(value, before, key=abs), name).partition(".")[2])
    return sign + with_decimals(difference, decimals) if round(difference, decimals) else None


def value_of(results: Results, name: str) -> float | None:
    """The value of the metric `name` in `results`; None if it is not there."""
    return next((metric.value for metric in results.metrics if metric.name == name), None)


def interval(metric: Metric) -> str:
    """The 95 % interval in words, or nothing where there is none."""
    if metric.low is None or metric.high is None:
        return ""
    return say(
        "report.interval", low=written(metric.low, metric.name), high=written(metric.high, metric.name)
    )


def sample_size(metric: Metric) -> str:
    """What a figure rests on, ``n = 8,211``, or nothing where there is no such number."""
    return "" if metric.n is None else say("report.n", n=metric.n)


def _unit_word(name: str) -> str:
    entry = metric_entry(name)
    word = unit_name(entry.unit) if entry.unit in COUNTS else ""
    return "" if word.casefold() in entry.label.casefold() else word


def round_robin(lists: Sequence[Sequence[KeyFigure]]) -> list[KeyFigure]:
    """MOST of all figures so that every list gets its turn, still sorted by list."""
    turns = [(place, which) for which, figures in enumerate(lists) for place in range(len(figures))]
    return [lists[which][place] for which, place in sorted((w, p) for p, w in sorted(turns)[:MOST])]
