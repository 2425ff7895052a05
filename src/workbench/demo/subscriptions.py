"""The paid "Plus" membership: who joins, under which terms, and how long they stay."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.demo.accounts import Accounts
from workbench.demo.channels import ranks
from workbench.demo.clock import Clock
from workbench.demo.columns import labels, money
from workbench.demo.population import END, Columns

MONTH_DAYS = 365.25 / 12
JOIN_LOG_ODDS, JOIN_KEENNESS = -0.5, 2.0  # of buyers; per unit of rate's rank
JOIN_DELAY_DAYS = 45.0  # mean, after the first order
YEARLY_SHARE, AUTOMATIC_SHARE, TRIAL_SHARE = 0.35, 0.6, 0.3
PAYMENT_SHARES = (0.3, 0.45, 0.25)
MONTHLY_FEES = (4.9, 3.9)  # EUR, monthly and yearly term
# Log odds to end at a due date: by term, per unit of satisfaction, with automatic renewal, after a trial.
END_LOG_ODDS = np.array([-2.3, -0.7])
END_SATISFACTION, END_AUTOMATIC, END_TRIAL = -0.7, -0.6, 0.5
TERM_MONTHS = np.array([1, 12])


def draw_subscriptions(
    people: Columns, accounts: Accounts, clock: Clock, words: dict[str, Any], rng: np.random.Generator
) -> pa.Table:
    """The contracts of a block as they stand on the last day, one row per contract.

    Only buyers are offered the membership, and all terms are settled when it begins: whatever a row tells
    but its end was known from started_at on.

    Returns
    -------
    pyarrow.Table
        Canonical columns and the attributes of `words`; ended_at is missing while a contract runs.
    """
    member, started = _joiners(people, clock, rng)
    terms = _terms(len(member), rng)
    months = _months(terms, people["satisfaction"][member], rng)
    ended = started + np.rint(months * MONTH_DAYS).astype("timedelta64[D]")
    fees = np.rint(np.array(MONTHLY_FEES) * words["price_level"] * 10).astype(np.int64) * 10  # whole dimes
    return pa.table(
        {
            "customer_id": accounts.ids(member),
            "started_at": pa.array(started, pa.date32()),
            "ended_at": pa.array(ended, pa.date32(), mask=ended >= np.datetime64(END)),
            "monthly_fee": money(fees[terms["yearly"]]),
            "plan_term": labels(words["plan_terms"], terms["yearly"]),
            "payment": labels(words["payments"], terms["payment"]),
            "renewal": labels(words["renewals"], terms["automatic"]),
            "free_trial": labels(words["yes_no"], terms["trial"]),
        }
    )


def _joiners(
    people: Columns, clock: Clock, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.datetime64]]:
    """Rows of the members who have joined by the last day, and the days on which they did."""
    n = len(people["rate"])
    wants = rng.random(n) < _share(JOIN_LOG_ODDS + JOIN_KEENNESS * (ranks(people["rate"]) - 0.5))
    when = people["first_order"] + rng.exponential(JOIN_DELAY_DAYS, n)
    member = np.flatnonzero(wants & (when < clock.at(END)))
    return member, clock.wall_time(when[member]).astype("datetime64[D]")


def _terms(contracts: int, rng: np.random.Generator) -> Columns:
    return {
        "yearly": (rng.random(contracts) < YEARLY_SHARE).astype(np.int64),
        "automatic": (rng.random(contracts) < AUTOMATIC_SHARE).astype(np.int64),
        "trial": (rng.random(contracts) < TRIAL_SHARE).astype(np.int64),
        "payment": rng.choice(len(PAYMENT_SHARES), contracts, p=PAYMENT_SHARES),
    }


def _months(terms: Columns, satisfaction: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Months from start to end: a whole number of terms, each of which may be the last."""
    log_odds = (
        END_LOG_ODDS[terms["yearly"]]
        + END_SATISFACTION * satisfaction
        + END_AUTOMATIC * terms["automatic"]
        + END_TRIAL * terms["trial"]
    )
    return TERM_MONTHS[terms["yearly"]] * rng.geometric(_share(log_odds))


def _share(log_odds: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = 1 / (1 + np.exp(-log_odds))
    return share
