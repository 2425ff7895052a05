"""The laws of the made-up company. Every number here is a choice of ours; `truth/truth.json` repeats it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

FIRST_DAY = date(2024, 1, 1)  # a Monday: the weeks of the clock begin here
LAST_DAY = date(2026, 11, 12)  # past the last complete month, so that a leak of the future would show
END = LAST_DAY + timedelta(days=1)  # the first day of which nothing is known
SNAPSHOT_DAY = date(2026, 10, 31)  # the member system writes its list at each month's end

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
)


def stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one part of the company."""
    return np.random.default_rng([seed, STREAMS.index(name)])


@dataclass(frozen=True)
class Population:
    """Parameters of the population.

    Attributes
    ----------
    r, alpha_days : float
        Repeat-order rate per day of a member ~ Gamma(shape r, rate alpha_days).
    a, b : float
        Probability to drop out after a repeat order ~ Beta(a, b). Source of the model: P. S. Fader,
        B. G. S. Hardie, K. L. Lee, "Counting your customers the easy way", Marketing Science 24 (2005),
        275-284, assumptions i-v.
    p, q, gamma : float
        Value of an order ~ Gamma(p, ν), ν ~ Gamma(q, gamma); gamma in the company's currency. Source:
        P. S. Fader, B. G. S. Hardie, "The Gamma-Gamma model of monetary value" (2013).
    season : tuple of float
        Factor on an order's value by calendar month, mean 1.
    """

    gamma: float
    season: tuple[float, ...]
    r: float = 0.25
    alpha_days: float = 25.0
    a: float = 0.8
    b: float = 2.2
    p: float = 4.0
    q: float = 3.6
    growth: float = 3.0  # registrations per day at the end over those at the beginning
    never_share: float = 0.12  # of the members who register, those who never order
    same_visit_share: float = 0.55  # of the others, those who order in the visit in which they register
    same_visit_days: float = 0.02  # mean delay of their first order, about half an hour
    later_days: float = 20.0  # mean delay of the first order of the rest
    dropout_discontent: float = 0.85  # correlation of normal scores: dropout probability, discontent
    trait_in_order: float = 0.8  # correlation of a member's satisfaction with the experience of one order

    @property
    def mean_order_value(self) -> float:
        """Mean over members of their mean order value: p·gamma / (q − 1)."""
        return self.p * self.gamma / (self.q - 1)


SEASONS = {
    "en": (0.97, 0.93, 0.97, 0.98, 1.00, 1.02, 0.95, 0.93, 0.99, 1.02, 1.12, 1.12),  # year's end
    "zh": (1.05, 0.90, 0.97, 0.97, 1.00, 1.09, 0.95, 0.95, 1.00, 1.00, 1.13, 0.99),  # 年货, 618, 双11
}
MEAN_ORDER_EUR = 60.0


def population_of(language: str, price_level: float) -> Population:
    """The population whose company writes in `language` and whose prices are `price_level` times EUR."""
    q, p = Population.q, Population.p
    return Population(gamma=MEAN_ORDER_EUR * price_level * (q - 1) / p, season=SEASONS[language])
