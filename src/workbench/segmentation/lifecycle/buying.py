"""Days of purchase of every customer, and the gaps between them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.segmentation.book import PurchaseBook
from workbench.segmentation.by_month import all_month_ends

FEWEST_GAPS = 100  # a P95 from fewer gaps rests on less than five of them
MOST_CATEGORIES = 200  # with the most gaps: a table of products is no table of categories
ELSE = -1

Whole = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Buying:
    """One row per customer and day of purchase, in the order of customers and days; refunds are left out.

    A day on which all was free is one of purchase: the customer has chosen to come. Who only gave back has
    no row, and with it no stage.

    Attributes
    ----------
    who, day : ndarray of int32
        As in the book.
    start : ndarray of int64
        First row of each customer, and the number of all rows at the end.
    gap : ndarray of int32
        Days since the customer's purchase before; 0 in her first row.
    ends : list of date
        Every month end from the first day of the book on, and its last day.
    categories : tuple of str
        Those with FEWEST_GAPS gaps and more, at most MOST_CATEGORIES: the others tell no threshold.
    category : ndarray of int64
        Place in `categories` of the one that each customer began with, ELSE where it is none of them.
    """

    who: Whole
    day: Whole
    start: npt.NDArray[np.int64]
    gap: Whole
    ends: list[date]
    categories: tuple[str, ...]
    category: npt.NDArray[np.int64]

    @property
    def customers(self) -> int:
        """Customers of the book, those without a purchase too."""
        return len(self.start) - 1


def buying(book: PurchaseBook, categories: npt.NDArray[np.object_] | None = None) -> Buying:
    """The days of purchase in `book`; `categories` names each customer's, empty where she has none."""
    who, day = book.who[book.bought], book.day[book.bought]
    start = np.searchsorted(who, np.arange(len(book.customer_id) + 1))
    gap = np.diff(day, prepend=0)
    gap[start[:-1][start[:-1] < len(day)]] = 0
    named = np.full(len(book.customer_id), "", dtype=object) if categories is None else categories
    code, names = pd.factorize(named)
    gaps = pd.DataFrame({"name": names, "size": np.bincount(code[who[gap > 0]], minlength=len(names))})
    gaps = gaps[(gaps["size"] >= FEWEST_GAPS) & (gaps["name"] != "")]
    told = gaps.sort_values(["size", "name"], ascending=[False, True])["name"].head(MOST_CATEGORIES)
    place = pd.Index(told).get_indexer(pd.Index(names)).astype(np.int64)[code]
    ends = all_month_ends(book)
    return Buying(who, day, start.astype(np.int64), gap.astype(np.int32), ends, tuple(told), place)


def median_gaps(days: Buying, customers: Whole, purchases: Whole) -> npt.NDArray[np.float64]:
    """Median gap of `customers` over their first `purchases` days of purchase; each must have two of them."""
    lengths = purchases.astype(np.int64) - 1
    owner = np.repeat(np.arange(len(customers)), lengths)
    first = np.concatenate([[0], np.cumsum(lengths)])
    rows = np.arange(len(owner)) - first[owner] + days.start[customers][owner] + 1
    gaps = days.gap[rows]
    ordered = gaps[np.lexsort((gaps, owner))]
    low, high = first[:-1] + (lengths - 1) // 2, first[:-1] + lengths // 2
    middle: npt.NDArray[np.float64] = (ordered[low] + ordered[high]) / 2
    return middle
