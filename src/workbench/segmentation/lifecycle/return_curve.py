"""The return curve: of the customers silent for so many days, how many buy again soon.

Every silence after a purchase is followed from its first day on. At day d it counts if it has lasted that
long and the H days after it are over too; it counts as a return if a purchase falls into them. A silence
that is still open is so neither lost nor left out: it counts up to the day whose H days can be seen.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.lifecycle.buying import Buying

RETURN_SHARE = 0.10  # below it hardly anybody comes back: one of ten
FEWEST_SILENCES = 100  # of fewer a share of one in ten is known to ± 6 points at best
DRAWS, BLOCKS = 400, 400  # two digits of a 95 % interval; blocks of customers stand in for single ones
LONGEST_DAYS = 1_095  # three years of silence

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ReturnCurve:
    """Share of silences that end within `within_days`, by their length so far.

    Attributes
    ----------
    curve : pandas.DataFrame
        ``silent_days``, ``silences``, ``returns``, ``share``, ``low``, ``high`` (95 % bootstrap over
        customers), up to the last day with FEWEST_SILENCES.
    within_days : int
    silent_from_days : int
        The knee: where the share has fallen furthest below the straight line from the first to the last day.
    lost_from_days : int or None
        First day with a share below RETURN_SHARE; None where the curve does not fall so far.
    lost_low, lost_high : int or None
        Middle 95 % of that day over bootstrap samples of customers; None for an end that is not reached.
    """

    curve: pd.DataFrame
    within_days: int
    silent_from_days: int
    lost_from_days: int | None
    lost_low: int | None
    lost_high: int | None

    def share_at(self, silent_days: int) -> tuple[int, int] | None:
        """Returns and silences at `silent_days`; None beyond the end of the curve."""
        if silent_days >= len(self.curve):
            return None
        row = self.curve.iloc[silent_days]
        return int(row["returns"]), int(row["silences"])


def return_curve(days: Buying, as_of_number: int, within_days: int, seed: int) -> ReturnCurve | Missing:
    """The return curve as of the day `as_of_number` of the book.

    A customer adds one silence for each purchase, so those who buy often weigh more on the first days, where
    they are indeed most of the silent ones. Silences of one customer are alike: the interval draws customers.
    Seasons are averaged: off season fewer come back than it says.
    """
    silences, returns = _by_block(days, as_of_number, within_days, _blocks(days, seed))
    reached = silences.sum(axis=0) >= FEWEST_SILENCES
    length = int(np.argmin(reached)) if not reached.all() else len(reached)
    if length < 2:
        values = {"needed": FEWEST_SILENCES, "days": within_days}
        return Missing("segmentation.lifecycle_few_silences", values)
    silences, returns = silences[:, :length], returns[:, :length]
    share = returns.sum(axis=0) / silences.sum(axis=0)
    drawn = _drawn_shares(silences, returns, seed)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    curve = pd.DataFrame({
        "silent_days": np.arange(length),
        "silences": silences.sum(axis=0),
        "returns": returns.sum(axis=0),
        "share": share,
        "low": low,
        "high": high,
    })  # fmt: skip
    lost_low, lost_high = _ends(drawn)
    return ReturnCurve(curve, within_days, knee(share), first_below(share), lost_low, lost_high)


def first_below(share: Floats) -> int | None:
    """The first day with a share below RETURN_SHARE."""
    below = share < RETURN_SHARE
    return int(np.argmax(below)) if below.any() else None


def knee(share: Floats) -> int:
    """Where `share` lies furthest below the line from its first to its last value.

    Source: V. Satopää, J. Albrecht, D. Irwin, B. Raghavan, "Finding a 'Kneedle' in a haystack", ICDCSW 2011,
    without its smoothing: the curve is one of overlapping windows and smooth already.
    """
    line = np.linspace(share[0], share[-1], len(share))
    return int(np.argmax(line - share))


def _blocks(days: Buying, seed: int) -> npt.NDArray[np.int64]:
    """A block of BLOCKS for every customer, by chance, that depends on what she did and not on her id.

    Whole blocks are drawn instead of customers: the sum of a block is one of independent customers, so that
    the spread over blocks tells that over customers, at a thousandth of the work.
    """
    word = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
    mixed = _mixed((days.day.astype(np.uint64) << np.uint64(20)) + days.gap.astype(np.uint64) + word)
    sums = np.zeros(days.customers, dtype=np.uint64)
    np.add.at(sums, days.who, mixed)
    # Customers who did the same are spread over the blocks; which of them goes where changes no sum.
    order = np.argsort(sums, kind="stable")
    again = np.concatenate([[False], sums[order][1:] == sums[order][:-1]])
    place = np.arange(len(order))
    nth = place - np.maximum.accumulate(np.where(again, 0, place))
    blocks = np.empty(days.customers, dtype=np.int64)
    blocks[order] = (_mixed(sums[order] + nth.astype(np.uint64)) % np.uint64(BLOCKS)).astype(np.int64)
    return blocks


def _mixed(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Words whose bits look random (the last steps of splitmix64, Steele, Lea and Flood, OOPSLA 2014)."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        words = (words ^ (words >> np.uint64(shift))) * np.uint64(factor)
    mixed: npt.NDArray[np.uint64] = words ^ (words >> np.uint64(31))
    return mixed


def _by_block(days: Buying, as_of: int, within: int, blocks: npt.NDArray[np.int64]) -> tuple[Counts, Counts]:
    """Silences seen and returns, one row per block and one column per day of silence."""
    after = np.zeros(len(days.gap), dtype=np.int64)  # the gap after each purchase; 0 while it is open
    after[:-1] = days.gap[1:]
    seen_to = np.minimum(as_of - days.day.astype(np.int64) - within, LONGEST_DAYS - 1)
    last = np.where(after > 0, np.minimum(after - 1, seen_to), seen_to)
    block = blocks[days.who]
    seen = last >= 0
    silences = _covered(block[seen], np.zeros(int(seen.sum()), dtype=np.int64), last[seen])
    first = np.maximum(after - within, 0)
    back = seen & (after > 0) & (first <= last)
    return silences, _covered(block[back], first[back], last[back])


def _covered(block: Counts, first: Counts, last: Counts) -> Counts:
    """How many of the stretches from `first` to `last` cover each day, per block."""
    width = LONGEST_DAYS + 1
    begun = np.bincount(block * width + first, minlength=BLOCKS * width)
    ended = np.bincount(block * width + last + 1, minlength=BLOCKS * width)
    covered: Counts = np.cumsum((begun - ended).reshape(BLOCKS, width), axis=1)[:, :-1]
    return covered


def _drawn_shares(silences: Counts, returns: Counts, seed: int) -> Floats:
    """The curve of DRAWS bootstrap samples of blocks."""
    # Blocks of a small base may be empty; they are drawn too, as customers without a silence are.
    weights = np.random.default_rng(seed).multinomial(BLOCKS, np.full(BLOCKS, 1 / BLOCKS), size=DRAWS)
    whole = weights.astype(float)  # sums of whole numbers: exact in any order
    with np.errstate(invalid="ignore", divide="ignore"):
        shares: Floats = (whole @ returns.astype(float)) / (whole @ silences.astype(float))
    return shares


def _ends(drawn: Floats) -> tuple[int | None, int | None]:
    below = drawn < RETURN_SHARE
    days = np.where(below.any(axis=1), np.argmax(below, axis=1), np.inf)
    low, high = np.quantile(days, [0.025, 0.975], method="inverted_cdf")
    return int(low) if np.isfinite(low) else None, int(high) if np.isfinite(high) else None
