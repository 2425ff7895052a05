"""What no real company knows of its customers: the yardstick for every model."""

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import hyp2f1

from workbench.demo.accounts import Accounts
from workbench.demo.campaigns import Enrolment, campaign_id
from workbench.demo.channels import CHANNELS
from workbench.demo.clock import Clock
from workbench.demo.columns import labels, times
from workbench.demo.orders import FROM_CAMPAIGN, dropped_out, first_and_last
from workbench.demo.population import END, Columns, Population
from workbench.demo.vocabulary import TOPICS

DISCONTENT_BELOW = -0.3  # satisfaction; a member below it who leaves does so over the sore point
CAUSES = ("service_failure", "discontent", "need_met", "moved_on", "competitor", "unknown")
OTHER_SHARES = (0.4, 0.25, 0.25, 0.1)  # of the last four causes
ARMS = ("control", "treatment")
HORIZONS_DAYS = (90, 365)


def true_customers(
    people: Columns,
    orders: Columns,
    enrolments: list[Enrolment],
    *,
    accounts: Accounts,
    categories: list[str],
    population: Population,
    clock: Clock,
    rng: np.random.Generator,
) -> pa.Table:
    """One row per member.

    Returns
    -------
    pyarrow.Table
        customer_id; second_id (the store card's number, if there is one); channel, is_fake;
        purchase_rate_per_day, dropout_probability, mean_order_value, satisfaction, sore_topic,
        favourite_category, favourite_share (missing for fake members); n_orders, of them n_campaign_orders
        and n_failures; first_order_at, last_order_at; alive on the last day, dropped_out_at, dropout_cause
        and dropout_topic (missing while alive or without an order); p_alive and orders_90d_given_history,
        orders_365d_given_history; orders_90d_given_traits, orders_365d_given_traits (see `_expected`); for
        each campaign arm_<id> and effect_<id>, missing for those not enrolled.
    """
    n = len(people["rate"])
    genuine = ~people["fake"]
    columns: dict[str, Any] = {
        "customer_id": accounts.members,
        "second_id": accounts.cards.take(pa.array(np.arange(n), mask=~people["second_id"])),
        "channel": labels(CHANNELS, people["channel"]),
        "is_fake": pa.array(people["fake"]),
        "purchase_rate_per_day": pa.array(people["rate"], mask=~genuine),
        "dropout_probability": pa.array(people["dropout"], mask=~genuine),
        "mean_order_value": pa.array(people["mean_spend"], mask=~genuine),
        "satisfaction": pa.array(people["satisfaction"], mask=~genuine),
        "sore_topic": labels(TOPICS, people["sore"], genuine),
        "favourite_category": labels(categories, people["favourite"], genuine),
        "favourite_share": pa.array(people["affinity"], mask=~genuine),
        "n_orders": pa.array(np.bincount(orders["person"], minlength=n)),
        "n_campaign_orders": _count(orders, orders["ordinal"] == FROM_CAMPAIGN, n),
        "n_failures": _count(orders, orders["failed"], n),
    }
    columns |= _life(people, orders, population, clock, rng)
    columns |= _expected(people, orders, population, clock)
    for enrolment in enrolments:
        columns |= _lot(enrolment, n)
    return pa.table(columns)


def _count(orders: Columns, which: NDArray[np.bool_], n: int) -> pa.Array:
    return pa.array(np.bincount(orders["person"][which], minlength=n))


def _life(
    people: Columns, orders: Columns, population: Population, clock: Clock, rng: np.random.Generator
) -> dict[str, Any]:
    """When the members' orders began and ended, and why."""
    n = len(people["rate"])
    first, last = first_and_last(orders, n)
    buys = first >= 0
    dropped = dropped_out(orders, n)
    gone = np.isfinite(dropped)
    leaving = np.flatnonzero(orders["last"])
    cause, topic = _causes(leaving, people, orders, population, rng)
    cause_of, topic_of = np.zeros(n, dtype=np.int64), np.full(n, -1)
    cause_of[orders["person"][leaving]], topic_of[orders["person"][leaving]] = cause, topic
    at = orders["ordered_at"]
    some = at if len(at) else np.zeros(1, dtype="datetime64[s]")  # row -1 has to be there
    return {
        "first_order_at": times(some[first], buys),
        "last_order_at": times(some[last], buys),
        "alive": pa.array(~gone, mask=~buys),
        "dropped_out_at": times(clock.wall_time(np.where(gone, dropped, 0.0)), gone),
        "dropout_cause": labels(CAUSES, cause_of, gone),
        "dropout_topic": labels(TOPICS, topic_of.clip(0), gone & (topic_of >= 0)),
    }


