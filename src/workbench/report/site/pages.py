"""The archive's pages, one language at a time: index, month, study, comparison."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from workbench.language import LANGUAGES, say, speaking
from workbench.report.shell import LANG_ATTRIBUTES, POLICY, asset, render_alone, state_word
from workbench.report.site.comparison import Record, compare
from workbench.report.site.entry import RunEntry
from workbench.report.site.month import POINTER, Month
from workbench.report.site.trend import TABLE_MONTHS, trends
from workbench.report.site.wording import change, instant, label_of, month_of, verdict_word, written

ROWS = Markup("<!-- rows -->")  # where the months' rows stand in the page of the archive


def page_name(languages: Sequence[str], language: str, stem: str = "index") -> str:
    """The file of a page in `language`, whose main language is the first of `languages`."""
    return f"{stem}.html" if language not in languages[1:] else f"{stem}.{language}.html"


def index_frame(languages: Sequence[str], language: str, *, empty: bool) -> tuple[str, str]:
    """The page of the archive before and after its rows.

    Its one script filters the rows as the reader types; the policy allows it by its hash, and no other.
    """
    script = asset("search.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"{POLICY}; script-src 'sha256-{digest}'"
    page = _render(
        "archive.html.j2", languages, language, policy=policy, script=script, empty=empty, rows_here=ROWS
    )
    before, _, after = page.partition(ROWS)
    return before, after


def index_rows(runs: Sequence[RunEntry], language: str) -> str:
    """The rows of some runs in the page of the archive."""
    return _render("archive_rows.html.j2", (language,), language, runs=runs)


def month_page(
    month: Month,
    language: str,
    *,
    before: RunEntry | None,
    after: RunEntry | None,
    earlier: RunEntry | None,
) -> str:
    """The page of a month: its report, every revision with its state, every review.

    Parameters
    ----------
    before, after : RunEntry or None
        The months beside it.
    earlier : RunEntry or None
        The report of the month before, which the figures are compared with.
    """
    current = month.current
    figures = [] if current is None else _figure_rows(current, earlier, language)
    return _render(
        "archive_month.html.j2",
        month.shown.languages,
        language,
        month=month,
        current=current,
        before=before,
        after=after,
        figures=figures,
        voided=[run for run in month.runs if run.voided],
        withdrawn=[run for run in month.runs if run.verdict == "withdrawn"],
        earlier=earlier,
        compared=current is not None and earlier is not None,
    )


def _figure_rows(
    current: RunEntry, before: RunEntry | None, language: str
) -> list[tuple[str, str, str, str, str]]:
    with speaking(language, current.currency):
        rows = []
        for figure in current.figures:
            earlier = None if before is None else before.value_of(figure.notebook, figure.name)
            told, tone = change(earlier, figure.value, figure.name, figure.unit)
            rows.append(
                (label_of(figure.name), figure.notebook, written(figure.value, figure.unit), told, tone)
            )
        return rows


def study_page(study: str, months: Sequence[RunEntry], language: str) -> str:
    """The page of a study; `months` stand oldest first, each by its report or else by its newest run."""
    reports = [entry for entry in months if entry.status == "published"]
    shown = reports[-1] if reports else months[-1]
    with speaking(language, shown.currency):
        lines = trends(reports)
    return _render(
        "archive_study.html.j2",
        shown.languages,
        language,
        study=study,
        shown=shown,
        months=list(reversed(months)),
        reports=reports,
        tabled=reports[-TABLE_MONTHS:],
        trends=lines,
        notebooks=list(dict.fromkeys(line.notebook for line in lines)),
    )


def compare_page(first: Record, second: Record, language: str, up: str = "") -> str:
    """Two runs side by side; `up` is the way to the archive's folder, empty for a page that stands alone."""
    with speaking(language, second.entry.currency):
        sections = compare(first, second)
    languages = second.entry.languages
    return _render(
        "archive_compare.html.j2", languages, language, first=first.entry, second=second.entry,
        sections=sections, up=up,
    )  # fmt: skip


def _render(template: str, languages: Sequence[str], language: str, **values: Any) -> str:
    with speaking(language):
        shared: dict[str, Any] = {
            "lang": LANG_ATTRIBUTES[language],
            "language": language,
            "languages": languages,
            "tags": LANG_ATTRIBUTES,
            "policy": POLICY,
            "page_name": page_name,
            "other_pages": [(page_name(languages, other), other) for other in languages if other != language],
            "run_href": lambda run, place="": place + quote(f"{run.run_id}/{_own(run, language)}"),
            "month_href": lambda run, place="": place + quote(f"{run.period}/{_own(run, language)}"),
            "study_href": lambda run, place="": place + quote(f"{run.study}/{_own(run, language)}"),
            "path": quote,
            "month_of": month_of,
            "instant": instant,
            "verdict_word": verdict_word,
            "state_of": state_of,
            "finding": lambda told: _finding(told, language),
            "figures_of": lambda run: _written_figures(run, language),
            "pointer": POINTER,
        }
        return render_alone(template, **(shared | values))


def state_of(run: RunEntry) -> str:
    """The state of a run in words."""
    own = f"archive.state_{run.status}"
    return say(own) if run.status in ("withdrawn", "held") else state_word(run.status)


def _own(run: RunEntry, language: str) -> str:
    return page_name(run.languages, language)


def _finding(told: Mapping[str, str], language: str) -> tuple[str, str]:
    """A finding's sentence with the language it is in."""
    order = [language, *LANGUAGES]
    return next(((LANG_ATTRIBUTES[one], told[one]) for one in order if one in told), ("", ""))


def _written_figures(run: RunEntry, language: str) -> list[tuple[str, str]]:
    with speaking(language, run.currency):
        return [(label_of(f.name), written(f.value, f.unit)) for f in run.figures]
