"""Service tickets: complaints over failed orders, and the questions that every shop is asked."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.demo.accounts import Accounts
from workbench.demo.clock import Clock
from workbench.demo.columns import labels, numbered, times
from workbench.demo.failures import FAILURE_SHARES
from workbench.demo.population import END, Columns
from workbench.demo.vocabulary import TOPICS

COMPLAINTS_PER_FAILURE, QUESTIONS_PER_ORDER = 0.75, 0.05
OPENED_DAYS = 1.5  # mean, after the order
COMPLAINT, QUESTION = range(2)  # numbers of the words' ticket_kinds
# Logistics, product, customer care, IT, finance: who is asked over each topic, in TOPICS' order.
DEPARTMENT_OF = np.array([0, 1, 4, 2, 3, 0, 4])
SEVERITY_SHARES = np.array([[0.2, 0.5, 0.3], [0.8, 0.18, 0.02]])  # low, middle, high: complaints, questions
CHANNEL_SHARES = (0.42, 0.33, 0.25)
# Medians; the spread is that of the logarithm. IT and finance let people wait.
RESPONSE_HOURS = np.array([5.0, 7.0, 2.5, 14.0, 11.0])
RESPONSE_SPREAD = 0.9
RESOLUTION_DAYS = np.array([0.8, 3.0, 8.0])  # after the response, by severity
RESOLUTION_SPREAD = 1.0
REOPENED_SHARES = np.array([0.14, 0.02])
REOPENED_DAYS = 4.0
FURTHER_CONTACTS = np.array([0.2, 0.7, 1.6])  # mean, by severity
SECONDS_A_DAY, SECONDS_AN_HOUR = 86_400, 3_600


def draw_tickets(orders: Columns, clock: Clock, rng: np.random.Generator) -> Columns:
    """All tickets of a block, in order of their opening.

    Returns
    -------
    dict of array
        order (row of `orders`), kind, topic, channel, department, severity (numbers), reopened (bool),
        contacts, opened_at, first_response_at and resolved_at, which may lie after the last day.
    """
    failed = orders["failed"]
    chance = np.where(failed, COMPLAINTS_PER_FAILURE, QUESTIONS_PER_ORDER)
    order = np.flatnonzero(rng.random(len(failed)) < chance)
    opened = orders["clock"][order] + rng.exponential(OPENED_DAYS, len(order))
    sequence = np.argsort(opened, kind="stable")
    sequence = sequence[opened[sequence] < clock.at(END)]
    order, n = order[sequence], len(sequence)
    tickets: Columns = {
        "order": order,
        "kind": np.where(failed[order], COMPLAINT, QUESTION),
        "topic": np.where(failed[order], orders["failure"][order], _any_topic(n, rng)),
        "channel": rng.choice(len(CHANNEL_SHARES), n, p=CHANNEL_SHARES),
        "opened_at": clock.wall_time(opened[sequence]),
    }
    return tickets | _course(tickets, rng)


def _any_topic(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.choice(len(TOPICS), n, p=FAILURE_SHARES)


def _course(tickets: Columns, rng: np.random.Generator) -> Columns:
    """How the service dealt with each ticket."""
    kind, n = tickets["kind"], len(tickets["kind"])
    bounds = np.cumsum(SEVERITY_SHARES, axis=1)[kind, :-1]
    severity = (rng.random((n, 1)) > bounds).sum(axis=1)
    department = DEPARTMENT_OF[tickets["topic"]]
    reopened = rng.random(n) < REOPENED_SHARES[kind]
    waited = RESPONSE_HOURS[department] * np.exp(RESPONSE_SPREAD * rng.standard_normal(n)) * SECONDS_AN_HOUR
    worked = RESOLUTION_DAYS[severity] * np.exp(RESOLUTION_SPREAD * rng.standard_normal(n))
    worked += reopened * rng.exponential(REOPENED_DAYS, n)
    answered = tickets["opened_at"] + waited.astype("timedelta64[s]")
    return {
        "department": department,
        "severity": severity,
        "reopened": reopened,
        "contacts": 1 + rng.poisson(FURTHER_CONTACTS[severity] + reopened),
        "first_response_at": answered,
        "resolved_at": answered + (worked * SECONDS_A_DAY).astype("timedelta64[s]"),
    }


def tickets_table(
    tickets: Columns, orders: Columns, accounts: Accounts, words: dict[str, Any], block: str
) -> pa.Table:
    """The company's list of tickets, canonical column names; what lies after the last day is not known."""
    end = np.datetime64(END)
    later = {name: tickets[name] for name in ("first_response_at", "resolved_at")}
    return pa.table(
        {
            "ticket_id": numbered(f"Q{block}", np.arange(1, len(tickets["order"]) + 1), 6),
            "customer_id": accounts.ids(orders["person"][tickets["order"]]),
            "opened_at": times(tickets["opened_at"]),
            **{name: times(moments, moments < end) for name, moments in later.items()},
            "kind": labels(words["ticket_kinds"], tickets["kind"]),
            "topic": labels(words["topics"], tickets["topic"]),
            "channel": labels(words["ticket_channels"], tickets["channel"]),
            "department": labels(words["departments"], tickets["department"]),
            "severity": labels(words["severities"], tickets["severity"]),
            "reopened": labels(words["yes_no"], tickets["reopened"].astype(int)),
            "contacts": pa.array(tickets["contacts"]),
        }
    )
