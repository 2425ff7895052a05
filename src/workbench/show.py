"""What a notebook shows: figures with caption and data, tables, sentences, and lines for what is missing.

Everything is plain HTML without script, escaped here, so that customers' text can not become markup.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from IPython import get_ipython
from IPython.display import HTML, SVG, display

from workbench import theme
from workbench.language import again, current, metric_entry, say, shown_width, use, write_number
from workbench.language.numbers import write_spec
from workbench.parameters import NotebookParameters
from workbench.results import Check, Finding, Metric, Missing

MAX_ROWS = 60  # a longer table belongs into a file
WORDS, PROSE = 16, 60  # places from which the text of a column is kept from one word per line
NUMBER = "number"
FEW = 3  # metrics that are missing for one reason and still stand in a row each
_SAID: set[str] = set()  # the reasons that the running cell has given


def speak(p: NotebookParameters) -> None:
    """Speak the language and write the currency that the notebook was asked for, from here on."""
    use(p.language, p.currency)


def speak_in(language: str) -> None:
    """Speak another language from here on; the currency stays."""
    use(language, current().currency)


def sentence(code: str, /, **values: Any) -> None:
    """Show the message `code`: the one sentence that says what was just computed or drawn."""
    display(HTML(f'<p class="sentence">{escape(say(code, **values))}</p>'))


def finding(told: Finding) -> None:
    """Show a finding as a sentence of the page."""
    sentence(told.code, **told.values)


def missing(what: Missing) -> None:
    """Show the line that says why something could not be computed, once in a cell of a notebook."""
    shell, line = get_ipython(), _line(what)
    if shell is not None:
        shell.events.register("pre_run_cell", _begin_cell)  # once: it is known by itself
        if line in _SAID:
            return
        _SAID.add(line)
    display(HTML(line))


def _begin_cell(_: Any) -> None:
    # Not told by the count of executions: that stands still while a page is said in its other language.
    _SAID.clear()


def figures(*drawn: theme.Axes | Missing, units: Mapping[str, str] | None = None) -> None:
    """Show the figures of a section; a reason that several of them are missing for is said once."""
    said: set[str] = set()
    for ax in drawn:
        reason = ax.reason if isinstance(ax, Missing) else None
        if reason not in said:
            figure(ax, units=units)
        said |= {reason} if reason else set()


def figure(ax: theme.Axes | Missing, *, units: Mapping[str, str] | None = None) -> None:
    """Show a figure under its finding, with its alt text, and the data behind it folded below.

    `units` are those of the columns of the data, as in `table`.
    """
    if isinstance(ax, Missing):
        missing(ax)
        return
    note = theme.note_of(ax)
    display(HTML(f'<p class="finding">{escape(note.title)}</p>'))
    display(SVG(theme.to_svg(ax)), metadata={"image/svg+xml": {"alt": note.alt}})
    display(HTML(f'<p class="sentence">{escape(note.sentence)}</p>'))
    _fold(say("show.data"), table_html(note.data, caption=note.title, units=units))


def table(
    frame: pd.DataFrame | Missing,
    *,
    caption: str,
    units: Mapping[str, str] | None = None,
    folded: bool = False,
) -> None:
    """Show a table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Column names are what the reader sees; at most MAX_ROWS rows are shown, and the cut is said.
    units : mapping, optional
        Column name → unit of the metric dictionary (``share``, ``currency``, ``customers``, …).
    folded : bool
        Whether only the caption is seen until the reader opens it; behind it stands also why there is none.
    """
    body = _line(frame) if isinstance(frame, Missing) else table_html(frame, caption=caption, units=units)
    if folded:
        _fold(caption, body)
    else:
        display(HTML(body))


def _line(what: Missing) -> str:
    return f'<p class="missing">{escape(what.reason)}</p>'


def _fold(caption: str, body: str) -> None:
    display(HTML(f'<details class="data"><summary>{escape(caption)}</summary>{body}</details>'))


def metrics(shown: tuple[Metric, ...]) -> None:
    """Show metrics with unit, 95 % interval and n, under their names of the metric dictionary.

    More than FEW that are missing for one reason stand in one row.
    """
    absent = Counter(m.why for m in shown if m.value is None)
    many = {why: n for why, n in absent.items() if n > FEW}
    rows = [
        {
            say("show.metric"): metric_entry(m.name).label,
            say("show.value"): m.why if m.value is None else _written(m.value, m.name),
            say("show.interval"): ""
            if m.low is None
            else f"{_written(m.low, m.name)} – {_written(m.high, m.name)}",
            "n": "" if m.n is None else write_spec(m.n, "integer", current().language, current().currency),
        }
        for m in shown
        if m.value is not None or m.why not in many
    ]
    heads = (say("show.metric"), say("show.value"))
    rows += [dict(zip(heads, (say("show.metrics_absent", n=n), why), strict=True)) for why, n in many.items()]
    columns = [*heads, say("show.interval"), "n"]
    table(pd.DataFrame(rows, columns=columns).fillna(""), caption=say("show.metrics"))


def checks(shown: tuple[Check, ...]) -> None:
    """Show checks in words, those that did not pass first, with what to do about them."""
    rows = [
        {
            say("show.check"): say(f"show.level_{check.level}"),
            say("show.detail"): check.detail,
            say("show.action"): check.action,
        }
        for check in sorted(shown, key=lambda check: ("fail", "warn", "pass").index(check.level))
    ]
    frame = pd.DataFrame(rows)
    if frame.empty or (frame[say("show.action")] == "").all():
        frame = frame.drop(columns=say("show.action"), errors="ignore")
    table(frame, caption=say("show.checks"))


def _written(value: Any, metric: str) -> str:
    speech = current()
    return write_number(value, metric_entry(metric).unit, language=speech.language, currency=speech.currency)


def lines(text: str) -> None:
    """Show text as it is, line by line."""
    display(HTML(f'<pre class="lines">{escape(text)}</pre>'))


def table_html(frame: pd.DataFrame, *, caption: str, units: Mapping[str, str] | None = None) -> str:
    """`frame` as an accessible HTML table: caption, scoped heads, numbers aligned, everything escaped."""
    units = units or {}
    shown = frame.head(MAX_ROWS)
    kinds = [(str(name), _kind(column)) for name, column in shown.items()]
    heads = "".join(f'<th scope="col"{_class(kind)}>{escape(name)}</th>' for name, kind in kinds)
    rows = "".join(_row(row, kinds, units) for row in shown.itertuples(index=False))
    cut = say("show.cut", shown=len(shown), n=len(frame)) if len(frame) > len(shown) else ""
    note = f'<p class="cut">{escape(cut)}</p>' if cut else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>{note}"
    )


def _row(row: Any, kinds: Sequence[tuple[str, str]], units: Mapping[str, str]) -> str:
    cells = []
    for position, ((name, kind), value) in enumerate(zip(kinds, row, strict=True)):
        tag = 'th scope="row"' if position == 0 else "td"
        text = escape(_cell(value, units.get(name)))
        cells.append(f"<{tag}{_class(kind if kind == NUMBER else '')}>{text}</{tag.split()[0]}>")
    return f"<tr>{''.join(cells)}</tr>"


def _kind(column: "pd.Series[Any]") -> str:
    """How wide a column stands; empty for one of short words."""
    if pd.api.types.is_numeric_dtype(column):
        return NUMBER
    longest = max((shown_width(str(again(text))) for text in column if isinstance(text, str)), default=0)
    return "prose" if longest >= PROSE else "words" if longest >= WORDS else ""


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _cell(value: Any, unit: str | None) -> str:
    if isinstance(value, str):
        return str(again(value))
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return "–"
    speech = current()
    if isinstance(value, bool | np.bool_):
        return say("show.yes") if value else say("show.no")
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int | float) or hasattr(value, "item"):
        value = value.item() if hasattr(value, "item") else value
        return write_number(value, unit or "number", language=speech.language, currency=speech.currency)
    return str(value)
