"""Rows that are there twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from workbench.profiling.trust.filling import Filling
from workbench.profiling.trust.values import only_row, time_of
from workbench.sources import TABLES, Canonical

ROWS_AT_ONCE = 2_000_000  # rows whose groups an engine holds at a time
DAYS_OF_A_MONTH = 31
Part = Callable[[ir.Table], ir.Table]  # some rows of a table
# What tells an order line; two of them with all of it in common are one line read twice, or two of a kind.
LINE = ("customer_id", "order_id", "product_id", "ordered_at", "amount")
SUSPECT = ("ordered_at", "product_id", "amount")  # of LINE: fewer columns are grouped in less time


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


def repeats(data: Canonical, full: Mapping[str, Filling]) -> tuple[Repeats, ...]:
    """Repeated rows of the tables that have no customer as their key, and a time.

    Rows of one instant are counted together, a few days of the month at a time: memory does not grow with
    the table.
    """
    found = []
    for name in data.tables:
        table = data.get(name)
        if TABLES[name].key == "customer_id" or "customer_id" not in table.columns:
            continue
        if time_of(table, name) is not None:
            found.append(_of(name, table, full[name]))
    return tuple(found)


def _of(name: str, table: ir.Table, full: Filling) -> Repeats:
    filled = {column: own["filled"] for column, own in full.columns.items() if own["filled"]}
    columns = [column for column in filled if column != TABLES[name].key]
    n = int(filled.get("customer_id", 0))
    parts = _parts(name, n, full.rows)
    if name != "transactions" or not {"order_id", "product_id"} <= set(columns):
        return Repeats(name, n, sum(_whole(part(table), columns) for part in parts))
    # An empty product joins none; a filter that leaves nothing out costs time all the same.
    told = table if filled["order_id"] == full.rows else table.filter(table.order_id.notnull())
    both = [_lines(part(table.select(*LINE)), part(told), columns) for part in parts]
    whole = sum(whole for _, whole in both)
    if not n == filled["order_id"] == filled["product_id"]:
        others = table.filter(table.order_id.isnull() | table.product_id.isnull())
        whole += sum(_whole(part(others), columns) for part in parts)
    return Repeats(name, n, whole, sum(lines for lines, _ in both))


def _parts(name: str, n: int, rows: int) -> list[Part]:
    """The `n` rows with a customer by day of the month, as many days together as make ROWS_AT_ONCE."""
    parts = min(-(-n // ROWS_AT_ONCE), DAYS_OF_A_MONTH)

    def part(number: int) -> Part:
        return lambda t: t.filter(t.customer_id.notnull(), time_of(t, name).day() % parts == number)

    if parts <= 1:
        return [lambda t: t if n == rows else t.filter(t.customer_id.notnull())]
    return [*map(part, range(parts)), lambda t: t.filter(t.customer_id.notnull(), time_of(t, name).isnull())]


def _whole(rows: ir.Table, columns: list[str]) -> int:
    """Rows beyond the first of those that are equal in `columns`."""
    if not columns:
        return 0
    groups = rows.group_by(columns).agg(_n=lambda t: t.count())
    beyond = groups.filter(groups["_n"] > 1).aggregate(beyond=lambda t: (t["_n"] - 1).sum())
    return int(only_row(beyond)["beyond"] or 0)


def _lines(narrow: ir.Table, rows: ir.Table, columns: list[str]) -> tuple[int, int]:
    """Rows beyond the first of one LINE, and of those that are equal in all `columns`, which hold LINE.

    Parameters
    ----------
    narrow : Table
        The columns of LINE: another table than `rows`, since an engine would write down what both share.
    """
    groups = narrow.group_by(list(SUSPECT)).agg(_n=lambda t: t.count())
    # Few lines have a double: only these are compared in every column.
    suspects = rows.semi_join(groups.filter(groups["_n"] > 1), list(SUSPECT))
    equal = suspects.group_by(columns).agg(_n=lambda t: t.count())
    lines = equal.group_by(list(LINE)).agg(_beyond=equal["_n"].sum() - 1, _whole=(equal["_n"] - 1).sum())
    total = lines.aggregate(lines=lines["_beyond"].sum(), whole=lines["_whole"].sum())
    found = only_row(total)
    return int(found["lines"] or 0), int(found["whole"] or 0)
