"""Revenue per active customer, and how it is spread over deciles and tiers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.profiling.base.intervals import Floats, binned, ends, redrawn
from workbench.results import Missing

WINDOW_DAYS = 365
GROUPS = 10
LEAST_CUSTOMERS = 10  # a smaller group is not shown
OTHER = "other"


@dataclass(frozen=True)
class Arpu:
    """Net revenue of the last WINDOW_DAYS per customer with an order in them.

    Attributes
    ----------
    arpu, low, high : float
        The mean and its 95 % bootstrap interval over customers.
    median : float
        What the customer in the middle brings.
    revenue : float
        Net revenue of the active customers in these days.
    n : int
        Active customers.
    by_decile : pandas.DataFrame or Missing
        decile (1: the best), customers, revenue, share (of revenue), arpu. Fewer than 100 customers make
        fewer groups.
    by_tier : pandas.DataFrame or Missing
        tier, customers, revenue, share, arpu, p25, median, p75, by falling ARPU; small tiers together as
        OTHER at the end.
    """

    arpu: float
    low: float
    high: float
    median: float
    revenue: float
    n: int
    by_decile: pd.DataFrame | Missing
    by_tier: pd.DataFrame | Missing


def arpu(features: pd.DataFrame, tiers: pd.DataFrame | Missing, seed: int) -> Arpu | Missing:
    """ARPU of the last 365 days.

    Parameters
    ----------
    features : pandas.DataFrame
        customer_id, n_orders_365d, revenue_365d of `features.order_features`.
    tiers : pandas.DataFrame or Missing
        customer_id, tier: as the company has set them, in their present state.
    """
    active = features.loc[features.n_orders_365d > 0, ["customer_id", "revenue_365d"]]
    if active.empty:
        return Missing("profiling.base_missing_active", {"days": WINDOW_DAYS})
    values = np.sort(active.revenue_365d.to_numpy(dtype=float))
    means, sizes = binned(values)
    draws = redrawn(sizes, seed) @ means / len(values)
    return Arpu(
        float(values.mean()),
        *ends(draws),
        float(np.median(values)),
        float(values.sum()),
        len(values),
        _by_decile(values[::-1]),
        tiers if isinstance(tiers, Missing) else _by_tier(active, tiers),
    )


def _by_decile(best_first: Floats) -> pd.DataFrame | Missing:
    n = len(best_first)
    groups = min(GROUPS, n // LEAST_CUSTOMERS)
    if groups <= 1:
        return Missing("profiling.base_missing_deciles", {"n": n, "least": 2 * LEAST_CUSTOMERS})
    parts = np.array_split(best_first, groups)
    frame = pd.DataFrame(
        {
            "decile": range(1, groups + 1),
            "customers": [len(part) for part in parts],
            "revenue": [float(part.sum()) for part in parts],
        }
    )
    return _with_shares(frame)


def _by_tier(active: pd.DataFrame, tiers: pd.DataFrame) -> pd.DataFrame | Missing:
    joined = active.merge(tiers.dropna(), on="customer_id")
    counts = joined.tier.value_counts()
    small = counts.index[counts < LEAST_CUSTOMERS]
    joined["tier"] = joined.tier.astype(object).where(~joined.tier.isin(small), OTHER)
    rows = [_tier_row(str(tier), group.revenue_365d) for tier, group in joined.groupby("tier")]
    rows = [row for row in rows if row["customers"] >= LEAST_CUSTOMERS]
    if not rows:
        return Missing("profiling.base_missing_tiers", {"least": LEAST_CUSTOMERS})
    frame = _with_shares(pd.DataFrame(rows))
    frame["last"] = frame.tier == OTHER
    ordered = frame.sort_values(["last", "arpu", "tier"], ascending=[True, False, True], ignore_index=True)
    return ordered[["tier", "customers", "revenue", "share", "arpu", "p25", "median", "p75"]]


def _tier_row(tier: str, revenue: "pd.Series[float]") -> dict[str, Any]:
    p25, median, p75 = np.quantile(revenue.to_numpy(dtype=float), [0.25, 0.5, 0.75])
    # Sorted first: a sum does not depend on the order of the pseudonyms.
    total = float(np.sort(revenue.to_numpy(dtype=float)).sum())
    spread = {"p25": float(p25), "median": float(median), "p75": float(p75)}
    return {"tier": tier, "customers": len(revenue), "revenue": total} | spread


def _with_shares(frame: pd.DataFrame) -> pd.DataFrame:
    total = frame.revenue.sum()
    share = frame.revenue / total if total > 0 else np.nan
    return frame.assign(share=share, arpu=frame.revenue / frame.customers)
