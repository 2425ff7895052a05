"""From which silence a customer counts as dormant and as lost: what the gaps between purchases say.

Two routes lead to thresholds, and the page shows both. The gaps say how long customers pause who did come
back; the return curve (`return_curve`) how many of those silent so long still come. The gaps decide: their
quantiles need no horizon of their own, hardly move from month to month, and can be told in one sentence
("four of five pauses are shorter"). Where gaps are few the return curve rests on the same few returns, so
that it is no way out: then there are no stages. The return curve is the test of the thresholds instead:
of customers just called lost only few may come back.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.segmentation.by_month import numbers, rows_by_end
from workbench.segmentation.lifecycle.buying import FEWEST_GAPS, Buying

FEWEST_DAYS = 180  # in less than half a year no pause of half a year can come to its end
MEDIAN, DORMANT_QUANTILE, LOST_QUANTILE = 0.50, 0.80, 0.95
SHARES = (MEDIAN, DORMANT_QUANTILE, LOST_QUANTILE)
# So many gaps of a category weigh as much as all gaps of the base together.
CATEGORY_SHRINKAGE = 100

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Threshold:
    """The thresholds of one day, from gaps that were over by then.

    Attributes
    ----------
    median_days, dormant_days, lost_days : int
        P50, P80 and P95 of the gaps.
    n_gaps : int
    by_category : ndarray of int64, shape (3, categories)
        The three within each of `Buying.categories`, drawn towards the base: (gaps × own + CATEGORY_SHRINKAGE
        × base) / (gaps + CATEGORY_SHRINKAGE), in whole days. Those of the base where the day had seen fewer
        than FEWEST_GAPS of the category.
    """

    median_days: int
    dormant_days: int
    lost_days: int
    n_gaps: int
    by_category: Counts = field(default_factory=lambda: np.zeros((3, 0), dtype=np.int64), compare=False)

    def of(self, category: Counts) -> Counts:
        """The three for each of `category`, places in `Buying.categories` or ELSE; shape (3, customers)."""
        base = np.array([[self.median_days], [self.dormant_days], [self.lost_days]])
        return np.hstack([self.by_category, base])[:, category]  # ELSE is -1: the last column


def gap_counts(days: Buying) -> pd.DataFrame:
    """How often each gap occurs: ``gap_days``, ``gaps``, by length."""
    counts = np.bincount(days.gap[days.gap > 0])
    length = np.flatnonzero(counts)
    return pd.DataFrame({"gap_days": length.astype("int64"), "gaps": counts[length]})


def thresholds_by_end(days: Buying) -> list[Threshold | None]:
    """The thresholds as each of `days.ends` saw them.

    None where there were fewer than FEWEST_GAPS, or fewer than FEWEST_DAYS since the first day of the book.
    In a young base they are short, because a long gap is not over yet.
    """
    counts = _counts(days, np.zeros(0, dtype=np.int64))
    found: list[Threshold | None] = []
    first = int(days.day.min()) if len(days.day) else 0
    for number, rows in zip(numbers(days.ends), rows_by_end(days.day, days.ends), strict=True):
        counts += _counts(days, rows)
        enough = counts.sum() >= FEWEST_GAPS and number - first + 1 >= FEWEST_DAYS
        found.append(_threshold(counts) if enough else None)
    return found


def _threshold(counts: Counts) -> Threshold:
    """Of `counts`, shape (categories and the rest, lengths from 1 day on)."""
    base = _quantiles(counts.sum(axis=0, keepdims=True))
    gaps = counts[:-1].sum(axis=1)
    drawn = (gaps * _quantiles(counts[:-1]) + CATEGORY_SHRINKAGE * base) / (gaps + CATEGORY_SHRINKAGE)
    own = np.where(gaps >= FEWEST_GAPS, np.rint(drawn).astype(np.int64), base)
    median, dormant, lost = (int(days) for days in base[:, 0])
    return Threshold(median, dormant, lost, int(counts.sum()), own)


def _quantiles(counts: Counts) -> Counts:
    """Median, P80 and P95 of each row, shape (3, rows): the shortest gap that such a share does not exceed.

    `counts` says how often each gap occurs, from 1 day on.
    """
    reached, n = np.cumsum(counts, axis=1), counts.sum(axis=1)
    found = [np.argmax(reached >= (share * n)[:, np.newaxis], axis=1) + 1 for share in SHARES]
    return np.array(found, dtype=np.int64)


def thresholds_by_category(days: Buying, last: Threshold) -> pd.DataFrame:
    """The thresholds of the categories as of the last day.

    Parameters
    ----------
    last : Threshold
        Of the last of `days.ends`.

    Returns
    -------
    pandas.DataFrame
        By ``gaps``, most first: ``category``, ``customers``, ``gaps``, ``p80_days`` and ``p95_days`` as
        found, ``dormant_days`` and ``lost_days`` as the stages use them.
    """
    counts = _counts(days, np.arange(len(days.gap)))[:-1]
    _, dormant, lost = _quantiles(counts)
    buyers = days.category[np.flatnonzero(np.diff(days.start))]
    return pd.DataFrame(
        {
            "category": days.categories,
            "customers": np.bincount(buyers + 1, minlength=len(counts) + 1)[1:],
            "gaps": counts.sum(axis=1),
            "p80_days": dormant,
            "p95_days": lost,
            "dormant_days": last.by_category[1],
            "lost_days": last.by_category[2],
        }
    )


def _counts(days: Buying, rows: npt.NDArray[np.integer[Any]]) -> Counts:
    """How often each gap occurs in `rows`, from 1 day on: a row for each category, the last one for ELSE."""
    size, longest = len(days.categories) + 1, int(days.gap.max(initial=0)) + 1
    place = days.category[days.who[rows]] % size * longest + days.gap[rows]
    return np.bincount(place, minlength=size * longest).reshape(size, longest)[:, 1:]
