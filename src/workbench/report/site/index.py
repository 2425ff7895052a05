"""The index of an archive: small files from which its pages are put together, one month at a time.

Publishing reads and writes what belongs to the month: its runs, the shard of all studies' runs in that month,
the one file of the study. The page of the archive is then put together from rows written before, read and
written piece by piece; so its cost grows with its length alone, and memory does not grow.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.language import LANGUAGES
from workbench.report.site.entry import RunEntry, dump_entry, load_entry, read_json
from workbench.report.site.feed import LATEST
from workbench.report.site.month import PERIOD, Month, read_month
from workbench.report.site.pages import index_rows
from workbench.store import Store

FOLDER = ".index"
CONTENTS = f"{FOLDER}/months.json"
NEWEST = f"{FOLDER}/latest.jsonl"
VERSION = 1  # of the index's files: another number makes the index anew
BATCH = 16  # shards read at the same time


class DamagedIndex(Exception):  # noqa: N818  made anew, never shown
    """The index is missing, of another version, or can not be read."""


@dataclass(frozen=True)
class Touched:
    """What is known after a month was brought into the index.

    Attributes
    ----------
    months : tuple of RunEntry
        Of the study, oldest first: each month's report or, where there is none, its newest run.
    latest : tuple of RunEntry
        The reports published last in the archive, newest first.
    """

    month: Month
    months: tuple[RunEntry, ...]
    latest: tuple[RunEntry, ...]


def shard_name(period: str) -> str:
    """All runs of a month, of all studies."""
    return f"{FOLDER}/months/{period}.jsonl"


def rows_name(period: str, language: str) -> str:
    """The rows of a month as they stand in the page of the archive."""
    return f"{FOLDER}/months/{period}.{language}.html"


def study_name(study: str) -> str:
    """All months of a study."""
    return f"{FOLDER}/studies/{study}.jsonl"


def touch(store: Store, study: str, period: str) -> Touched:
    """Bring one month of a study into the index, as it lies in the archive now.

    Raises
    ------
    DamagedIndex
        If there is no index that could be brought up to date.
    """
    contents = read_contents(store)
    shard = read_lines(store, shard_name(period), missing=period not in contents)
    others_there = any(PERIOD.fullmatch(name) and name != period for name in store.folders(study))
    months = read_lines(store, study_name(study), missing=not others_there)
    latest = read_lines(store, NEWEST, missing=not contents)
    if len(shard) != contents.get(period, {"runs": 0})["runs"]:
        raise DamagedIndex
    month = sealed(read_month(store, study, period), shard)
    others = [entry for entry in shard if entry.study != study]
    runs = sorted([*others, *month.runs], key=_row_order)
    write_shard(store, period, runs)
    months = _in_order([e for e in months if e.period != period] + ([month.shown] if month.runs else []))
    write_lines(store, study_name(study), months)
    reports = [e for e in latest if (e.study, e.period) != (study, period)]
    latest = newest(reports + ([month.current] if month.current else []))
    write_lines(store, NEWEST, latest)
    contents.pop(period, None)
    if runs:
        contents[period] = _facts(runs)
    write_contents(store, contents)
    return Touched(month, tuple(months), tuple(latest))


def sealed(month: Month, known: Iterable[RunEntry]) -> Month:
    """The month with the hash that each manifest had when it first came into the index."""
    seals = {(e.study, e.run_id): e.sealed for e in known if e.sealed}
    runs = [replace(r, sealed=seals.get((r.study, r.run_id), r.digest)) for r in month.runs]
    return replace(month, runs=tuple(runs))


def write_shard(store: Store, period: str, runs: Sequence[RunEntry]) -> None:
    """All runs of a month, and their rows in every language."""
    write_lines(store, shard_name(period), runs)
    for language in LANGUAGES:
        store.write_whole(rows_name(period, language), index_rows(runs, language))


def read_all(store: Store) -> Iterator[RunEntry]:
    """Every run in the index, newest month first."""
    for period in sorted(read_contents(store), reverse=True):
        yield from read_lines(store, shard_name(period))


def rows_of(store: Store, periods: Sequence[str], language: str) -> Iterator[bytes]:
    """The rows of the page of the archive, newest month first, a few months at a time."""
    names = [rows_name(period, language) for period in sorted(periods, reverse=True)]
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        found = store.read_many(batch)
        if len(found) < len(batch):
            raise DamagedIndex
        yield from (found[name] for name in batch)


def read_contents(store: Store) -> dict[str, Any]:
    """The months in the index with their facts."""
    found = read_json(store.read_many([CONTENTS]).get(CONTENTS))
    months = found.get("months")
    if found.get("version") != VERSION or not isinstance(months, dict):
        raise DamagedIndex
    if not all(PERIOD.fullmatch(period) for period in months):
        raise DamagedIndex
    return months


def write_contents(store: Store, months: dict[str, Any]) -> None:
    """The months in the index."""
    content = {"version": VERSION, "months": dict(sorted(months.items()))}
    store.write_whole(CONTENTS, json.dumps(content, separators=(",", ":")) + "\n")


def read_lines(store: Store, name: str, *, missing: bool = False) -> list[RunEntry]:
    """The entries in a file of the index; none for one that is not there, if it may be missing."""
    content = store.read_many([name]).get(name)
    if content is None and not missing:
        raise DamagedIndex
    try:
        return [load_entry(line) for line in (content or b"").splitlines()]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise DamagedIndex from None


def write_lines(store: Store, name: str, entries: Iterable[RunEntry]) -> None:
    """Entries, one a line."""
    store.write_whole(name, (f"{dump_entry(entry)}\n".encode() for entry in entries))


def newest(reports: Iterable[RunEntry]) -> list[RunEntry]:
    """The reports published last, newest first."""
    return sorted(reports, key=lambda e: (e.ended_at or e.started_at, e.run_id, e.study), reverse=True)[
        :LATEST
    ]


def _in_order(months: Iterable[RunEntry]) -> list[RunEntry]:
    return sorted(months, key=lambda entry: entry.period)


def _row_order(entry: RunEntry) -> tuple[str, bool, tuple[int, ...]]:
    """By study, the month's report before other runs, the newest run first."""
    return entry.study, entry.status != "published", tuple(-ord(letter) for letter in entry.run_id)


