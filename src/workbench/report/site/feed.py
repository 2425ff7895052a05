"""Atom feeds: one of each study, one of the archive. A reader's program sees a new report by them."""

import uuid
from collections.abc import Sequence
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from workbench.language import say, speaking
from workbench.report.shell import LANG_ATTRIBUTES
from workbench.report.site.entry import RunEntry
from workbench.report.site.pages import state_of
from workbench.report.site.wording import month_of

LATEST = 50
FINDINGS = 5


def feed(title: str, runs: Sequence[RunEntry], name: str, place: str = "") -> str:
    """An Atom feed (RFC 4287) of `runs`, newest first.

    Parameters
    ----------
    name : str
        What the feed is of, for its id, which must never change: the study, or nothing for the archive.
    place : str
        The way from the feed's folder to the archive's, such as ``../``; links are relative.
    """
    updated = max((run.ended_at or run.started_at for run in runs), default="") or "1970-01-01T00:00:00+00:00"
    entries = "".join(_entry(run, place) for run in runs[:LATEST])
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>{escape(title)}</title>\n<id>{_id(name)}</id>\n<updated>{updated}</updated>\n"
        f'<author><name>workbench</name></author>\n<link rel="self" href="feed.xml"/>\n'
        f'<link rel="alternate" type="text/html" href="index.html"/>\n{entries}</feed>\n'
    )


def _entry(run: RunEntry, place: str) -> str:
    language = run.languages[0]
    with speaking(language, run.currency):
        title = say("archive.feed_entry", title=run.title or run.study, month=month_of(run.period))
        state = state_of(run)
        told = [finding[language] for finding in run.findings if language in finding][:FINDINGS]
    href = quoteattr(f"{place}{quote(run.place)}/index.html")
    return (
        f"<entry xml:lang={quoteattr(LANG_ATTRIBUTES[language])}><title>{escape(title)}</title>"
        f"<id>{_id(run.place)}</id><updated>{escape(run.ended_at or run.started_at)}</updated>"
        f'<link rel="alternate" type="text/html" href={href}/><category term={quoteattr(state)}/>'
        f"<summary>{escape(chr(10).join(told) or state)}</summary></entry>\n"
    )


def _id(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"workbench archive {name}").urn
