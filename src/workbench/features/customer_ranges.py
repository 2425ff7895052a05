"""Customers in parts: what an engine holds at a time then does not grow with the tables.

A large table lies in the order of its customers (`sources`), so that a part of them is read alone; time then
grows as the rows do, where groups of all customers at once outgrow the processor's caches.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import ibis.expr.types as ir

from workbench.features.cut_offs import WHO

ROWS_AT_ONCE = 2_000_000  # of all tables together; what customers are made of takes some 400 bytes for each
SAMPLED_PER_RANGE = 40_000  # rows: twenty of the blocks that a sample is taken by


@dataclass(frozen=True)
class CustomerRange:
    """The customers from `first` on and before `beyond`, in the order of the ids; None for an open end."""

    first: str | None = None
    beyond: str | None = None

    def of(self, table: ir.Table) -> ir.Table:
        """The rows of these customers; with both ends open all rows, those without a customer too."""
        within = [table[WHO] >= self.first] if self.first is not None else []
        within += [table[WHO] < self.beyond] if self.beyond is not None else []
        return table.filter(within) if within else table


def customer_ranges(
    tables: Mapping[str, ir.Table | None], rows_at_once: int = ROWS_AT_ONCE
) -> list[CustomerRange]:
    """Ranges of customers with about `rows_at_once` rows of all `tables` together in each.

    About even in customers of the largest table; together they hold every customer. Only DuckDB's tables lie
    in the order of customers: of another engine, which keeps its memory itself, there is one range.
    """
    there = {name: table for name, table in tables.items() if table is not None}
    rows = {name: int(table.count().execute()) for name, table in there.items()}
    parts = -(-sum(rows.values()) // rows_at_once)
    if parts <= 1:
        return [CustomerRange()]
    largest = there[max(rows, key=lambda name: rows[name])]
    if largest.get_backend().name != "duckdb":
        return [CustomerRange()]
    who, share = largest.select(WHO), SAMPLED_PER_RANGE / rows_at_once
    if share < 1:
        who = who.sample(share, method="block")  # which customers part the ranges changes no figure
    ids = sorted(who.filter(who[WHO].notnull()).distinct().to_pyarrow().column(WHO).to_pylist())
    edges = sorted({ids[part * len(ids) // parts] for part in range(1, parts)} - {ids[0]}) if ids else []
    return [CustomerRange(first, beyond) for first, beyond in pairwise([None, *edges, None])]
