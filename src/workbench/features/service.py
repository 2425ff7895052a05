"""As-of features of service and opinion: tickets opened and resolved, ratings given."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis.expr.types as ir

from workbench.features.cut_offs import WHO, at_each, days_between, keys, known, settled

TICKET_WINDOWS = (30, 90, 365)
FEEDBACK_WINDOW = 90
LOW_RATING = 2  # of five; a source with another scale maps its ratings to one of five
DETRACTOR = 6  # of ten and below: Reichheld (2003)
RATING = "decimal(18, 6)"  # sums of decimals do not depend on the order of rows
SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE = 86_400, 3_600, 60


def ticket_features(tickets: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """One row per customer and cut-off that sees a ticket of hers.

    An answer or a resolution after the cut-off is not known yet; whether a ticket was reopened is asked only
    of those resolved by then. A resolution before the opening is an error of the source: the ticket counts as
    resolved and its duration as unknown.
    """
    columns = ["first_response_at", "resolved_at", "reopened"]
    rows = at_each(known(tickets, "opened_at", cut_offs, columns), cut_offs)
    rows = rows.mutate(
        age=days_between(rows.day, rows.as_of),
        resolved=(rows.resolved_at.date() <= rows.as_of).fill_null(False),
        answered=(rows.first_response_at.date() <= rows.as_of).fill_null(False),
        until_resolution=_seconds(rows.opened_at, rows.resolved_at),
        until_response=_seconds(rows.opened_at, rows.first_response_at),
    )
    found = rows.group_by([WHO, "as_of"]).agg(
        n_tickets=rows.count(),
        **{f"n_tickets_{days}d": rows.count(where=rows.age < days) for days in TICKET_WINDOWS},
        n_open_tickets=rows.count(where=~rows.resolved),
        days_since_last_ticket=rows.age.min(),
        mean_hours_to_resolution=_mean_hours(rows.until_resolution, rows.resolved),
        mean_hours_to_first_response=_mean_hours(rows.until_response, rows.answered),
        reopened=rows.count(where=rows.resolved & rows.reopened),
        judged=rows.count(where=rows.resolved & rows.reopened.notnull()),
    )
    share = found.reopened.cast("float64") / found.judged.cast("float64").nullif(0)
    return found.mutate(reopened_ticket_share=share).drop("reopened", "judged")


def _mean_hours(seconds: Any, known_by_then: Any) -> Any:
    valid = known_by_then & (seconds >= 0)
    total, n = seconds.sum(where=valid), seconds.count(where=valid)
    return total.cast("float64") / n.cast("float64").nullif(0) / SECONDS_PER_HOUR


def _seconds(begin: Any, end: Any) -> Any:
    """Whole seconds between two wall clocks."""
    return days_between(begin.date(), end.date()) * SECONDS_PER_DAY + _clock(end) - _clock(begin)


def _clock(moment: Any) -> Any:
    """Seconds since midnight: no zone of a session moves them."""
    minutes = moment.hour().cast("int64") * SECONDS_PER_MINUTE + moment.minute()
    return minutes * SECONDS_PER_MINUTE + moment.second()


def feedback_features(feedback: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """One row per customer and cut-off that sees feedback of hers; without a name or a day it is no one's."""
    rows = settled(feedback, known(feedback, "given_at", cut_offs, ["rating", "nps"]), cut_offs)
    rating = rows.rating.cast(RATING)
    days = rows.group_by([*keys(rows), "day"]).agg(
        seen_from=rows.seen_from.min(),
        n=rows.count(),
        rated=rating.count(),
        ratings=rating.sum(),
        low=rows.count(where=rows.rating <= LOW_RATING),
        asked=rows.nps.count(),
        detractors=rows.count(where=rows.nps <= DETRACTOR),
    )
    mean = days.ratings.cast("float64") / days.rated.cast("float64").nullif(0)
    rows = at_each(days.mutate(mean=mean), cut_offs)
    age = days_between(rows.day, rows.as_of)
    found = rows.group_by([WHO, "as_of"]).agg(
        n_feedback=rows.n.sum(),
        **{f"n_feedback_{FEEDBACK_WINDOW}d": rows.n.sum(where=age < FEEDBACK_WINDOW)},
        days_since_last_feedback=age.min(),
        last_rating=rows["mean"].argmax(rows.day, where=rows.rated > 0),
        **{
            name: rows[name].sum().cast("float64")
            for name in ("rated", "ratings", "low", "asked", "detractors")
        },
    )
    rated, asked = found.rated.nullif(0), found.asked.nullif(0)
    return found.mutate(
        mean_rating=found.ratings / rated,
        low_rating_share=found.low / rated,
        detractor_share=found.detractors / asked,
    ).drop("rated", "ratings", "low", "asked", "detractors")
