"""Who the members really are, and what the company knows of them."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.demo.accounts import Accounts
from workbench.demo.channels import draw_channels
from workbench.demo.clock import Clock
from workbench.demo.columns import labels, times
from workbench.demo.population import END, LAST_DAY, Columns, Population
from workbench.demo.vocabulary import TOPICS

TOPIC_SHARES = np.array([0.26, 0.22, 0.15, 0.14, 0.08, 0.08, 0.07])  # what members mind, in TOPICS' order
CATEGORY_SHARES = np.array([0.22, 0.2, 0.17, 0.13, 0.16, 0.12])  # in the catalogue's order
FAVOURITE_LAW = (4.0, 4.0)  # Beta: share of a member's purchases that the favourite category has of its own
SECOND_ID_SHARE = 0.1  # of the genuine members: they have a store card with a number of its own
NO_GENDER_SHARE, NO_BIRTH_SHARE, CONSENT_SHARE = 0.15, 0.25, 0.72
DEVICE_SHARES = (0.68, 0.07, 0.25)
TIER_BARS = (1.3, 2.5)  # first order over the mean order value


def draw_people(
    numbers: tuple[int, int, int], population: Population, clock: Clock, rng: np.random.Generator
) -> Columns:
    """Latent traits of the members of one block, in order of registration.

    Parameters
    ----------
    numbers : tuple of int
        First member of the block, the first of the next, and members of the company in all. The block has
        its own slice of the time of registrations, so ids rise with it over all blocks.

    Returns
    -------
    dict of array
        registered and first_order (days on the clock; first_order is inf for those who never order); rate
        (orders per day), dropout (probability after a repeat order), mean_spend (currency); satisfaction
        (standard normal); sore (number in TOPICS): what the member minds most; favourite (number of a
        category) and affinity (share); channel (number), fake, consent, second_id (bool).
    """
    start, stop, company = numbers
    n = stop - start
    growth = np.log(population.growth)
    uniform = (start + n * rng.random(n)) / company
    registered = np.log1p(uniform * np.expm1(growth)) / growth * clock.at(END)
    dropout, satisfaction = _dropout_and_satisfaction(n, population, rng)
    people: Columns = {
        "registered": registered,
        "rate": rng.gamma(population.r, 1 / population.alpha_days, n),
        "dropout": dropout,
        "mean_spend": population.p / rng.gamma(population.q, 1 / population.gamma, n),
        "satisfaction": satisfaction,
        "sore": rng.choice(len(TOPICS), n, p=TOPIC_SHARES),
        "favourite": rng.choice(len(CATEGORY_SHARES), n, p=CATEGORY_SHARES),
        "affinity": rng.beta(*FAVOURITE_LAW, n),
        "consent": rng.random(n) < CONSENT_SHARE,
    }
    people |= draw_channels(people, clock, rng)
    people["second_id"] = ~people["fake"] & (rng.random(n) < SECOND_ID_SHARE)
    order = np.argsort(people["registered"], kind="stable")
    people = {name: column[order] for name, column in people.items()}
    delay = _first_order_delay(n, population, rng)
    people["first_order"] = people["registered"] + np.where(people["fake"], np.inf, delay)
    return people


def _first_order_delay(n: int, population: Population, rng: np.random.Generator) -> NDArray[np.float64]:
    same_visit = rng.random(n) < population.same_visit_share
    mean = np.where(same_visit, population.same_visit_days, population.later_days)
    delay = rng.exponential(mean)
    return np.where(rng.random(n) < population.never_share, np.inf, delay)


def _dropout_and_satisfaction(
    n: int, population: Population, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Dropout probabilities, exactly Beta, coupled by rank to discontent (a Gaussian copula)."""
    score = rng.standard_normal(n)
    dropout = np.empty(n)
    dropout[np.argsort(score, kind="stable")] = np.sort(rng.beta(population.a, population.b, n))
    rho = population.dropout_discontent
    return dropout, -rho * score + np.sqrt(1 - rho**2) * rng.standard_normal(n)


def profiles(
    people: Columns,
    first_order_value: NDArray[np.float64],
    accounts: Accounts,
    clock: Clock,
    *,
    words: dict[str, Any],
    rng: np.random.Generator,
) -> pa.Table:
    """The company's member list.

    Parameters
    ----------
    first_order_value : array
        Value of each member's first order over the mean order value, 0 without one. The tier is given at
        that order and never changed, so the column tells nothing that came later.

    Returns
    -------
    pyarrow.Table
        One row per member, canonical column names.
    """
    fake = people["fake"]
    n = len(fake)
    told = (rng.random(n) >= NO_GENDER_SHARE) & ~fake
    return pa.table(
        {
            "customer_id": accounts.members,
            "registered_at": times(clock.wall_time(people["registered"])),
            "acquisition_channel": labels(words["acquisition_channels"], people["channel"]),
            "region": labels(words["regions"], rng.integers(len(words["regions"]), size=n)),
            "gender": labels(words["genders"], rng.integers(2, size=n), told),
            "birth_date": _births(~fake & (rng.random(n) >= NO_BIRTH_SHARE), rng),
            "tier": labels(words["tiers"], np.digitize(first_order_value, TIER_BARS)),
            "marketing_consent": labels(words["consent"], people["consent"].astype(int)),
            "first_device": labels(words["devices"], rng.choice(len(DEVICE_SHARES), n, p=DEVICE_SHARES)),
        }
    )


def _births(told: NDArray[np.bool_], rng: np.random.Generator) -> pa.Array:
    """Dates of birth of members aged about 18 to 80, missing where a member told none."""
    age_days = (18 + 62 * rng.beta(2, 3.2, len(told))) * 365.25
    dates = np.datetime64(LAST_DAY) - age_days.astype("timedelta64[D]")
    return pa.array(dates, pa.date32(), mask=~told)
