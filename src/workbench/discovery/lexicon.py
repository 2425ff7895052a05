"""The lexicon: what companies call their columns, tables and values, in English and Chinese."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from workbench.discovery.headers import Form, alike, folded, form, vocabulary_of
from workbench.own_yaml import read_own
from workbench.sources.canonical import AVAILABLE_AT, TABLES

# A word that usually means the column counts for less than one that always does.
LIKELY = 0.8
# The earlier of two words in a list is preferred, by less than any other difference.
PREFERENCE = 0.001
LEAST_ALIKE = 0.5
KNOWN = 0.8


Words = tuple[tuple[float, str, Form], ...]  # weight, word as it is written, word as it is compared


@dataclass(frozen=True)
class Match:
    """The word of the lexicon that a header is closest to, and how close: 0 to 1."""

    score: float
    word: str = ""


@dataclass(frozen=True)
class Entry:
    """One canonical column (or helper that expressions are computed from) of one table.

    Attributes
    ----------
    shape : str
        How values must look: a kind of the canonical column, or one of the shapes of the lexicon.
    telling : bool
        Whether the column makes the table what it is.
    helper : bool
        Not canonical: a unit price, an order's status.
    """

    shape: str
    telling: bool
    helper: bool
    words: Words


@dataclass(frozen=True)
class Lexicon:
    """All words, ready to be compared."""

    vocabulary: frozenset[str]
    tables: dict[str, dict[str, Entry]]
    files: dict[str, tuple[Form, ...]]
    personal: dict[str, Words]
    known: dict[str, Words]
    values: dict[str, frozenset[str]]
    countries: tuple[dict[str, Any], ...]
    currencies: dict[str, tuple[str, ...]]

    def form(self, header: str) -> Form:
        """`header` as it is compared."""
        return form(header, self.vocabulary)

    def match(self, table: str, name: str, header: Form) -> Match:
        """How well `header` names the column `name` of `table`."""
        return _read(header).columns[table, name]

    def best(self, table: str, header: Form) -> float:
        """How well `header` names that column of `table` which it names best."""
        read = _read(header)
        return max(read.columns[table, name].score for name in self.tables[table])

    def set_aside(self, header: Form) -> tuple[str, float, bool]:
        """What `header` names that no canonical column holds: name, score, and whether it is personal."""
        return _read(header).aside

    def knows(self, header: Form) -> bool:
        """Whether `header` is nearly a word of the lexicon, of whatever table."""
        read = _read(header)
        best = max(match.score for match in read.columns.values())
        return read.aside[1] >= KNOWN or best >= KNOWN * LIKELY

    def file_score(self, name: str, table: str) -> float:
        """1 if a file's or sheet's `name` says that it holds `table`, else 0."""
        own = self.form(name)
        words = self.files[table]
        if own.chinese:
            return float(any(word.chinese and word.compact in own.compact for word in words))
        return float(any(not word.chinese and set(word.parts) <= set(own.parts) for word in words))


@dataclass(frozen=True)
class _Read:
    """A header compared with every word of the lexicon."""

    columns: dict[tuple[str, str], Match]
    aside: tuple[str, float, bool]


@lru_cache(maxsize=4096)
def _read(header: Form) -> _Read:
    own = lexicon()
    found: dict[int, Match] = {}  # the same list of words serves several tables
    columns = {}
    for table, entries in own.tables.items():
        for name, entry in entries.items():
            if id(entry.words) not in found:
                found[id(entry.words)] = _best(header, entry.words)
            columns[table, name] = found[id(entry.words)]
    groups = ((own.personal, True), (own.known, False))
    asides = [
        (_best(header, ws).score, name, personal) for group, personal in groups for name, ws in group.items()
    ]
    score, name, personal = max(asides)
    return _Read(columns, (name, score, personal))


@cache
def lexicon() -> Lexicon:
    """The lexicon of this room, read once."""
    content = read_own("workbench.discovery", "lexicon.yml")
    tables = content["tables"]
    spoken = [w for t in tables.values() for c in t["columns"].values() for w in _words(c)]
    spoken += [w for group in ("personal", "known") for words in content[group].values() for w in words]
    spoken += [w for t in tables.values() for w in t["files"]]
    vocabulary = vocabulary_of(spoken)
    ranked: dict[object, Words] = {}
    return Lexicon(
        vocabulary=vocabulary,
        tables={
            table: {
                name: _entry(table, name, said, vocabulary, ranked)
                for name, said in (own["columns"] | _availability(table, content)).items()
            }
            for table, own in tables.items()
        },
        files={table: tuple(form(w, vocabulary) for w in own["files"]) for table, own in tables.items()},
        personal={name: _ranked(1.0, words, vocabulary) for name, words in content["personal"].items()},
        known={name: _ranked(1.0, words, vocabulary) for name, words in content["known"].items()},
        values={name: frozenset(map(folded, words)) for name, words in content["values"].items()},
        countries=tuple(content["countries"]),
        currencies={code: tuple(signs) for code, signs in content["currencies"].items()},
    )


def _availability(table: str, content: dict[str, Any]) -> dict[str, Any]:
    return {AVAILABLE_AT: content[AVAILABLE_AT]} if AVAILABLE_AT in TABLES[table].columns else {}


def _entry(
    table: str, name: str, said: dict[str, Any], vocabulary: frozenset[str], ranked: dict[object, Words]
) -> Entry:
    helper = bool(said.get("helper"))
    kind = "money" if helper else TABLES[table].columns[name].kind
    tiers = tuple(said.get("sure", ())), tuple(said.get("likely", ()))
    if tiers not in ranked:
        ranked[tiers] = _ranked(1.0, tiers[0], vocabulary) + _ranked(LIKELY, tiers[1], vocabulary)
    return Entry(str(said.get("shape", kind)), bool(said.get("telling")), helper, ranked[tiers])


def _ranked(tier: float, words: Any, vocabulary: frozenset[str]) -> Words:
    return tuple((tier - PREFERENCE * i, word, form(word, vocabulary)) for i, word in enumerate(words))


def _words(said: dict[str, Any]) -> list[str]:
    return [*said.get("sure", ()), *said.get("likely", ())]


def _best(header: Form, words: Words) -> Match:
    score, word = max(((weight * alike(header, own), word) for weight, word, own in words), default=(0.0, ""))
    return Match(score, word) if score >= LEAST_ALIKE * LIKELY else Match(0.0)
