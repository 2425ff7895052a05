"""From which silence a customer counts as dormant and as lost: what the gaps between purchases say.

Two routes lead to thresholds, and the page shows both. The gaps say how long customers pause who did come
back; the return curve (`return_curve`) how many of those silent so long still come. The gaps decide: their
quantiles need no horizon of their own, hardly move from month to month, and can be told in one sentence
("four of five pauses are shorter"). Where gaps are few the return curve rests on the same few returns, so
that it is no way out: then there are no stages. The return curve is the test of the thresholds instead:
of customers just called lost only few may come back.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.segmentation.by_month import numbers, rows_by_end
from workbench.segmentation.lifecycle.buying import Buying

FEWEST_GAPS = 100  # a P95 from fewer gaps rests on less than five of them
FEWEST_DAYS = 180  # in less than half a year no pause of half a year can come to its end
MEDIAN, DORMANT_QUANTILE, LOST_QUANTILE = 0.50, 0.80, 0.95
# So many gaps of a category weigh as much as all gaps of the base together.
CATEGORY_SHRINKAGE = 100
UNNAMED = "–"


@dataclass(frozen=True)
class Threshold:
    """The thresholds of one day, from gaps that were over by then.

    Attributes
    ----------
    median_days, dormant_days, lost_days : int
        P50, P80 and P95 of the gaps.
    n_gaps : int
    """

    median_days: int
    dormant_days: int
    lost_days: int
    n_gaps: int


def gap_counts(days: Buying) -> pd.DataFrame:
    """How often each gap occurs: ``gap_days``, ``gaps``, by length."""
    counts = np.bincount(days.gap[days.gap > 0])
    length = np.flatnonzero(counts)
    return pd.DataFrame({"gap_days": length.astype("int64"), "gaps": counts[length]})


def gap_quantile(gaps: pd.DataFrame, share: float) -> int:
    """The shortest gap in days that at least `share` of all gaps do not exceed."""
    ordered = gaps.sort_values("gap_days")
    reached = ordered["gaps"].cumsum() >= share * ordered["gaps"].sum()
    return int(ordered.loc[reached, "gap_days"].iloc[0])


def thresholds_by_end(days: Buying) -> list[Threshold | None]:
    """The thresholds as each of `days.ends` saw them.

    None where there were fewer than FEWEST_GAPS, or fewer than FEWEST_DAYS since the first day of the book.
    In a young base they are short, because a long gap is not over yet.
    """
    longest = int(days.gap.max(initial=0)) + 1
    counts = np.zeros(longest, dtype=np.int64)
    found: list[Threshold | None] = []
    first = int(days.day.min()) if len(days.day) else 0
    for number, rows in zip(numbers(days.ends), rows_by_end(days.day, days.ends), strict=True):
        counts += np.bincount(days.gap[rows], minlength=longest)
        n = int(counts[1:].sum())
        enough = n >= FEWEST_GAPS and number - first + 1 >= FEWEST_DAYS
        found.append(_threshold(counts[1:], n) if enough else None)
    return found


def _threshold(counts: npt.NDArray[np.int64], n: int) -> Threshold:
    shares = np.array([MEDIAN, DORMANT_QUANTILE, LOST_QUANTILE])
    reached = np.cumsum(counts)
    # The first length that reaches the share; compared as floats, as `gap_quantile` does.
    median, dormant, lost = (int(np.argmax(reached >= share * n)) + 1 for share in shares)
    return Threshold(median, dormant, lost, n)


def thresholds_by_category(days: Buying, category: npt.NDArray[np.object_]) -> pd.DataFrame:
    """P80 and P95 of the gaps within each main category of customers, drawn towards the base.

    Shown beside the stages and not used for them: the main category of an old month end is known only from
    what was bought by then, and a customer's own rhythm already says what her category would.

    Parameters
    ----------
    category : ndarray of str
        Main category of each customer of the book; empty where she has none.

    Returns
    -------
    pandas.DataFrame
        By ``gaps``, most first: ``category``, ``customers``, ``gaps``, ``p80_days`` and ``p95_days`` as
        found, ``dormant_days`` and ``lost_days`` = (gaps × found + CATEGORY_SHRINKAGE × base) / (gaps +
        CATEGORY_SHRINKAGE), in whole days. Categories with fewer than FEWEST_GAPS gaps are left out.
    """
    rows = days.gap > 0
    frame = pd.DataFrame({"category": category[days.who[rows]], "gap_days": days.gap[rows]})
    frame = frame[frame["category"] != ""]
    customers = pd.Series(category[np.unique(days.who)]).value_counts()
    base = gap_counts(days)
    found = []
    for name, part in frame.groupby("category"):
        if len(part) >= FEWEST_GAPS:
            found.append({"category": name, "customers": int(customers[name])} | _shrunk(part, base))
    columns = ["category", "customers", "gaps", "p80_days", "p95_days", "dormant_days", "lost_days"]
    table = pd.DataFrame(found, columns=columns)
    return table.sort_values(["gaps", "category"], ascending=[False, True], ignore_index=True)


def _shrunk(part: pd.DataFrame, base: pd.DataFrame) -> dict[str, int]:
    counts = part.groupby("gap_days").size().rename("gaps").reset_index()
    row = {"gaps": len(part)}
    names = {DORMANT_QUANTILE: ("p80_days", "dormant_days"), LOST_QUANTILE: ("p95_days", "lost_days")}
    for share, (own_name, used_name) in names.items():
        own, all_of = gap_quantile(counts, share), gap_quantile(base, share)
        weight = len(part) / (len(part) + CATEGORY_SHRINKAGE)
        row |= {own_name: own, used_name: round(weight * own + (1 - weight) * all_of)}
    return row
