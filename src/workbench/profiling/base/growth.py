"""Where the active customers of each month come from, and how many were lost."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from workbench.calendar import month_end
from workbench.results import Missing
from workbench.results.intervals import wilson

KINDS = ("new", "retained", "resurrected")


@dataclass(frozen=True)
class Growth:
    """Growth accounting, month by month.

    Attributes
    ----------
    by_month : pandas.DataFrame
        month (first day), active, new, retained, resurrected, lost, net, quick_ratio, low, high (95 %).
        Active customers ordered in the month; lost ones in the month before and not in this one;
        ``net = new + resurrected - lost``; ``quick_ratio = (new + resurrected) / lost``, not a number where
        nobody was lost.
    partial : bool
        Whether the last month is not over on the as-of day: who seems lost may still order.
    """

    by_month: pd.DataFrame
    partial: bool

    @property
    def whole(self) -> pd.DataFrame:
        """The months that are over."""
        return self.by_month.iloc[:-1] if self.partial else self.by_month


def growth(activity: pd.DataFrame, as_of: date, shown: int) -> Growth | Missing:
    """Growth accounting of the last `shown` months up to `as_of`.

    Parameters
    ----------
    activity : pandas.DataFrame
        `activity.activity`.

    Returns
    -------
    Growth or Missing
        Missing where no month follows the first one. In each month ``active = new + retained + resurrected``,
        and the active ones of the month before are ``retained + lost``.
    """
    if activity.empty or activity.month.min() >= pd.Timestamp(as_of.replace(day=1)):
        return Missing("profiling.base_missing_growth", {"as_of": as_of})
    every = pd.date_range(activity.month.min(), as_of, freq="MS", name="month", unit="us")
    wide = activity.pivot_table(index="month", columns="kind", values="customers", aggfunc="sum")
    table = wide.reindex(index=every, columns=list(KINDS)).fillna(0).astype("int64")
    table.insert(0, "active", table[list(KINDS)].sum(axis="columns"))
    table["lost"] = table.active.shift(fill_value=0) - table.retained
    table["net"] = table.new + table.resurrected - table.lost
    table = _with_quick_ratio(table).tail(shown).rename_axis(columns=None).reset_index()
    return Growth(table, as_of != month_end(as_of))


def _with_quick_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """The quick ratio with its interval.

    Of all who came or went, the share that came has a Wilson interval; the ratio is its odds. Assumes that
    customers come and go independently of each other.
    """
    came = (table.new + table.resurrected).to_numpy(dtype=float)
    lost = table.lost.to_numpy(dtype=float)
    low, high = wilson(came, came + lost)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, low, high = (
            np.where(lost > 0, part, np.nan) for part in (came / lost, low / (1 - low), high / (1 - high))
        )
    return table.assign(quick_ratio=ratio, low=low, high=high)
