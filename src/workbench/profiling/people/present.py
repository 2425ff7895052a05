"""The present state of customers and of their contracts: one row per customer, no earlier day of it."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from workbench.features.cut_offs import WHO
from workbench.profiling.people.columns import PRESENT_TABLES, known_columns

MOST_ATTRIBUTES = 20  # of a company's own that a group is compared by; more would bury the picture
UNDATED = (
    *PRESENT_TABLES,
    "feedback",
)  # tables whose rows may have no day: nobody else knows these customers


def present_state(
    tables: Mapping[str, ir.Table | None], attributes: Mapping[str, Sequence[str]], wanted: Sequence[str]
) -> ir.Table | None:
    """What customers and subscriptions hold today.

    Parameters
    ----------
    attributes : mapping
        A company's own attributes by table.
    wanted : sequence of str
        Columns that tags name, ``customers.plan``; those that are there come in any case.

    Returns
    -------
    ibis.Table or None
        customer_id and ``<table>__<column>``: text, truth and wanted numbers; at most MOST_ATTRIBUTES further
        attributes with text per table. Every customer of a table of UNDATED has a row. None without such a
        table. Where a customer has several rows that disagree, the value is NULL; contracts: `_contracts`.
    """
    there = {name: table for name in UNDATED if (table := tables.get(name)) is not None}
    if not there:
        return None
    ids = [t.filter(t[WHO].notnull()).select(WHO) for t in there.values()]
    found = reduce(lambda a, b: a.union(b), ids).distinct()
    for name in PRESENT_TABLES:
        if name in there:
            columns = _columns(there[name], name, attributes.get(name, ()), wanted)
            found = found.left_join(_one_row(there[name], name, columns), WHO).drop(f"{WHO}_right")
    return found


def _columns(table: ir.Table, name: str, own: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The columns of `table` to keep: canonical text and truth, then attributes."""
    canonical = [c.removeprefix(f"{name}.") for c in known_columns() if c.startswith(f"{name}.")]
    texts = [c for c in own if c not in canonical and table[c].type().is_string()][:MOST_ATTRIBUTES]
    named = [c for c in own if c not in (*canonical, *texts) and f"{name}.{c}" in wanted]
    kept = [*texts, *named]
    return kept if name == "subscriptions" else [*canonical, *kept]


def _one_row(table: ir.Table, name: str, columns: Sequence[str]) -> ir.Table:
    known = table.filter(table[WHO].notnull())
    found = {f"{name}__{column}": _agreed(known[column]) for column in columns}
    contracts = _contracts(known) if name == "subscriptions" else {}
    return known.group_by(WHO).agg(**contracts, **found)


def _contracts(rows: ir.Table) -> dict[str, Any]:
    """Whether one is open; the highest fee and the longest tenure of them."""
    months = rows.tenure_months.cast("float64").max()
    return {
        "subscriptions__open": (~rows.churned).cast("int32").max() == 1,
        "subscriptions__monthly_fee": rows.monthly_fee.cast("float64").max(),
        "subscriptions__tenure_months": months,
    }


def _agreed(column: Any) -> Any:
    if column.type().is_boolean():
        low, high = column.cast("int32").min(), column.cast("int32").max()
        return ibis.ifelse(low == high, low == 1, ibis.null("boolean"))
    low, high = column.min(), column.max()
    return ibis.ifelse(low == high, low, ibis.null(column.type()))
