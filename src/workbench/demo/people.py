"""Who the members really are, and what the company knows of them."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.demo.clock import clock_at, wall_time
from workbench.demo.population import END, LAST_DAY, Population
from workbench.demo.vocabulary import TOPICS, pick

ID_DIGITS = 7  # member numbers are written with leading zeros
TOPIC_SHARES = np.array([0.26, 0.22, 0.15, 0.14, 0.08, 0.08, 0.07])  # what members mind, in TOPICS' order
# Search, short video, social, referral, store, marketplace: share, and how far the keen ones prefer it.
CHANNEL_SHARES = np.array([0.24, 0.22, 0.18, 0.12, 0.08, 0.16])
CHANNEL_KEENNESS = np.array([0.2, -0.6, -0.3, 1.0, 0.4, -0.2])
NO_GENDER_SHARE, NO_BIRTH_SHARE, CONSENT_SHARE = 0.15, 0.25, 0.72
DEVICE_SHARES = (0.68, 0.07, 0.25)
TIER_BARS = (1.3, 2.5)  # first order over the mean order value


def draw_people(customers: int, population: Population, rng: np.random.Generator) -> pd.DataFrame:
    """Latent traits of each member, in order of registration.

    Returns
    -------
    pandas.DataFrame
        member_id; registered and first_order (days on the clock; first_order is inf for those who never
        order); rate (orders per day), dropout (probability after a repeat order), mean_spend (currency);
        satisfaction (standard normal); sore_topic (number in TOPICS): what the member minds most.
    """
    growth = np.log(population.growth)
    uniform = np.sort(rng.random(customers))
    registered = np.log1p(uniform * np.expm1(growth)) / growth * clock_at(END)
    dropout, satisfaction = _dropout_and_satisfaction(customers, population, rng)
    return pd.DataFrame(
        {
            "member_id": [f"{number:0{ID_DIGITS}d}" for number in range(1, customers + 1)],
            "registered": registered,
            "first_order": registered + _first_order_delay(customers, population, rng),
            "rate": rng.gamma(population.r, 1 / population.alpha_days, customers),
            "dropout": dropout,
            "mean_spend": population.p / rng.gamma(population.q, 1 / population.gamma, customers),
            "satisfaction": satisfaction,
            "sore_topic": rng.choice(len(TOPICS), customers, p=TOPIC_SHARES),
        }
    )


def _first_order_delay(
    customers: int, population: Population, rng: np.random.Generator
) -> NDArray[np.float64]:
    same_visit = rng.random(customers) < population.same_visit_share
    mean = np.where(same_visit, population.same_visit_days, population.later_days)
    delay = rng.exponential(mean)
    return np.where(rng.random(customers) < population.never_share, np.inf, delay)


def _dropout_and_satisfaction(
    customers: int, population: Population, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Dropout probabilities, exactly Beta, coupled by rank to discontent (a Gaussian copula)."""
    score = rng.standard_normal(customers)
    sample = np.sort(rng.beta(population.a, population.b, customers))
    dropout = sample[np.argsort(np.argsort(score))]
    rho = population.dropout_discontent
    return dropout, -rho * score + np.sqrt(1 - rho**2) * rng.standard_normal(customers)


def draw_profiles(
    people: pd.DataFrame,
    first_order_value: NDArray[np.float64],
    words: dict[str, Any],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The company's member list.

    Parameters
    ----------
    first_order_value : array
        Value of each member's first order over the mean order value, 0 without one. The tier is given at
        that order and never changed, so the column tells nothing that came later.

    Returns
    -------
    pandas.DataFrame
        One row per member, canonical column names.
    """
    n = len(people)
    gender = np.where(rng.random(n) < NO_GENDER_SHARE, "", pick(words["genders"], rng.integers(2, size=n)))
    tier = np.digitize(first_order_value, TIER_BARS)
    consent = (rng.random(n) < CONSENT_SHARE).astype(int)
    return pd.DataFrame(
        {
            "customer_id": people["member_id"],
            "registered_at": wall_time(people["registered"].to_numpy()),
            "acquisition_channel": pick(words["acquisition_channels"], _acquisition(people, rng)),
            "region": pick(words["regions"], rng.integers(len(words["regions"]), size=n)),
            "gender": gender,
            "birth_date": _births(n, rng),
            "tier": pick(words["tiers"], tier),
            "marketing_consent": pick(words["consent"], consent),
            "first_device": pick(words["devices"], rng.choice(len(DEVICE_SHARES), n, p=DEVICE_SHARES)),
        }
    )


def _acquisition(people: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.int64]:
    """Numbers of channels; members with a high rate come a little more often by referral."""
    keen = people["rate"].rank(pct=True).to_numpy() - 0.5
    weights = CHANNEL_SHARES * np.exp(np.outer(keen, CHANNEL_KEENNESS))
    bounds = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    above = rng.random((len(people), 1)) > bounds[:, :-1]
    return np.asarray(above.sum(axis=1), dtype=np.int64)


def _births(n: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Dates of birth of members aged about 18 to 80, blank where a member gave none."""
    age_days = (18 + 62 * rng.beta(2, 3.2, n)) * 365.25
    dates = (np.datetime64(LAST_DAY) - age_days.astype("timedelta64[D]")).astype(str).astype(object)
    return np.where(rng.random(n) < NO_BIRTH_SHARE, "", dates)
