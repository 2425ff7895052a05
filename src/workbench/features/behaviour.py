"""As-of features of what customers did besides buying: events, campaigns received, time since they came."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from workbench.features.breadth import breadth
from workbench.features.cut_offs import (
    WHO,
    at_each,
    bucket,
    days_between,
    keys,
    known,
    put_together,
    settled,
    spread,
    tally,
)

EVENT_WINDOWS = (7, 30, 90)
CAMPAIGN_WINDOW = 90
HALF_LIFE_DAYS = 30
FORGOTTEN = 62  # half-lives after which nothing is left of eighteen decimals
WEIGHT = "decimal(38, 18)"  # sums of decimals do not depend on the order of rows
RESPONSE_DAYS = 30
CONTROL_ARMS = ("control", "holdout", "对照组", "对照", "空白组")


def event_features(events: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """One row per customer and cut-off that sees an event of hers."""

    def different(column: str, name: str) -> ir.Table:
        return breadth(known(events, "occurred_at", cut_offs, [column]), column, name, cut_offs)

    return put_together(
        _of_event_days(events, cut_offs),
        different("event", "n_event_kinds"),
        different("session_id", "n_sessions"),
        different("device_id", "n_devices"),
    )


def _of_event_days(events: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    rows = settled(events, known(events, "occurred_at", cut_offs, []), cut_offs)
    days = rows.group_by([*keys(rows), "day"]).agg(seen_from=rows.seen_from.min(), n=tally(rows))
    days = days.mutate(bucket=bucket(days.day, cut_offs, EVENT_WINDOWS))
    partial = days.group_by([*keys(days), "seen_from", "bucket"]).agg(
        n=days.n.sum().cast("int32"),
        n_days=tally(days),
        last_day=days.day.max(),
        decayed=decayed(days.n, days.day, days.seen_from),
    )
    rows = spread(partial, cut_offs)
    found = rows.group_by([WHO, "as_of"]).agg(
        n_events=rows.n.sum(),
        n_event_days=rows.n_days.sum(),
        last_day=rows.last_day.max(),
        # What has decayed up to one cut-off goes on decaying up to the next.
        events_decayed=decayed(rows.decayed.cast("float64"), rows.seen_from, rows.as_of).cast("float64"),
        **{f"n_events_{days}d": rows.n.sum(where=rows.age < days) for days in EVENT_WINDOWS},
    )
    silent = days_between(found.last_day, found.as_of)
    return found.mutate(days_since_last_event=silent).drop("last_day")


def decayed(number: Any, day: Any, later: Any) -> Any:
    """The sum of `number` times one half for every HALF_LIFE_DAYS from `day` to `later`."""
    half_lives = days_between(day, later).cast("float64") / ibis.literal(HALF_LIFE_DAYS).cast("float64")
    half_lives = ibis.least(half_lives, ibis.literal(FORGOTTEN).cast("float64"))
    weight = ibis.literal(0.5, "float64").cast("float64") ** half_lives
    return (number.cast("float64") * weight).cast(WEIGHT).sum()


def campaign_features(campaigns: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """One row per customer and cut-off that sees her in a campaign; control arms receive nothing.

    The table does not say when a customer responded. Responses count only for campaigns sent RESPONSE_DAYS
    or more before the cut-off: assumed is that no later response is written down.
    """
    rows = at_each(known(campaigns, "sent_at", cut_offs, ["arm", "responded"]), cut_offs)
    age = days_between(rows.day, rows.as_of)
    sent = ~rows.arm.lower().strip().isin(CONTROL_ARMS)
    closed = sent & (age >= RESPONSE_DAYS)
    found = rows.group_by([WHO, "as_of"]).agg(
        n_campaigns=rows.count(where=sent),
        **{f"n_campaigns_{CAMPAIGN_WINDOW}d": rows.count(where=sent & (age < CAMPAIGN_WINDOW))},
        n_campaign_responses=rows.count(where=closed & rows.responded),
        judged=rows.count(where=closed & rows.responded.notnull()),
        days_since_last_campaign=age.min(where=sent),
    )
    judged = found.judged.cast("float64").nullif(0)
    return found.mutate(campaign_response_share=found.n_campaign_responses.cast("float64") / judged).drop(
        "judged"
    )


def customer_features(customers: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """One row per customer and cut-off not before her registration."""
    return _since_first(known(customers, "registered_at", cut_offs, []), "tenure_days", cut_offs)


def subscription_features(subscriptions: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """One row per customer and cut-off that sees the beginning of a contract of hers."""
    rows = known(subscriptions, "started_at", cut_offs, [], also=("observed_at",))
    return _since_first(rows, "subscription_days", cut_offs)


def _since_first(rows: ir.Table, name: str, cut_offs: Sequence[date]) -> ir.Table:
    partial = rows.group_by([WHO, "seen_from"]).agg(first_day=rows.day.min())
    rows = at_each(partial, cut_offs)
    found = rows.group_by([WHO, "as_of"]).agg(first_day=rows.first_day.min())
    return found.mutate(**{name: days_between(found.first_day, found.as_of)}).drop("first_day")
