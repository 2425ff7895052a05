"""How customers move between stages from month end to month end, and how long they stay."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.results import Missing
from workbench.results.intervals import wilson
from workbench.segmentation.by_month import MONTHS_SHOWN, is_month_end
from workbench.segmentation.lifecycle.stages import STAGES
from workbench.segmentation.lifecycle.walk import Counts, Step

FEWEST_STEPS = 3  # whole months below which a mean over months says little


@dataclass(frozen=True)
class Transitions:
    """Moves over the last whole months together.

    Attributes
    ----------
    rates : pandas.DataFrame
        One row per pair of stages: ``stage`` (before), ``to_stage``, ``moves``, ``customer_months``
        (customers in `stage` summed over the month ends), ``share``, ``low``, ``high`` (95 % Wilson).
    stays : pandas.DataFrame
        Per stage: ``stage``, ``customer_months``, ``stay_share``, ``dwell_months`` = 1 / (1 - stay share);
        not a number where nobody was there or nobody left.
    entries : pandas.DataFrame
        Per stage: ``stage``, ``customers`` with a first purchase in these months, ``per_month``.
    steps : tuple of Step
        The whole months, oldest first.
    """

    rates: pd.DataFrame
    stays: pd.DataFrame
    entries: pd.DataFrame
    steps: tuple[Step, ...]

    def rate(self, stage: str, to_stage: str) -> tuple[int, int]:
        """Moves from `stage` to `to_stage`, and the customer-months they are a part of."""
        table = self.rates
        row = table[(table["stage"] == stage) & (table["to_stage"] == to_stage)].iloc[0]
        return int(row["moves"]), int(row["customer_months"])


def whole_months(steps: list[Step]) -> list[Step]:
    """Without a last step that ends before its month does."""
    return [step for step in steps if is_month_end(step.end)]


def transitions(steps: list[Step]) -> Transitions | Missing:
    """Pool the last MONTHS_SHOWN whole months of `steps`.

    The intervals take customer-months as independent; those of one customer are not, so they are somewhat
    narrow. Dwell times assume that the chance to leave does not depend on how long a customer has been in
    her stage; where newcomers leave sooner than others, the true mean is longer for those who have stayed.
    Source of the estimate: T. W. Anderson, L. A. Goodman, "Statistical inference about Markov chains", Annals
    of Mathematical Statistics 28 (1957), eq. (2.9).
    """
    used = tuple(whole_months(steps)[-MONTHS_SHOWN:])
    if len(used) < FEWEST_STEPS:
        return Missing("segmentation.lifecycle_few_months", {"n": len(used), "needed": FEWEST_STEPS})
    counts, entries = pooled(used)
    return Transitions(_rates(counts), _stays(counts), _entries(entries, len(used)), used)


def pooled(steps: tuple[Step, ...]) -> tuple[Counts, Counts]:
    """Moves and entries of all `steps` together."""
    return sum(step.counts for step in steps), sum(step.entries for step in steps)  # type: ignore[return-value]


def _rates(counts: Counts) -> pd.DataFrame:
    size = len(STAGES)
    there = np.repeat(counts.sum(axis=1), size)
    low, high = wilson(counts.ravel(), there)
    with np.errstate(invalid="ignore"):
        share = counts.ravel() / there
    return pd.DataFrame({
        "stage": np.repeat(STAGES, size),
        "to_stage": np.tile(STAGES, size),
        "moves": counts.ravel(),
        "customer_months": there,
        "share": share,
        "low": low,
        "high": high,
    })  # fmt: skip


def _stays(counts: Counts) -> pd.DataFrame:
    there, stayed = counts.sum(axis=1), np.diag(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, dwell = stayed / there, there / (there - stayed)
    dwell[~np.isfinite(dwell)] = np.nan
    columns = {"stage": STAGES, "customer_months": there, "stay_share": share, "dwell_months": dwell}
    return pd.DataFrame(columns)


def _entries(entries: Counts, months: int) -> pd.DataFrame:
    return pd.DataFrame({"stage": STAGES, "customers": entries, "per_month": entries / months})
