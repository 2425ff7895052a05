"""What came in, what was left out and why, and what was used."""

from decimal import Decimal
from typing import Any

import pandas as pd

from workbench.language import Given, say
from workbench.sources import Canonical, ControlTotals, Step, Totals

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
