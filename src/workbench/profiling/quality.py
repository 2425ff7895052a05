"""What came in, what was used, and how well each column is filled."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from workbench.language import Given, say
from workbench.results import Check
from workbench.sources import TABLES, Canonical, ControlTotals, Step, Totals

# Order of the essential tables: the first that is mapped gives the headline control totals.
TOLERATED = 0.005  # of all rows: half of what makes a run refuse to start
MAIN_TABLES = ("transactions", "subscriptions", "feedback")


def main_totals(data: Canonical) -> ControlTotals:
    """The control totals of the table that the study rests on."""
    return next(data.totals[table] for table in MAIN_TABLES if table in data.totals)


def bridge(totals: ControlTotals) -> pd.DataFrame:
    """From what the source holds to what is analysed, rule by rule.

    Returns
    -------
    pandas.DataFrame
        One row per step: ``in``, each rule that ``excluded`` rows, each reason for which rows were
        ``quarantined``, ``used``, and each rule that counts rows which stay (``net``). Columns: kind, label
        (in words); per scope ``as_of`` (up to the as-of day), ``later`` and ``whole`` the columns
        ``rows_<scope>`` and ``revenue_<scope>``; ``customers_as_of`` and ``customers_whole`` (a customer may
        be in both scopes, and with different rows in several steps).
    """
    seen, whole = totals.as_of, totals.whole
    known = {(step.kind, step.name): step for step in totals.steps}
    lines = [("in", say("profiling.step_in"), _sides(seen, whole, "in"))]
    for step in totals.whole_steps:
        found = known.get((step.kind, step.name))
        sides = [
            (found.rows, step.rows) if found else (0, step.rows),
            (found.customers, step.customers) if found else (0, step.customers),
            (found.revenue if found else Decimal(0), step.revenue),
        ]
        lines.append((step.kind, _label(step), sides))
    used = ("used", say("profiling.step_used"), _sides(seen, whole, "used"))
    lines.insert(sum(kind != "net" for kind, *_ in lines), used)
    frame = pd.DataFrame([_bridge_row(*line) for line in lines]).dropna(axis="columns", how="all")
    # As objects they stay messages, which a page in another language says again.
    return frame.assign(label=pd.Series([label for _, label, _ in lines], dtype=object))


def _sides(seen: Totals, whole: Totals, part: str) -> list[tuple[Any, Any]]:
    sides: list[tuple[Any, Any]] = [
        (seen.rows[part], whole.rows[part]),
        (seen.customers[part], whole.customers[part]),
    ]
    return [*sides, (seen.revenue.get(part), whole.revenue.get(part))]


def _bridge_row(kind: str, label: str, sides: list[tuple[Any, Any]]) -> dict[str, Any]:
    rows, customers, revenue = sides
    line = {
        "kind": kind,
        "label": label,
        "rows_as_of": rows[0],
        "rows_later": rows[1] - rows[0],
        "rows_whole": rows[1],
        "customers_as_of": customers[0],
        "customers_whole": customers[1],
    }
    if revenue[1] is None:
        return line
    money = {"as_of": revenue[0], "later": revenue[1] - revenue[0], "whole": revenue[1]}
    return line | {f"revenue_{scope}": float(amount) for scope, amount in money.items()}


def _label(step: Step) -> str:
    """What a step is called in the report: by its rule's own label where the source file gives one."""
    own = Given(step.label, step.name)
    if step.kind == "quarantined":
        rule, column = step.name.split(":")
        return say("profiling.step_quarantined", rule=say(f"profiling.rule_{rule}"), column=column)
    if step.name == "where":
        return say("profiling.step_where")
    return say(f"profiling.step_{step.kind}", rule=own)


def quarantine(data: Canonical) -> pd.DataFrame:
    """Quarantined rows of all tables by reason: table, rule, column, rows."""
    found = [
        {"table": table, "rule": reason.split(":")[0], "column": reason.split(":")[1], "rows": rows}
        for table, totals in data.totals.items()
        for reason, rows in totals.reasons.items()
    ]
    return pd.DataFrame(found, columns=["table", "rule", "column", "rows"])


def column_profile(data: Canonical) -> pd.DataFrame:
    """How each mapped column is filled; one pass of the engine per table.

    Returns
    -------
    pandas.DataFrame
        table, column, kind, filled (share of rows), distinct, low, high. The ends are given for numbers and
        times only: the smallest text of a column may be a customer's.
    """
    rows = [row for table in data.totals for row in _profile_of(table, data)]
    return pd.DataFrame(rows, columns=["table", "column", "kind", "filled", "distinct", "low", "high"])


def _profile_of(name: str, data: Canonical) -> list[dict[str, Any]]:
    table: ir.Table = data.get(name)
    kinds: dict[str, str] = {column: about.kind for column, about in TABLES[name].columns.items()}
    kinds |= dict.fromkeys(data.attributes(name), "attribute")
    asked: dict[str, Any] = {"n": table.count()}
    for column in table.columns:
        asked[f"filled {column}"] = table[column].count()
        asked[f"distinct {column}"] = table[column].nunique()
        if not table[column].type().is_string() and not table[column].type().is_boolean():
            asked[f"low {column}"] = table[column].min()
            asked[f"high {column}"] = table[column].max()
    answer: Mapping[str, Any] = table.aggregate(**asked).to_pyarrow().to_pylist()[0]
    rows = [_profile_row(name, column, kinds[column], answer) for column in table.columns]
    return [row for row in rows if row["distinct"] > 0]


def _profile_row(table: str, column: str, kind: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    filled, n = answer[f"filled {column}"], answer["n"]
    return {
        "table": table,
        "column": column,
        "kind": kind,
        "filled": filled / n if n else None,
        "distinct": answer[f"distinct {column}"],
        "low": _written(answer.get(f"low {column}")),
        "high": _written(answer.get(f"high {column}")),
    }


def _written(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d}" if hasattr(value, "year") else f"{value:,.2f}"


def quality_checks(data: Canonical) -> tuple[Check, ...]:
    """Whether the control totals balance, rows were quarantined, and the last month is whole."""
    totals = main_totals(data)
    bad = sum(t.whole.rows["quarantined"] for t in data.totals.values())
    rows = sum(t.whole.rows["in"] for t in data.totals.values())
    balanced = all(t.as_of.balanced and t.whole.balanced for t in data.totals.values())
    checks = [
        Check(
            "control_totals_balance", balanced, {"tables": len(data.totals), "rows": totals.as_of.rows["in"]}
        ),
        Check("few_quarantined", bad <= TOLERATED * rows, {"bad": bad, "rows": rows, "limit": TOLERATED}),
    ]
    if data.control is not None:
        checks.append(Check("control_revenue", True, {"revenue": float(data.control)}))
    if data.orphans:
        checks.append(_known_customers(data))
    if data.latest is not None:
        covered = data.latest >= data.as_of
        checks.append(Check("data_reach_as_of", covered, {"latest": data.latest, "as_of": data.as_of}))
    return tuple(checks)


def _known_customers(data: Canonical) -> Check:
    """Whether the customers of the other tables are in the table of customers, by the worst of them."""
    people = {table: data.totals[table].as_of.customers["used"] for table in data.orphans}
    worst = max(data.orphans, key=lambda table: data.orphans[table] / max(people[table], 1))
    missing, known = data.orphans[worst], people[worst]
    values = {"tables": len(people), "table": worst, "orphans": missing, "n": known, "limit": TOLERATED}
    return Check("customers_are_known", missing <= TOLERATED * known, values)
