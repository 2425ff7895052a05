"""Stages month end by month end: every stage follows from what was known on its day.

The rule. A customer with a purchase is *active*, *dormant* or *lost* by her silence s. She leaves active for
dormant, and dormant for lost, where two signals agree: s exceeds the threshold θ of the category that she
began with (of the base, where the category has too few gaps), and it exceeds her own, θ × her usual pause /
the usual pause there. Where her own rhythm says otherwise θ decides at θ × (1 + BAND) all the same. In one
line: she moves when s > min(max(θ, own), θ × (1 + BAND)). Her usual pause is the median of her gaps, drawn
towards the usual one as if she had RHYTHM_SHRINKAGE gaps of it; with fewer than three purchases it is the
usual one, and both signals are one: she moves at θ.

Without a purchase a stage only moves on, also where a threshold has become longer since; a purchase brings
her back at once. Active customers are new (one day of purchase), returning, or loyal from `loyal_from` days
on, a number that is found anew at each year end alone, so that the base's loyalty does not jump from month
to month with a definition; who is loyal stays so while active, also where it has risen since.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from workbench.segmentation.by_month import MONTHS_SHOWN, numbers, rows_by_end
from workbench.segmentation.lifecycle.buying import Buying, Whole, median_gaps
from workbench.segmentation.lifecycle.stages import STAGES, loyal_from_reached
from workbench.segmentation.lifecycle.thresholds import Threshold

BAND = 0.10  # a silence so much longer than the threshold needs no second signal
RHYTHM_SHRINKAGE = 3  # usual gaps that a customer's own are mixed with
RHYTHM_PURCHASES = 3  # days of purchase that make a rhythm
ABSENT = -1
YEAR_END = (12, 31)
NEW, RETURNING, LOYAL, DORMANT, LOST = range(len(STAGES))

Codes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Ratios = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """What happened between two month ends.

    Attributes
    ----------
    begin, end : date
    counts : ndarray
        Customers by stage at `begin` (rows) and at `end` (columns), in the order of STAGES.
    entries : ndarray
        Customers by stage at `end` who had not bought by `begin`.
    """

    begin: date
    end: date
    counts: Counts
    entries: Counts


@dataclass(frozen=True)
class Walk:
    """Stages at the month ends.

    Attributes
    ----------
    ends : list of date
        Month ends with stages, at most the last MONTHS_SHOWN + 1.
    stages : list of ndarray of int8
        For each of `ends` the place in STAGES of each customer of the book; ABSENT before her first purchase.
    thresholds : list of Threshold
    loyal_from : list of int
        Days of purchase from which an active customer was loyal.
    steps : list of Step
        Of all month ends with thresholds, not of the last ones alone.
    silent_days, purchases : ndarray of int32
        At the last end; of customers without a purchase 0.
    """

    ends: list[date]
    stages: list[Codes]
    thresholds: list[Threshold]
    loyal_from: list[int]
    steps: list[Step]
    silent_days: Whole
    purchases: Whole


def walk(days: Buying, thresholds: list[Threshold | None]) -> Walk:
    """Go through `days.ends`, each with its entry of `thresholds`; those without one are passed over."""
    stage = np.full(days.customers, ABSENT, dtype=np.int8)
    last, purchases = np.zeros(days.customers, np.int32), np.zeros(days.customers, np.int32)
    found = Walk([], [], [], [], [], last, purchases)
    silent, loyal = np.zeros(days.customers, np.int32), 0
    parts = zip(days.ends, numbers(days.ends), rows_by_end(days.day, days.ends), thresholds, strict=True)
    for end, number, rows, threshold in parts:
        last[days.who[rows]] = days.day[rows]  # in the order of days: the last one stays
        purchases += np.bincount(days.who[rows], minlength=days.customers).astype(np.int32)
        if threshold is None:
            continue
        silent = np.where(purchases > 0, number - last, 0).astype(np.int32)
        if not loyal or (end.month, end.day) == YEAR_END:
            loyal = loyal_from_reached(np.bincount(purchases[purchases > 0]))
        before, stage = stage, _stages(days, silent, purchases, threshold, loyal)
        _hold(stage, before, days.who[rows])
        if found.ends:
            found.steps.append(_step(found.ends[-1], end, before, stage))
        _keep(found, end, stage, threshold, loyal)
    return Walk(found.ends, found.stages, found.thresholds, found.loyal_from, found.steps, silent, purchases)


def own_ratio(days: Buying, customers: Whole, purchases: Whole, threshold: Threshold) -> Ratios:
    """Usual pause of `customers`, each with RHYTHM_PURCHASES or more, over that of their categories."""
    gaps = purchases[customers].astype(np.int64) - 1
    own = median_gaps(days, customers, purchases[customers])
    usual = threshold.of(days.category[customers])[0]
    ratio: Ratios = (gaps * own + RHYTHM_SHRINKAGE * usual) / (gaps + RHYTHM_SHRINKAGE) / usual
    return ratio


def _stages(days: Buying, silent: Whole, purchases: Whole, threshold: Threshold, loyal: int) -> Codes:
    """By the rule, as if nobody had had a stage before."""
    _, dormant_days, lost_days = threshold.of(days.category)
    dormant = _exceeds(days, silent, purchases, threshold, dormant_days)
    lost = _exceeds(days, silent, purchases, threshold, lost_days)
    conditions = [purchases == 0, lost, dormant, purchases >= loyal, purchases >= 2]
    codes = np.select(conditions, [ABSENT, LOST, DORMANT, LOYAL, RETURNING], default=NEW)
    return codes.astype(np.int8)


def _exceeds(
    days: Buying, silent: Whole, purchases: Whole, threshold: Threshold, limit: Counts
) -> npt.NDArray[np.bool_]:
    """Whether the silence is longer than each customer's `limit` by both signals, or by the band."""
    over = silent > limit
    # Compared in tenths, so that no float decides about a day.
    within = over & (silent.astype(np.int64) * 10 <= limit * round(10 * (1 + BAND)))
    asked = np.flatnonzero(within & (purchases >= RHYTHM_PURCHASES)).astype(np.int32)
    if len(asked):
        over[asked] = silent[asked] > limit[asked] * own_ratio(days, asked, purchases, threshold)
    return over


def _hold(stage: Codes, before: Codes, bought: Whole) -> None:
    """Without a purchase nobody moves back, and nobody active ceases to be loyal."""
    silent = np.ones(len(stage), dtype=bool)
    silent[bought] = False
    held = silent & (before >= DORMANT) & (stage < before)
    stage[held] = before[held]
    stage[(before == LOYAL) & (stage == RETURNING)] = LOYAL


def _step(begin: date, end: date, before: Codes, after: Codes) -> Step:
    size = len(STAGES)
    pairs = (before.astype(np.int64) + 1) * (size + 1) + after + 1
    table = np.bincount(pairs, minlength=(size + 1) ** 2).reshape(size + 1, size + 1)
    return Step(begin, end, table[1:, 1:], table[0, 1:])


def _keep(found: Walk, end: date, stage: Codes, threshold: Threshold, loyal: int) -> None:
    kept = ((found.ends, end), (found.stages, stage), (found.thresholds, threshold))
    for past, new in (*kept, (found.loyal_from, loyal)):
        past.append(new)  # type: ignore[arg-type]  # each list takes what is its own
        del past[: -(MONTHS_SHOWN + 1)]
