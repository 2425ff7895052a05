"""The category that each customer began with."""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from workbench.features import visible
from workbench.segmentation.book import PurchaseBook


def first_categories(transactions: ir.Table, as_of: date, book: PurchaseBook) -> npt.NDArray[np.object_]:
    """Per customer of the book the category with the largest sum on her first day of purchase; else empty.

    Of equal sums the first name counts. It is known from that day on and never changes: a stage of an old
    month end may use it. The category she spends most in today may have been another then.
    """
    lines = visible(transactions, "ordered_at", as_of)
    if "category" not in lines.columns:
        return np.full(len(book.customer_id), "", dtype=object)
    lines = lines.filter(lines.amount >= 0).mutate(day=lambda t: t.ordered_at.date())
    first = lines.group_by("customer_id").agg(day=lines.day.min())
    lines = lines.filter(lines.category.notnull()).semi_join(first, ["customer_id", "day"])
    sums = lines.group_by(["customer_id", "category"]).agg(spent=lines.amount.sum())
    in_order = ibis.window(group_by="customer_id", order_by=[sums.spent.desc(), sums.category])
    ranked = sums.mutate(place=ibis.row_number().over(in_order))
    frame = ranked.filter(ranked.place == 0).select("customer_id", "category").to_pandas()
    begun_with = frame.set_index("customer_id")["category"].astype("str")
    found: npt.NDArray[np.object_] = begun_with.reindex(book.customer_id, fill_value="").to_numpy(
        dtype=object
    )
    return found
