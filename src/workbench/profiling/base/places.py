"""Customers by where they live and where they came and buy: regions and channels."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.profiling.base.orders_book import buyers
from workbench.results import Missing
from workbench.results.intervals import Z_95, wilson

LEAST_CUSTOMERS = 10  # a smaller group is not shown by name
MOST_ROWS = 12
SUMS = ("customers", "orders", "revenue", "squares", "once")


@dataclass(frozen=True)
class Places:
    """The values of one attribute, each as a group of customers.

    Attributes
    ----------
    attribute : str
        ``region``, ``acquisition_channel`` or ``channel`` (of orders: a customer may be in several).
    table : pandas.DataFrame
        name; kind (``named``, ``other``: the smaller ones together, ``unknown``: without a value); customers,
        orders, revenue (net), share (of the revenue of all); per_customer with low and high (95 %); once
        (customers with one order in all), once_rate with once_low and once_high (Wilson). By falling revenue,
        the unnamed at the end.
    folded : int
        Values that are not shown by name.
    overall : float
        Revenue per customer of all groups together.
    """

    attribute: str
    table: pd.DataFrame
    folded: int
    overall: float

    @property
    def named(self) -> pd.DataFrame:
        """The groups with a name."""
        return self.table[self.table.kind == "named"]


def by_attribute(book: ir.Table, customers: ir.Table | None, attribute: str) -> Places | Missing:
    """Customers with an order by an attribute of the table of customers, in its present state."""
    if customers is None or attribute not in customers.columns:
        return Missing("profiling.base_missing_attribute", {"column": attribute})
    people = buyers(book)
    known = customers.group_by("customer_id").agg(name=customers[attribute].cast("string").max())
    joined = people.left_join(known, "customer_id").drop("customer_id_right")
    return _places(attribute, joined.mutate(total=joined.orders))


def by_channel(book: ir.Table) -> Places | Missing:
    """Customers with an order in each channel of orders, and their net revenue there."""
    people = book.group_by(["customer_id", "channel"]).agg(
        orders=book.ordered_at.count(), revenue=book.net.sum().cast("float64")
    )
    total = people.orders.sum().over(ibis.window(group_by="customer_id"))
    people = people.mutate(total=total, name=people.channel).filter(lambda t: t.orders > 0)
    return _places("channel", people)


def _places(attribute: str, people: ir.Table) -> Places | Missing:
    found: pd.DataFrame = folded(people).to_pandas()
    if found.empty or not (found.kind != "unknown").any():
        return Missing("profiling.base_missing_attribute", {"column": attribute})
    if not (found.kind == "named").any():
        n = int(found[found.kind == "other"].groups.sum())
        return Missing("profiling.base_small_groups", {"column": attribute, "n": n, "least": LEAST_CUSTOMERS})
    count = int(found.loc[found.kind == "other", "groups"].sum())
    shown = found[found.customers >= LEAST_CUSTOMERS]
    table = _with_figures(shown, float(found.revenue.sum()))
    place = table.kind.map({"named": 0, "other": 1, "unknown": 2})
    order = table.assign(place=place).sort_values(["place", "revenue", "name"], ascending=[True, False, True])
    overall = float(found.revenue.sum() / found.customers.sum())
    return Places(attribute, order.drop(columns="place").reset_index(drop=True), count, overall)


def folded(people: ir.Table) -> ir.Table:
    """The groups by name, all but the largest folded into one.

    Parameters
    ----------
    people : ibis.Table
        One row per customer (and name): name (NULL: unknown), orders, revenue, total (orders in all).

    Returns
    -------
    ibis.Table
        kind, name, groups (how many values), customers, orders, revenue, squares (sum of squared revenues),
        once (customers with one order in all); at most MOST_ROWS named rows.
    """
    groups = people.group_by("name").agg(
        customers=people.count(),
        orders=people.orders.sum(),
        revenue=people.revenue.sum(),
        squares=(people.revenue * people.revenue).sum(),
        once=people.count(where=people.total == 1),
    )
    enough = groups.name.notnull() & (groups.customers >= LEAST_CUSTOMERS)
    groups = groups.mutate(hidden=ibis.ifelse(enough, 0, 1))
    order = [groups.hidden, ibis.desc(groups.revenue), groups.name]
    groups = groups.mutate(place=ibis.row_number().over(order_by=order))
    shown = (groups.hidden == 0) & (groups.place < MOST_ROWS)
    kind = ibis.cases((groups.name.isnull(), "unknown"), (shown, "named"), else_="other")
    groups = groups.mutate(kind=kind).mutate(name=lambda t: ibis.ifelse(t.kind == "named", t.name, ""))
    sums = {name: groups[name].sum() for name in SUMS}
    return groups.group_by(["kind", "name"]).agg(groups=groups.count(), **sums)


def _with_figures(groups: pd.DataFrame, total: float) -> pd.DataFrame:
    n = groups.customers.astype(float)
    mean = groups.revenue / n
    variance = ((groups.squares / n - mean**2).clip(lower=0)) * n / (n - 1)
    half = Z_95 * np.sqrt(variance / n)
    low, high = wilson(groups.once, groups.customers)
    figures = groups[["name", "kind", "customers", "orders", "revenue", "once"]].assign(
        share=groups.revenue / total if total > 0 else np.nan,
        per_customer=mean,
        low=mean - half,
        high=mean + half,
        once_rate=groups.once / groups.customers,
        once_low=low,
        once_high=high,
    )
    return figures.astype({"customers": "int64", "orders": "int64", "once": "int64"})


def filled(table: ir.Table | None, columns: Sequence[str]) -> list[str]:
    """Those of `columns` in which the table holds a value."""
    known = [] if table is None else [name for name in columns if name in table.columns]
    if table is None or not known:
        return []
    counts = table.aggregate(**{name: table[name].count() for name in known}).to_pyarrow().to_pylist()[0]
    return [name for name in known if counts[name]]
