"""When members order, when they drop out, and what an order is worth."""

import numpy as np
from numpy.typing import NDArray

from workbench.demo.campaigns import Enrolment, draw_campaigns
from workbench.demo.clock import Clock
from workbench.demo.failures import draw_failed, draw_topics
from workbench.demo.population import END, Columns, Population

SMALLEST_ORDER = 0.02  # of the mean order value: nobody pays a few cents
ORDER_CHANNEL_SHARES = (0.46, 0.38, 0.16)
STORE = 2
FROM_CAMPAIGN = -1  # ordinal of the orders that a campaign brought


def draw_orders(
    people: Columns,
    population: Population,
    clock: Clock,
    rng: np.random.Generator,
    campaign_rng: np.random.Generator,
) -> tuple[Columns, list[Enrolment]]:
    """All orders of a block, in order of time, and who was in which campaign.

    Members order at their own rate until they drop out; after each *repeat* order a member drops out with
    the member's own probability (BG/NBD: the first order starts the member's time and nobody leaves at it).
    Campaigns bring orders on top, at which nobody leaves.

    Returns
    -------
    dict of array
        person (row of `people`), ordinal (0 for the first order, FROM_CAMPAIGN), clock (days), ordered_at,
        failed, last (the member drops out at this order), failure (number of the topic, -1 without),
        experience (the better the higher), channel (number), cents.
    list of Enrolment
    """
    natural = _sorted(_times(people, population, clock, rng))
    enrolments, brought = draw_campaigns(people, natural, clock, campaign_rng)
    n = len(brought["person"])
    brought |= {
        "ordinal": np.full(n, FROM_CAMPAIGN),
        "failed": draw_failed(brought["clock"], population, clock, campaign_rng, first=False),
        "last": np.zeros(n, dtype=bool),
    }
    orders = _sorted({name: np.concatenate([natural[name], brought[name]]) for name in natural})
    orders["ordered_at"] = clock.wall_time(orders["clock"])
    orders["failure"] = draw_topics(orders, population, clock, rng)
    orders["experience"] = _experience(orders, people, population, rng)
    n = len(orders["person"])
    orders["channel"] = rng.choice(len(ORDER_CHANNEL_SHARES), n, p=ORDER_CHANNEL_SHARES)
    orders["cents"] = _cents(orders, people, population, clock, rng)
    return orders, enrolments


def _sorted(orders: Columns) -> Columns:
    order = np.argsort(orders["clock"], kind="stable")
    return {name: column[order] for name, column in orders.items()}


def _times(people: Columns, population: Population, clock: Clock, rng: np.random.Generator) -> Columns:
    """One round per ordinal: every member still there waits an exponential time, orders, and may leave."""
    rate, now = people["rate"], people["first_order"].copy()
    after_failure = population.dropout_after_failure(people["dropout"])
    otherwise = population.dropout_otherwise(people["dropout"])
    end = clock.at(END)
    person = np.flatnonzero(now < end)
    failed = draw_failed(now[person], population, clock, rng, first=True)
    rounds = [(person, now[person], failed, np.zeros(len(person), dtype=bool))]
    while len(person):
        with np.errstate(divide="ignore"):  # a rate that underflows to zero means: never again
            now[person] += rng.standard_exponential(len(person)) / rate[person]
        person = person[now[person] < end]
        failed = draw_failed(now[person], population, clock, rng, first=False)
        last = rng.random(len(person)) < np.where(failed, after_failure[person], otherwise[person])
        rounds.append((person, now[person], failed, last))
        person = person[~last]
    columns = dict(
        zip(
            ("person", "clock", "failed", "last"), map(np.concatenate, zip(*rounds, strict=True)), strict=True
        )
    )
    sizes = [len(person) for person, *_ in rounds]
    return columns | {"ordinal": np.repeat(np.arange(len(rounds)), sizes)}


def _experience(
    orders: Columns, people: Columns, population: Population, rng: np.random.Generator
) -> NDArray[np.float64]:
    """How good an order was for its member: standard normal over members, but for failures."""
    trait = population.trait_in_order
    noise = rng.standard_normal(len(orders["person"]))
    usual = trait * people["satisfaction"][orders["person"]] + np.sqrt(1 - trait**2) * noise
    return np.asarray(usual - population.failure_blow * orders["failed"])


def _cents(
    orders: Columns, people: Columns, population: Population, clock: Clock, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Order values: Gamma with the member's mean, times the day's factor."""
    own = people["mean_spend"][orders["person"]]
    values = own * rng.standard_gamma(population.p, len(own)) / population.p
    values *= clock.basket_at(orders["ordered_at"])
    values = np.maximum(values, SMALLEST_ORDER * population.mean_order_value)
    return np.rint(values * 100).astype(np.int64)


def first_and_last(orders: Columns, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the first and the last order of each of `n` members, -1 without one."""
    rows = np.arange(len(orders["person"]))
    first, last = np.full(n, -1), np.full(n, -1)
    # Rows are in order of time, and the last of several values for one place stays.
    first[orders["person"][::-1]] = rows[::-1]
    last[orders["person"]] = rows
    return first, last


def dropped_out(orders: Columns, n: int) -> NDArray[np.float64]:
    """When each of `n` members dropped out, on the clock; inf for those still there on the last day."""
    when = np.full(n, np.inf)
    when[orders["person"][orders["last"]]] = orders["clock"][orders["last"]]
    return when
