"""Files without a line of names: what their columns are, guessed from the values and the places alone."""

from workbench.discovery.columns import Assigned, Candidate
from workbench.discovery.fit import fits, pair_of, spoken
from workbench.discovery.values import MANY_VALUES, MOST, NEARLY_ALL, Facts

# Scores of a guess without a header: what the values can be mistaken for decides.
TELLING, PLACE = 0.75, 0.5
FEWEST_IDS = 20
LONGEST_RATING = 10
OPINION_LENGTH = 12
FEWEST_STARS = 3


def assign_by_content(columns: list[Candidate]) -> tuple[str, dict[str, Assigned]]:
    """The table that `columns` (in the order of the file) look like, and which of them is what.

    Returns
    -------
    table, assigned : str, dict
        ``""`` and nothing if no table is recognised.
    """
    found: dict[str, Assigned] = {}
    for role, test, score, why in ROLES:
        free = [c for c in columns if c.name not in {a.candidate.name for a in found.values()}]
        fitting = [c for c in free if test(c.facts)]
        if fitting and not (role in ALONE and len(fitting) > 1):
            found[role] = Assigned(fitting[0], score, why)
    for table, needed in KINDS:
        if needed <= found.keys() and (table != "customers" or _is_key(found["id"].candidate, columns)):
            return table, _as_columns(table, found)
    return "", {}


def _as_columns(table: str, found: dict[str, Assigned]) -> dict[str, Assigned]:
    named = NAMES[table]
    given = {named[role]: assigned for role, assigned in found.items() if role in named}
    if (
        "product_id" in given
        and given["product_id"].candidate.facts.distinct == found["id"].candidate.facts.distinct
    ):
        del given["product_id"]  # the same customers under another number
    return given


def _is_key(candidate: Candidate, columns: list[Candidate]) -> bool:
    return candidate is columns[0] and candidate.facts.unique == 1


def _time(facts: Facts) -> bool:
    return facts.time >= NEARLY_ALL


def _event(facts: Facts) -> bool:
    return 2 * len(spoken(facts, "event")) >= len(facts.values) > 1


def _gender(facts: Facts) -> bool:
    return pair_of(facts, "female", "male") and pair_of(facts, "male", "female")


def _opinion(facts: Facts) -> bool:
    return fits("free text", facts) == 1 and facts.length >= OPINION_LENGTH and facts.unique > 0.5


def _money(facts: Facts) -> bool:
    return (
        facts.number >= NEARLY_ALL and facts.number - facts.whole > 1 - MOST and facts.distinct > FEWEST_IDS
    )


def _rating(facts: Facts) -> bool:
    stars = FEWEST_STARS <= facts.distinct <= LONGEST_RATING + 1
    return facts.whole >= NEARLY_ALL and stars and facts.low >= 0 and facts.high <= LONGEST_RATING


def _label(facts: Facts) -> bool:
    return facts.distinct in (2, 3) and (facts.values <= {"0", "1"} or pair_of(facts, "positive", "negative"))


def _id(facts: Facts) -> bool:
    code = facts.spaces == 0 and facts.filled >= NEARLY_ALL and facts.number in (0.0, facts.whole)
    return code and facts.distinct >= FEWEST_IDS and facts.time < MOST and fits("id", facts) == 1


def _count(facts: Facts) -> bool:
    return facts.whole >= NEARLY_ALL and facts.distinct <= MANY_VALUES and facts.unique < 0.5


ROLES = [
    ("time", _time, TELLING, "the values are times"),
    ("event", _event, TELLING, "the values are words of actions"),
    ("gender", _gender, TELLING, "the values are words of gender"),
    ("money", _money, PLACE, "the values are numbers with decimals"),
    ("rating", _rating, PLACE, "the values are a few small whole numbers"),
    ("text", _opinion, TELLING, "the values are sentences"),
    ("label", _label, PLACE, "the values are 0 and 1, or positive and negative"),
    ("id", _id, PLACE, "the first column of ids"),
    ("other id", _id, PLACE, "the second column of ids"),
    ("count", _count, PLACE, "the values are small whole numbers"),
]
ALONE = ("label",)  # of several flags none is the label
KINDS: list[tuple[str, set[str]]] = [
    ("events", {"id", "time", "event"}),
    ("transactions", {"id", "time", "money"}),
    ("feedback", {"id", "time", "rating"}),
    ("feedback", {"text", "label"}),
    ("customers", {"id", "gender"}),
]
NAMES = {
    "events": {"id": "customer_id", "time": "occurred_at", "event": "event"},
    "transactions": {
        "id": "customer_id",
        "time": "ordered_at",
        "money": "amount",
        "count": "quantity",
        "rating": "quantity",
    },
    "feedback": {
        "id": "customer_id",
        "other id": "product_id",
        "time": "given_at",
        "rating": "rating",
        "text": "text",
        "label": "label",
    },
    "customers": {"id": "customer_id", "gender": "gender"},
}
