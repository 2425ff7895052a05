"""Days between the purchases of one customer, over all and by category."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.profiling.base.orders_book import placed
from workbench.results import Missing
from workbench.results.intervals import Z_95

QUANTILES = (0.5, 0.8, 0.9, 0.95)
LEAST_CUSTOMERS = 10  # a smaller group is not shown by name
MOST_CATEGORIES = 12


@dataclass(frozen=True)
class Gaps:
    """Days from one day with an order to the next one of the same customer.

    Attributes
    ----------
    curve : pandas.DataFrame
        days, gaps, share: how many gaps are that long, and the share of all that are not longer.
    quantiles : pandas.DataFrame
        quantile, days, low, high (95 % interval), one row per QUANTILES.
    n : int
        Gaps.
    customers : int
        Customers with a gap: with orders on two days or more.
    by_category : pandas.DataFrame or Missing
        category, gaps, customers, ``p50`` to ``p95`` (days), by falling money; a gap here lies between two
        days with a purchase in the category. Of the MOST_CATEGORIES with most money those in which enough
        customers bought again.
    categories : int
        Categories in all, shown or not.
    """

    curve: pd.DataFrame
    quantiles: pd.DataFrame
    n: int
    customers: int
    by_category: pd.DataFrame | Missing
    categories: int

    def days(self, quantile: float) -> int:
        """The quantile of the gaps in days, one of QUANTILES."""
        return int(self.quantiles.set_index("quantile").days[quantile])


def gaps(book: ir.Table, transactions: ir.Table) -> Gaps | Missing:
    """Gaps between orders over all customers, and between purchases within each category.

    Only gaps that ended are counted. A customer who is still silent has none yet, so long gaps are too few
    in young data; the quantiles are those of customers who came back.
    """
    orders = placed(book)
    counted: pd.DataFrame = gap_counts(orders, []).to_pandas().sort_values("days", ignore_index=True)
    if counted.empty:
        return Missing("profiling.base_missing_gaps")
    n = int(counted.gaps.sum())
    curve = counted[["days", "gaps"]].assign(share=counted.gaps.cumsum() / n)
    by_category, categories = _by_category(transactions)
    return Gaps(curve, _quantiles(curve), n, int(counted.customers.sum()), by_category, categories)


def gap_counts(purchases: ir.Table, keys: list[str]) -> ir.Table:
    """How many gaps there are of each length: `keys`, days, gaps, customers (with their first gap here).

    Parameters
    ----------
    purchases : ibis.Table
        customer_id, ordered_at, `keys`. Purchases of one day are one.
    """
    days = purchases.select("customer_id", *keys, day=purchases.ordered_at.date()).distinct()
    ordered = ibis.window(group_by=["customer_id", *keys], order_by="day")
    days = days.mutate(before=days.day.lag().over(ordered), place=ibis.row_number().over(ordered))
    ended = days.filter(days.before.notnull())
    ended = ended.mutate(days=ended.day.delta(ended.before, unit="day").cast("int64"))
    return ended.group_by([*keys, "days"]).agg(
        gaps=ended.count(), customers=ended.count(where=ended.place == 1)
    )


def quantile_days(curve: pd.DataFrame, quantile: float) -> int:
    """The least number of days that the share `quantile` of gaps does not exceed."""
    n = int(curve.gaps.sum())
    return _of_rank(curve, int(np.ceil(quantile * n - 1e-9)))  # 0.8 times 5 is a hair above 4


def _of_rank(curve: pd.DataFrame, rank: int) -> int:
    """The `rank`-th shortest gap, counted from 1."""
    n = int(curve.gaps.sum())
    place = int(np.searchsorted(curve.gaps.cumsum(), min(max(rank, 1), n)))
    return int(curve.days.iloc[place])


def _quantiles(curve: pd.DataFrame) -> pd.DataFrame:
    """QUANTILES with the interval between two order statistics.

    Source: David & Nagaraja, Order Statistics (2003), section 7.1. Assumes that gaps are independent;
    those of one customer are alike, so that the interval is somewhat too narrow.
    """
    n = int(curve.gaps.sum())
    rows = []
    for q in QUANTILES:
        half = Z_95 * np.sqrt(n * q * (1 - q))
        low, high = int(np.floor(n * q - half)), int(np.ceil(n * q + half)) + 1
        days = {"days": quantile_days(curve, q), "low": _of_rank(curve, low), "high": _of_rank(curve, high)}
        rows.append({"quantile": q} | days)
    return pd.DataFrame(rows)


def _by_category(transactions: ir.Table) -> tuple[pd.DataFrame | Missing, int]:
    largest: pd.DataFrame = largest_categories(transactions).to_pandas().sort_values("place")
    if largest.empty:
        return Missing("profiling.base_missing_categories"), 0
    total, names = int(largest.total.iloc[0]), list(largest.category)
    bought = transactions.filter((transactions.amount >= 0) & transactions.category.isin(names))
    bought = bought.filter(bought.customer_id.notnull())
    counted: pd.DataFrame = gap_counts(bought, ["category"]).to_pandas().sort_values(["category", "days"])
    rows = {str(name): _category_row(str(name), curve) for name, curve in counted.groupby("category")}
    shown = [rows[name] for name in names if name in rows and rows[name]["customers"] >= LEAST_CUSTOMERS]
    if not shown:
        values = {"n": len(largest), "least": LEAST_CUSTOMERS}
        return Missing("profiling.base_small_categories", values), total
    return pd.DataFrame(shown), total


def largest_categories(transactions: ir.Table) -> ir.Table:
    """The categories with most money.

    Returns
    -------
    ibis.Table
        category, ``place`` (0 first), ``total`` (all categories); at most MOST_CATEGORIES rows.
    """
    lines = transactions.filter(transactions.category.notnull())
    found = lines.group_by("category").agg(money=lines.amount.sum())
    ranked = found.mutate(
        place=ibis.row_number().over(order_by=[ibis.desc(found.money), found.category]),
        total=found.count().over(ibis.window()),
    )
    return ranked.filter(ranked.place < MOST_CATEGORIES).select("category", "place", "total")


def _category_row(name: str, curve: pd.DataFrame) -> dict[str, Any]:
    days = {f"p{q * 100:.0f}": quantile_days(curve, q) for q in QUANTILES}
    counts = {"gaps": int(curve.gaps.sum()), "customers": int(curve.customers.sum())}
    return {"category": name} | counts | days
