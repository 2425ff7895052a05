"""When members order, when they drop out, and what an order is worth."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.demo.clock import clock_at, wall_time
from workbench.demo.population import END, Population

SMALLEST_ORDER = 0.02  # of the mean order value: nobody pays a few cents
MONTHS = 12


def draw_orders(people: pd.DataFrame, population: Population, rng: np.random.Generator) -> pd.DataFrame:
    """All orders of the company, in order of time.

    Members order at their own rate until they drop out; after each *repeat* order a member drops out with
    the member's own probability (BG/NBD: the first order starts the member's time and nobody leaves at it).

    Returns
    -------
    pandas.DataFrame
        person (row of `people`), ordinal (0 for the first order), clock (days), ordered_at, last (the
        member drops out at this order), experience (standard normal, the better the higher), cents.
    """
    orders = _times(people, rng).sort_values(["clock", "person"], kind="stable", ignore_index=True)
    orders["ordered_at"] = wall_time(orders["clock"].to_numpy())
    satisfaction = people["satisfaction"].to_numpy()[orders["person"]]
    trait = population.trait_in_order
    noise = rng.standard_normal(len(orders))
    orders["experience"] = trait * satisfaction + np.sqrt(1 - trait**2) * noise
    orders["cents"] = _cents(orders, people, population, rng)
    return orders


def _times(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One round per ordinal: every member still there waits an exponential time, orders, and may leave."""
    rate, dropout = people["rate"].to_numpy(), people["dropout"].to_numpy()
    clock = people["first_order"].to_numpy().copy()
    end = clock_at(END)
    person = np.flatnonzero(clock < end)
    rounds = [pd.DataFrame({"person": person, "ordinal": 0, "clock": clock[person], "last": False})]
    while len(person):
        with np.errstate(divide="ignore"):  # a rate that underflows to zero means: never again
            clock[person] += rng.standard_exponential(len(person)) / rate[person]
        person = person[clock[person] < end]
        last = rng.random(len(person)) < dropout[person]
        columns = {"person": person, "ordinal": len(rounds), "clock": clock[person], "last": last}
        rounds.append(pd.DataFrame(columns))
        person = person[~last]
    return pd.concat(rounds, ignore_index=True)


def _cents(
    orders: pd.DataFrame, people: pd.DataFrame, population: Population, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Order values: Gamma with the member's mean, times the month's factor."""
    own = people["mean_spend"].to_numpy()[orders["person"]]
    values = own * rng.standard_gamma(population.p, len(orders)) / population.p
    factors = np.array(population.season) / np.mean(population.season)
    months = orders["ordered_at"].to_numpy().astype("datetime64[M]").astype(np.int64) % MONTHS
    values = np.maximum(values * factors[months], SMALLEST_ORDER * population.mean_order_value)
    cents: NDArray[np.int64] = np.rint(values * 100).astype(np.int64)
    return cents
