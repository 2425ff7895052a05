"""Sums over a block that the truth file states: what was drawn, and what the laws had it expect."""

from typing import Any

import numpy as np

from workbench.demo.campaigns import SEGMENTS, Enrolment, campaign_id
from workbench.demo.channels import CHANNELS, registrations
from workbench.demo.clock import Clock
from workbench.demo.orders import FROM_CAMPAIGN
from workbench.demo.population import Columns, Population

Tally = dict[str, Any]  # of numbers, arrays and further tallies


def count_block(
    people: Columns, orders: Columns, enrolments: list[Enrolment], population: Population, clock: Clock
) -> Tally:
    """The sums of one block.

    Returns
    -------
    dict
        counts; registrations (array, channels × months); channels: members, fake, buyers of each; failures:
        repeat orders and dropouts after a failure and otherwise; campaigns: of each campaign and segment
        members, treated, responses by arm, and what the laws expect.
    """
    n = len(people["rate"])
    buys = np.bincount(orders["person"], minlength=n) > 0
    own = orders["ordinal"] >= 0
    first = orders["ordinal"] == 0
    counts = {
        "members": n,
        "fake_members": int(people["fake"].sum()),
        "buyers": int(buys.sum()),
        "orders": len(own),
        "campaign_orders": int((orders["ordinal"] == FROM_CAMPAIGN).sum()),
        "failed_orders": int(orders["failed"].sum()),
        "failed_first_orders": int((orders["failed"] & first).sum()),
        "dropouts": int(orders["last"].sum()),
        "store_cards": int(people["second_id"].sum()),
    }
    return {
        "counts": counts,
        "registrations": registrations(people, clock),
        "channels": _by_channel(people, buys),
        "failures": _by_failure(people, orders, own & ~first, population),
        "campaigns": {campaign_id(e.campaign): _by_segment(e) for e in enrolments},
    }


def add(one: Tally, other: Tally) -> Tally:
    """The sum of two tallies with the same keys; `one` may be empty."""
    if not one:
        return other
    return {
        name: add(value, other[name]) if isinstance(value, dict) else value + other[name]
        for name, value in one.items()
    }


def _by_channel(people: Columns, buys: Any) -> Tally:
    columns = {"members": np.ones(len(buys), dtype=bool), "fake": people["fake"], "buyers": buys}
    return {
        channel: {name: int((which & (people["channel"] == number)).sum()) for name, which in columns.items()}
        for number, channel in enumerate(CHANNELS)
    }


def _by_failure(people: Columns, orders: Columns, repeat: Any, population: Population) -> Tally:
    """Repeat orders, dropouts at them, and dropouts expected with and without the failures."""
    found: Tally = {}
    for name, which in (("failed", repeat & orders["failed"]), ("not_failed", repeat & ~orders["failed"])):
        dropout = people["dropout"][orders["person"][which]]
        found[name] = {
            "repeat_orders": int(which.sum()),
            "dropouts": int((orders["last"] & which).sum()),
            "dropouts_expected_if_failed": float(population.dropout_after_failure(dropout).sum()),
            "dropouts_expected_if_not": float(population.dropout_otherwise(dropout).sum()),
        }
    return found


def _by_segment(enrolment: Enrolment) -> Tally:
    """Members, and what is expected of them, by segment."""
    found: Tally = {}
    for number, segment in enumerate(SEGMENTS):
        here = enrolment.segment == number
        found[segment] = {
            "members": int(here.sum()),
            "treated": int((here & enrolment.treated).sum()),
            "expected_responses_untreated": float(enrolment.baseline[here].sum()),
            "expected_responses_added_if_all_treated": float(enrolment.uplift[here].sum()),
            "expected_orders_added_if_all_treated": float(enrolment.effect[here].sum()),
        }
    return found
