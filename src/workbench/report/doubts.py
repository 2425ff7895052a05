"""What a run's first page tells first: its weightiest findings, and the best reasons to doubt them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from workbench.language import catalogue, metric_entry, say
from workbench.language.dictionary import entries
from workbench.report.context import RunPage
from workbench.report.wording import written
from workbench.results import Finding, Metric, Results

MOST = 5
NAIVE = "_naive"  # the dictionary's name of the same figure under a naive rule
DECISION = "decide."
WIDE = 0.02  # of the value: an interval whose half width is smaller is no doubt worth a line
_MONEY = re.compile(r"\{(\w+):(?:money|exact_money)\}")


@dataclass(frozen=True)
class Told:
    """A sentence, the page it comes from (`source`, `href`), and what is set in front of it (`label`)."""

    text: str
    source: str
    href: str
    label: str = ""


def findings(pages: Sequence[RunPage]) -> list[Told]:
    """Up to MOST findings: those with money by its amount, then every notebook's next one in turn."""
    told = [(page, [f for f in _findings(page) if not f.code.startswith(DECISION)]) for page in pages]
    rich = [(page, f) for page, found in told for f in found if _money(f) > 0]
    rich.sort(key=lambda one: -_money(one[1]))
    turns = zip_longest(*([(page, f) for f in found if _money(f) <= 0] for page, found in told))
    poor = [one for turn in turns for one in turn if one is not None]
    return [_told(page, finding) for page, finding in (rich + poor)[:MOST]]


def decisions(pages: Sequence[RunPage]) -> list[Told]:
    """What the run asks the reader to decide, in the order of the notebooks."""
    return [_told(page, f) for page in pages for f in _findings(page) if f.code.startswith(DECISION)]


def doubts(pages: Sequence[RunPage]) -> list[Told]:
    """Up to MOST doubts, the gravest first.

    Checks that failed, and behind them those that warn; figures that could not be computed, one for each
    reason; models that do not beat their naive rule; then the figures whose 95 % interval is widest against
    their value.
    """
    found = [*_failed(pages), *_missing(pages), *_not_better(pages), *_wide(pages)]
    return list({one.text: one for one in found}.values())[:MOST]


def _findings(page: RunPage) -> Sequence[Finding]:
    return page.results.findings if page.results else ()


def _told(page: RunPage, finding: Finding) -> Told:
    anchor = page.sections.get(finding.code, "")
    href = page.link.href and page.link.href + (f"#{anchor}" if anchor else "")
    return Told(finding.text, page.link.title, href)


def _money(finding: Finding) -> float:
    """The largest amount of money that the sentence names; 0 if it names none."""
    names = _MONEY.findall(catalogue.messages("en").get(finding.code, ""))
    amounts = [finding.values[name] for name in names if isinstance(finding.values.get(name), int | float)]
    return max(amounts, default=0.0)


def _failed(pages: Sequence[RunPage]) -> Iterator[Told]:
    broken = [(page, c) for page, results in _with_results(pages) for c in results.checks if not c.passed]
    for page, check in sorted(broken, key=lambda one: one[1].warns):
        label = say("report.check_warned" if check.warns else "report.check_failed")
        yield Told(check.detail, page.link.title, _at(page, "at-a-glance"), label)


def _missing(pages: Sequence[RunPage]) -> Iterator[Told]:
    for page, results in _with_results(pages):
        absent: dict[str, list[Metric]] = {}
        for metric in results.metrics:
            if metric.value is None:
                absent.setdefault(metric.why, []).append(metric)
        for why, metrics in absent.items():
            label = metric_entry(metrics[0].name).label
            code = "report.doubt_missing" if len(metrics) == 1 else "report.doubt_missing_more"
            text = say(code, label=label, why=why, more=len(metrics) - 1)
            yield Told(
                text, page.link.title, _at(page, f"metric-{metrics[0].name}"), say("report.not_computed")
            )


def _not_better(pages: Sequence[RunPage]) -> Iterator[Told]:
    for page, results in _with_results(pages):
        by_name = {metric.name: metric for metric in results.metrics}
        for name, metric in by_name.items():
            naive = by_name.get(f"{name}{NAIVE}")
            if naive is not None and f"{name}{NAIVE}" in entries() and not _beats(metric, naive):
                text = say(
                    "report.doubt_naive",
                    label=metric_entry(name).label,
                    value=_with_interval(metric),
                    naive=written(naive.value, naive.name),
                )
                yield Told(text, page.link.title, _at(page, f"metric-{name}"), say("report.doubt"))


def _beats(metric: Metric, naive: Metric) -> bool:
    """Whether a figure is better than its naive rule's, beyond its interval where it has one.

    Figures that are missing, or of which neither direction is good, are not judged.
    """
    better = metric_entry(metric.name).better
    if metric.value is None or naive.value is None or better == "none":
        return True
    if better == "higher":
        return naive.value < (metric.value if metric.low is None else metric.low)
    return naive.value > (metric.value if metric.high is None else metric.high)


def _wide(pages: Sequence[RunPage]) -> Iterator[Told]:
    ends = [(_relative_width(m), page, m) for page, results in _with_results(pages) for m in results.metrics]
    for width, page, metric in sorted(ends, key=lambda one: -one[0]):
        if width > WIDE:
            text = say(
                "report.doubt_wide",
                label=metric_entry(metric.name).label,
                value=written(metric.value, metric.name),
                low=written(metric.low, metric.name),
                high=written(metric.high, metric.name),
            )
            yield Told(text, page.link.title, _at(page, f"metric-{metric.name}"), say("report.doubt"))


def _relative_width(metric: Metric) -> float:
    if not metric.value or metric.low is None or metric.high is None:
        return 0.0
    return (metric.high - metric.low) / 2 / abs(metric.value)


def _with_interval(metric: Metric) -> str:
    value = written(metric.value, metric.name)
    if metric.low is None or metric.high is None:
        return value
    low, high = written(metric.low, metric.name), written(metric.high, metric.name)
    return say("report.value_interval", value=value, low=low, high=high)


def _with_results(pages: Sequence[RunPage]) -> Iterator[tuple[RunPage, Results]]:
    return ((page, page.results) for page in pages if page.results is not None)


def _at(page: RunPage, anchor: str) -> str:
    return f"{page.link.href}#{anchor}" if page.link.href else ""
