"""What came in, what was used, and how well each column is filled."""

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from workbench.results import Check
from workbench.sources import TABLES, Canonical, ControlTotals

# Order of the essential tables: the first that is mapped gives the headline control totals.
TOLERATED = 0.005  # of all rows: half of what makes a run refuse to start
MAIN_TABLES = ("transactions", "subscriptions", "feedback")


def main_totals(data: Canonical) -> ControlTotals:
    """The control totals of the table that the study rests on."""
    return next(data.totals[table] for table in MAIN_TABLES if table in data.totals)


def bridge(totals: ControlTotals) -> pd.DataFrame:
    """From what the source holds to what is analysed.

    Returns
    -------
    pandas.DataFrame
        Rows ``in``, ``excluded``, ``quarantined``, ``used`` (index `step`); per scope ``as_of`` (up to the
        as-of day), ``later`` and ``whole`` the columns ``rows_<scope>`` and ``revenue_<scope>``, and
        ``customers_as_of`` and ``customers_whole`` (a customer may be in both scopes, so there is no third).
    """
    steps = ["in", "excluded", "quarantined", "used"]
    seen, whole = totals.as_of, totals.whole
    columns: dict[str, list[Any]] = {
        "rows_as_of": [seen.rows[s] for s in steps],
        "rows_later": [whole.rows[s] - seen.rows[s] for s in steps],
        "rows_whole": [whole.rows[s] for s in steps],
        "customers_as_of": [seen.customers[s] for s in steps],
        "customers_whole": [whole.customers[s] for s in steps],
    }
    if whole.revenue:
        columns["revenue_as_of"] = [float(seen.revenue[s]) for s in steps]
        columns["revenue_later"] = [float(whole.revenue[s] - seen.revenue[s]) for s in steps]
        columns["revenue_whole"] = [float(whole.revenue[s]) for s in steps]
    return pd.DataFrame(columns, index=pd.Index(steps, name="step"))


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
    if data.latest is not None:
        covered = data.latest >= data.as_of
        checks.append(Check("data_reach_as_of", covered, {"latest": data.latest, "as_of": data.as_of}))
    return tuple(checks)
