"""Control totals: rows, customers and money in = used + excluded by rule + quarantined, to the penny."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from workbench.calendar import end_of_day
from workbench.errors import refusal
from workbench.parameters import Source
from workbench.sources.canonical import TABLES
from workbench.sources.engines import Engine
from workbench.sources.staging import EXCLUDED, QUARANTINED, USED

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
class Step:
    """One line of the bridge from the source's total to the analysed one.

    Attributes
    ----------
    kind : str
        ``excluded`` by the rule `name`; ``quarantined`` for the reason `name` (``rule:column``); ``net``:
        rows that stay, as refunds do, and are counted by the rule `name`.
    customers : int
        With a row in this line; one customer may be in several lines.
    revenue : Decimal or None
        None for a table without amounts. An amount that could not be read counts as 0.
    label : mapping of str to str
        What the rule is called in the report, by language; may be empty.
    """

    kind: Literal["excluded", "quarantined", "net"]
    name: str
    rows: int
    customers: int
    revenue: Decimal | None
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ControlTotals:
    """The control totals of one table.

    Attributes
    ----------
    as_of, whole : Totals
        Up to the end of the as-of day, and over everything the source holds. Figures rest on `as_of` alone;
        `whole` is for reconciling with the source.
    steps, whole_steps : tuple of Step
        Line by line what lies between ``in`` and ``used``: rules in their order, then reasons of quarantine,
        then what is kept and counted.
    """

    table: str
    as_of: Totals
    whole: Totals
    steps: tuple[Step, ...] = ()
    whole_steps: tuple[Step, ...] = ()

    @property
    def reasons(self) -> dict[str, int]:
        """Quarantined rows by reason (``rule:column``), over the whole source."""
        return {step.name: step.rows for step in self.whole_steps if step.kind == QUARANTINED}

    def in_words(self) -> str:
        """The balance up to the as-of day in one line, for a terminal."""
        parts = [_balance(self.as_of.rows, "rows", ",")]
        if self.as_of.customers["in"]:
            parts.append(_balance(self.as_of.customers, "customers", ","))
        if self.as_of.revenue:
            what = "revenue" if self.table == "transactions" else "amount"
            parts.append(_balance(self.as_of.revenue, what, ",.4f"))
        return f"{self.table}: {'; '.join(parts)}"

    def bridge_in_words(self) -> list[str]:
        """The bridge over the whole source, one aligned line per step, for a terminal."""
        whole = self.whole
        lines = [("source", whole.rows["in"], whole.customers["in"], whole.revenue.get("in"))]
        lines += [
            (f"{SIGNS[s.kind]}{s.name.replace(':', ' ')}", s.rows, s.customers, s.revenue)
            for s in self.whole_steps
            if s.kind != "net"
        ]
        lines.append(("= analysed", whole.rows[USED], whole.customers[USED], whole.revenue.get(USED)))
        lines += [
            (f"{SIGNS[s.kind]}{s.name}", s.rows, s.customers, s.revenue)
            for s in self.whole_steps
            if s.kind == "net"
        ]
        width, people = max(len(name) for name, *_ in lines), whole.customers["in"] > 0
        return [
            f"  {name:<{width}}  {rows:>12,} rows"
            + (f"  {customers:>10,} customers" if people else "")
            + ("" if revenue is None else f"  {revenue:>18,.4f}")
            for name, rows, customers, revenue in lines
        ]


SIGNS = {"excluded": "− ", "quarantined": "− quarantined: ", "net": "  of which "}


def _balance(part: Mapping[str, Any], what: str, form: str) -> str:
    words = " + ".join(f"{part[status]:{form}} {status}" for status in STATUSES)
    return f"{part['in']:{form}} {what} = {words}"


def control_totals(engine: Engine, source: Source, table: str, as_of: date) -> ControlTotals:
    """The control totals of a staged table. Customers are counted as persons, by their pseudonyms."""
    visible = visible_sql(table, as_of)
    whole, whole_steps = _totals(engine, table, "TRUE"), _steps(engine, source, table, "TRUE")
    if visible == "TRUE" or not engine.rows(f"SELECT 1 FROM staged_{table} WHERE NOT ({visible}) LIMIT 1"):
        return ControlTotals(table, whole, whole, whole_steps, whole_steps)
    seen, steps = _totals(engine, table, visible), _steps(engine, source, table, visible)
    return ControlTotals(table, seen, whole, steps, whole_steps)


def visible_sql(table: str, as_of: date) -> str:
    """The SQL condition that keeps what a study as of `as_of` may see. Rows without a time stay."""
    end = end_of_day(as_of).isoformat(sep=" ")
    conditions = [
        f"({name} IS NULL OR {name} < CAST('{end}' AS TIMESTAMP))" for name in TABLES[table].known_at
    ]
    return " AND ".join(conditions) or "TRUE"


def check_rows(engine: Engine, source: Source, table: str) -> None:
    """Refuse an empty table, and one of which too many rows break the schema.

    Raises
    ------
    WorkbenchError
        With the rows by reason.
    """
    where = f"{source.path}: tables.{table}"
    counted = engine.rows(f"SELECT _status, _reason, count(*) FROM staged_{table} GROUP BY _status, _reason")
    rows = sum(n for _, _, n in counted)
    reasons = sorted(((n, str(r)) for status, r, n in counted if status == QUARANTINED), reverse=True)
    bad = sum(n for n, _ in reasons)
    if rows == 0:
        raise refusal(where, "the table", "one with rows", "0 rows", "Check the file.")
    if bad > source.max_bad_rows * rows:
        listed = "; ".join(f"{reason.replace(':', ' ')}: {n:,}" for n, reason in reasons)
        raise refusal(
            where,
            "rows that break the schema",
            f"at most {source.max_bad_rows:.1%} of {rows:,}",
            f"{bad:,} ({bad / rows:.1%}): {listed}",
            "Correct the mapping, exclude them by a rule, or raise max_bad_rows.",
        )


def check_control(engine: Engine, source: Source) -> Decimal | None:
    """The revenue that the source's `control` is about, if it agrees with it; None without a `control`.

    Raises
    ------
    WorkbenchError
        If it does not agree within the tolerance, or there are no transactions to compare.
    """
    if source.control is None:
        return None
    control, where = source.control, f"{source.path}: control.revenue"
    if "transactions" not in source.tables:
        raise refusal(where, "the table transactions", "mapped", "nothing", "Map it or remove `control`.")
    condition = "TRUE" if control.until is None else visible_sql("transactions", control.until)
    revenue = _totals(engine, "transactions", condition).revenue[control.of]
    # As text the figure is what the file says; its double is not.
    given = Decimal(str(control.revenue))
    room = abs(given) * Decimal(str(control.tolerance))
    if abs(revenue - given) > room:
        share = f" ({(revenue - given) / given:+.2%})" if given else ""
        rule = f"{given:,} ± {room:,.4f}, as finance has it"
        hint = "Correct the mapping or the rules, or ask finance what its figure holds."
        raise refusal(where, f"the total `{control.of}`", rule, f"{revenue:,.4f}{share}", hint)
    return revenue


def _totals(engine: Engine, table: str, condition: str) -> Totals:
    columns = TABLES[table].columns
    money = "sum(amount)" if "amount" in columns else "NULL"
    by_status = engine.rows(
        f"SELECT _status, count(*), {money} FROM staged_{table} WHERE {condition} GROUP BY _status"
    )
    rows = dict.fromkeys(STATUSES, 0) | {str(s): int(n) for s, n, _ in by_status}
    revenue = {status: Decimal(0) for status in STATUSES} | {str(s): m or Decimal(0) for s, _, m in by_status}
    customers = (
        _customers(engine, table, condition) if "customer_id" in columns else dict.fromkeys(STATUSES, 0)
    )
    return Totals(_with_in(rows), _with_in(customers), _with_in(revenue) if "amount" in columns else {})


def _customers(engine: Engine, table: str, condition: str) -> dict[str, int]:
    rank = f"CASE _status WHEN '{USED}' THEN 0 WHEN '{QUARANTINED}' THEN 1 ELSE 2 END"
    best = (
        f"SELECT p.customer_id, min({rank}) AS place "
        f"FROM staged_{table} s JOIN pseudonyms p ON p.raw_id = s.customer_id "
        f"WHERE {condition} GROUP BY p.customer_id"
    )
    counted = dict(engine.rows(f"SELECT place, count(*) FROM ({best}) AS best GROUP BY place"))
    return {status: int(counted.get(place, 0)) for place, status in enumerate((USED, QUARANTINED, EXCLUDED))}


def _steps(engine: Engine, source: Source, table: str, condition: str) -> tuple[Step, ...]:
    columns = TABLES[table].columns
    money = "coalesce(sum(amount), 0)" if "amount" in columns else "NULL"
    join, persons = "", "0"
    if "customer_id" in columns:
        join = "LEFT JOIN pseudonyms p ON p.raw_id = s.customer_id"
        persons = "count(DISTINCT p.customer_id)"
    found = engine.rows(
        f"SELECT CASE _status WHEN '{USED}' THEN 'net' ELSE _status END AS kind, "
        f"coalesce(_reason, _net) AS name, count(*), {persons}, {money} FROM staged_{table} s {join} "
        f"WHERE {condition} AND (_status <> '{USED}' OR _net IS NOT NULL) "
        f"GROUP BY CASE _status WHEN '{USED}' THEN 'net' ELSE _status END, coalesce(_reason, _net)"
    )
    labels = {rule.name: {str(lang): text for lang, text in rule.label.items()} for rule in source.rules}
    order = ["where", *labels]
    steps = [
        Step(kind, name, rows, people, sum_, labels.get(name, {})) for kind, name, rows, people, sum_ in found
    ]
    kinds = [EXCLUDED, QUARANTINED, "net"]

    def _place(step: Step) -> tuple[int, int, int, str]:
        by_rule = order.index(step.name) if step.name in order else 0
        return kinds.index(step.kind), by_rule, -step.rows, step.name

    return tuple(sorted(steps, key=_place))


def _with_in(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"in": sum(parts[status] for status in STATUSES), **parts}
