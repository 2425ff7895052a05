"""The archive's first page: every study and month, read from the manifests of the runs."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.language import LANGUAGES, say, speaking
from workbench.report.shell import LANG_ATTRIBUTES, POLICY, asset, render_alone, state_word, write_page

POINTER = "current.json"
_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class RunEntry:
    """A run in the archive.

    Attributes
    ----------
    status : str
        ``published`` (the month's report), ``superseded`` (published, but the month's report is another run),
        ``unpointed`` (published, but the month names no report), ``failed`` or ``unreadable``.
    href : str
        Relative to the archive; empty if there is no page.
    pages : tuple of (name, status)
        The notebooks of the run.
    """

    study: str
    period: str
    run_id: str
    status: str
    title: str = ""
    as_of: str = ""
    started_at: str = ""
    language: str = ""
    href: str = ""
    pages: tuple[tuple[str, str], ...] = ()


def read_archive(archive: Path) -> list[RunEntry]:
    """All runs under `archive`: newest month first, then by study, the month's report before other runs.

    What cannot be read is listed as ``unreadable``; folders that begin with a dot are not looked at.
    """
    entries = [
        entry
        for study in _folders(archive)
        for month in _folders(study)
        if _PERIOD.fullmatch(month.name)
        for entry in _month_entries(month)
    ]
    newest_run_first = sorted(entries, key=lambda e: e.run_id, reverse=True)
    by_study = sorted(newest_run_first, key=lambda e: (e.study, e.status != "published"))
    return sorted(by_study, key=lambda e: e.period, reverse=True)


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _month_entries(month: Path) -> Iterator[RunEntry]:
    runs = _folders(month)
    pointer = _read(month / POINTER)
    current = pointer.get("run") if pointer else None
    pointed = current in {run.name for run in runs}
    if (month / POINTER).exists() and not pointed:
        yield RunEntry(month.parent.name, month.name, POINTER, "unreadable")
    for run in runs:
        yield _run_entry(run, current if pointed else None)


def _run_entry(run: Path, current: Any) -> RunEntry:
    manifest = _read(run / "manifest.json")
    study, period = run.parent.parent.name, run.parent.name
    page = f"{study}/{period}/{run.name}/index.html"
    href = quote(page) if (run / "index.html").is_file() else ""
    if manifest is None or "status" not in manifest:
        return RunEntry(study, period, run.name, "unreadable", href=href)
    words = {key: str(manifest.get(key) or "") for key in ("title", "as_of", "started_at", "language")}
    status = str(manifest["status"])
    if status == "published" and run.name != current:
        status = "superseded" if current else "unpointed"
    return RunEntry(study, period, run.name, status, href=href, pages=_pages(manifest), **words)


def _pages(manifest: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    notebooks = manifest.get("notebooks")
    listed = notebooks if isinstance(notebooks, list) else []
    return tuple(
        (str(one.get("name", "")), str(one.get("status", ""))) for one in listed if isinstance(one, dict)
    )


def _read(path: Path) -> dict[str, Any] | None:
    """The JSON object that `path` holds, or None: a broken file must not hide the rest of the archive."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def render_archive_index(runs: Sequence[RunEntry]) -> str:
    """The archive's page, in both languages, with the runs in the order given.

    Its one script filters the rows as the reader types; the policy allows it by its hash, and no other.
    """
    script = asset("search.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return render_alone(
        "archive.html.j2",
        policy=f"{POLICY}; script-src 'sha256-{digest}'",
        script=script,
        runs=runs,
        both=partial(in_each_language, say),
        states={
            status: in_each_language(state_word, status)
            for status in {run.status for run in runs} | {status for run in runs for _, status in run.pages}
        },
    )


def write_archive_index(archive: Path) -> None:
    """Write ``index.html`` of the archive from what its folders hold."""
    write_page(archive / "index.html", render_archive_index(read_archive(archive)))


def in_each_language(write: Callable[[str], str], what: str) -> list[tuple[str, str]]:
    """``(lang attribute, word)`` in every language: the archive holds reports in all, its page is in all."""
    words = {}
    for language in LANGUAGES:
        with speaking(language):
            words[write(what)] = LANG_ATTRIBUTES[language]
    return [(tag, word) for word, tag in words.items()]
