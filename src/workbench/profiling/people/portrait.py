"""One row per customer: first and last order, counts, revenue, tags."""

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
