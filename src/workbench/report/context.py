"""What the pages of a run are told: plain frozen records, filled by whoever ran the notebooks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workbench.calendar import period_of
from workbench.results import Results


@dataclass(frozen=True)
class Run:
    """One run of a study: what all of its pages say alike.

    Attributes
    ----------
    study, title : str
        The study's name (part of the archive's paths) and its title.
    status : str
        ``published`` or ``failed``.
    command : str
        The one command that makes this run again.
    commit : str
        The code's commit; empty where it is not known.
    inputs : sequence of mappings
        ``name``, ``rows`` and ``sha256`` of every input.
    environment : mapping
        Package → version.
    """

    study: str
    title: str
    as_of: date
    run_id: str
    status: str
    language: str = "en"
    currency: str = "EUR"
    command: str = ""
    commit: str = ""
    seed: int | None = None
    inputs: Sequence[Mapping[str, Any]] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def period(self) -> str:
        """The month of the run, ``YYYY-MM``."""
        return period_of(self.as_of)


@dataclass(frozen=True)
class PageLink:
    """A page of the run.

    Attributes
    ----------
    href : str
        Relative to the run's folder; empty where there is no page.
    status : str
        ``complete``, ``failed`` or ``skipped``.
    """

    name: str
    title: str
    href: str
    status: str = "complete"


@dataclass(frozen=True)
class PageContext:
    """What the page of one notebook shows beside the notebook itself.

    Attributes
    ----------
    results : Results or None
        None when the notebook did not come to its end.
    previous : Results or None
        Of the same notebook in the last published month.
    history : sequence of Results
        Of the earlier published months, oldest first: drawn as a small line in each key figure.
    parameters : mapping
        Name → value as run, without secrets.
    links : sequence of PageLink
        All pages of the run, this one included.
    error : str or None
        Why the notebook failed; the page then ends at the error.
    """

    run: Run
    notebook: str
    results: Results | None = None
    previous: Results | None = None
    history: Sequence[Results] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    links: Sequence[PageLink] = ()
    error: str | None = None


@dataclass(frozen=True)
class RunPage:
    """A page of the run together with the figures of its notebook."""

    link: PageLink
    results: Results | None = None
    previous: Results | None = None
    history: Sequence[Results] = ()


@dataclass(frozen=True)
class TableFile:
    """A file of row-level results; `href` is relative to the run's folder."""

    name: str
    rows: int
    href: str


@dataclass(frozen=True)
class IndexContext:
    """What the first page of a run shows.

    Attributes
    ----------
    pages : sequence of RunPage
        In the order of the notebooks, failed and skipped ones included.
    error : str or None
        Why the run failed.
    """

    run: Run
    pages: Sequence[RunPage] = ()
    tables: Sequence[TableFile] = ()
    error: str | None = None
