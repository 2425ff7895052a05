"""Headings: one h1 a page, no level skipped, an id for each, and the table of contents.

An id is the anchor that the notebook gives its section, or else the section's place on the page: a link
leads to the same section in every language and in every month.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

TOP = 2  # the page's title is the only h1
DEEPEST_LISTED = 3
_HEADING = re.compile(r"(?:<!--anchor:([a-z0-9-]*)-->\s*)?<h([1-6])>(.*?)</h\2>", re.S)


@dataclass(frozen=True)
class Entry:
    """A heading: its level, its id on the page, its text."""

    level: int
    anchor: str
    text: str


def outline(html: str, taken: Iterable[str] = ()) -> tuple[str, tuple[Entry, ...]]:
    """Give every heading of clean HTML its level and an id.

    Parameters
    ----------
    html : str
        Out of the sanitiser: headings carry no attribute, and no other text looks like one. What `mark` has
        written stands before the headings that have an anchor of their own.
    taken : iterable of str
        Ids that the page already uses.

    Returns
    -------
    str, tuple of Entry
        `html` with its headings from h2 on, no level skipped, and the headings in order.
    """
    used = set(taken)
    entries: list[Entry] = []

    def anchored(match: re.Match[str]) -> str:
        """The heading with its level and id; it is noted in `entries`."""
        above = entries[-1].level if entries else TOP - 1
        level = min(max(int(match[2]), TOP), above + 1)
        anchor = unique(match[1] or _place(entries, level), used)
        used.add(anchor)
        entries.append(Entry(level, anchor, plain(match[3])))
        return f'<h{level} id="{anchor}">{match[3]}</h{level}>'

    return _HEADING.sub(anchored, html), tuple(entries)


def mark(anchor: str) -> str:
    """What `outline` reads the next heading's anchor from: a comment, which the sanitiser lets no text be."""
    return f"<!--anchor:{slug(anchor)}-->"


def _place(entries: list[Entry], level: int) -> str:
    """``section-3`` for the third h2, ``section-3-2`` for the second heading below it."""
    tops = sum(entry.level == TOP for entry in entries)
    if level == TOP:
        return f"section-{tops + 1}"
    below = len(entries) - max(i for i, entry in enumerate(entries) if entry.level == TOP)
    return f"section-{tops}-{below}"


def contents(entries: Iterable[Entry]) -> list[tuple[Entry, list[Entry]]]:
    """The table of contents: every h2 with the h3 under it."""
    listed: list[tuple[Entry, list[Entry]]] = []
    for entry in entries:
        if entry.level == TOP:
            listed.append((entry, []))
        elif entry.level <= DEEPEST_LISTED:
            listed[-1][1].append(entry)
    return listed


def plain(html: str) -> str:
    """The text of a piece of HTML on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def slug(text: str) -> str:
    """`text` as an id: small Latin letters and digits, hyphens between words."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-") or "section"


def unique(name: str, used: set[str]) -> str:
    """`name`, or `name` with the first number from 2 on that is free."""
    if name not in used:
        return name
    number = 2
    while f"{name}-{number}" in used:
        number += 1
    return f"{name}-{number}"
