"""A book of days read month end by month end, each row once."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from workbench.segmentation.book import EPOCH, PurchaseBook, month_ends

Rows = npt.NDArray[np.int32]
MONTHS_SHOWN = 12  # steps from month end to month end that a page shows


def all_month_ends(book: PurchaseBook) -> list[date]:
    """Every month end from the first day of the book on; the last is `book.as_of`, whatever day it is."""
    if not len(book.day):
        return [book.as_of]
    first = np.datetime64(EPOCH, "D") + int(book.day.min())
    begin = first.astype("datetime64[M]").astype(int)
    end = np.datetime64(book.as_of, "M").astype(int)
    return month_ends(book.as_of, int(end - begin))


def is_month_end(day: date) -> bool:
    """Whether `day` is the last one of its month."""
    return (day + timedelta(days=1)).day == 1


def numbers(ends: list[date]) -> npt.NDArray[np.int32]:
    """`ends` as the book counts days."""
    return np.array([(end - EPOCH).days for end in ends], dtype=np.int32)


def rows_by_end(days: npt.NDArray[np.int32], ends: list[date]) -> list[Rows]:
    """Positions of `days` that the first, second, … end is the first to see, each in the order of the rows.

    Days after the last end are in none.
    """
    at = np.searchsorted(numbers(ends), days, side="left").astype(np.int16)
    order = np.argsort(at, kind="stable").astype(np.int32)
    edges = np.searchsorted(at[order], np.arange(len(ends) + 1, dtype=np.int16), side="left")
    return [order[edges[k] : edges[k + 1]] for k in range(len(ends))]
