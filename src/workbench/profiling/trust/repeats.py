"""Rows that are there twice."""

from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from workbench.profiling.trust.values import time_of
from workbench.sources import TABLES, Canonical

ROWS_AT_ONCE = 2_000_000  # rows whose groups an engine holds at a time
DAYS_OF_A_MONTH = 31
# What tells an order line; two of them with all of it in common are one line read twice, or two of a kind.
LINE = ("customer_id", "order_id", "product_id", "ordered_at", "amount")


@dataclass(frozen=True)
class Repeats:
    """Rows beyond the first of their kind.

    Attributes
    ----------
    rows : int
        In the table, of those that could be repeated (a customer is named).
    whole : int
        That repeat another row in every column.
    lines : int or None
        That share customer, order, product, time and amount with another; None where order or product is not
        mapped.
    """

    table: str
    rows: int
    whole: int
    lines: int | None = None


def repeats(data: Canonical, profile: pd.DataFrame) -> tuple[Repeats, ...]:
    """Repeated rows of the tables that have no customer as their key, and a time.

    Rows of one instant are counted together, a few days of the month at a time: memory does not grow with
    the table.

    Parameters
    ----------
    profile : pandas.DataFrame
        `Columns.profile`: which columns are filled.
    """
    found = []
    for name in data.tables:
        table, filled = data.get(name), profile[(profile.table == name) & (profile.filled > 0)]
        if TABLES[name].key == "customer_id" or "customer_id" not in table.columns:
            continue
        if time_of(table, name) is not None:
            found.append(_of(name, table, dict(zip(filled["column"], filled.filled, strict=True))))
    return tuple(found)


def _of(name: str, table: ir.Table, filled: dict[str, int]) -> Repeats:
    columns = [column for column in filled if column != TABLES[name].key]
    n = int(filled.get("customer_id", 0))
    parts = _parts(table.filter(table.customer_id.notnull()), name, n)
    if name != "transactions" or not {"order_id", "product_id"} <= set(columns):
        return Repeats(name, n, sum(_whole(part, columns) for part in parts))
    if n == filled["order_id"] == filled["product_id"]:
        known, others = parts, []
    else:
        known = [part.filter(part.order_id.notnull() & part.product_id.notnull()) for part in parts]
        others = [part.filter(part.order_id.isnull() | part.product_id.isnull()) for part in parts]
    both = [_lines(part, columns) for part in known]
    whole = sum(whole for _, whole in both) + sum(_whole(part, columns) for part in others)
    return Repeats(name, n, whole, sum(lines for lines, _ in both))


def _parts(rows: ir.Table, name: str, n: int) -> list[ir.Table]:
    """The rows by day of the month, as many days together as make ROWS_AT_ONCE."""
    time, parts = time_of(rows, name), min(-(-n // ROWS_AT_ONCE), DAYS_OF_A_MONTH)
    if parts <= 1:
        return [rows]
    several = [rows.filter(time.day() % parts == part) for part in range(parts)]
    return [*several, rows.filter(time.isnull())]


def _whole(rows: ir.Table, columns: list[str]) -> int:
    """Rows beyond the first of those that are equal in `columns`."""
    if not columns:
        return 0
    groups = rows.group_by(columns).agg(_n=lambda t: t.count())
    beyond = groups.filter(groups["_n"] > 1).aggregate(beyond=lambda t: (t["_n"] - 1).sum())
    return int(beyond.to_pyarrow().to_pylist()[0]["beyond"] or 0)


def _lines(rows: ir.Table, columns: list[str]) -> tuple[int, int]:
    """Rows beyond the first of one LINE, and of those that are equal in all `columns`, which hold LINE."""
    groups = rows.group_by(list(LINE)).agg(_n=lambda t: t.count())
    # Few lines have a double: only these are compared in every column.
    suspects = rows.semi_join(groups.filter(groups["_n"] > 1), list(LINE))
    equal = suspects.group_by(columns).agg(_n=lambda t: t.count())
    lines = equal.group_by(list(LINE)).agg(_beyond=equal["_n"].sum() - 1, _whole=(equal["_n"] - 1).sum())
    total = lines.aggregate(lines=lines["_beyond"].sum(), whole=lines["_whole"].sum())
    found = total.to_pyarrow().to_pylist()[0]
    return int(found["lines"] or 0), int(found["whole"] or 0)
