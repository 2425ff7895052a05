"""One output of a cell in, one piece of HTML out; no output is lost, and none is trusted."""

import base64
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from workbench.language import say
from workbench.report.sanitise import clean_output, clean_prose

IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
_ABSOLUTE_PATH = re.compile(r"(?<![\w.:/\\])(?:~|[A-Z]:)?((?:[/\\][\w.@+-]+){2,})")
DEPTH_OF_A_HOME = 3  # of a file in somebody's home folder, whose last folder is that person's name


def render_markdown(source: str) -> str:
    """Markdown as clean HTML. Pictures in it are left out: a page shows what its cells have drawn."""
    # nbconvert refuses a notebook whose attachment is gone, although no picture is shown here.
    source = source.replace("(attachment:", "(")
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return clean_prose(MarkdownWithMath(renderer=renderer).render(source))


def render_output(output: Mapping[str, Any]) -> str:
    """An output as HTML; an empty text for what was written to stderr, which belongs in the log."""
    kind = output["output_type"]
    if kind == "stream":
        return "" if output["name"] == "stderr" else _text(output["text"])
    if kind == "error":
        return render_error(output)
    return render_data(output["data"], output.get("metadata", {}))


def render_data(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    """The richest kind in `data` that a page without script can show, else its escaped text."""
    for kind in IMAGES:
        if kind in data:
            return _picture(kind, data[kind], metadata)
    if "text/html" in data:
        html = clean_output(data["text/html"])
        # A widget is all script: nothing is left of it, and its text stands in.
        if re.sub(r"<[^>]*>|&nbsp;|\s", "", html):
            return html
    if "text/markdown" in data:
        return render_markdown(data["text/markdown"])
    if "text/plain" in data:
        return _text(data["text/plain"])
    return f'<p class="missing">{escape(say("report.unknown_output", kinds=", ".join(sorted(data))))}</p>'


def render_error(output: Mapping[str, Any]) -> str:
    """An error as a banner: its name and message, and the traceback folded below."""
    message = f"{output['ename']}: {plain_error(output['evalue'])}"
    trace = plain_error("\n".join(output["traceback"]))
    return (
        f'<div class="error"><p><strong>{escape(say("report.error"))}</strong>'
        f"{say('report.after_colon')}{escape(message)}</p>"
        f"<details><summary>{escape(say('report.traceback'))}</summary><pre>{escape(trace)}</pre></details></div>"
    )


def plain_error(text: str) -> str:
    """`text` without terminal colours and without the folders of the machine it was written on."""
    return without_folders(strip_ansi(text))


def without_folders(text: str) -> str:
    """`text` with absolute paths cut to their last two parts: what lies above may hold a person's name."""

    def cut(match: re.Match[str]) -> str:
        parts = re.split(r"[/\\]", match[1])[1:]
        return "…/" + "/".join(parts[-2:] if len(parts) > DEPTH_OF_A_HOME else parts[-1:])

    return _ABSOLUTE_PATH.sub(cut, text)


def _text(text: str) -> str:
    return f"<pre>{escape(strip_ansi(text))}</pre>"


def _picture(kind: str, content: str, metadata: Mapping[str, Any]) -> str:
    alt = metadata.get(kind, {}).get("alt") or metadata.get("alt") or say("report.no_alt")
    if kind == "image/svg+xml":
        content = base64.b64encode(content.encode()).decode()
    source = f"data:{kind};base64,{''.join(content.split())}"
    # On a narrow screen the picture keeps its width and its frame scrolls, by keyboard too.
    frame = f'class="picture" role="group" tabindex="0" aria-label="{escape(say("report.picture"))}"'
    return f'<figure {frame}><img src="{escape(source)}" alt="{escape(str(alt))}"></figure>'
