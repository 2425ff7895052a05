"""What other signals say of the same customers: the purchase model, and each customer's own rhythm."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.lifecycle.buying import Buying
from workbench.segmentation.lifecycle.stages import STAGES
from workbench.segmentation.lifecycle.thresholds import Threshold
from workbench.segmentation.lifecycle.walk import DORMANT, RHYTHM_PURCHASES, Walk, own_ratio

# Bands of the probability of being alive: the thresholds of the method's specification, not tuned.
ALIVE_FROM, AT_RISK_FROM = 0.6, 0.2
BANDS = ("active", "at_risk", "lost")
ACTIVITY = dict(zip(STAGES, ("active", "active", "active", "dormant", "lost"), strict=True))
SAME = {"active": "active", "dormant": "at_risk", "lost": "lost"}


@dataclass(frozen=True)
class Signals:
    """Silence and purchase model beside each other, of customers with two purchases and more.

    Attributes
    ----------
    table : pandas.DataFrame
        ``activity`` (active, dormant, lost), ``alive_band`` (active, at_risk, lost), ``customers``; all nine.
    agreeing, compared : int
        Customers for whom both say the same, and all.
    """

    table: pd.DataFrame
    agreeing: int
    compared: int


def alive_bands(p_alive: npt.NDArray[np.float64]) -> npt.NDArray[np.str_]:
    """active from ALIVE_FROM on, at_risk from AT_RISK_FROM on, lost below."""
    return np.select([p_alive >= ALIVE_FROM, p_alive >= AT_RISK_FROM], BANDS[:2], default=BANDS[2])


def signals(stages: pd.Series, n_order_days: pd.Series, p_alive: pd.Series | None) -> Signals | Missing:
    """Set stages against P(alive); all on one index.

    Customers with one purchase are left out: the model holds all of them alive, so it says nothing of them.
    """
    if p_alive is None:
        return Missing("segmentation.lifecycle_no_model")
    known = (p_alive.notna() & (n_order_days >= 2)).to_numpy()
    if not known.any():
        return Missing("segmentation.lifecycle_no_model")
    activity = stages[known].map(ACTIVITY).to_numpy(dtype=str)
    bands = alive_bands(p_alive[known].to_numpy(dtype=float))
    pairs = pd.MultiIndex.from_product([list(SAME), list(BANDS)], names=["activity", "alive_band"])
    counts = pd.Series(1, index=pd.MultiIndex.from_arrays([activity, bands])).groupby(level=[0, 1]).sum()
    table = counts.reindex(pairs, fill_value=0).rename("customers").reset_index()
    agreeing = int(table.loc[table["activity"].map(SAME) == table["alive_band"], "customers"].sum())
    return Signals(table, agreeing, int(known.sum()))


def overdue(days: Buying, walked: Walk) -> npt.NDArray[np.bool_]:
    """Which customers of the book are still active by the rule and overdue by their own rhythm.

    Only who bought on three days and more has a rhythm: see `walk` for the threshold of her own.
    """
    threshold: Threshold = walked.thresholds[-1]
    stage, found = walked.stages[-1], np.zeros(days.customers, dtype=bool)
    rhythm = (stage >= 0) & (stage < DORMANT) & (walked.purchases >= RHYTHM_PURCHASES)
    asked = np.flatnonzero(rhythm).astype(np.int32)
    if len(asked):
        dormant_days = threshold.of(days.category[asked])[1]
        limits = dormant_days * own_ratio(days, asked, walked.purchases, threshold)
        found[asked] = walked.silent_days[asked] > limits
    return found
