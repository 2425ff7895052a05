"""Tiers month end by month end, each by the values of the window that ends with it."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.book import PurchaseBook
from workbench.segmentation.by_month import (
    MONTHS_SHOWN,
    Rows,
    all_month_ends,
    is_month_end,
    numbers,
    rows_by_end,
)
from workbench.segmentation.tiers.floors import (
    ABSENT,
    FEWEST_CUSTOMERS,
    Amounts,
    Codes,
    Floors,
    floors_of,
    given_floors,
    tier_of,
)
from workbench.segmentation.tiers.ledger import ledger_lines
from workbench.segmentation.tiers.moment import Moment
from workbench.segmentation.tiers.rules import TierRules

YEAR_END = (12, 31)


@dataclass
class TierWalk:
    """What is left of the way through the month ends: of all but the last two only what the page shows.

    Attributes
    ----------
    moments : list of Moment
        The last two month ends; one where there is no other.
    tiers : list of (date, ndarray of int8, Floors)
        The last MONTHS_SHOWN + 1 month ends.
    ledger : list of pandas.DataFrame
        As `ledger.ledger_lines` gives it, of the last MONTHS_SHOWN steps.
    first : date
        First day of the book.
    """

    first: date
    moments: list[Moment] = field(default_factory=list)
    tiers: list[tuple[date, Codes, Floors]] = field(default_factory=list)
    ledger: list[pd.DataFrame] = field(default_factory=list)


def amounts_of(book: PurchaseBook, rules: TierRules) -> Amounts | Missing:
    """What each row of the book adds to the value."""
    if rules.value == "margin":
        return Missing("segmentation.tiers_no_margin") if book.margin is None else book.margin
    return book.net if rules.value == "revenue" else book.bought.astype(np.int64)


def tier_walk(book: PurchaseBook, rules: TierRules) -> TierWalk | Missing:
    """Go through all month ends of `book`; those too early for floors are passed over."""
    amounts = amounts_of(book, rules)
    if isinstance(amounts, Missing):
        return amounts
    n, ends = len(book.customer_id), all_month_ends(book)
    first = ends[0] if not n else date.fromordinal(int(book.day.min()) + date(1970, 1, 1).toordinal())
    found = TierWalk(first)
    values, net, lines = (np.zeros(n, dtype=np.int64) for _ in range(3))
    seen, held = np.zeros(n, dtype=bool), np.full(n, ABSENT, dtype=np.int8)
    ones, fixed = np.ones(len(book.day), dtype=np.int64), given_floors(rules)
    steps = zip(ends, rows_by_end(book.day, ends), _leaving(book, ends, rules), strict=True)
    for end, come, go in steps:
        for sums, added in ((values, amounts), (net, book.net), (lines, ones)):
            np.add.at(sums, book.who[come], added[come])
            np.subtract.at(sums, book.who[go], added[go])
        seen[book.who[come[book.bought[come]]]] = True
        floors = fixed or floors_of(np.where(seen, values, 0), rules, end)
        if floors is None:
            continue
        held = _tiers(values, floors, held, seen, down=_is_review(end, rules))
        if end >= ends[-MONTHS_SHOWN - 1 :][0]:
            _keep(found, Moment(end, held, values.copy(), net.copy(), lines > 0, floors))
        if (
            rules.by_share
            and (end.month, end.day) == YEAR_END
            and (end - first).days + 1 >= rules.window_days
        ):
            fixed = floors_of(np.where(seen, values, 0), rules, end)
    if not found.moments:
        values_n = int((np.where(seen, values, 0) > 0).sum())
        return Missing("segmentation.tiers_few", {"n": values_n, "needed": FEWEST_CUSTOMERS})
    return found


def _leaving(book: PurchaseBook, ends: list[date], rules: TierRules) -> list[Rows]:
    """Rows that the window of each end is the first to leave out."""
    return rows_by_end((book.day + rules.window_days).astype(np.int32), ends)


def _is_review(end: date, rules: TierRules) -> bool:
    """Whether tiers may fall. With a review each month the last day counts, whatever day it is."""
    return rules.review_months == 1 or (is_month_end(end) and end.month % rules.review_months == 0)


def _tiers(values: Amounts, floors: Floors, held: Codes, seen: npt.NDArray[np.bool_], *, down: bool) -> Codes:
    tiers = tier_of(values, floors, held)
    tiers = tiers if down else np.maximum(tiers, held)
    return np.where(seen, tiers, ABSENT).astype(np.int8)


def _keep(found: TierWalk, moment: Moment) -> None:
    if found.moments:
        before = found.moments[-1]
        found.ledger.append(ledger_lines(before, moment))
    found.moments.append(moment)
    found.tiers.append((moment.end, moment.tiers, moment.floors))
    del found.moments[:-2], found.tiers[: -(MONTHS_SHOWN + 1)], found.ledger[:-MONTHS_SHOWN]


def window_numbers(end: date, rules: TierRules) -> tuple[int, int]:
    """First and last day of the window of `end`, as the book counts days."""
    last = int(numbers([end])[0])
    return last - rules.window_days + 1, last
