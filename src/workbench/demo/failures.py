"""Service failures: which orders fail, over what, and what that does to whoever ordered."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from workbench.demo.clock import Clock
from workbench.demo.population import Columns, Population
from workbench.demo.vocabulary import TOPICS

FAILURE_SHARES = np.array([0.42, 0.24, 0.04, 0.07, 0.06, 0.11, 0.06])  # of the failures, in TOPICS' order
# A faulty release of the app: in this month orders fail over it as well.
BURST_TOPIC, BURST_FIRST, BURST_END = "app", date(2026, 9, 1), date(2026, 10, 1)


def in_burst(clock_days: NDArray[np.float64], clock: Clock) -> NDArray[np.bool_]:
    """Whether these times on the clock lie in the month of the burst."""
    return (clock_days >= clock.at(BURST_FIRST)) & (clock_days < clock.at(BURST_END))


def draw_failed(
    clock_days: NDArray[np.float64],
    population: Population,
    clock: Clock,
    rng: np.random.Generator,
    *,
    first: bool,
) -> NDArray[np.bool_]:
    """Which orders at these times fail; `first`: they are the first orders of their members."""
    chance = population.failure_rate * (population.first_order_care if first else 1.0)
    added = population.burst_rate * in_burst(clock_days, clock)
    return rng.random(len(clock_days)) < chance + added


def draw_topics(
    orders: Columns, population: Population, clock: Clock, rng: np.random.Generator
) -> NDArray[np.int64]:
    """What each order fails over (number in TOPICS), -1 for those that do not fail."""
    n = len(orders["clock"])
    usual = rng.choice(len(TOPICS), n, p=FAILURE_SHARES)
    rate = population.failure_rate * np.where(orders["ordinal"] == 0, population.first_order_care, 1.0)
    added = in_burst(orders["clock"], clock) & (
        rng.random(n) < population.burst_rate / (population.burst_rate + rate)
    )
    topic = np.where(added, TOPICS.index(BURST_TOPIC), usual)
    return np.where(orders["failed"], topic, -1)
