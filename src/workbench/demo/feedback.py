"""Who says what about which order, and how many stars they give: everything but the words."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from workbench.demo.accounts import Accounts
from workbench.demo.clock import Clock
from workbench.demo.columns import labels, numbered, times
from workbench.demo.people import TOPIC_SHARES
from workbench.demo.population import END, Columns
from workbench.demo.vocabulary import SENTIMENTS, TOPICS

ANSWERS_PER_ORDER = 0.32  # at a middling experience
ANSWERS_EXTREME = 0.25  # log of the answers per unit away from it: the delighted and the angry write
ANSWER_DAYS = (2.0, 4.0)  # until delivery; mean wait after it
NEGATIVE_BELOW, NEUTRAL_BELOW = -0.5, -0.05  # experience: about 31 and 17 % of orders of the average member
SORE_SHARE = 0.6  # of complaints over orders that did not fail: about what the member minds most
FAILURE_SHARE = 0.85  # of complaints over failed orders: about the failure
TEXT_SHARE, RATING_SHARE, NPS_SHARE = 0.88, 0.545, 0.25  # ratings: of those with text; the others all rate
# Stars 1 to 5 by what was meant. About one in eight does not fit the words, as on every review page.
RATING_SHARES = {
    "negative": (0.49, 0.38, 0.07, 0.03, 0.03),
    "neutral": (0.02, 0.13, 0.69, 0.13, 0.03),
    "positive": (0.02, 0.02, 0.07, 0.29, 0.60),
}
NPS_MEAN, NPS_SLOPE, NPS_NOISE = 7.4, 2.0, 1.2
OTHER_LANGUAGE_SHARE = 0.03  # of utterances: not in the member's first language
LANGUAGES = ("en", "zh")
NO_MEMBER_SHARE, TWICE_SHARE = 0.03, 0.008  # given without logging in; sent twice
TWICE_DAYS = 1 / 24 / 60
CHANNEL_SHARES = (0.55, 0.33, 0.12)
NUMBER_DIGITS = 7


def draw_feedback(
    orders: Columns,
    people: Columns,
    products: NDArray[np.int64],
    chinese_share: float,
    clock: Clock,
    rng: np.random.Generator,
) -> Columns:
    """All feedback of a block without its texts, in order of time.

    Parameters
    ----------
    products : array
        The product (row of the catalogue) of each order that feedback is about.

    Returns
    -------
    dict of array
        person, order, product, given_at; sentiment, topic, language (in LANGUAGES) and channel (numbers);
        has_text; rating and nps (0 and -1 where not given); known (the member was logged in); failed (the
        order); source (a number that only the two rows of an utterance sent twice have in common).
    """
    said = _who_says(orders, clock, rng)
    n = len(said["order"])
    said["product"] = products[said["order"]]
    said["topic"] = _topics(said, people, orders, rng)
    said["language"] = _languages(said["person"], len(people["rate"]), chinese_share, rng)
    said["has_text"] = rng.random(n) < TEXT_SHARE
    rated = ~said["has_text"] | (rng.random(n) < RATING_SHARE)
    said["rating"] = np.where(rated, _ratings(said["sentiment"], rng), 0)
    experience = orders["experience"][said["order"]]
    nps = np.rint(NPS_MEAN + NPS_SLOPE * experience + NPS_NOISE * rng.standard_normal(n))
    said["nps"] = np.where(rng.random(n) < NPS_SHARE, nps.clip(0, 10), -1).astype(np.int64)
    said["channel"] = rng.choice(len(CHANNEL_SHARES), n, p=CHANNEL_SHARES)
    said["known"] = rng.random(n) >= NO_MEMBER_SHARE
    return _sent_twice(said, clock, rng)


def _who_says(orders: Columns, clock: Clock, rng: np.random.Generator) -> Columns:
    experience = orders["experience"]
    n = len(experience)
    chance = ANSWERS_PER_ORDER * np.exp(ANSWERS_EXTREME * (np.abs(experience) - 1))
    delivery, wait = ANSWER_DAYS
    when = orders["clock"] + delivery + rng.exponential(wait, n)
    order = np.flatnonzero((rng.random(n) < chance) & (when < clock.at(END) - TWICE_DAYS))
    order = order[np.argsort(when[order], kind="stable")]
    return {
        "order": order,
        "person": orders["person"][order],
        "failed": orders["failed"][order],
        "clock": when[order],
        "sentiment": np.digitize(experience[order], [NEGATIVE_BELOW, NEUTRAL_BELOW]),
    }


def _topics(said: Columns, people: Columns, orders: Columns, rng: np.random.Generator) -> NDArray[np.int64]:
    """Complaints are about the failure, or mostly about the sore point; all else is about anything."""
    n = len(said["order"])
    anything = rng.choice(len(TOPICS), n, p=TOPIC_SHARES)
    complains = said["sentiment"] == SENTIMENTS.index("negative")
    chance = rng.random(n)
    sore = np.where(complains & (chance < SORE_SHARE), people["sore"][said["person"]], anything)
    over_failure = complains & said["failed"] & (chance < FAILURE_SHARE)
    return np.where(over_failure, orders["failure"][said["order"]], sore)


def _languages(
    person: NDArray[np.int64], people: int, chinese_share: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Most members write in one language; both languages are there as soon as two utterances are."""
    chinese = (rng.random(people) < chinese_share)[person]
    chinese = chinese ^ (rng.random(len(person)) < OTHER_LANGUAGE_SHARE)
    if chinese.all() or not chinese.any():
        chinese[:1] = ~chinese[:1]
    return chinese.astype(np.int64)


