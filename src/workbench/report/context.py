"""What the pages of a run are told: plain frozen records, filled by whoever ran the notebooks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workbench.calendar import period_of
from workbench.results import Results


def page_file(stem: str, language: str, main: str) -> str:
    """The file of a page: ``03_churn.html`` in the run's main language, ``03_churn.zh.html`` in another."""
    return f"{stem}.html" if language == main else f"{stem}.{language}.html"


@dataclass(frozen=True)
class Run:
    """One run of a study: what all of its pages say alike.

    Attributes
    ----------
    study, title : str
        The study's name (part of the archive's paths) and its title.
    status : str
        ``published`` or ``failed``.
    language : str
        Of the page at hand.
    languages : sequence of str
        All that the run's pages are written in, the main one first; empty means `language` alone.
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
    languages: Sequence[str] = ()

    @property
    def period(self) -> str:
        """The month of the run, ``YYYY-MM``."""
        return period_of(self.as_of)

    def file(self, stem: str, language: str | None = None) -> str:
        """The file of the page `stem` in `language`, by default in that of the page at hand."""
        main = self.languages[0] if self.languages else self.language
        return page_file(stem, language or self.language, main)

    @property
    def others(self) -> tuple[str, ...]:
        """The other languages that this page is there in."""
        return tuple(language for language in self.languages if language != self.language)


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
class EarlierPage:
    """The page of the same notebook in an earlier month.

    Attributes
    ----------
    href : str
        Relative to this run's folder.
    anchors : frozenset of str
        The ids of its tiles and definitions.
    redefined : frozenset of str
        Metrics whose definition was another one then.
    """

    href: str
    anchors: frozenset[str] = frozenset()
    redefined: frozenset[str] = frozenset()

    def at(self, metric: str) -> str:
        """The link to a metric: to its tile, else to its definition, else to the page."""
        there = (anchor for anchor in (f"figure-{metric}", f"metric-{metric}") if anchor in self.anchors)
        anchor = next(there, None)
        return self.href if anchor is None else f"{self.href}#{anchor}"


@dataclass(frozen=True)
class Past:
    """Earlier figures of a notebook.

    Attributes
    ----------
    previous, last_year : Results or None
        Of the last published month, and of the same month a year ago.
    history : sequence of Results
        Of the earlier published months, oldest first: drawn as a small line in each key figure.
    previous_page, last_year_page : EarlierPage or None
        Where `previous` and `last_year` can be read, if there is a page.
    """

    previous: Results | None = None
    history: Sequence[Results] = ()
    last_year: Results | None = None
    previous_page: EarlierPage | None = None
    last_year_page: EarlierPage | None = None


@dataclass(frozen=True)
class PageContext:
    """What the page of one notebook shows beside the notebook itself.

    Attributes
    ----------
    results : Results or None
        None when the notebook did not come to its end.
    parameters : mapping
        Name → value as run, without secrets.
    links : sequence of PageLink
        All pages of the run, this one included.
    error : str or None
        Why the notebook failed; the page then ends at the error.
    past : Past
        The notebook's figures of earlier months.
    everything : sequence of Results
        Of all notebooks of the run: what is said of the data's quality on each page.
    """

    run: Run
    notebook: str
    results: Results | None = None
    past: Past = Past()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    links: Sequence[PageLink] = ()
    error: str | None = None
    everything: Sequence[Results] = ()


@dataclass(frozen=True)
class RunPage:
    """A page of the run together with the figures of its notebook.

    Attributes
    ----------
    sections : mapping
        Message code of a finding → the section of the page that it comes from.
    """

    link: PageLink
    results: Results | None = None
    past: Past = Past()
    sections: Mapping[str, str] = field(default_factory=dict)


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