def _causes(
    leaving: NDArray[np.int64],
    people: Columns,
    orders: Columns,
    population: Population,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of the cause, and of the topic (-1 for none), of each of these last orders.

    Who leaves at a failed order would have left without the failure with a known probability; in the rest of
    the cases the failure is the cause.
    """
    person, failed = orders["person"][leaving], orders["failed"][leaving]
    dropout = people["dropout"][person]
    with np.errstate(invalid="ignore"):  # nobody leaves with probability 0
        share = 1 - population.dropout_otherwise(dropout) / population.dropout_after_failure(dropout)
    by_failure = failed & (rng.random(len(leaving)) < share)
    discontent = people["satisfaction"][person] < DISCONTENT_BELOW
    other = len(CAUSES) - len(OTHER_SHARES) + rng.choice(len(OTHER_SHARES), len(leaving), p=OTHER_SHARES)
    cause = np.where(by_failure, 0, np.where(discontent, 1, other))
    sore = np.where(discontent, people["sore"][person], -1)
    return cause, np.where(by_failure, orders["failure"][leaving], sore)


def _expected(people: Columns, orders: Columns, population: Population, clock: Clock) -> dict[str, Any]:
    """Repeat orders to be expected after the last day, on the company's clock and without new campaigns.

    Given the traits (rate λ, dropout d) of a member who is there: (1 − exp(−λ d t)) / d, else 0. Given the
    history: what who knows the laws but not the members would expect, BG/NBD, Fader, Hardie & Lee (2005),
    eq. (10); p_alive is from their note of 2008, eq. (7). Missing before a first order.
    """
    n = len(people["rate"])
    end, dropout = clock.at(END), people["dropout"]
    own = orders["ordinal"] >= 0
    natural = {name: orders[name][own] for name in ("person", "clock", "last")}
    first, last = first_and_last(natural, n)
    buys = first >= 0
    there = buys & np.isinf(dropped_out(natural, n))
    x = np.bincount(natural["person"], minlength=n)[buys] - 1
    t_x = natural["clock"][last[buys]] - natural["clock"][first[buys]]
    T = end - natural["clock"][first[buys]]
    alive = _p_alive(population, x, t_x, T)
    columns = {"p_alive": _placed(alive, buys)}
    for days in HORIZONS_DAYS:
        t = clock.at(END + timedelta(days=days)) - end
        with np.errstate(divide="ignore", invalid="ignore"):  # without dropout it is λ t
            known = -np.expm1(-people["rate"] * dropout * t) / dropout
        known = np.where(dropout > 0, known, people["rate"] * t) * there
        columns[f"orders_{days}d_given_history"] = _placed(alive * _repeats(population, x, T, t), buys)
        columns[f"orders_{days}d_given_traits"] = pa.array(known, mask=~buys)
    return columns


def _p_alive(
    population: Population, x: NDArray[np.int64], t_x: NDArray[np.float64], T: NDArray[np.float64]
) -> NDArray[np.float64]:
    r, alpha, a, b = population.r, population.alpha_days, population.a, population.b
    log_odds = np.log(a / (b + x.clip(1) - 1)) + (r + x) * np.log((alpha + T) / (alpha + t_x))
    alive: NDArray[np.float64] = np.where(x > 0, 1 / (1 + np.exp(log_odds)), 1.0)
    return alive


def _repeats(
    population: Population, x: NDArray[np.int64], T: NDArray[np.float64], t: float
) -> NDArray[np.float64]:
    """Expected orders in the time `t` of members who are alive."""
    r, alpha, a, b = population.r, population.alpha_days, population.a, population.b
    silent = ((alpha + T) / (alpha + T + t)) ** (r + x)
    series = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
    expected: NDArray[np.float64] = (a + b + x - 1) / (a - 1) * (1 - silent * series)
    return expected


def _placed(values: NDArray[np.float64], where: NDArray[np.bool_]) -> pa.Array:
    column = np.zeros(len(where))
    column[where] = values
    return pa.array(column, mask=~where)


def _lot(enrolment: Enrolment, n: int) -> dict[str, Any]:
    """Which arm each member was in, and how many further orders being treated would bring."""
    name = campaign_id(enrolment.campaign)
    enrolled = np.zeros(n, dtype=bool)
    enrolled[enrolment.person] = True
    treated = np.zeros(n, dtype=np.int64)
    treated[enrolment.person] = enrolment.treated
    return {
        f"arm_{name}": labels(ARMS, treated, enrolled),
        f"effect_{name}": _placed(enrolment.effect, enrolled),
    }
