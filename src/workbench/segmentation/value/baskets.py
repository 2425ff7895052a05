"""Who buys what: customers × categories in a window, and the room that is left for other categories."""

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from workbench.calendar import end_of_day
from workbench.features import visible
from workbench.segmentation.book import UNITS, margin_of, places, ten_thousandths

MOST_CATEGORIES = 200  # those with the most buyers: a table of products is no table of categories
PRIOR_BUYERS = 20.0  # how many buyers a base rate is worth beside those who were seen
AT_ONCE = 100_000  # customers whose rows stand in memory together: 160 MB with 200 categories
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Baskets:
    """Purchases of a window by customer and category.

    Attributes
    ----------
    categories : tuple of str
        Sorted; at most MOST_CATEGORIES. Empty where no line has a category.
    spend : scipy.sparse.csr_matrix
        Customers × categories: gross purchases.
    worth : ndarray
        Per category: margin of a buyer in the window, of purchases where no line has a margin.
    """

    categories: tuple[str, ...]
    spend: sparse.csr_matrix
    worth: Floats


def baskets(transactions: ir.Table | None, start: date, day: date, customers: pd.Series) -> Baskets:
    """The purchases of `customers` after `start` and up to `day`, summed by the engine."""
    if transactions is None or "category" not in transactions.columns:
        return Baskets((), sparse.csr_matrix((len(customers), 0)), np.zeros(0))
    lines = visible(transactions, "ordered_at", day)
    lines = lines.filter(
        (lines.ordered_at >= ibis.timestamp(end_of_day(start)))
        & (lines.amount >= 0)
        & lines.category.notnull()
    )
    popular = lines.group_by("category").agg(buyers=lines.customer_id.nunique())
    popular = popular.order_by(ibis.desc("buyers"), "category").limit(MOST_CATEGORIES).to_pandas()
    names = tuple(sorted(popular["category"]))
    pairs = lines.filter(lines.category.isin(names)) if names else None
    return _matrix(pairs, names, customers)


def cross_sell_room(bought: Baskets) -> Floats:
    """Σ P(category) · worth over the categories that a customer has not bought; NaN without categories.

    P is the mean over her own categories i of (n_ij + a·p_j)/(n_i + a): the share of buyers of i who also
    bought j, drawn towards the share p_j of all buyers by a = PRIOR_BUYERS. Who bought nothing has p_j. It
    says who else holds the category, not when she will: the order of customers is meant, not the money.
    """
    n, k = bought.spend.shape
    if k < 2:
        return np.full(n, np.nan)
    held = bought.spend.copy()
    held.data = (held.data > 0).astype(np.float64)
    held.eliminate_zeros()
    counts = np.asarray(held.sum(axis=1)).ravel()
    buyers = max(int((counts > 0).sum()), 1)
    own = np.asarray(held.sum(axis=0)).ravel()
    base = own / buyers
    together = (held.T @ held).toarray()
    given = (together + PRIOR_BUYERS * base) / (own[:, np.newaxis] + PRIOR_BUYERS)
    money = given * bought.worth
    room = np.full(n, float(base @ bought.worth))
    for start in range(0, n, AT_ONCE):
        rows = held[start : start + AT_ONCE]
        number = counts[start : start + AT_ONCE]
        expected = rows @ money
        others = expected.sum(axis=1) - np.asarray(rows.multiply(expected).sum(axis=1)).ravel()
        some = number > 0
        room[start : start + AT_ONCE][some] = others[some] / number[some]
    return np.round(room, 10)  # sums of floats in another order end in other digits


def main_category(bought: Baskets) -> npt.NDArray[np.int64]:
    """Position of the category that a customer spent most on; -1 where nothing was bought."""
    n, k = bought.spend.shape
    found = np.full(n, -1, dtype=np.int64)
    if k == 0:
        return found
    spend = bought.spend.sorted_indices()
    some = np.flatnonzero(np.diff(spend.indptr))
    most = np.zeros(n)
    most[some] = np.maximum.reduceat(spend.data, spend.indptr[some]) if len(some) else 0.0
    row = np.repeat(np.arange(n), np.diff(spend.indptr))
    # Of equal sums the first category by name: written last, it stays.
    largest = np.flatnonzero(spend.data == most[row])[::-1]
    found[row[largest]] = spend.indices[largest]
    return found


def _matrix(pairs: ir.Table | None, names: tuple[str, ...], customers: pd.Series) -> Baskets:
    if pairs is None:
        return Baskets((), sparse.csr_matrix((len(customers), 0)), np.zeros(0))
    units = pairs.mutate(gross=ten_thousandths(pairs.amount), earned=ten_thousandths(margin_of(pairs)))
    sums = units.group_by(["customer_id", "category"]).agg(
        gross=units.gross.sum().cast("int64"), earned=units.earned.sum().cast("int64")
    )
    table = sums.to_pyarrow()
    rows, columns = (
        places(table[name], known) for name, known in (("customer_id", customers), ("category", names))
    )
    margin_known = table["earned"].null_count < len(table)
    gross, earned = (table[name].fill_null(0).to_numpy() for name in ("gross", "earned"))
    ours = rows >= 0
    shape = (len(customers), len(names))
    spend = sparse.csr_matrix((gross[ours] / UNITS, (rows[ours], columns[ours])), shape=shape)
    # Whole numbers: the same sum whatever order the engine gave.
    total = np.bincount(columns, weights=earned if margin_known else gross, minlength=len(names)) / UNITS
    buyers = np.bincount(columns, minlength=len(names))
    return Baskets(names, spend, np.round(total / np.maximum(buyers, 1), 10))
