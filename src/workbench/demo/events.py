"""What members do on the web and in the app between orders, and what programs do there."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.demo.accounts import Accounts, digits_of
from workbench.demo.clock import Clock
from workbench.demo.columns import labels, numbered, times
from workbench.demo.orders import STORE
from workbench.demo.population import END, Columns

VISITS_PER_ORDER = 1.2  # that lead to no order, of a member who has not dropped out
UNTIL_FIRST_DAYS = 45.0  # so long a member who has not ordered looks round as often as one who has
IDLE_PER_DAY = 0.001  # visits of anybody, also of those who have dropped out
# Before members drop out their visits become fewer, down to FADED of what they were, and then die away.
FADE_DAYS, FADED, TAIL_DAYS = 60.0, 0.35, 30.0
TRACKED_SHARE = 0.5  # of the orders by web or app: of members who let themselves be followed
EVENTS = ("visit", "product_view", "add_to_cart", "login")
LOGIN_SHARE = 0.2  # of the sessions
VIEW_SHARES, CART_SHARES = np.array([0.3, 0.8]), np.array([0.08, 1.0])  # without and with an order
STEP_SECONDS = np.array([0, 40, 150, 8])  # from the start of a session to each of EVENTS
APP_SHARE = 0.55
OTHER_DEVICE_SHARE = 0.15
# Fake members: most are never seen again, the others call page after page from machines that they share.
BOT_SHARE, BOT_CALLS, BOT_SECONDS = 0.4, (4, 13), 2
BOTS_PER_DEVICE = 25
DEVICE_FACTOR = 7_919  # spreads device numbers, which are else those of the members


def draw_sessions(
    people: Columns, orders: Columns, dropped: NDArray[np.float64], clock: Clock, rng: np.random.Generator
) -> Columns:
    """All sessions of members of flesh and blood: person, clock, with_order (bool).

    Parameters
    ----------
    dropped : array
        When each member dropped out, on the clock; inf for those still there.
    """
    end = clock.at(END)
    start = people["registered"]
    pace = VISITS_PER_ORDER * people["rate"] * ~people["fake"]
    buys = people["first_order"] < end
    until = np.minimum(np.where(buys, dropped, start + UNTIL_FIRST_DAYS), end)
    there, when = _visits(pace * (until - start), start, until - start, rng)
    near = np.clip(1 - (dropped[there] - when) / FADE_DAYS, 0, 1)
    stays = rng.random(len(there)) >= (1 - FADED) * near
    gone = np.where(dropped < end, dropped, end)
    tail = rng.poisson(pace * FADED * TAIL_DAYS * (dropped < end))
    late = np.repeat(np.arange(len(pace)), tail)
    idle, idle_when = _visits(IDLE_PER_DAY * (end - start) * ~people["fake"], start, end - start, rng)
    online = np.flatnonzero((orders["channel"] != STORE) & (rng.random(len(orders["clock"])) < TRACKED_SHARE))
    person = np.concatenate([there[stays], late, idle, orders["person"][online]])
    moments = np.concatenate(
        [
            when[stays],
            gone[late] + rng.exponential(TAIL_DAYS, len(late)),
            idle_when,
            orders["clock"][online] - 0.01 * rng.random(len(online)),  # of a day: within some minutes
        ]
    )
    with_order = np.arange(len(person)) >= len(person) - len(online)
    seen = moments < end
    return {"person": person[seen], "clock": moments[seen], "with_order": with_order[seen]}


def _visits(
    expected: NDArray[np.float64],
    start: NDArray[np.float64],
    length: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """A Poisson number of moments for each person, uniform over the person's time."""
    person = np.repeat(np.arange(len(expected)), rng.poisson(expected))
    return person, start[person] + rng.random(len(person)) * length[person]


def draw_events(people: Columns, sessions: Columns, clock: Clock, rng: np.random.Generator) -> Columns:
    """All events of a block in order of time: person, session (number), event (number), at, app (bool),
    device (number within the block: people first, then their second devices, then machines)."""
    n, people_n = len(sessions["person"]), len(people["rate"])
    ordering = sessions["with_order"].astype(int)
    happens = np.stack(
        [
            np.ones(n, dtype=bool),
            rng.random(n) < VIEW_SHARES[ordering],
            rng.random(n) < CART_SHARES[ordering],
            rng.random(n) < LOGIN_SHARE,
        ],
        axis=1,
    )
    start = clock.wall_time(sessions["clock"])
    session, event = np.nonzero(happens)
    other = people_n * (rng.random(n) < OTHER_DEVICE_SHARE)
    human = {
        "person": sessions["person"][session],
        "session": session,
        "event": event,
        "at": start[session] + STEP_SECONDS[event].astype("timedelta64[s]"),
        "app": (rng.random(n) < APP_SHARE)[session],
        "device": (sessions["person"] + other)[session],
    }
    bots, bots_start = _bots(people, n, clock, rng)
    events = {name: np.concatenate([column, bots[name]]) for name, column in human.items()}
    events["session"] = _in_order(np.concatenate([start, bots_start]))[events["session"]]
    order = np.argsort(events["at"], kind="stable")
    order = order[events["at"][order] < np.datetime64(END)]
    return {name: column[order] for name, column in events.items()}


def _in_order(start: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """New numbers of sessions, in the order of their start: a number must not tell who was at work."""
    numbers = np.empty(len(start), dtype=np.int64)
    numbers[np.argsort(start, kind="stable")] = np.arange(len(start))
    return numbers


def _bots(
    people: Columns, sessions: int, clock: Clock, rng: np.random.Generator
) -> tuple[Columns, NDArray[np.datetime64]]:
    """What programs call: one session each right after registering, a page every BOT_SECONDS.

    Parameters
    ----------
    sessions : int
        The number of the first of these sessions.

    Returns
    -------
    dict of array
        The events.
    array
        When each session starts.
    """
    fake = np.flatnonzero(people["fake"])
    machine = np.arange(len(fake)) // BOTS_PER_DEVICE
    active = np.flatnonzero(rng.random(len(fake)) < BOT_SHARE)
    calls = rng.integers(*BOT_CALLS, len(active))
    session = np.repeat(np.arange(len(active)), calls)
    step = np.arange(len(session)) - np.repeat(np.cumsum(calls) - calls, calls)
    start = clock.wall_time(people["registered"][fake[active]]) + np.timedelta64(BOT_SECONDS, "s")
    events: Columns = {
        "person": fake[active[session]],
        "session": sessions + session,
        "event": np.zeros(len(session), dtype=np.int64),
        "at": start[session] + (BOT_SECONDS * step).astype("timedelta64[s]"),
        "app": np.zeros(len(session), dtype=bool),
        "device": 2 * len(people["rate"]) + machine[active[session]],
    }
    return events, start


def events_table(
    events: Columns, accounts: Accounts, words: dict[str, Any], block: str, start: int, customers: int
) -> pa.Table:
    """The company's event log, canonical column names.

    Parameters
    ----------
    start, customers : int
        Members before this block, and in all: a block's devices are not another's.
    """
    digits = digits_of(3 * customers)
    device = (3 * start + events["device"]) * DEVICE_FACTOR % 10**digits
    return pa.table(
        {
            "occurred_at": times(events["at"]),
            "customer_id": accounts.ids(events["person"]),
            "event": labels(EVENTS, events["event"]),
            "channel": labels(words["order_channels"], np.where(events["app"], 0, 1)),
            "session_id": numbered(f"V{block}", events["session"] + 1, 7),
            "device_id": numbered("D", device, digits),
        }
    )
