"""The whole of 01: canonical tables in, everything the notebook shows and hands on out."""

from dataclasses import dataclass

import pandas as pd

from workbench import sources
from workbench.language import say
from workbench.parameters import ProfilingParameters
from workbench.profiling import base, people, told, trust
from workbench.profiling.base.concentration import Concentration
from workbench.profiling.base.months import Months
from workbench.profiling.base.structure import Structure
from workbench.profiling.people import Card, GroupPortrait, Health, People
from workbench.profiling.people.card import OTHERS
from workbench.profiling.trust import Trust, books
from workbench.results import Finding, Metric, Missing, Results, earlier, left, rate
from workbench.sources import Canonical, ControlTotals

NOTEBOOK = "01_profiling"
PARTS = ("in", "used", "excluded", "quarantined")
OF_ORDERS = ["customer_id", "n_orders", "revenue", "n_orders_365d", "revenue_365d"]


@dataclass(frozen=True)
class Profile:
    """What 01 knows. A part that could not be computed is Missing and says why.

    Attributes
    ----------
    totals : ControlTotals
        Of the table that the study rests on.
    bridge, quarantine : pandas.DataFrame
        See `trust.books`.
    trust : Trust
        Columns, rows, feeds, values.
    base : Structure
        The customers as a whole.
    people : People
        Each customer with her tags.
    health : Health or Missing
        Of the tags.
    group : GroupPortrait or Missing
        The tag that the parameters name, against the base.
    card : Card, Missing or None
        Of the customer that the analyst has asked for.
    portrait, quarantined : pandas.DataFrame
        Handed on, with the study's time zone.
    """

    totals: ControlTotals
    bridge: pd.DataFrame
    quarantine: pd.DataFrame
    trust: Trust
    base: Structure
    people: People
    health: Health | Missing
    group: GroupPortrait | Missing
    card: Card | Missing | None
    portrait: pd.DataFrame
    quarantined: pd.DataFrame
    results: Results


def profile(data: Canonical, p: ProfilingParameters) -> Profile:
    """Compute 01 on the canonical tables of a study; drift is against the last earlier report."""
    totals = books.main_totals(data)
    everyone = people.people(data, p.tags)
    sources.give_back()
    known = _buyers(data, everyone.customers)
    examined = trust.examine(data, earlier("column_bins"))
    sources.give_back()
    structure = base.structure(data, p, known)
    health, group = people.health(everyone), people.group_portrait(everyone, p.group)
    table = people.portrait_table(everyone)
    checks = *trust.told.checks(data, examined), *base.told.checks(structure)
    checks += people.told.checks(everyone, health)
    results = Results(
        NOTEBOOK,
        data.as_of,
        (*_metrics(totals, structure), *trust.told.metrics(examined), *people.told.metrics(everyone, health)),
        checks,
        told.first_page(
            (
                told.verdict(checks),
                *trust.told.findings(examined),
                *_findings(structure),
                *base.told.findings(structure),
                *people.told.findings(group),
            )
        ),
    )
    return Profile(
        totals,
        books.bridge(totals),
        books.quarantine(data),
        examined,
        structure,
        everyone,
        health,
        group,
        None if p.card is None else _card(p.card, table),
        sources.with_zone(table, p.timezone),
        sources.with_zone(data.quarantined(), p.timezone),
        results,
    )


def hand_over(profiled: Profile) -> dict[str, pd.DataFrame]:
    """The tables that 01 writes, by name."""
    return {
        "portrait": profiled.portrait,
        "quarantine": profiled.quarantined,
        "column_profile": profiled.trust.columns.profile,
        "column_bins": profiled.trust.bins,
    }


def _card(customer: str, portrait: pd.DataFrame) -> Card | Missing:
    """Her card, with what other notebooks have left as drafts."""
    found = sources.known_as(customer, set(portrait["customer_id"]))
    if found is None:
        return Missing("profiling.no_such_customer", {"n": len(portrait)})
    drafts = {name: left(name) for name in OTHERS}
    return people.card(found, portrait, {name: table for name, table in drafts.items() if table is not None})


def _buyers(data: Canonical, customers: pd.DataFrame) -> pd.DataFrame | Missing:
    """The customers with an order."""
    if data.get("transactions") is None:
        values = {"table": "transactions", "section": say("profiling.section_base")}
        return Missing("missing.table", values)
    known = customers.loc[customers["n_orders"] > 0, OF_ORDERS].reset_index(drop=True)
    return Missing("profiling.missing_orders", {"as_of": data.as_of}) if known.empty else known


def _metrics(totals: ControlTotals, found: Structure) -> tuple[Metric, ...]:
    money = _money_metrics(totals, found.orders)
    customers = Metric("customers", totals.as_of.customers["used"], n=totals.as_of.rows["used"])
    shape = (_one_time_buyers(found.orders), *_concentration_metrics(found.concentration))
    rows = [Metric(f"rows_{part}", totals.as_of.rows[part]) for part in PARTS]
    # The page shows the first of them as tiles: what the manager asks for comes first.
    first = (money["used"], customers, *shape, *base.told.metrics(found))
    return (*first, *rows, *(money[part] for part in PARTS if part != "used"))


def _money_metrics(totals: ControlTotals, orders: pd.DataFrame | Missing) -> dict[str, Metric]:
    rows, money = totals.as_of.rows, totals.as_of.revenue
    if not money:
        reason = orders.reason if isinstance(orders, Missing) else None
        return {part: Metric(f"revenue_{part}", None, reason=reason) for part in PARTS}
    return {part: Metric(f"revenue_{part}", float(money[part]), n=rows[part]) for part in PARTS}


def _one_time_buyers(orders: pd.DataFrame | Missing) -> Metric:
    if isinstance(orders, Missing):
        return Metric("one_time_buyer_rate", None, reason=orders.reason)
    once = int(orders.customers[orders.orders == 1].sum())
    return rate("one_time_buyer_rate", once, int(orders.customers.sum()))


def _concentration_metrics(c: Concentration | Missing) -> tuple[Metric, ...]:
    if isinstance(c, Missing):
        return tuple(Metric(name, None, reason=c.reason) for name in ("top_revenue_share", "gini"))
    return (
        Metric("top_revenue_share", c.top_revenue_share, n=c.n, low=c.top_low, high=c.top_high),
        Metric("gini", c.gini, n=c.n, low=c.gini_low, high=c.gini_high),
    )


def _findings(found: Structure) -> tuple[Finding, ...]:
    months, spread, orders = found.months, found.concentration, found.orders
    if isinstance(months, Missing) or isinstance(spread, Missing) or isinstance(orders, Missing):
        return ()
    once, n = int(orders.customers[orders.orders == 1].sum()), int(orders.customers.sum())
    top = {"top": spread.top_share, "share": spread.top_revenue_share, "n": spread.n}
    one_time = {"share": once / n, "once": once, "n": n}
    share = Finding("profiling.finding_concentration", top)
    return (*_last_month(months), share, Finding("profiling.finding_one_time", one_time))


def _last_month(months: Months) -> tuple[Finding, ...]:
    last = months.by_month.iloc[-1]
    if months.partial or len(months.by_month) < 2 or months.by_month.revenue.iloc[-2] <= 0:
        return ()
    before = float(months.by_month.revenue.iloc[-2])
    change = float(last.revenue) / before - 1
    code = "profiling.finding_month_up" if change >= 0 else "profiling.finding_month_down"
    values = {"month": last.month.date(), "revenue": float(last.revenue), "change": abs(change)}
    return (Finding(code, values),)
