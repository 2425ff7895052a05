"""One row per customer: first and last order, counts, revenue, tags."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from workbench.profiling.people.customers import People

COLUMNS = {
    "customer_id": "str",
    "first_order_at": "datetime64[us]",
    "last_order_at": "datetime64[us]",
    "days_since_last_order": "Int64",
    "n_orders": "Int64",
    "revenue": "float64",
}
ACTIVE_DAYS, SILENT_DAYS = 90, 180
HIGH_VALUE_QUANTILE = 0.8
MANY_REFUNDS_SHARE = 0.2
Rule = Callable[[pd.DataFrame], "pd.Series[bool]"]
RULES: dict[str, Rule] = {
    "one_time_buyer": lambda f: f.n_orders == 1,
    "repeat_buyer": lambda f: f.n_orders > 1,
    "active_90d": lambda f: f.days_since_last_order < ACTIVE_DAYS,
    "silent_180d": lambda f: f.days_since_last_order >= SILENT_DAYS,
    "high_value": lambda f: f.revenue >= f.revenue.quantile(HIGH_VALUE_QUANTILE),
    "many_refunds": lambda f: f.refund_share > MANY_REFUNDS_SHARE,
    "spend_rising": lambda f: (f.spend_trend > 0) & (f.n_orders > 1),
}


def portrait(features: pd.DataFrame) -> pd.DataFrame:
    """The portrait of customers with an order, sorted by customer_id.

    Parameters
    ----------
    features : pandas.DataFrame
        `features.order_features` as a frame.

    Returns
    -------
    pandas.DataFrame
        COLUMNS and ``tags``, the list of the RULES that hold; then the other features.
    """
    marks = np.column_stack([rule(features).to_numpy(dtype=bool) for rule in RULES.values()])
    codes = np.array(list(RULES))
    tags = [codes[row].tolist() for row in marks]
    others = [name for name in features.columns if name not in COLUMNS]
    table = features[list(COLUMNS)].assign(tags=tags).join(features[others])
    return table.sort_values("customer_id", ignore_index=True)


def without_orders(customer_ids: "pd.Series[str]") -> pd.DataFrame:
    """The portrait of customers of whom no order is known: ids, everything else missing."""
    known = customer_ids.dropna().drop_duplicates().sort_values(ignore_index=True)
    blank = pd.DataFrame({"customer_id": known}).reindex(columns=list(COLUMNS)).astype(COLUMNS)
    return blank.assign(tags=pd.Series([[]] * len(blank), dtype=object))


def tag_coverage(table: pd.DataFrame) -> pd.DataFrame:
    """How many customers carry each tag: tag, customers, share."""
    counts = table.tags.explode().value_counts()
    customers = [int(counts.get(tag, 0)) for tag in RULES]
    return pd.DataFrame({"tag": list(RULES), "customers": customers}).assign(
        share=lambda f: f.customers / len(table)
    )


def portrait_table(people: People) -> pd.DataFrame:
    """``portrait.parquet``: one row per customer known to any table, sorted by customer_id.

    Returns
    -------
    pandas.DataFrame
        COLUMNS (empty for customers without an order) and ``tags``, the codes that she carries in the order
        of the catalogue, ``code=value`` where a tag carries a value; then the other as-of features, then what
        she prefers, with strength and evidence. The present state of customers (tier, region) is no part.
    """
    customers = people.customers
    ordered = (customers["n_orders"] > 0).to_numpy()
    kinds: dict[str, Any] = COLUMNS
    promised = {name: customers[name].where(ordered).astype(kind) for name, kind in kinds.items()}
    promised["customer_id"] = customers["customer_id"]
    others = [name for name in customers.columns if name not in COLUMNS and "__" not in name]
    table = pd.DataFrame({**promised, "tags": tag_lists(people.carried)})
    return pd.concat([table, customers[others]], axis=1)


def tag_lists(carried: pd.DataFrame) -> "pd.Series[list[str]]":
    """The tags of each row of `carried` as a list."""
    lists: list[list[str]] = [[] for _ in range(len(carried))]
    for code, column in carried.items():
        if column.dtype == bool:
            for row in np.flatnonzero(column.to_numpy()):
                lists[row].append(str(code))
        else:
            places = np.flatnonzero(column.notna().to_numpy())
            for row, value in zip(places, column.iloc[places], strict=True):
                lists[row].append(f"{code}={value}")
    return pd.Series(lists, index=carried.index, dtype=object)
