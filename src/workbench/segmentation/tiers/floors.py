"""Where tiers begin, in money, and which tier a value has.

Floors that come from shares of customers are set at a year end and hold for the calendar year after it. A
customer can be told what she has to reach, and her tier does not fall because others bought more; and any
later run finds the same floors again, without a file of the run before. While the book does not yet reach
back a whole window at a year end, each month end sets its own.
"""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from workbench.segmentation.book import UNITS
from workbench.segmentation.tiers.rules import TierRules

FEWEST_CUSTOMERS = 100  # with a value: of fewer the first hundredth is nobody
FLOOR_DIGITS = 2  # a floor is told to customers; and it shall not be what one of them has spent
Amounts = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
ABSENT = -1


@dataclass(frozen=True)
class Floors:
    """Least values of all tiers but the lowest, from the lowest up.

    Attributes
    ----------
    floors : ndarray of int64
        In ten-thousandths of the currency, or in orders.
    keeps : ndarray of int64
        What keeps a tier that is held; never less than the floor of the tier below.
    set_on : date or None
        The month end whose customers set them; None where the rules name them.
    """

    floors: Amounts
    keeps: Amounts
    set_on: date | None


def scale(rules: TierRules) -> int:
    """Units of a value in 1 of the currency, or in one order."""
    return 1 if rules.value == "orders" else UNITS


def given_floors(rules: TierRules) -> Floors | None:
    """The floors that the rules name; None where they name shares."""
    if rules.by_share:
        return None
    named = [round((tier.floor or 0) * scale(rules)) for tier in rules.tiers[1:]]
    return with_keeps(np.array(named, dtype=np.int64), rules.keep_share, None)


def floors_of(values: Amounts, rules: TierRules, set_on: date) -> Floors | None:
    """Floors by shares of the customers with a value above 0; None of fewer than FEWEST_CUSTOMERS.

    The value of the last customer inside a share, rounded down to FLOOR_DIGITS digits: equal values share a
    tier, so a tier may hold somewhat more than its share.
    """
    some = np.sort(values[values > 0])[::-1]
    if len(some) < FEWEST_CUSTOMERS:
        return None
    last = [math.ceil(round((tier.share or 0) * len(some), 9)) - 1 for tier in rules.tiers[1:]]
    return with_keeps(np.array([_rounded(int(some[i])) for i in last]), rules.keep_share, set_on)


def with_keeps(floors: Amounts, keep_share: float, set_on: date | None) -> Floors:
    """`floors` with what keeps each tier."""
    # Rounded first: 0.9 × 1,000 is a little more than 900 as a float.
    kept = np.ceil(np.round(floors * keep_share, 6)).astype(np.int64)
    below = np.concatenate([[1], floors[:-1]])
    return Floors(floors, np.maximum(kept, below), set_on)


def tier_of(values: Amounts, found: Floors, held: Codes) -> Codes:
    """The place of each value's tier, 0 for the lowest.

    The highest tier whose floor the value reaches; or, up to the tier held, whose keep it reaches.
    """
    merit = np.searchsorted(found.floors, values, side="right")
    kept = np.minimum(np.searchsorted(found.keeps, values, side="right"), held)
    return np.maximum(merit, kept).astype(np.int8)


def needed(found: Floors, held: Codes) -> Amounts:
    """What each customer needs for each tier but the lowest: its keep up to the tier held, else its floor."""
    holds = held[:, None] >= np.arange(1, len(found.floors) + 1)
    amounts: Amounts = np.where(holds, found.keeps, found.floors)
    return amounts


def _rounded(value: int) -> int:
    step: int = 10 ** max(len(str(value)) - FLOOR_DIGITS, 0)
    return value // step * step
