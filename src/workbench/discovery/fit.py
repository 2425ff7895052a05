"""Could these values be this canonical column? From 0 (impossible) to 1 (just what they would look like)."""

from collections.abc import Callable

from workbench.discovery.lexicon import lexicon
from workbench.discovery.values import MOST, NEARLY_ALL, Facts

LONGEST_ID, LONGEST_CATEGORY, SHORTEST_OPINION = 40, 40, 8
MOST_CATEGORIES, MOST_KINDS = 60, 8
HIGHEST_RATING, HIGHEST_NPS, USUAL_RATING = 100, 10, 10
POSSIBLE, DOUBTFUL, UNLIKELY = 0.8, 0.5, 0.25


def fits(shape: str, facts: Facts) -> float:
    """How well `facts` fit `shape`: a kind of canonical column, or a narrower shape of the lexicon."""
    if not facts.filled:
        return DOUBTFUL  # an empty column contradicts nothing
    return SHAPES[shape](facts)


def spoken(facts: Facts, group: str) -> frozenset[str]:
    """Those of the column's values that the lexicon knows as `group`."""
    return facts.values & lexicon().values[group]


def pair_of(facts: Facts, one: str, other: str) -> bool:
    """Whether the values are words of the groups `one` and `other`, some of `one`, and nothing else."""
    words = lexicon().values
    return bool(facts.values & words[one]) and facts.values <= words[one] | words[other]


def _id(facts: Facts) -> float:
    if facts.length > LONGEST_ID or facts.date >= MOST or facts.number - facts.whole > 1 - MOST:
        return 0.0
    return DOUBTFUL if facts.spaces > DOUBTFUL else 1.0


def _time(facts: Facts) -> float:
    if facts.date >= MOST:
        return 1.0
    if facts.time >= MOST:
        return POSSIBLE
    # A month's name or a few broken cells; a spreadsheet's days are numbers like any other.
    return DOUBTFUL if facts.excel >= NEARLY_ALL and facts.low > 0 else 0.0


def _number(facts: Facts) -> float:
    if facts.number < MOST:
        return 0.0
    return UNLIKELY if facts.day_number >= MOST or facts.unix >= MOST else 1.0


def _money(facts: Facts) -> float:
    if facts.number < MOST or (facts.day_number >= MOST or facts.unix >= MOST):
        return 0.0
    return 1.0 if facts.whole < NEARLY_ALL * facts.number else POSSIBLE


def _truth(facts: Facts) -> float:
    for one, other in (("yes", "no"), ("ended", "running"), ("agreed", "refused")):
        if pair_of(facts, one, other) or pair_of(facts, other, one):
            return 1.0
    known = any(spoken(facts, group) for group in ("ended", "agreed"))
    return POSSIBLE if known and facts.distinct <= MOST_KINDS else 0.0


def _text(facts: Facts) -> float:
    return UNLIKELY if facts.date >= MOST or facts.number >= MOST else 1.0


def _category(facts: Facts) -> float:
    if facts.length > LONGEST_CATEGORY or facts.date >= MOST or facts.number - facts.whole > 1 - MOST:
        return 0.0
    if facts.distinct > MOST_CATEGORIES and facts.unique > DOUBTFUL:
        return UNLIKELY
    return POSSIBLE if facts.number >= MOST else 1.0


def _name(facts: Facts) -> float:
    if facts.number >= MOST or facts.date >= MOST:
        return 0.0
    return 1.0 if facts.length > 3 else DOUBTFUL


def _gender(facts: Facts) -> float:
    if pair_of(facts, "female", "male") or pair_of(facts, "male", "female"):
        return 1.0
    return POSSIBLE if spoken(facts, "female") else DOUBTFUL if 0 < facts.distinct <= MOST_KINDS else 0.0


def _event(facts: Facts) -> float:
    if not facts.values or facts.length > LONGEST_CATEGORY or facts.number >= MOST:
        return 0.0
    return 1.0 if len(spoken(facts, "event")) * 2 >= len(facts.values) else POSSIBLE


def _free_text(facts: Facts) -> float:
    if facts.number >= MOST or facts.date >= MOST or facts.length < SHORTEST_OPINION / 2:
        return 0.0
    varied = facts.unique > DOUBTFUL or facts.distinct > MOST_CATEGORIES
    return 1.0 if varied and facts.length >= SHORTEST_OPINION else DOUBTFUL if varied else UNLIKELY


def _rating(facts: Facts) -> float:
    if facts.number < MOST or facts.low < 0 or facts.high > HIGHEST_RATING:
        return 0.0
    few = facts.high <= USUAL_RATING and facts.distinct <= 5 * USUAL_RATING  # halves and tenths of stars
    return 1.0 if few and facts.high > 2 else DOUBTFUL


def _nps(facts: Facts) -> float:
    return 1.0 if facts.whole >= MOST and facts.low >= 0 and facts.high <= HIGHEST_NPS else 0.0


def _label(facts: Facts) -> float:
    if pair_of(facts, "yes", "no"):
        return 1.0
    said = spoken(facts, "positive") or spoken(facts, "negative")
    if said:
        return 1.0 if facts.distinct <= MOST_KINDS else 0.0
    return POSSIBLE if facts.number >= MOST and facts.low >= 0 and facts.high <= 1 else 0.0


SHAPES: dict[str, Callable[[Facts], float]] = {
    "id": _id,
    "time": _time,
    "number": _number,
    "money": _money,
    "truth": _truth,
    "text": _text,
    "category": _category,
    "name": _name,
    "gender": _gender,
    "event": _event,
    "free text": _free_text,
    "rating": _rating,
    "nps": _nps,
    "label": _label,
}
