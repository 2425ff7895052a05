"""One month of a study as it lies in the archive: its runs, the report of the month, every review."""

import re
from dataclasses import dataclass, replace

from workbench.report.site.entry import RunEntry, entry_of, manifest_name, read_json
from workbench.report.site.trail import SUFFIX, Review, last_verdict, read_trail
from workbench.store import Store

POINTER = "current.json"
PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Month:
    """A month of a study.

    Attributes
    ----------
    runs : tuple of RunEntry
        The month's report first, then the newest run first.
    reviews : tuple of (run id, Review)
        Newest first.
    """

    study: str
    period: str
    runs: tuple[RunEntry, ...]
    reviews: tuple[tuple[str, Review], ...] = ()

    @property
    def place(self) -> str:
        """The month's folder in the archive."""
        return f"{self.study}/{self.period}"

    @property
    def current(self) -> RunEntry | None:
        """The month's report."""
        return next((run for run in self.runs if run.status == "published"), None)

    @property
    def shown(self) -> RunEntry:
        """The run whose title and languages the month's page takes."""
        return self.current or self.runs[0]


def read_month(store: Store, study: str, period: str) -> Month:
    """The month as its folder says.

    A run that has no manifest yet is left out where folders can not be renamed.
    A verdict counts for the very manifest it was given on. Once a later run is the month's report, a verdict
    on an earlier one is void.
    """
    place = f"{study}/{period}"
    ids = store.folders(place)
    manifests = store.read_many([manifest_name(f"{place}/{run_id}") for run_id in ids])
    trails = _trails(store, place, ids)
    pointed = read_json(store.read_many([f"{place}/{POINTER}"]).get(f"{place}/{POINTER}")).get("run")
    runs = []
    for run_id in ids:
        content = manifests.get(manifest_name(f"{place}/{run_id}"))
        if content is not None or store.renames:
            entry = entry_of(store, study, period, run_id, content)
            runs.append(_with_verdict(entry, trails.get(run_id, []), pointed))
    if store.exists(f"{place}/{POINTER}") and pointed not in ids:
        runs.append(RunEntry(study, period, POINTER, "unreadable"))
    runs = [_judged(run, pointed if pointed in ids else None) for run in runs]
    newest_first = sorted(runs, key=lambda run: run.run_id, reverse=True)
    reviews = [(run_id, review) for run_id, trail in trails.items() for review in trail]
    return Month(
        study,
        period,
        tuple(sorted(newest_first, key=lambda run: run.status != "published")),
        tuple(sorted(reviews, key=lambda pair: pair[1].at, reverse=True)),
    )


def _trails(store: Store, place: str, ids: list[str]) -> dict[str, list[Review]]:
    names = [name for name in store.names(place) if name.endswith(SUFFIX)]
    found = store.read_many([f"{place}/{name}" for name in names if name.removesuffix(SUFFIX) in ids])
    return {
        name.removeprefix(f"{place}/").removesuffix(SUFFIX): read_trail(content)[0]
        for name, content in sorted(found.items())
    }


def _with_verdict(run: RunEntry, trail: list[Review], pointed: object) -> RunEntry:
    review = last_verdict(trail, run.digest)
    if review is None:
        return run
    later = isinstance(pointed, str) and run.run_id < pointed
    voided = later and review.verdict != "withdrawn"
    return replace(run, verdict=review.verdict, verdict_by=review.by, verdict_at=review.at, voided=voided)


def _judged(run: RunEntry, pointed: object) -> RunEntry:
    """The state that the month gives to a published run."""
    if run.status != "published" or run.run_id == pointed:
        return run
    if run.verdict == "withdrawn":
        return replace(run, status="withdrawn")
    return replace(run, status="superseded" if pointed else "unpointed")
