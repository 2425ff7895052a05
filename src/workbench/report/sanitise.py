"""Only the markup that is on the list reaches a page, and tables become readable by a screen reader.

Customers' text reaches outputs through data frames, styled tables and error messages: whatever is not
listed here is dropped, its text kept, so that no text can become a script, a link or a request.
"""

import re
from html import escape

import nh3

from workbench.language import say

_TABLE = {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
_INLINE = {
    "p",
    "div",
    "span",
    "br",
    "strong",
    "b",
    "em",
    "i",
    "s",
    "del",
    "code",
    "pre",
    "sub",
    "sup",
    "small",
}
_BLOCK = {"ul", "ol", "li", "dl", "dt", "dd", "blockquote", "hr", "details", "summary", "kbd", "abbr"}
_HEADINGS = {f"h{level}" for level in range(1, 7)}
_GONE_WITH_CONTENT = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title"}
# What `show` writes; other classes carry no style on the page.
_CLASSES = {
    "p": {"finding", "sentence", "missing", "cut"},
    "div": {"scroll"},
    "th": {"number", "words", "prose"},
    "td": {"number"},
    "details": {"data"},
}
_CELL = {"scope", "colspan", "rowspan"}
_FRAME_VALUES = {"div": {"role": {"region"}, "tabindex": {"0"}}}
_INSIDE = re.compile(r"#[^\s\"'<>]+|[\w-][\w./%-]*(#[^\s\"'<>]+)?")


def _only_inside(url: str) -> str | None:
    """`url` if it stays inside the archive (``//host`` and ``/path`` do not)."""
    return url if _INSIDE.fullmatch(url) else None


def _cleaner(tags: set[str], attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=_GONE_WITH_CONTENT,
        attributes={"div": {"aria-label"}, "th": _CELL, "td": _CELL - {"scope"}} | attributes,
        tag_attribute_values=_FRAME_VALUES,
        allowed_classes=_CLASSES,
        url_schemes=set(),
        url_relative=_only_inside,
        link_rel=None,
    )


_OUTPUT = _cleaner(_TABLE | _INLINE | _BLOCK, {})
_PROSE = _cleaner(_TABLE | _INLINE | _BLOCK | _HEADINGS | {"a"}, {"a": {"href"}})


def clean_output(html: str) -> str:
    """An output's HTML with the listed markup only: no headings, no links, no style, no script."""
    return accessible_tables(_OUTPUT.clean(html))


def clean_prose(html: str) -> str:
    """The HTML of a markdown cell: headings stay, and links that lead inside the archive."""
    return accessible_tables(_PROSE.clean(html))


def accessible_tables(html: str) -> str:
    """`html` with scoped table heads, no empty head, and every table in a frame that scrolls."""
    if "<table" not in html:
        return html
    html = re.sub(r"<thead>.*?</thead>", lambda m: _scoped(m[0], "col"), html, flags=re.S)
    html = _scoped(html, "row")
    html = re.sub(r"<th[^>]*>\s*</th>", "<td></td>", html)
    if 'class="scroll"' in html:
        return html
    frame = f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(say("report.table"))}">'
    return re.sub(r"<table>.*?</table>", lambda m: f"{frame}{m[0]}</div>", html, flags=re.S)


def _scoped(html: str, scope: str) -> str:
    return re.sub(r"<th(?![^>]*\bscope=)(?=[\s>])", f'<th scope="{scope}"', html)
