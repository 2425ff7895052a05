"""What customers said and did besides buying, in a window: service contacts, recommendation, engagement."""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.calendar import end_of_day
from workbench.features import visible
from workbench.features.behaviour import decayed

PROMOTER, DETRACTOR = 9, 6  # of ten, and above or below: F. F. Reichheld, Harvard Business Review 12/2003
Tables = Mapping[str, ir.Table | None]


def contacts(tables: Tables, start: date, day: date) -> pd.Series | None:
    """Contacts of the service cases opened after `start`, up to `day`, by customer_id.

    A case that is not resolved by `day` counts as one contact: how many it took in the end was not known.
    """
    tickets = tables.get("tickets")
    if tickets is None:
        return None
    rows = _window(tickets, "opened_at", start, day)
    done = (rows.resolved_at < ibis.timestamp(end_of_day(day))).fill_null(False)
    number = ibis.ifelse(done, ibis.coalesce(rows.contacts, 1.0), 1.0)
    return _series(rows.mutate(value=number).group_by("customer_id").agg(value=lambda t: t.value.sum()))


def recommendation(tables: Tables, start: date, day: date) -> pd.Series | None:
    """Mean NPS class of the answers in the window: promoter 1, passive 0, detractor -1; by customer_id."""
    feedback = tables.get("feedback")
    if feedback is None:
        return None
    rows = _window(feedback, "given_at", start, day)
    rows = rows.filter(rows.nps.notnull())
    of_answer = ibis.cases((rows.nps >= PROMOTER, 1), (rows.nps <= DETRACTOR, -1), else_=0)
    return _series(rows.mutate(value=of_answer).group_by("customer_id").agg(value=lambda t: t.value.mean()))


def engagement(tables: Tables, start: date, day: date) -> pd.Series | None:
    """Actions and answers in the window, each worth half as much after a half-life; by customer_id.

    Every action and every answer counts 1 on its day: which of them is worth more is a judgement that the
    data do not hold.
    """
    parts = [
        _window(table, time, start, day).select("customer_id", day=lambda t, time=time: t[time].date())
        for name, time in (("events", "occurred_at"), ("feedback", "given_at"))
        if (table := tables.get(name)) is not None
    ]
    if not parts:
        return None
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    days = rows.group_by(["customer_id", "day"]).agg(n=rows.count())
    worth = decayed(days.n, days.day, ibis.date(day)).cast("float64")
    return _series(days.group_by("customer_id").agg(value=worth))


def _window(table: ir.Table, time: str, start: date, day: date) -> ir.Table:
    rows = visible(table, time, day)
    return rows.filter((rows[time] >= ibis.timestamp(end_of_day(start))) & rows.customer_id.notnull())


def _series(table: ir.Table) -> pd.Series:
    frame = table.order_by("customer_id").to_pandas()
    found: pd.Series = frame.set_index("customer_id")["value"].astype("float64")
    return found
