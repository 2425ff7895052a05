"""The category in which each customer spends most."""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from workbench.features import visible
from workbench.segmentation.book import PurchaseBook


def main_categories(transactions: ir.Table, as_of: date, book: PurchaseBook) -> npt.NDArray[np.object_]:
    """Per customer of the book the category with the largest sum of purchases; empty where she has none.

    Of equal sums the first name counts. Lines without a category and refunds are left out.
    """
    lines = visible(transactions, "ordered_at", as_of)
    if "category" not in lines.columns:
        return np.full(len(book.customer_id), "", dtype=object)
    lines = lines.filter(lines.category.notnull() & (lines.amount >= 0))
    sums = lines.group_by(["customer_id", "category"]).agg(spent=lines.amount.sum())
    # Ranked by the engine: it would have to hand over every pair of customer and category otherwise.
    in_order = ibis.window(group_by="customer_id", order_by=[sums.spent.desc(), sums.category])
    ranked = sums.mutate(place=ibis.row_number().over(in_order))
    frame = ranked.filter(ranked.place == 0).select("customer_id", "category").to_pandas()
    first = frame.set_index("customer_id")["category"].astype("str")
    found: npt.NDArray[np.object_] = book.customer_id.map(first).fillna("").to_numpy(dtype=object)
    return found
