"""Where members come from, what that costs, and the channel whose registrations are bought, not won."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.demo.clock import DAY_HOURS, Clock
from workbench.demo.columns import labels, money
from workbench.demo.population import END, FIRST_DAY, LAST_DAY, Columns

# Search, short video, social, referral, store, marketplace, partner network: share of registrations, and how
# far members with a high purchase rate prefer it.
CHANNEL_SHARES = np.array([0.23, 0.21, 0.17, 0.11, 0.07, 0.14, 0.07])
CHANNEL_KEENNESS = np.array([0.2, -0.6, -0.3, 1.0, 0.4, -0.2, -0.6])
CHANNELS = ("search", "short_video", "social", "referral", "store", "marketplace", "partner_network")
PARTNERS = CHANNELS.index("partner_network")
FAKE_SHARE = 0.85  # of the registrations by the partner network: made by programs, paid per registration
FAKE_HOUR, FAKE_HOURS = 3, 0.5  # of the day: when the programs register, and for how long
COST_PER_REGISTRATION = np.array([9.0, 6.5, 5.0, 4.0, 3.0, 7.5, 1.9])  # EUR
COST_NOISE = 0.08  # standard deviation of a month's cost per registration, as a share of it
SPEND_MONTHS = tuple(np.arange(np.datetime64(FIRST_DAY, "M"), np.datetime64(END, "M") + 1))


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The place of each value in the order of all, from 0 to 1."""
    places = np.empty(len(values))
    places[np.argsort(values, kind="stable")] = (np.arange(len(values)) + 0.5) / len(values)
    return places


def draw_channels(people: Columns, clock: Clock, rng: np.random.Generator) -> Columns:
    """Channel (number in CHANNELS) and fake of each member, and registered, at night for the fake ones."""
    rate = people["rate"]
    weights = CHANNEL_SHARES * np.exp(np.outer(ranks(rate) - 0.5, CHANNEL_KEENNESS))
    bounds = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    channel = (rng.random((len(rate), 1)) > bounds[:, :-1]).sum(axis=1)
    fake = (channel == PARTNERS) & (rng.random(len(rate)) < FAKE_SHARE)
    day = clock.wall_time(people["registered"]).astype("datetime64[D]") - np.datetime64(FIRST_DAY)
    hour = day.astype(np.int64) * DAY_HOURS + FAKE_HOUR
    within = (clock.hours[hour + 1] - clock.hours[hour]) * FAKE_HOURS * rng.random(len(rate))
    registered = np.where(fake, clock.hours[hour] + within, people["registered"])
    return {"channel": channel, "fake": fake, "registered": registered}


def registrations(people: Columns, clock: Clock) -> NDArray[np.int64]:
    """Number of registrations by channel (rows) and month of SPEND_MONTHS (columns)."""
    months = clock.wall_time(people["registered"]).astype("datetime64[M]") - SPEND_MONTHS[0]
    shape = len(CHANNELS), len(SPEND_MONTHS)
    flat = people["channel"] * shape[1] + months.astype(np.int64)
    return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)


def spend_cents(
    registered: NDArray[np.int64], price_level: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """What each channel cost in each month, in cents: registrations times their cost, with some noise."""
    noise = 1 + COST_NOISE * np.clip(rng.standard_normal(registered.shape), -3, 3)
    cost = COST_PER_REGISTRATION[:, None] * price_level * 100 * noise
    return np.rint(cost * registered).astype(np.int64)


def spend_table(cents: NDArray[np.int64], words: dict[str, Any]) -> pa.Table:
    """The company's spending by channel and month, canonical column names; the last month is not over."""
    channels, months = cents.shape
    periods = np.array(SPEND_MONTHS)[:months].astype("datetime64[D]")
    assert periods[-1] <= np.datetime64(LAST_DAY)
    return pa.table(
        {
            "channel": labels(words["acquisition_channels"], np.tile(np.arange(channels), months)),
            "period": pa.array(np.repeat(periods, channels), pa.date32()),
            "amount": money(cents.T.ravel()),
        }
    )
