"""In which months customers bought, and how each month follows the one before: counted once for two uses."""

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.profiling.base.orders_book import placed

MONTHS_A_YEAR = 12


def activity(book: ir.Table) -> pd.DataFrame:
    """Customers by month of activity, month of first order and how they come to be active.

    Parameters
    ----------
    book : ibis.Table
        `orders_book.order_book`.

    Returns
    -------
    pandas.DataFrame
        month and cohort (first days of months), kind, customers; sorted. ``new``: the first month with an
        order; ``retained``: ordered in the month before, too; ``resurrected``: ordered earlier, but not in
        the month before. Each customer counts once in each month with an order.
    """
    found: pd.DataFrame = counted(book).to_pandas()
    found = found.assign(month=months_of(found.month), cohort=months_of(found.cohort))
    return found.sort_values(["month", "cohort", "kind"], ignore_index=True)


def counted(book: ir.Table) -> ir.Table:
    """`activity` as an expression, months as numbers (years times twelve plus months)."""
    orders = placed(book)
    number = orders.ordered_at.year() * MONTHS_A_YEAR + orders.ordered_at.month() - 1
    months = orders.select("customer_id", month=number.cast("int64")).distinct()
    whole = ibis.window(group_by="customer_id")
    ordered = ibis.window(group_by="customer_id", order_by="month")
    months = months.mutate(cohort=months.month.min().over(whole), before=months.month.lag().over(ordered))
    kind = ibis.cases(
        (months.month == months.cohort, "new"),
        (months.month == months.before + 1, "retained"),
        else_="resurrected",
    )
    months = months.mutate(kind=kind)
    return months.group_by(["month", "cohort", "kind"]).agg(customers=months.count())


def months_of(numbers: "pd.Series[int]") -> "pd.Series[pd.Timestamp]":
    """First days of the months that are counted as years times twelve plus months."""
    parts = {"year": numbers // MONTHS_A_YEAR, "month": numbers % MONTHS_A_YEAR + 1, "day": 1}
    return pd.to_datetime(pd.DataFrame(parts, index=numbers.index)).astype("datetime64[us]")
