"""Campaigns with arms drawn by lot, and how many orders the treatment brings whom."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.demo.accounts import Accounts
from workbench.demo.clock import DAY_HOURS, Clock
from workbench.demo.columns import labels, money, times
from workbench.demo.population import FIRST_DAY, Columns

# The first of a month, and a window that ends within it: what came of it is known at the month's end.
SENT_DAYS = (date(2025, 3, 1), date(2025, 9, 1), date(2026, 3, 1), date(2026, 9, 1))
SENT_HOUR = 10
WINDOW_DAYS = 28
ENROLLED_SHARE, TREATED_SHARE = 0.6, 0.5  # of those who qualify; of those enrolled
TREATMENT_COST = 0.12  # EUR per message
SEGMENTS = ("recent", "cooling", "silent", "complained")
# Days since the last order at which a member is no longer recent, and no longer cooling.
SEGMENT_DAYS = (60, 180)
COMPLAINT_DAYS = 60  # a failure in these days puts a member into the segment `complained`
# Further orders that the treatment brings a member of the segment who has not dropped out.
EFFECTS = np.array([0.06, 0.12, 0.04, 0.0])
ORDER_DAYS = (0.2, 25.0)  # after sending, on the clock


@dataclass(frozen=True)
class Enrolment:
    """The members of one block in one campaign.

    Attributes
    ----------
    person, segment : array of int
    treated, alive : array of bool
        alive: the member had not dropped out when the campaign was sent.
    effect : array
        Further orders that being treated brings: EFFECTS of the segment for those alive, else 0.
    baseline, uplift : array
        Probability to order within the window untreated, and what treatment adds to it.
    """

    campaign: int
    person: NDArray[np.int64]
    segment: NDArray[np.int64]
    treated: NDArray[np.bool_]
    alive: NDArray[np.bool_]
    effect: NDArray[np.float64]
    baseline: NDArray[np.float64]
    uplift: NDArray[np.float64]


def campaign_id(campaign: int) -> str:
    """The name of a campaign in the files: the year and month in which it was sent."""
    return f"C{SENT_DAYS[campaign]:%Y%m}"


def sent_at(campaign: int) -> np.datetime64:
    """When a campaign was sent, wall clock."""
    return np.datetime64(SENT_DAYS[campaign], "s") + np.timedelta64(SENT_HOUR, "h")


def draw_campaigns(
    people: Columns, natural: Columns, clock: Clock, rng: np.random.Generator
) -> tuple[list[Enrolment], Columns]:
    """Who is in which campaign, and the orders that these bring: person and clock."""
    orders = {name: natural[name] for name in ("person", "clock", "failed")}
    dropped = np.full(len(people["rate"]), np.inf)
    dropped[natural["person"][natural["last"]]] = natural["clock"][natural["last"]]
    enrolments, brought = [], []
    for campaign, day in enumerate(SENT_DAYS):
        sent = clock.hours[(day - FIRST_DAY).days * DAY_HOURS + SENT_HOUR]
        window = clock.hours[((day - FIRST_DAY).days + WINDOW_DAYS) * DAY_HOURS + SENT_HOUR] - sent
        here = _enrol(campaign, people, orders, dropped, (sent, window), rng)
        enrolments.append(here)
        buys = here.person[here.treated & (rng.random(len(here.person)) < here.effect)]
        # A member who is about to drop out still comes before that.
        until = np.minimum(sent + ORDER_DAYS[1], dropped[buys])
        since = np.minimum(sent + ORDER_DAYS[0], until)
        more = {"person": buys, "clock": since + rng.random(len(buys)) * (until - since)}
        brought.append(more)
        orders = {
            "person": np.concatenate([orders["person"], buys]),
            "clock": np.concatenate([orders["clock"], more["clock"]]),
            "failed": np.concatenate([orders["failed"], np.zeros(len(buys), dtype=bool)]),
        }
    return enrolments, {name: np.concatenate([m[name] for m in brought]) for name in ("person", "clock")}


def _enrol(
    campaign: int,
    people: Columns,
    orders: Columns,
    dropped: NDArray[np.float64],
    when: tuple[float, float],
    rng: np.random.Generator,
) -> Enrolment:
    """A lot among the members with an order before the campaign who agreed to be written to."""
    sent, window = when
    n = len(people["rate"])
    before = orders["clock"] < sent
    latest, failed = np.full(n, -np.inf), np.full(n, -np.inf)
    np.maximum.at(latest, orders["person"][before], orders["clock"][before])
    sore = before & orders["failed"]
    np.maximum.at(failed, orders["person"][sore], orders["clock"][sore])
    person = np.flatnonzero(np.isfinite(latest) & people["consent"] & (rng.random(n) < ENROLLED_SHARE))
    segment = np.digitize(sent - latest[person], SEGMENT_DAYS)
    segment[sent - failed[person] < COMPLAINT_DAYS] = SEGMENTS.index("complained")
    alive = dropped[person] > sent
    none = np.exp(-people["rate"][person] * window)  # probability of no order of one's own accord
    effect = EFFECTS[segment] * alive
    treated = rng.random(len(person)) < TREATED_SHARE
    return Enrolment(
        campaign, person, segment, treated, alive, effect, baseline=(1 - none) * alive, uplift=effect * none
    )


def campaigns_table(
    enrolments: list[Enrolment], orders: Columns, accounts: Accounts, words: dict[str, Any]
) -> pa.Table:
    """The company's campaign file, one row per member and campaign, canonical column names."""
    parts = [_rows(enrolment, orders, accounts, words) for enrolment in enrolments]
    return pa.concat_tables(parts, promote_options="none").combine_chunks()


def _rows(enrolment: Enrolment, orders: Columns, accounts: Accounts, words: dict[str, Any]) -> pa.Table:
    sent, n = sent_at(enrolment.campaign), len(enrolment.person)
    window = (orders["ordered_at"] >= sent) & (orders["ordered_at"] < sent + np.timedelta64(WINDOW_DAYS, "D"))
    members = len(accounts.members)
    cents = np.bincount(orders["person"][window], orders["cents"][window], members)[enrolment.person]
    cost = round(TREATMENT_COST * words["price_level"] * 100)
    return pa.table(
        {
            "campaign_id": pa.array([campaign_id(enrolment.campaign)] * n, pa.string()),
            "customer_id": accounts.ids(enrolment.person),
            "sent_at": times(np.full(n, sent)),
            "arm": labels(words["arms"], enrolment.treated.astype(int)),
            "channel": labels(words["campaign_channels"], np.full(n, enrolment.campaign % 2)),
            "cost": money(enrolment.treated * cost),
            "responded": labels(words["yes_no"], (cents > 0).astype(int)),
            "outcome": money(cents.astype(np.int64)),
        }
    )
