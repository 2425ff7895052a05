"""The columns of one file as candidates, and how well each of them would serve as each canonical column."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from workbench.discovery.fit import fits
from workbench.discovery.headers import EXACT, Form
from workbench.discovery.lexicon import PREFERENCE, Entry, lexicon
from workbench.discovery.values import MOST, NEARLY_ALL, Facts
from workbench.sources.canonical import TABLES

# Of a score, what the header gives by itself; the rest comes from the values.
HEADER_SHARE = 0.7
# What a column scores whose header says nothing: the only time of the file, ids that another file knows.
ONLY_TIME, KNOWN_IDS = 0.35, 0.55
LEAST_SCORE = 0.35
FEW = 20
# A header this like a word that is set aside is not kept as an attribute; personal data sooner.
LEAST_ASIDE, LEAST_PERSONAL = 0.75, 0.6
REQUIRED_WEIGHT, TELLING_WEIGHT, OPTIONAL_WEIGHT = 2.0, 1.5, 0.75
SPILL = 0.15  # a header that names another column of the table better by this is not taken for this one
OFTEN_REPEATED = 0.9  # above this share of distinct values an id is hardly repeated
UNIQUE_IDS = {
    ("customers", "customer_id"),
    ("identities", "id"),
    ("tickets", "ticket_id"),
    ("feedback", "feedback_id"),
}
MOSTLY_UNIQUE = {("subscriptions", "customer_id")}
NEVER_UNIQUE = {("transactions", "product_id"), ("feedback", "product_id"), ("campaigns", "campaign_id")}


@dataclass(frozen=True)
class Candidate:
    """One column of a file.

    Attributes
    ----------
    known_ids : dict of str to str
        Canonical id columns whose ids in another file these are, with that fact in words.
    """

    name: str
    form: Form
    facts: Facts
    known_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Assigned:
    """A column in the place of a canonical one."""

    candidate: Candidate
    score: float
    why: str


def assign(table: str, candidates: list[Candidate]) -> dict[str, Assigned]:
    """The best assignment of columns to the canonical columns (and helpers) of `table`, one to one.

    The order of the columns in the file and the case of their names make no difference.
    """
    entries = lexicon().tables[table]
    ordered = sorted(candidates, key=lambda c: (c.form.compact, c.name))
    times = [c for c in ordered if c.facts.date >= NEARLY_ALL]
    only_time = times[0] if len(times) == 1 else None
    names = list(entries)
    found = [[_score(table, name, entries[name], c, only_time) for name in names] for c in ordered]
    if not found:
        return {}
    weights = np.array([_weight(table, name, entries[name]) for name in names])
    scores = np.array([[score for score, _ in row] for row in found])
    rows, places = linear_sum_assignment(scores * weights, maximize=True)
    return {
        names[j]: Assigned(ordered[i], *found[i][j])
        for i, j in sorted(zip(rows, places, strict=True), key=lambda pair: int(pair[1]))
        if scores[i, j] >= LEAST_SCORE
    }


def set_aside(column: Candidate) -> tuple[str, bool] | None:
    """What `column` is that no canonical table holds, and whether that is personal; None if nothing known."""
    name, score, personal = lexicon().set_aside(column.form)
    least = LEAST_PERSONAL if personal else LEAST_ASIDE
    if column.facts.personal and score < least:
        return column.facts.personal, True
    if (
        personal
        and score < EXACT - PREFERENCE * len(lexicon().personal[name])
        and column.facts.distinct <= FEW
    ):
        return None  # PhoneService: a handful of values finds nobody
    return (name, personal) if score >= least else None


def _weight(table: str, name: str, entry: Entry) -> float:
    if not entry.helper and TABLES[table].columns[name].required:
        return REQUIRED_WEIGHT
    return TELLING_WEIGHT if entry.telling else OPTIONAL_WEIGHT


def _score(
    table: str, name: str, entry: Entry, column: Candidate, only_time: Candidate | None
) -> tuple[float, str]:
    """How well `column` serves as `name` of `table`, and why."""
    values = fits(entry.shape, column.facts) * _uniqueness(table, name, column.facts)
    if not values:
        return 0.0, ""
    header = lexicon().match(table, name, column.form)
    _, aside_score, personal = lexicon().set_aside(column.form)
    score, why = 0.0, ""
    if header.score < lexicon().best(table, column.form) - SPILL:
        return 0.0, ""  # Total is no `total cost`, even where another column is the better amount
    if header.score and header.score >= aside_score + 0.001 * personal:
        score = header.score * (HEADER_SHARE + (1 - HEADER_SHARE) * values)
        why = f"{_header_words(column, header.word)}; {_seen(entry.shape, column.facts)}"
    if name in column.known_ids and score < KNOWN_IDS * values and not personal * aside_score:
        score, why = KNOWN_IDS * values, column.known_ids[name]
    elif name in column.known_ids:
        score, why = min(1.0, score + (1 - score) / 2), f"{why}; {column.known_ids[name]}"
    required = not entry.helper and TABLES[table].columns[name].required
    if not score and not aside_score and required and column is only_time and entry.shape == "time":
        score, why = ONLY_TIME * values, "the only column of dates in the file"
    return score, why


def _header_words(column: Candidate, word: str) -> str:
    return "known header" if lexicon().form(word) == column.form else f"header like '{word}'"


def _seen(shape: str, facts: Facts) -> str:
    """What the values look like to somebody who looks for `shape`."""
    if not facts.filled:
        return "the column is empty"
    if shape in ("money", "number", "rating", "nps"):
        below = f", {facts.negative:.1%} below zero" if facts.negative else ""
        return f"numbers{below}" if facts.number >= MOST else "few numbers"
    if shape == "time":
        return "dates" if facts.date >= MOST else "numbers that can be times"
    if shape == "free text":
        return f"texts of {facts.length:.0f} characters on average"
    return f"{facts.distinct:,} different values"


def _uniqueness(table: str, name: str, facts: Facts) -> float:
    """1 where ids repeat as often as they should, less where they do not."""
    if not facts.filled:
        return 1.0
    if (table, name) in UNIQUE_IDS:
        return 1.0 if facts.unique >= NEARLY_ALL else 0.0
    if (table, name) in MOSTLY_UNIQUE and facts.unique < OFTEN_REPEATED:
        return 0.5
    if (table, name) in NEVER_UNIQUE and facts.unique > OFTEN_REPEATED and facts.distinct > 100:
        return 0.8
    return 1.0