def _ratings(sentiment: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    bounds = np.cumsum([RATING_SHARES[name] for name in SENTIMENTS], axis=1)[:, :-1]
    above = rng.random((len(sentiment), 1)) > bounds[sentiment]
    return np.asarray(1 + above.sum(axis=1), dtype=np.int64)


def _sent_twice(said: Columns, clock: Clock, rng: np.random.Generator) -> Columns:
    """`said` with some rows repeated a minute later, times on the wall, in order of time."""
    n = len(said["order"])
    again = np.flatnonzero(rng.random(n) < TWICE_SHARE)
    source = np.concatenate([np.arange(n), again])
    when = said["clock"][source]
    when[n:] += TWICE_DAYS
    order = np.argsort(when, kind="stable")
    both = {name: column[source[order]] for name, column in said.items() if name != "clock"}
    return both | {"given_at": clock.wall_time(when[order]), "source": source[order]}


def feedback_ids(said: Columns, block: str) -> pa.StringArray:
    """The numbers of the rows of a block's feedback file."""
    return numbered(f"F{block}", np.arange(1, len(said["order"]) + 1), NUMBER_DIGITS)


def answers_table(
    said: Columns,
    texts: pa.Array,
    *,
    accounts: Accounts,
    products: pd.DataFrame,
    words: dict[str, Any],
    block: str,
) -> pa.Table:
    """The company's feedback file, canonical column names."""
    return pa.table(
        {
            "feedback_id": feedback_ids(said, block),
            "given_at": times(said["given_at"]),
            "customer_id": accounts.ids(said["person"], said["known"]),
            "channel": labels(words["feedback_channels"], said["channel"]),
            "product_id": labels(list(products["product_id"]), said["product"]),
            "rating": pa.array(said["rating"], pa.int8(), mask=said["rating"] == 0),
            "nps": pa.array(said["nps"], pa.int8(), mask=said["nps"] < 0),
            "text": texts,
        }
    )


def meant_table(said: Columns, block: str) -> pa.Table:
    """What was meant by each row: feedback_id, language, topic, sentiment, failed (the order it is about)."""
    return pa.table(
        {
            "feedback_id": feedback_ids(said, block),
            "language": labels(LANGUAGES, said["language"]),
            "topic": labels(TOPICS, said["topic"]),
            "sentiment": labels(SENTIMENTS, said["sentiment"]),
            "failed": pa.array(said["failed"]),
        }
    )
