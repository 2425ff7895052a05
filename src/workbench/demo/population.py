"""The laws of the made-up company. Every number here is a choice of ours; `truth/truth.json` repeats it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]  # arrays of one length, by name

FIRST_DAY = date(2024, 1, 1)
LAST_DAY = date(2026, 11, 12)  # past the last complete month, so that a leak of the future would show
END = LAST_DAY + timedelta(days=1)  # the first day of which nothing is known

# Customers are drawn in blocks, each from random numbers of its own: a block is the same in any order of
# drawing, and no more than one is in memory.
BLOCK_CUSTOMERS = 50_000

# One stream of random numbers per part: a change in one leaves the other parts as they were.
STREAMS = (
    "people",
    "profiles",
    "orders",
    "baskets",
    "refunds",
    "dirt",
    "subscriptions",
    "feedback",
    "texts",
    "lapses",
    "campaigns",
    "events",
    "tickets",
    "spend",
    "accounts",
)


def stream(seed: int, name: str, block: int = 0) -> np.random.Generator:
    """The random numbers of one part of one block of the company."""
    key = (STREAMS.index(name), block)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


@dataclass(frozen=True)
class Population:
    """Parameters of the population.

    Attributes
    ----------
    r, alpha_days : float
        Repeat-order rate per day of a member ~ Gamma(shape r, rate alpha_days), on the company's clock.
    a, b : float
        Probability to drop out after a repeat order ~ Beta(a, b). Source of the model: P. S. Fader,
        B. G. S. Hardie, K. L. Lee, "Counting your customers the easy way", Marketing Science 24 (2005),
        275-284, assumptions i-v.
    p, q, gamma : float
        Value of an order ~ Gamma(p, ν), ν ~ Gamma(q, gamma); gamma in the company's currency. Source:
        P. S. Fader, B. G. S. Hardie, "The Gamma-Gamma model of monetary value" (2013).
    failure_rate, survival_power : float
        An order fails (late, broken, …) with probability failure_rate; a first order with `first_order_care`
        times that. After a failed repeat order a member with dropout probability d stays with probability
        (1 − d) ** survival_power, after another one with what makes d the probability over all orders. So
        failures decide when members leave, and the purchase law stays exactly BG/NBD.
    burst_rate : float
        Added to failure_rate in the month of the burst (see `failures`). These failures come on top: in that
        month members leave more often than the purchase law says.
    """

    gamma: float
    r: float = 0.25
    alpha_days: float = 25.0
    a: float = 0.8
    b: float = 2.2
    p: float = 4.0
    q: float = 3.6
    growth: float = 3.0  # registrations per day at the end over those at the beginning
    never_share: float = 0.12  # of the genuine members, those who never order
    same_visit_share: float = 0.55  # of the others, those who order in the visit in which they register
    same_visit_days: float = 0.02  # mean delay of their first order, about half an hour
    later_days: float = 20.0  # mean delay of the first order of the rest
    dropout_discontent: float = 0.85  # correlation of normal scores: dropout probability, discontent
    trait_in_order: float = 0.8  # correlation of satisfaction with the experience of an order without failure
    failure_rate: float = 0.06
    first_order_care: float = 0.5
    survival_power: float = 3.0
    failure_blow: float = 1.6  # what a failure takes from the experience of the order, standard deviations
    burst_rate: float = 0.12

    @property
    def mean_order_value(self) -> float:
        """Mean over members of their mean order value: p·gamma / (q − 1)."""
        return self.p * self.gamma / (self.q - 1)

    def dropout_after_failure(self, dropout: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability to drop out after a repeat order that failed, of members with these `dropout`."""
        after: NDArray[np.float64] = 1 - (1 - dropout) ** self.survival_power
        return after

    def dropout_otherwise(self, dropout: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same after a repeat order that did not fail."""
        after = self.dropout_after_failure(dropout)
        return (dropout - self.failure_rate * after) / (1 - self.failure_rate)


MEAN_ORDER_EUR = 60.0


def population_of(price_level: float) -> Population:
    """The population of the company whose prices are `price_level` times EUR."""
    q, p = Population.q, Population.p
    return Population(gamma=MEAN_ORDER_EUR * price_level * (q - 1) / p)
