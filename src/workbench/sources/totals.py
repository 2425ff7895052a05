"""Control totals: rows, customers and money in = used + excluded by rule + quarantined, to the penny."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ibis.backends.duckdb import Backend

from workbench.calendar import end_of_day
from workbench.sources.canonical import TABLES
from workbench.sources.mapping import EXCLUDED, QUARANTINED, USED

STATUSES = (USED, EXCLUDED, QUARANTINED)


@dataclass(frozen=True)
class Totals:
    """One side of the balance, by status.

    Attributes
    ----------
    rows, customers : mapping of str to int
        Under ``in``, ``used``, ``excluded`` and ``quarantined``. A customer counts as used if one of her rows
        is used, else as quarantined if one of her rows is, else as excluded: so customers balance as well.
    revenue : mapping of str to Decimal
        The same in money, exact; empty for a table without amounts.
    """

    rows: Mapping[str, int]
    customers: Mapping[str, int]
    revenue: Mapping[str, Decimal]

    @property
    def balanced(self) -> bool:
        """Whether what came in equals the sum of its parts, in rows, customers and money."""
        parts: list[Mapping[str, Any]] = [
            self.rows,
            self.customers,
            *([self.revenue] if self.revenue else []),
        ]
        return all(bool(part["in"] == sum(part[status] for status in STATUSES)) for part in parts)


@dataclass(frozen=True)
class ControlTotals:
    """The control totals of one table.

    Attributes
    ----------
    as_of, whole : Totals
        Up to the end of the as-of day, and over everything the source holds. Figures rest on `as_of` alone;
        `whole` is for reconciling with the source.
    reasons : mapping of str to int
        Quarantined rows by reason (``rule:column``), over the whole source.
    """

    table: str
    as_of: Totals
    whole: Totals
    reasons: Mapping[str, int] = field(default_factory=dict)

    def in_words(self) -> str:
        """The balance up to the as-of day in one line, for a terminal."""
        parts = [_balance(self.as_of.rows, "rows", ",")]
        if self.as_of.customers["in"]:
            parts.append(_balance(self.as_of.customers, "customers", ","))
        if self.as_of.revenue:
            parts.append(_balance(self.as_of.revenue, "revenue", ",.4f"))
        return f"{self.table}: {'; '.join(parts)}"


def _balance(part: Mapping[str, Any], what: str, form: str) -> str:
    words = " + ".join(f"{part[status]:{form}} {status}" for status in STATUSES)
    return f"{part['in']:{form}} {what} = {words}"


def control_totals(con: Backend, table: str, as_of: date | None) -> ControlTotals:
    """The control totals of a staged table; with `as_of` None both sides are the whole source."""
    reasons = con.sql(
        f"SELECT _reason, count(*) AS n FROM staged_{table} WHERE _status = '{QUARANTINED}' "
        "GROUP BY _reason ORDER BY n DESC, _reason"
    ).to_pandas()
    whole = _totals(con, table, "TRUE")
    visible = "TRUE" if as_of is None else visible_sql(table, as_of)
    known = {str(reason): int(n) for reason, n in reasons.itertuples(index=False)}
    return ControlTotals(table, whole if visible == "TRUE" else _totals(con, table, visible), whole, known)


def visible_sql(table: str, as_of: date) -> str:
    """The SQL condition that keeps what a study as of `as_of` may see. Rows without a time stay."""
    end = end_of_day(as_of).isoformat(sep=" ")
    conditions = [f"({name} IS NULL OR {name} < TIMESTAMP '{end}')" for name in TABLES[table].times]
    return " AND ".join(conditions) or "TRUE"


def _totals(con: Backend, table: str, condition: str) -> Totals:
    columns = TABLES[table].columns
    money = "sum(amount)" if "amount" in columns else "NULL"
    by_status = _fetch(
        con,
        f"SELECT _status, count(*), {money} FROM staged_{table} WHERE {condition} GROUP BY _status",
    )
    rows = dict.fromkeys(STATUSES, 0) | {str(s): int(n) for s, n, _ in by_status}
    revenue = {status: Decimal(0) for status in STATUSES} | {str(s): m or Decimal(0) for s, _, m in by_status}
    customers = _customers(con, table, condition) if "customer_id" in columns else dict.fromkeys(STATUSES, 0)
    return Totals(_with_in(rows), _with_in(customers), _with_in(revenue) if "amount" in columns else {})


def _customers(con: Backend, table: str, condition: str) -> dict[str, int]:
    best = (
        f"SELECT customer_id, min(CASE _status WHEN '{USED}' THEN 0 WHEN '{QUARANTINED}' THEN 1 ELSE 2 END) "
        f"AS rank FROM staged_{table} WHERE customer_id IS NOT NULL AND {condition} GROUP BY customer_id"
    )
    counted = dict(_fetch(con, f"SELECT rank, count(*) FROM ({best}) GROUP BY rank"))
    return {status: int(counted.get(rank, 0)) for rank, status in enumerate((USED, QUARANTINED, EXCLUDED))}


def _with_in(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"in": sum(parts[status] for status in STATUSES), **parts}


def _fetch(con: Backend, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query with exact decimals (a data frame would turn them into doubles or objects)."""
    table = con.sql(query).to_pyarrow()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True)) if table.num_rows else []
