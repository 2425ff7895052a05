"""Which cut-offs see a row: the one place where the features of many days share one pass over the data.

A row is tagged once with the first cut-off that sees it (``seen_from``). Whatever can be summed, counted or
compared is then brought to a few rows per customer, and only these are repeated at each later cut-off.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from workbench.features.orders import AVAILABLE, WINDOWS

WHO = "customer_id"


def in_order(cut_offs: Sequence[date]) -> tuple[date, ...]:
    """The cut-offs without repetition, oldest first.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not cut_offs:
        raise ValueError("cut_offs must hold at least one day")
    return tuple(sorted(set(cut_offs)))


def known(
    table: ir.Table, time: str, cut_offs: Sequence[date], columns: Sequence[str], *, also: Sequence[str] = ()
) -> ir.Table:
    """The rows that any cut-off sees: customer_id, `time`, `columns`, ``day`` and ``seen_from`` (dates).

    Parameters
    ----------
    time : str
        The column of the business time. A row without it is seen at no cut-off.
    also : sequence of str
        Further times that must have passed; an empty one is no obstacle. ``available_at``, where the table
        has it, is always one of them.
    """
    others = [*also, AVAILABLE] if is_late(table) else list(also)
    # Each caller selects its own columns: no shared sub-query that an engine would write down first.
    rows = table.select(WHO, time, *columns, *others).filter(lambda t: t[WHO].notnull() & t[time].notnull())
    rows = rows.mutate(day=rows[time].date())
    known_from = rows.day
    for other in others:
        known_from = ibis.greatest(known_from, ibis.coalesce(rows[other].date(), rows.day))
    rows = rows.mutate(seen_from=first_edge(known_from, cut_offs))
    return rows.filter(rows.seen_from.notnull()).drop(*others)


def is_late(table: ir.Table) -> bool:
    """Whether rows of `table` may become known after their business time."""
    return AVAILABLE in table.columns


def settled(table: ir.Table, rows: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """The known `rows` of `table` as far as they can be aggregated without asking for the cut-off.

    Where rows become known in the order of their days, what a cut-off sees of a customer are her first days,
    and the gap before a day is the same for all. A late row breaks that: then each cut-off gets rows of its
    own, here already, and ``as_of`` joins the customer as a key.
    """
    if not is_late(table):
        return rows
    repeated = at_each(rows, cut_offs)
    return repeated.mutate(seen_from=repeated.as_of)


def keys(rows: ir.Table) -> list[str]:
    """What tells one history from another: the customer, and the cut-off once rows are repeated."""
    return [WHO, "as_of"] if "as_of" in rows.columns else [WHO]


def at_each(rows: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """`rows` once for every cut-off that sees them, with the column ``as_of``."""
    if "as_of" in rows.columns:
        return rows
    later = [(rows.seen_from == cut, _dates(cut_offs[place:])) for place, cut in enumerate(cut_offs)]
    return rows.mutate(as_of=ibis.cases(*later).unnest())


def at_all(rows: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """`rows` once for every cut-off, with the column ``as_of``."""
    return rows.mutate(as_of=_dates(cut_offs).unnest())


def bucket(day: Any, cut_offs: Sequence[date], windows: Sequence[int] = WINDOWS) -> Any:
    """The last day of the stretch that `day` lies in; no window of any cut-off begins or ends inside one.

    Rows of one stretch lie in the same windows: they can be summed before the windows are known.
    """
    edges = set(cut_offs) | {cut - timedelta(days=days) for cut in cut_offs for days in windows}
    return first_edge(day, sorted(edges))


def spread(partial: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """Partial sums at each cut-off that sees them, with ``age``: days from their bucket to the cut-off."""
    rows = at_each(partial, cut_offs)
    return rows.mutate(age=days_between(rows.bucket, rows.as_of))


def put_together(first: ir.Table, *others: ir.Table) -> ir.Table:
    """The columns of all tables for the customers and cut-offs of `first`."""
    found = first
    for other in others:
        found = found.left_join(other, [WHO, "as_of"]).drop(f"{WHO}_right", "as_of_right")
    return found


def tally(rows: ir.Table, where: Any = None) -> Any:
    """How many of `rows`, as a small integer: engines sum these faster than long ones."""
    return rows.count(where=where).cast("int32")


def days_between(earlier: Any, later: Any) -> Any:
    """Whole days from one date to another."""
    return later.delta(earlier, unit="day").cast("int64")


def first_edge(day: Any, edges: Sequence[date]) -> Any:
    """The first of the sorted `edges` that is not before `day`; NULL after the last."""
    return ibis.cases(*[(day <= edge, ibis.date(edge)) for edge in edges])


def _dates(days: Sequence[date]) -> Any:
    return ibis.array([ibis.date(day) for day in days])
