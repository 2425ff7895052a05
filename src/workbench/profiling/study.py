"""The whole of 01: canonical tables in, everything the notebook shows and hands on out."""

from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import pandas as pd

from workbench import features, sources
from workbench.language import say
from workbench.parameters import ProfilingParameters
from workbench.profiling.base import concentration as spread
from workbench.profiling.base import months as calendar_months
from workbench.profiling.people import portrait
from workbench.profiling.trust import books, columns, verdict
from workbench.results import Finding, Metric, Missing, Results, rate
from workbench.sources import Canonical, ControlTotals

PARTS = ("in", "used", "excluded", "quarantined")


@dataclass(frozen=True)
class Profile:
    """What 01 knows. Parts that need orders are Missing where no transactions are mapped."""

    totals: ControlTotals
    bridge: pd.DataFrame
    quarantine: pd.DataFrame
    columns: pd.DataFrame
    months: calendar_months.Months | Missing
    concentration: spread.Concentration | Missing
    orders: pd.DataFrame | Missing
    tags: pd.DataFrame | Missing
    portrait: pd.DataFrame
    quarantined: pd.DataFrame
    results: Results


def profile(data: Canonical, p: ProfilingParameters) -> Profile:
    """Compute 01 on the canonical tables of a study."""
    totals = books.main_totals(data)
    transactions = data.get("transactions")
    no_orders = Missing("missing.table", {"table": "transactions", "section": say("profiling.section_base")})
    months: calendar_months.Months | Missing = no_orders
    concentration: spread.Concentration | Missing = no_orders
    orders: pd.DataFrame | Missing = no_orders
    if transactions is not None:
        known = _order_features(transactions, data.as_of)
        if known.empty:
            no_orders = concentration = orders = months = Missing(
                "profiling.missing_orders", {"as_of": data.as_of}
            )
        else:
            months = calendar_months.months(transactions, data.as_of, p.months)
            concentration = _concentration(known.revenue, p)
            orders = spread.orders_per_customer(known)
    table = _portrait(data, None if isinstance(orders, Missing) else known)
    metrics = _metrics(totals, concentration, orders, no_orders)
    findings = _findings(months, concentration, orders)
    results = Results("01_profiling", data.as_of, metrics, verdict.quality_checks(data), findings)
    return Profile(
        totals,
        books.bridge(totals),
        books.quarantine(data),
        columns.column_profile(data),
        months,
        concentration,
        orders,
        no_orders if isinstance(orders, Missing) else portrait.tag_coverage(table),
        sources.with_zone(table, p.timezone),
        sources.with_zone(data.quarantined(), p.timezone),
        results,
    )


def _order_features(transactions: ir.Table, as_of: date) -> pd.DataFrame:
    """The features of each customer with an order, and the moments of the first and the last one."""
    known = features.order_features(transactions, [as_of]).drop("as_of")
    times = features.order_times(transactions, as_of)
    joined = known.inner_join(times, "customer_id").order_by("customer_id")
    frame: pd.DataFrame = joined.to_pandas()  # from here on pandas
    return frame


def _concentration(revenue: "pd.Series[float]", p: ProfilingParameters) -> spread.Concentration | Missing:
    if not (revenue > 0).any():
        return Missing("profiling.missing_positive")
    return spread.concentration(revenue, p.top_share, p.seed)


def hand_over(profiled: Profile) -> dict[str, pd.DataFrame]:
    """The tables that 01 writes, by name."""
    return {"portrait": profiled.portrait, "quarantine": profiled.quarantined}


def _portrait(data: Canonical, known: pd.DataFrame | None) -> pd.DataFrame:
    if known is not None:
        return portrait.portrait(known)
    mapped = [data.get(table) for table in ("customers", "subscriptions", "feedback")]
    ids = [table.select("customer_id").distinct() for table in mapped if table is not None]
    # Each table's own customers leave Ibis once, however many rows they have.
    listed = [table.to_pandas().customer_id for table in ids]
    return portrait.without_orders(pd.concat([pd.Series(dtype="str"), *listed], ignore_index=True))


def _metrics(
    totals: ControlTotals,
    concentration: spread.Concentration | Missing,
    orders: pd.DataFrame | Missing,
    no_orders: Missing,
) -> tuple[Metric, ...]:
    money = _money_metrics(totals, no_orders)
    customers = Metric("customers", totals.as_of.customers["used"], n=totals.as_of.rows["used"])
    shape = (_one_time_buyers(orders), *_concentration_metrics(concentration))
    rows = [Metric(f"rows_{part}", totals.as_of.rows[part]) for part in PARTS]
    # The page shows the first of them as tiles: what the manager asks for comes first.
    return (money["used"], customers, *shape, *rows, *(money[part] for part in PARTS if part != "used"))


def _money_metrics(totals: ControlTotals, no_orders: Missing) -> dict[str, Metric]:
    rows, money = totals.as_of.rows, totals.as_of.revenue
    if not money:
        return {part: Metric(f"revenue_{part}", None, reason=no_orders.reason) for part in PARTS}
    return {part: Metric(f"revenue_{part}", float(money[part]), n=rows[part]) for part in PARTS}


def _one_time_buyers(orders: pd.DataFrame | Missing) -> Metric:
    if isinstance(orders, Missing):
        return Metric("one_time_buyer_rate", None, reason=orders.reason)
    once = int(orders.customers[orders.orders == 1].sum())
    return rate("one_time_buyer_rate", once, int(orders.customers.sum()))


def _concentration_metrics(c: spread.Concentration | Missing) -> tuple[Metric, ...]:
    if isinstance(c, Missing):
        return tuple(Metric(name, None, reason=c.reason) for name in ("top_revenue_share", "gini"))
    return (
        Metric("top_revenue_share", c.top_revenue_share, n=c.n),
        Metric("gini", c.gini, n=c.n, low=c.gini_low, high=c.gini_high),
    )


def _findings(
    months: calendar_months.Months | Missing,
    concentration: spread.Concentration | Missing,
    orders: pd.DataFrame | Missing,
) -> tuple[Finding, ...]:
    if isinstance(months, Missing) or isinstance(concentration, Missing) or isinstance(orders, Missing):
        return ()
    once, n = int(orders.customers[orders.orders == 1].sum()), int(orders.customers.sum())
    top = {"top": concentration.top_share, "share": concentration.top_revenue_share, "n": concentration.n}
    found = [Finding("profiling.finding_concentration", top)]
    found.append(Finding("profiling.finding_one_time", {"share": once / n, "once": once, "n": n}))
    last = months.by_month.iloc[-1]
    if not months.partial and len(months.by_month) > 1 and months.by_month.revenue.iloc[-2] > 0:
        before = float(months.by_month.revenue.iloc[-2])
        change = float(last.revenue) / before - 1
        code = "profiling.finding_month_up" if change >= 0 else "profiling.finding_month_down"
        values = {"month": last.month.date(), "revenue": float(last.revenue), "change": abs(change)}
        found.insert(0, Finding(code, values))
    return tuple(found)
