"""What no real company knows of its customers: the yardstick for every model."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from workbench.calendar import months_between
from workbench.demo.population import FIRST_DAY, LAST_DAY, SNAPSHOT_DAY, Population
from workbench.demo.vocabulary import SENTIMENTS, TOPICS, pick

DISCONTENT_BELOW = -0.3  # satisfaction; a member below it who leaves does so over the sore point
OTHER_REASONS = ["need_met", "moved_on", "competitor", "unknown"]
OTHER_SHARES = (0.4, 0.25, 0.25, 0.1)
MODEL_PARAMETERS = ("r", "alpha_days", "a", "b", "p", "q", "gamma", "season")


def true_members(people: pd.DataFrame, orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per member.

    Returns
    -------
    pandas.DataFrame
        member_id, purchase_rate_per_day, dropout_probability, mean_order_value, satisfaction, sore_topic,
        n_orders, first_order_at, last_order_at, dropped_out_at (missing for those still there on the last
        day), lapse_reason (a topic, or another reason; missing likewise).
    """
    by_person = orders.groupby("person")["ordered_at"].agg(["size", "min", "max"]).reindex(people.index)
    left = orders[orders["last"]].set_index("person")["ordered_at"].reindex(people.index)
    sore = pick(list(TOPICS), people["sore_topic"].to_numpy())
    other = pick(OTHER_REASONS, rng.choice(len(OTHER_REASONS), len(people), p=OTHER_SHARES))
    reason = pd.Series(np.where(people["satisfaction"] < DISCONTENT_BELOW, sore, other), dtype="str")
    return pd.DataFrame(
        {
            "member_id": people["member_id"],
            "purchase_rate_per_day": people["rate"],
            "dropout_probability": people["dropout"],
            "mean_order_value": people["mean_spend"],
            "satisfaction": people["satisfaction"],
            "sore_topic": sore,
            "n_orders": by_person["size"].fillna(0).astype("int64"),
            "first_order_at": by_person["min"],
            "last_order_at": by_person["max"],
            "dropped_out_at": left,
            "lapse_reason": reason.where(left.notna()),
        }
    )


def months_alive(members: pd.DataFrame) -> pd.DataFrame:
    """Whether each member was still there at each month's end.

    Returns
    -------
    pandas.DataFrame
        member_id and one column per month end, ``YYYY-MM-DD``: True or False, missing before the first
        order. It is the truth behind a model's P(alive).
    """
    columns: dict[str, Any] = {"member_id": members["member_id"]}
    for month in months_between(FIRST_DAY, SNAPSHOT_DAY):
        end = pd.Timestamp(month + timedelta(days=1))
        there = ~(members["dropped_out_at"] < end)
        known = members["first_order_at"] < end
        columns[month.isoformat()] = there.astype("boolean").where(known)
    return pd.DataFrame(columns)


def true_feedback(said: pd.DataFrame) -> pd.DataFrame:
    """What was meant by each utterance: feedback_id, language, topic, sentiment."""
    return pd.DataFrame(
        {
            "feedback_id": said["feedback_id"],
            "language": said["language"],
            "topic": pick(list(TOPICS), said["topic"].to_numpy()),
            "sentiment": pick(list(SENTIMENTS), said["sentiment"].to_numpy()),
        }
    )


def laws(population: Population) -> dict[str, Any]:
    """The generating parameters, as `truth/truth.json` holds them."""
    given = asdict(population)
    return {
        "days": {"first": f"{FIRST_DAY}", "last": f"{LAST_DAY}", "member_snapshot": f"{SNAPSHOT_DAY}"},
        "purchase_model": {
            "name": "BG/NBD",
            "time_unit": "day",
            "time_zero": "a member's first order, after which nobody drops out",
            "r": population.r,
            "alpha": population.alpha_days,
            "a": population.a,
            "b": population.b,
        },
        "spend_model": {
            "name": "Gamma-Gamma, per order, times the month's factor",
            "p": population.p,
            "q": population.q,
            "gamma": population.gamma,
            "mean_order_value": population.mean_order_value,
            "season": list(population.season),
        },
        "other": {name: given[name] for name in given if name not in MODEL_PARAMETERS},
    }
