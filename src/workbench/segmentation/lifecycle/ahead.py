"""How many customers each stage will hold in the next months, and how well the same rule did before."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.by_month import MONTHS_SHOWN
from workbench.segmentation.lifecycle.stages import STAGES
from workbench.segmentation.lifecycle.transitions import FEWEST_STEPS, pooled, whole_months
from workbench.segmentation.lifecycle.walk import Counts, Step

MONTHS_AHEAD = 6
BACKTEST_MONTHS = 3  # the forecast made so long ago is set against today
BACKTESTS = 12  # past days from which it is tried
DRAWS = 1_000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ahead:
    """Expected sizes of the stages.

    Attributes
    ----------
    sizes : pandas.DataFrame
        One row per month ahead (0 is the last whole month) and stage: ``months_ahead``, ``stage``,
        ``customers``, ``low``, ``high`` (middle 95 % of simulated courses; equal at 0).
    begin : date
        The last whole month end, from which it counts.
    backtest : Backtest or Missing
    """

    sizes: pd.DataFrame
    begin: date
    backtest: "Backtest | Missing"


@dataclass(frozen=True)
class Backtest:
    """The forecast of three months ago against what came.

    Attributes
    ----------
    by_stage : pandas.DataFrame
        ``stage``, ``customers`` (now), ``expected`` and its ``low`` and ``high``, ``before`` (the size then:
        the rule "sizes stay").
    made_on, met_on : date
    error, error_naive : float
        Sum over stages of the absolute misses / customers now, over `origins` past days from which the
        forecast could be made; each of them is three months before a month end of the last year.
    origins : int
    """

    by_stage: pd.DataFrame
    made_on: date
    met_on: date
    error: float
    error_naive: float
    origins: int


def ahead(steps: list[Step], seed: int) -> Ahead | Missing:
    """Carry the sizes of the last whole month on: n(t + 1) = n(t) Π + entries.

    Π and the entries are those of the last MONTHS_SHOWN whole months together. The limits come from courses
    that take for each month ahead the moves and entries of one of these months, drawn with replacement: they
    hold the differences between months, and the chance of single customers. The mean of a year knows no
    season, and the number of new customers is taken to stay: the backtest shows what that costs.
    """
    whole = whole_months(steps)
    if len(whole) < FEWEST_STEPS:
        return Missing("segmentation.lifecycle_few_months", {"n": len(whole), "needed": FEWEST_STEPS})
    used = tuple(whole[-MONTHS_SHOWN:])
    now = sizes_after(whole[-1])
    mean = expected_sizes(now, used, MONTHS_AHEAD)
    low, high = _limits(now, used, MONTHS_AHEAD, seed)
    rows = [
        pd.DataFrame({"months_ahead": month, "stage": STAGES, "customers": size, "low": bottom, "high": top})
        for month, (size, bottom, top) in enumerate(zip(mean, low, high, strict=True))
    ]
    return Ahead(pd.concat(rows, ignore_index=True), whole[-1].end, _backtest(whole, seed))


def sizes_after(step: Step) -> Counts:
    """Customers in each stage at the end of `step`."""
    sizes: Counts = step.counts.sum(axis=0) + step.entries
    return sizes


def expected_sizes(now: Counts, steps: tuple[Step, ...], months: int) -> list[Floats]:
    """Sizes after 0, 1, … `months`. A stage in which nobody was is taken to keep whom it gets."""
    counts, entries = pooled(steps)
    moves = _shares(counts)
    sizes = [now.astype(float)]
    for _ in range(months):
        sizes.append(sizes[-1] @ moves + entries / len(steps))
    return sizes


def _shares(counts: Counts) -> Floats:
    there = counts.sum(axis=1, keepdims=True)
    kept = np.where(there > 0, counts, np.eye(len(counts)))
    shares: Floats = kept / np.maximum(there, 1)
    return shares


def _limits(now: Counts, steps: tuple[Step, ...], months: int, seed: int) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    moves = np.array([_shares(step.counts) for step in steps])
    entries = np.array([step.entries for step in steps])
    sizes = np.tile(now, (DRAWS, 1))
    courses = [sizes]
    for _ in range(months):
        month = random.integers(len(steps), size=DRAWS)
        drawn = sum(random.multinomial(sizes[:, i], moves[month, i]) for i in range(len(now)))
        sizes = drawn + entries[month]
        courses.append(sizes)
    low, high = np.quantile(np.array(courses), [0.025, 0.975], axis=1)
    return low, high


def _backtest(whole: list[Step], seed: int) -> Backtest | Missing:
    first = FEWEST_STEPS + BACKTEST_MONTHS
    if len(whole) < first:
        return Missing("segmentation.lifecycle_no_backtest", {"n": len(whole), "needed": first})
    misses = []
    for last in range(max(first, len(whole) - BACKTESTS + 1), len(whole) + 1):
        known, came = _known(whole[: last - BACKTEST_MONTHS]), sizes_after(whole[last - 1])
        then = sizes_after(known[-1])
        expected = expected_sizes(then, known, BACKTEST_MONTHS)[-1]
        misses.append([np.abs(guess - came).sum() / came.sum() for guess in (expected, then)])
    low, high = _limits(then, known, BACKTEST_MONTHS, seed)
    columns = {"customers": came, "expected": expected, "low": low[-1], "high": high[-1], "before": then}
    error, error_naive = (float(value) for value in np.mean(misses, axis=0))
    table = pd.DataFrame({"stage": STAGES} | columns)
    return Backtest(table, known[-1].end, whole[-1].end, error, error_naive, len(misses))


def _known(steps: list[Step]) -> tuple[Step, ...]:
    return tuple(steps[-MONTHS_SHOWN:])
