"""The paid "Plus" membership: who joins, how long they stay, and what the member system shows of it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.demo.clock import wall_time
from workbench.demo.population import SNAPSHOT_DAY
from workbench.demo.vocabulary import pick

SNAPSHOT = np.datetime64(SNAPSHOT_DAY)
MONTH_DAYS = 365.25 / 12
JOIN_LOG_ODDS, JOIN_KEENNESS = -1.5, 2.0  # of buyers; per unit of rate's rank
JOIN_DELAY_DAYS = 45.0  # mean, after the first order
YEARLY_SHARE, AUTOMATIC_SHARE, TRIAL_SHARE = 0.35, 0.6, 0.3
PAYMENT_SHARES = (0.3, 0.45, 0.25)
MONTHLY_FEES = (4.9, 3.9)  # EUR, monthly and yearly term
# Log odds to end at a due date: by term, per unit of satisfaction, with automatic renewal, after a trial.
END_LOG_ODDS = np.array([-2.7, -0.9])
END_SATISFACTION, END_AUTOMATIC, END_TRIAL = -0.7, -0.6, 0.5
TERM_MONTHS = np.array([1, 12])
# Poisson counts of the last three months: mean, and its log per unit of satisfaction.
CONTACTS, CONTACTS_SATISFACTION = 0.5, -0.6
PERKS, PERKS_SATISFACTION = 2.4, 0.3


def draw_subscriptions(
    people: pd.DataFrame,
    buyers: NDArray[np.bool_],
    words: dict[str, Any],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The member system's list of SNAPSHOT_DAY, one row per Plus contract.

    Parameters
    ----------
    buyers : array of bool
        Whether each member has ordered at all: only buyers are offered the membership.

    Returns
    -------
    pandas.DataFrame
        Canonical columns and the attributes of `words`. A contract has an ended_at exactly where its
        status (column churned) is the second of the words' statuses. tenure_months counts whole months up
        to the end or the snapshot.
    """
    member, started = _joiners(people, buyers, rng)
    satisfaction = people["satisfaction"].to_numpy()[member]
    terms = _terms(len(member), rng)
    months = _months(terms, satisfaction, rng)
    ended = started + np.rint(months * MONTH_DAYS).astype("timedelta64[D]")
    churned = ended <= SNAPSHOT
    so_far = ((SNAPSHOT - started).astype(np.int64) / MONTH_DAYS).astype(np.int64)
    fees = np.round(np.array(MONTHLY_FEES) * words["price_level"], 1)
    return pd.DataFrame(
        {
            "customer_id": people["member_id"].to_numpy()[member],
            "started_at": started.astype(str),
            "ended_at": np.where(churned, ended.astype(str), ""),
            "churned": pick(words["statuses"], churned.astype(np.int64)),
            "observed_at": str(SNAPSHOT),
            "tenure_months": np.where(churned, months, so_far),
            "monthly_fee": fees[terms["yearly"]],
            "plan_term": pick(words["plan_terms"], terms["yearly"]),
            "payment": pick(words["payments"], terms["payment"]),
            "renewal": pick(words["renewals"], terms["automatic"]),
            "free_trial": pick(words["trials"], terms["trial"]),
            "support_contacts": rng.poisson(CONTACTS * np.exp(CONTACTS_SATISFACTION * satisfaction)),
            "perks_used": rng.poisson(PERKS * np.exp(PERKS_SATISFACTION * satisfaction)),
        }
    )


def _joiners(
    people: pd.DataFrame, buyers: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.datetime64]]:
    """Rows of the members who have joined by the snapshot, and the days on which they did."""
    keen = people["rate"].rank(pct=True).to_numpy() - 0.5
    wants = rng.random(len(people)) < _share(JOIN_LOG_ODDS + JOIN_KEENNESS * keen)
    clock = people["first_order"].to_numpy() + rng.exponential(JOIN_DELAY_DAYS, len(people))
    member = np.flatnonzero(wants & buyers)
    started = wall_time(clock[member]).astype("datetime64[D]")
    return member[started < SNAPSHOT], started[started < SNAPSHOT]


def _terms(contracts: int, rng: np.random.Generator) -> dict[str, NDArray[np.int64]]:
    return {
        "yearly": (rng.random(contracts) < YEARLY_SHARE).astype(np.int64),
        "automatic": (rng.random(contracts) < AUTOMATIC_SHARE).astype(np.int64),
        "trial": (rng.random(contracts) < TRIAL_SHARE).astype(np.int64),
        "payment": rng.choice(len(PAYMENT_SHARES), contracts, p=PAYMENT_SHARES),
    }


def _months(
    terms: dict[str, NDArray[np.int64]], satisfaction: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
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
