"""Writing the archive's pages: after one month was touched, or all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.language import LANGUAGES, say, speaking
from workbench.report.site import index
from workbench.report.site.comparison import read_record
from workbench.report.site.entry import RunEntry
from workbench.report.site.feed import feed
from workbench.report.site.index import DamagedIndex
from workbench.report.site.month import read_month
from workbench.report.site.pages import compare_page, index_frame, month_page, page_name, study_page
from workbench.store import Store, open_store


@dataclass(frozen=True)
class Neighbours:
    """A month's report among those of the months around it."""

    before: RunEntry | None
    after: RunEntry | None


def refresh(store: Store, study: str, period: str) -> None:
    """Bring the archive's pages up to date after something changed in one month of a study.

    Costs the same in an archive of ten and of ten thousand runs, but for the length of the archive's page.
    An index that is missing or damaged is made anew.
    """
    try:
        touched = index.touch(store, study, period)
        _write_months(store, touched.months, period)
        _write_study(store, study, touched.months)
        _write_front(store, touched.latest)
    except DamagedIndex:
        rebuild(store)


def rebuild(store: Store) -> int:
    """Write the index and every page of the archive anew. Returns the number of months written."""
    latest: Sequence[RunEntry] = ()
    written = 0
    done: set[str] = set()
    for touched in index.rebuild(store):
        latest, written = touched.latest, written + 1
        _write_month(store, touched.months, touched.month.period)
        if touched.month.study not in done:
            done.add(touched.month.study)
            _write_study(store, touched.month.study, touched.months)
    _write_front(store, latest)
    return written


def write_archive_index(archive: Path) -> None:
    """Write every page of the archive in a folder from what the folder holds."""
    rebuild(open_store(archive))


def _write_months(store: Store, months: Sequence[RunEntry], period: str) -> None:
    """The pages of a month and of those beside it, which link to it and compare themselves with it."""
    around = _neighbours(months, period)
    for entry in (around.before, around.after):
        if entry is not None:
            _write_month(store, months, entry.period)
    _write_month(store, months, period)


def _write_month(store: Store, months: Sequence[RunEntry], period: str) -> None:
    own = next((entry for entry in months if entry.period == period), None)
    if own is None:
        return
    month = read_month(store, own.study, period)
    around = _neighbours(months, period)
    report, before = month.current, around.before
    compared = report is not None and before is not None and before.status == "published"
    if report is not None and before is not None and compared:
        records = read_record(store, before), read_record(store, report)
        pages = {lang: compare_page(*records, lang, up="../../") for lang in report.languages}
        _write_pages(store, month.place, month.shown.languages, "compare", pages)
    shown = before if before is not None and before.status == "published" else None
    pages = {
        lang: month_page(month, lang, before=before, after=around.after, earlier=shown)
        for lang in month.shown.languages
    }
    _write_pages(store, month.place, month.shown.languages, "index", pages)


def _neighbours(months: Sequence[RunEntry], period: str) -> Neighbours:
    before = [entry for entry in months if entry.period < period]
    after = [entry for entry in months if entry.period > period]
    return Neighbours(before[-1] if before else None, after[0] if after else None)


def _write_study(store: Store, study: str, months: Sequence[RunEntry]) -> None:
    if not months:
        return
    reports = [entry for entry in months if entry.status == "published"]
    shown = reports[-1] if reports else months[-1]
    pages = {lang: study_page(study, months, lang) for lang in shown.languages}
    _write_pages(store, study, shown.languages, "index", pages)
    store.write_whole(
        f"{study}/feed.xml", feed(shown.title or study, index.newest(reports), study, place="../")
    )


def _write_front(store: Store, latest: Sequence[RunEntry]) -> None:
    """The page of the archive in every language that its reports have, and its feed."""
    contents = index.read_contents(store)
    languages = _languages(latest, contents)
    for language in languages:
        store.write_whole(page_name(languages, language), _front(store, contents, languages, language))
    _remove_others(store, "", languages, "index")
    with speaking(languages[0]):
        title = say("archive.title")
    store.write_whole("feed.xml", feed(title, latest, ""))


def _front(
    store: Store, contents: dict[str, Any], languages: Sequence[str], language: str
) -> Iterator[bytes]:
    before, after = index_frame(languages, language, empty=not contents)
    yield before.encode()
    yield from index.rows_of(store, list(contents), language)
    yield after.encode()


def _languages(latest: Sequence[RunEntry], contents: dict[str, Any]) -> tuple[str, ...]:
    """Those of the reports, the newest report's first."""
    spoken = {language for facts in contents.values() for language in facts.get("languages", ())}
    first = latest[0].languages[0] if latest else min(spoken, default=LANGUAGES[0])
    return (first, *(language for language in LANGUAGES if language in spoken and language != first))


def _write_pages(
    store: Store, folder: str, languages: Sequence[str], stem: str, pages: dict[str, str]
) -> None:
    for language, html in pages.items():
        store.write_whole(f"{folder}/{page_name(languages, language, stem)}", html)
    _remove_others(store, f"{folder}/", languages, stem)


def _remove_others(store: Store, folder: str, languages: Sequence[str], stem: str) -> None:
    """Pages in languages that the folder no longer speaks, or now speaks first."""
    wanted = {page_name(languages, language, stem) for language in languages}
    for language in LANGUAGES:
        name = f"{stem}.{language}.html"
        if name not in wanted and store.exists(f"{folder}{name}"):
            store.remove(f"{folder}{name}")
