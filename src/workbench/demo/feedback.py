"""Who says what about which order, and how many stars they give: everything but the words."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.demo.clock import clock_at, wall_time
from workbench.demo.people import TOPIC_SHARES
from workbench.demo.population import END
from workbench.demo.vocabulary import SENTIMENTS, TOPICS, pick

ANSWERS_PER_ORDER = 0.32  # at a middling experience
ANSWERS_EXTREME = 0.25  # log of the answers per unit away from it: the delighted and the angry write
ANSWER_DAYS = (2.0, 4.0)  # until delivery; mean wait after it
NEGATIVE_BELOW, NEUTRAL_BELOW = -0.5, -0.05  # experience: about 31 and 17 % of orders of the average member
SORE_SHARE = 0.6  # of complaints: about what the member minds most
TEXT_SHARE, RATING_SHARE, NPS_SHARE = 0.88, 0.545, 0.25  # ratings: of those with text; the others all rate
# Stars 1 to 5 by what was meant. About one in eight does not fit the words, as on every review page.
RATING_SHARES = {
    "negative": (0.49, 0.38, 0.07, 0.03, 0.03),
    "neutral": (0.02, 0.13, 0.69, 0.13, 0.03),
    "positive": (0.02, 0.02, 0.07, 0.29, 0.60),
}
NPS_MEAN, NPS_SLOPE, NPS_NOISE = 7.4, 2.0, 1.2
OTHER_LANGUAGE_SHARE = 0.03  # of utterances: not in the member's first language
NO_MEMBER_SHARE, TWICE_SHARE = 0.03, 0.008  # given without logging in; sent twice
TWICE_DAYS = 1 / 24 / 60
CHANNEL_SHARES = (0.55, 0.33, 0.12)


def draw_feedback(
    orders: pd.DataFrame,
    people: pd.DataFrame,
    products: NDArray[np.int64],
    chinese_share: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """All feedback without its texts, in order of time.

    Parameters
    ----------
    products : array
        The product (row of the catalogue) of each order that feedback is about.

    Returns
    -------
    pandas.DataFrame
        feedback_id, person, order, product, given_at, sentiment and topic and channel (numbers), language
        (en, zh), has_text, rating and nps (Int64, missing where not given), known (the member was logged
        in), source (a number that only the two rows of an utterance sent twice have in common).
    """
    said = _who_says(orders, rng)
    said["product"] = products[said["order"]]
    said["topic"] = _topics(said, people, rng)
    said["language"] = _languages(said["person"].to_numpy(), len(people), chinese_share, rng)
    said["has_text"] = rng.random(len(said)) < TEXT_SHARE
    rated = ~said["has_text"] | (rng.random(len(said)) < RATING_SHARE)
    said["rating"] = pd.array(_ratings(said["sentiment"].to_numpy(), rng), dtype="Int64")
    said.loc[~rated, "rating"] = pd.NA
    nps = np.rint(NPS_MEAN + NPS_SLOPE * said["experience"] + NPS_NOISE * rng.standard_normal(len(said)))
    said["nps"] = nps.clip(0, 10).astype("Int64").where(rng.random(len(said)) < NPS_SHARE)
    said["channel"] = rng.choice(len(CHANNEL_SHARES), len(said), p=CHANNEL_SHARES)
    said["known"] = rng.random(len(said)) >= NO_MEMBER_SHARE
    return _sent_twice(said, rng)


def _who_says(orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    experience = orders["experience"].to_numpy()
    chance = ANSWERS_PER_ORDER * np.exp(ANSWERS_EXTREME * (np.abs(experience) - 1))
    delivery, wait = ANSWER_DAYS
    clock = orders["clock"].to_numpy() + delivery + rng.exponential(wait, len(orders))
    order = np.flatnonzero((rng.random(len(orders)) < chance) & (clock < clock_at(END) - TWICE_DAYS))
    said = orders.loc[order, ["person", "experience"]].assign(order=order, clock=clock[order])
    said["sentiment"] = np.digitize(said["experience"], [NEGATIVE_BELOW, NEUTRAL_BELOW])
    return said.sort_values("clock", kind="stable", ignore_index=True)


def _topics(said: pd.DataFrame, people: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.int64]:
    """Complaints are mostly about the member's sore point, other feedback is about anything."""
    anything = rng.choice(len(TOPICS), len(said), p=TOPIC_SHARES)
    sore = people["sore_topic"].to_numpy()[said["person"]]
    complains = said["sentiment"].to_numpy() == SENTIMENTS.index("negative")
    return np.where(complains & (rng.random(len(said)) < SORE_SHARE), sore, anything)


def _languages(
    person: NDArray[np.int64], people: int, chinese_share: float, rng: np.random.Generator
) -> NDArray[np.object_]:
    """Most members write in one language; both languages are there as soon as two utterances are."""
    chinese = (rng.random(people) < chinese_share)[person]
    chinese = chinese ^ (rng.random(len(person)) < OTHER_LANGUAGE_SHARE)
    if chinese.all() or not chinese.any():
        chinese[:1] = ~chinese[:1]
    return np.where(chinese, "zh", "en").astype(object)


def _ratings(sentiment: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    bounds = np.cumsum([RATING_SHARES[name] for name in SENTIMENTS], axis=1)[:, :-1]
    above = rng.random((len(sentiment), 1)) > bounds[sentiment]
    return np.asarray(1 + above.sum(axis=1), dtype=np.int64)


def _sent_twice(said: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """`said` with some rows repeated a minute later, times on the wall, in order of time."""
    said = said.assign(source=np.arange(len(said)))
    again = said[rng.random(len(said)) < TWICE_SHARE]
    both = pd.concat([said, again.assign(clock=again["clock"] + TWICE_DAYS)], ignore_index=True)
    both = both.sort_values(["clock", "source"], kind="stable", ignore_index=True)
    ids = [f"F{number:07d}" for number in range(1, len(both) + 1)]
    return both.assign(given_at=wall_time(both["clock"].to_numpy()), feedback_id=ids)


def answers_table(
    said: pd.DataFrame, people: pd.DataFrame, products: pd.DataFrame, texts: list[str], words: dict[str, Any]
) -> pd.DataFrame:
    """The company's feedback file, canonical column names."""
    member = people["member_id"].to_numpy()[said["person"]]
    return pd.DataFrame(
        {
            "feedback_id": said["feedback_id"],
            "given_at": said["given_at"],
            "customer_id": np.where(said["known"], member, ""),
            "channel": pick(words["feedback_channels"], said["channel"].to_numpy()),
            "product_id": products["product_id"].to_numpy()[said["product"]],
            "rating": said["rating"],
            "nps": said["nps"],
            "text": texts,
        }
    )
