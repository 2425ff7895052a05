"""A run in plain text, for a mail or a terminal: state, figures with their change, findings, checks."""

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.language import say, speaking
from workbench.report.shell import state_word
from workbench.report.site.entry import RunEntry, entry_from
from workbench.report.site.wording import change, label_of, month_of, written

WIDTH = 72


def digest_text(manifest: Mapping[str, Any], previous: Mapping[str, Any] | None = None) -> str:
    """The ``digest.txt`` of a run, in each of its languages, one under the other.

    Parameters
    ----------
    manifest : mapping
        The run's record; its ``files`` may still be missing, since this text is one of them.
    previous : mapping, optional
        The manifest of the last published month.
    """
    run = entry_from(manifest)
    before = None if previous is None else entry_from(previous)
    parts = ["\n".join(_lines(run, before, language)) for language in run.languages]
    return f"\n\n{'=' * WIDTH}\n\n".join(parts) + "\n"


def _lines(run: RunEntry, before: RunEntry | None, language: str) -> Iterator[str]:
    with speaking(language, run.currency):
        title = say("archive.feed_entry", title=run.title or run.study, month=month_of(run.period))
        yield from (title, say("archive.digest_state", state=state_word(run.status), as_of=run.as_of), "")
        if run.figures:
            yield from (say("archive.figures"), *_figures(run, before), "")
        told = [finding[language] for finding in run.findings if language in finding]
        if told:
            yield from (say("archive.findings"), *(f"- {sentence}" for sentence in told), "")
        if run.checks[1]:
            yield say("archive.checks", passed=run.checks[0], of=run.checks[1])
        yield from (say("archive.failed_notebook", name=n) for n, status in run.pages if status == "failed")
        yield say("archive.digest_where", page=f"{run.place}/index.html")


def _figures(run: RunEntry, before: RunEntry | None) -> Iterator[str]:
    for figure in run.figures:
        line = say(
            "archive.digest_figure", label=label_of(figure.name), value=written(figure.value, figure.unit)
        )
        if before is None:
            yield line
        else:
            earlier = before.value_of(figure.notebook, figure.name)
            told = change(earlier, figure.value, figure.name, figure.unit)[0]
            yield say(
                "archive.digest_change", line=line, change=told, month=month_of(before.period, short=True)
            )