def _facts(runs: Sequence[RunEntry]) -> dict[str, Any]:
    spoken = sorted({language for run in runs for language in run.languages})
    return {"runs": len(runs), "languages": spoken}


def rebuild(store: Store) -> Iterator[Touched]:
    """Make the index anew from what lies in the archive; every month of every study, as it is met.

    The hashes of manifests that the old index holds are kept where it can be read.
    """
    places: dict[str, list[str]] = {}
    for study in store.folders():
        for period in store.folders(study):
            if PERIOD.fullmatch(period):
                places.setdefault(period, []).append(study)
    contents: dict[str, Any] = {}
    latest: list[RunEntry] = []
    studies: dict[str, list[str]] = {}
    met: list[tuple[str, str]] = []
    for period in sorted(places):
        months = [_sealed_anew(store, study, period) for study in sorted(places[period])]
        runs = sorted((run for month in months for run in month.runs), key=_row_order)
        if not runs:
            continue
        write_shard(store, period, runs)
        contents[period] = _facts(runs)
        latest = newest([*latest, *(m.current for m in months if m.current is not None)])
        for month in months:
            if month.runs:
                studies.setdefault(month.study, []).append(dump_entry(month.shown))
                met.append((month.study, period))
    for study, lines in studies.items():
        store.write_whole(study_name(study), "".join(f"{line}\n" for line in lines))
    _remove_others(store, set(contents), set(studies))
    write_lines(store, NEWEST, latest)
    write_contents(store, contents)
    for study, period in met:
        months_of = tuple(load_entry(line) for line in studies[study])
        yield Touched(_sealed_anew(store, study, period), months_of, tuple(latest))


def _sealed_anew(store: Store, study: str, period: str) -> Month:
    try:
        known = read_lines(store, shard_name(period), missing=True)
    except DamagedIndex:
        known = []
    return sealed(read_month(store, study, period), known)


def _remove_others(store: Store, periods: set[str], studies: set[str]) -> None:
    """Files of months and studies that are not in the archive any more."""
    for name in store.names(f"{FOLDER}/months"):
        if name.split(".")[0] not in periods:
            store.remove(f"{FOLDER}/months/{name}")
    for name in store.names(f"{FOLDER}/studies"):
        if name.removesuffix(".jsonl") not in studies:
            store.remove(f"{FOLDER}/studies/{name}")
