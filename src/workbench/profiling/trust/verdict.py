"""The checks that say whether the month can be trusted."""

from workbench.profiling.trust.books import TOLERATED, main_totals
from workbench.results import Check
from workbench.sources import Canonical


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
