"""As-of features: the engine beside plain pandas on the same lines."""

from datetime import date

import ibis
import numpy as np
import pandas as pd

from benchmarks.timing import Comparison, in_turn
from workbench.features import order_features

LINES, CUSTOMERS = 500_000, 25_000
AS_OF = date(2026, 6, 30)


def compare() -> Comparison:
    """Both give the revenue and the number of orders per customer; ours gives thirty features more."""
    lines = simulate(np.random.default_rng(1))
    con = ibis.duckdb.connect()
    table = con.create_table("lines", ibis.memtable(lines))
    table = table.mutate(amount=table.amount.cast("decimal(18, 4)"))

    def ours() -> pd.DataFrame:
        return order_features(table, [AS_OF]).to_pandas()

    def rival() -> pd.DataFrame:
        return plain(lines)

    theirs, mine = rival(), ours().set_index("customer_id").sort_index()
    np.testing.assert_allclose(mine.revenue, theirs.revenue, rtol=1e-9)  # doubles summed in another order
    np.testing.assert_array_equal(mine.n_orders, theirs.n_orders)
    return in_turn(f"order features, {LINES:,} lines", ours, "pandas (ten of the features)", rival)


def simulate(rng: np.random.Generator) -> pd.DataFrame:
    """Order lines over two years."""
    seconds = rng.integers(0, 2 * 365 * 86_400, LINES)
    return pd.DataFrame(
        {
            "customer_id": rng.integers(0, CUSTOMERS, LINES).astype(str),
            "order_id": rng.integers(0, LINES // 3, LINES).astype(str),
            "ordered_at": pd.Timestamp("2024-07-01") + pd.to_timedelta(seconds, unit="s"),
            "amount": rng.gamma(2.0, 20.0, LINES).round(2) + 0.01,
            "product_id": rng.integers(0, 3_000, LINES).astype(str),
            "category": rng.integers(0, 12, LINES).astype(str),
            "channel": rng.integers(0, 4, LINES).astype(str),
        }
    )


def plain(lines: pd.DataFrame) -> pd.DataFrame:
    """Ten of the features by pandas."""
    lines = lines[lines.ordered_at < pd.Timestamp(AS_OF) + pd.Timedelta(days=1)]
    by_customer = lines.groupby("customer_id")
    found = by_customer.agg(
        first=("ordered_at", "min"),
        last=("ordered_at", "max"),
        revenue=("amount", "sum"),
        n_orders=("order_id", "nunique"),
        n_products=("product_id", "nunique"),
        n_categories=("category", "nunique"),
    )
    age = (pd.Timestamp(AS_OF) - lines.ordered_at.dt.normalize()).dt.days
    for days in (30, 90, 180, 365):
        found[f"revenue_{days}d"] = lines.amount.where(age < days, 0).groupby(lines.customer_id).sum()
    return found.sort_index()
