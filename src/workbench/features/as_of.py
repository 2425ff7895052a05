"""Every as-of feature of every customer at many cut-offs, in one query."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import reduce

import ibis
import ibis.expr.types as ir

from workbench.features.behaviour import (
    campaign_features,
    customer_features,
    event_features,
    subscription_features,
)
from workbench.features.cut_offs import WHO, in_order
from workbench.features.dictionary import Feature, dictionary
from workbench.features.purchases import purchase_features
from workbench.features.service import feedback_features, ticket_features

FROM_TABLE: dict[str, Callable[[ir.Table, Sequence[date]], ir.Table]] = {
    "transactions": purchase_features,
    "customers": customer_features,
    "events": event_features,
    "subscriptions": subscription_features,
    "tickets": ticket_features,
    "feedback": feedback_features,
    "campaigns": campaign_features,
}


def as_of_features(tables: Mapping[str, ir.Table | None], cut_offs: Sequence[date]) -> ir.Table:
    """The features of every customer of whom a cut-off sees anything, at each cut-off.

    Parameters
    ----------
    tables : mapping
        Canonical tables by name, all of one connection. A table may be None or absent. Where a table has a
        column ``available_at``, its rows are known from the later of that moment and the business time; an
        empty one says that a row was known at once.
    cut_offs : sequence of date
        A row is seen by a cut-off if its times lie before the end of that day (wall clock).

    Returns
    -------
    ibis.Table
        One row per ``customer_id`` and ``as_of`` (date), for every customer with at least one row that the
        cut-off sees, in any of the tables: an order is not needed. The columns are those of `dictionary`, in
        its order, whatever tables there are. Of an absent table all features are NULL. Of a table without a
        row of the customer, counts and sums are 0 and everything else is NULL. Counts are int64, all others
        float64.

    Raises
    ------
    ValueError
        If `cut_offs` is empty.

    Notes
    -----
    Rows without a customer or without a business time are seen at no cut-off: nobody can say whether they
    were known by then. The data are read once for all cut-offs, a fixed number of times per table.

    Attributes that a table holds only in their present state (tier, region) are no features here: they would
    tell a past cut-off what came after it.
    """
    ordered = in_order(cut_offs)
    present = {name: tables[name] for name in FROM_TABLE if tables.get(name) is not None}
    if not present:
        return ibis.memtable([], schema=_schema())
    found = reduce(_outer, (FROM_TABLE[name](table, ordered) for name, table in present.items()))
    columns = {entry.name: _column(found, entry, entry.table in present) for entry in dictionary()}
    return found.select(WHO, "as_of", **columns)


def order_features(transactions: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """The features made from orders, of every customer with an order that the cut-off sees.

    Returns
    -------
    ibis.Table
        One row per ``customer_id`` and ``as_of``: what `as_of_features` says of transactions. Customers of
        whom only refunds are seen are left out.

    Raises
    ------
    ValueError
        If `cut_offs` is empty.
    """
    found = as_of_features({"transactions": transactions}, cut_offs)
    names = [entry.name for entry in dictionary() if entry.table == "transactions"]
    return found.filter(found.n_orders > 0).select(WHO, "as_of", *names)


def _outer(left: ir.Table, right: ir.Table) -> ir.Table:
    """All customers and cut-offs of both."""
    both = left.outer_join(right, [WHO, "as_of"], lname="", rname="{name}_other")
    key = {name: ibis.coalesce(both[name], both[f"{name}_other"]) for name in (WHO, "as_of")}
    return both.mutate(**key).drop(f"{WHO}_other", "as_of_other")


def _column(found: ir.Table, entry: Feature, present: bool) -> ir.Value:
    if not present:
        return ibis.null(entry.type)
    value = found[entry.name].cast(entry.type)
    return ibis.coalesce(value, ibis.literal(0, entry.type)) if entry.zero_if_none else value


def _schema() -> ibis.Schema:
    return ibis.schema({WHO: "string", "as_of": "date"} | {entry.name: entry.type for entry in dictionary()})
