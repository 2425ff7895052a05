"""Everything about the customers as a whole, from the canonical tables."""

from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from workbench.language import say
from workbench.parameters import ProfilingParameters
from workbench.profiling.base import activity as active_months
from workbench.profiling.base import arpu as per_customer
from workbench.profiling.base import cohorts as returning
from workbench.profiling.base import concentration as spread
from workbench.profiling.base import contracts as running
from workbench.profiling.base import gaps as silences
from workbench.profiling.base import growth as accounting
from workbench.profiling.base import months as calendar_months
from workbench.profiling.base import orders_book, places, rhythm, voices
from workbench.results import Missing
from workbench.sources import Canonical

ATTRIBUTES = ("region", "acquisition_channel")


@dataclass(frozen=True)
class Structure:
    """The base of customers. What needs a table or a column that is not there is Missing.

    Attributes
    ----------
    customers : int
        Customers with an order, counted one by one.
    first_orders : int
        Customers with an order, counted by the month of their first one.
    places : tuple
        By region, by acquisition channel, by channel of orders.
    """

    months: calendar_months.Months | Missing
    concentration: spread.Concentration | Missing
    orders: pd.DataFrame | Missing
    arpu: per_customer.Arpu | Missing
    gaps: silences.Gaps | Missing
    cohorts: returning.Cohorts | Missing
    growth: accounting.Growth | Missing
    rhythm: rhythm.Rhythm | Missing
    places: tuple[places.Places | Missing, ...]
    contracts: running.Contracts | Missing
    voices: voices.Voices | Missing
    customers: int = 0
    first_orders: int = 0


def structure(data: Canonical, p: ProfilingParameters, known: pd.DataFrame | Missing) -> Structure:
    """Months, concentration, return, rhythm and places of the customers of a study.

    Parameters
    ----------
    known : pandas.DataFrame or Missing
        One row per customer with an order: customer_id, n_orders, revenue, n_orders_365d, revenue_365d of
        `features.order_features`. Missing, where there are no orders: then so is all that needs them.
    """
    contracts, heard = _contracts(data, p), _voices(data, p)
    transactions = data.get("transactions")
    if isinstance(known, Missing) or transactions is None or known.empty:
        gone = known if isinstance(known, Missing) else _no_orders(data)
        return Structure(
            gone, gone, gone, gone, gone, gone, gone, gone, (gone, gone, gone), contracts, heard
        )  # fmt: skip
    # Computed once: most of what follows is counted from it.
    with orders_book.order_book(transactions).cache() as book:
        active = active_months.activity(book)
        return Structure(
            calendar_months.months(transactions, book, active, data.as_of, p.months),
            _concentration(known, p),
            spread.orders_per_customer(known),
            per_customer.arpu(known, _tiers(data), p.seed),
            silences.gaps(book, transactions),
            returning.cohorts(active, data.as_of),
            accounting.growth(active, data.as_of, p.months),
            rhythm.rhythm(book, data.as_of),
            _places(book, data),
            contracts,
            heard,
            len(known),
            int(active.customers[active.kind == "new"].sum()),
        )


def _no_orders(data: Canonical) -> Missing:
    if data.get("transactions") is None:
        return _not_mapped("transactions", "base")
    return Missing("profiling.missing_orders", {"as_of": data.as_of})


def _not_mapped(table: str, section: str) -> Missing:
    return Missing("missing.table", {"table": table, "section": say(f"profiling.base_section_{section}")})


def _concentration(known: pd.DataFrame, p: ProfilingParameters) -> spread.Concentration | Missing:
    if not (known.revenue > 0).any():
        return Missing("profiling.missing_positive")
    return spread.concentration(known.revenue, p.top_share, p.seed)


def _tiers(data: Canonical) -> pd.DataFrame | Missing:
    """The tier of each customer who has one."""
    customers = data.get("customers")
    if not places.filled(customers, ["tier"]):
        return Missing("profiling.base_missing_attribute", {"column": "tier"})
    tiers = customers.filter(customers.tier.notnull())
    frame: pd.DataFrame = tiers.select("customer_id", tier=tiers.tier.cast("string")).to_pandas()
    return frame.drop_duplicates("customer_id")


def _places(book: ir.Table, data: Canonical) -> tuple[places.Places | Missing, ...]:
    customers = data.get("customers")
    known = places.filled(customers, ATTRIBUTES)
    found = [places.by_attribute(book, customers if name in known else None, name) for name in ATTRIBUTES]
    return (*found, places.by_channel(book))


def _contracts(data: Canonical, p: ProfilingParameters) -> running.Contracts | Missing:
    table = data.get("subscriptions")
    if table is None:
        return _not_mapped("subscriptions", "contracts")
    return running.contracts(table, data.as_of, p.months)


def _voices(data: Canonical, p: ProfilingParameters) -> voices.Voices | Missing:
    table = data.get("feedback")
    return _not_mapped("feedback", "voices") if table is None else voices.voices(table, p.months)
