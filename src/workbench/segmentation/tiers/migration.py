"""Who has moved between tiers, from the month end before and from the report before."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.book import UNITS
from workbench.segmentation.tiers.floors import ABSENT
from workbench.segmentation.tiers.moment import Moment
from workbench.segmentation.tiers.rules import TierRules
from workbench.segmentation.tiers.walk import TierWalk

INACTIVE, NEW = "inactive", "new"  # nothing in the window; not bought by the first of the two days
FLAPPING = 3  # changes in a year that make a flapper


@dataclass(frozen=True)
class Migration:
    """Customers by where they were and where they are.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per pair that occurs: ``from_tier``, ``to_tier`` (names of tiers, INACTIVE, NEW),
        ``customers``, ``revenue`` (net of the later window, in the currency), ``revenue_before``.
    up, down : int
        Customers in a higher and in a lower tier than before, of those in a tier both times.
    stayed : int
    states : tuple of str
        Names of the tiers from the highest down, then INACTIVE and NEW.
    """

    table: pd.DataFrame
    up: int
    down: int
    stayed: int
    states: tuple[str, ...]


def migration(walked: TierWalk, rules: TierRules) -> Migration | Missing:
    """From the month end before to the last one; refunds of customers who never bought are left out."""
    if len(walked.moments) < 2:
        return Missing("segmentation.tiers_one_month")
    before, now = walked.moments
    frame = pd.DataFrame({
        "from_tier": _states(before, rules),
        "to_tier": _states(now, rules),
        "revenue": now.net,
        "revenue_before": before.net,
    })  # fmt: skip
    some = (now.tiers != ABSENT) & (before.active | now.active)
    return _counted(frame[some], rules)


def since_report(
    earlier: pd.DataFrame | None, customers: pd.DataFrame, rules: TierRules
) -> Migration | Missing:
    """From the tiers in the table of customers that an earlier report has left.

    Parameters
    ----------
    earlier : pandas.DataFrame or None
        ``customer_id``, ``tier``, and where it has it ``tier_value``.
    customers : pandas.DataFrame
        ``customer_id``, ``tier``, ``tier_value`` as they are now.
    """
    if earlier is None:
        return Missing("segmentation.tiers_no_report")
    if not set(earlier["tier"].dropna()) <= set(rules.names):
        return Missing("segmentation.tiers_other_names")
    columns = {"tier": "from_tier", "tier_value": "revenue_before"}
    known = earlier.reindex(columns=["customer_id", *columns]).rename(columns=columns)
    frame = customers[["customer_id", "tier", "tier_value"]].merge(known, on="customer_id", how="left")
    frame = frame.rename(columns={"tier": "to_tier", "tier_value": "revenue"})
    frame["from_tier"] = frame["from_tier"].astype(object).where(frame["from_tier"].notna(), NEW)
    sums = {
        name: (frame[name].fillna(0) * UNITS).round().astype("int64")
        for name in ("revenue", "revenue_before")
    }
    return _counted(frame.assign(**sums), rules)


def flappers(walked: TierWalk) -> npt.NDArray[np.bool_]:
    """Which customers of the book changed tier FLAPPING times or more at the month ends of `walked`."""
    tiers = [tiers for _, tiers, _ in walked.tiers]
    changes = np.zeros(len(tiers[-1]), dtype=np.int8)
    for before, now in pairwise(tiers):
        changes += (before != ABSENT) & (before != now)
    return changes >= FLAPPING


def _states(moment: Moment, rules: TierRules) -> npt.NDArray[np.str_]:
    names = np.array([*rules.names, INACTIVE, NEW])
    code = np.where(moment.active, moment.tiers, len(rules.names))
    return names[np.where(moment.tiers == ABSENT, len(rules.names) + 1, code)]


def _counted(frame: pd.DataFrame, rules: TierRules) -> Migration:
    grouped = frame.groupby(["from_tier", "to_tier"], observed=True)
    table = grouped.agg(
        customers=("revenue", "size"), revenue=("revenue", "sum"), revenue_before=("revenue_before", "sum")
    )
    states = (*rules.names[::-1], INACTIVE, NEW)
    pairs = [(a, b) for a in states for b in states if (a, b) in table.index]
    table = table.reindex(pd.MultiIndex.from_tuples(pairs, names=["from_tier", "to_tier"])).reset_index()
    money = {name: table[name] / UNITS for name in ("revenue", "revenue_before")}
    place = {name: at for at, name in enumerate(rules.names)}
    first, last = table["from_tier"].map(place), table["to_tier"].map(place)
    up, down, stayed = (
        int(table.loc[rows, "customers"].sum()) for rows in (last > first, last < first, last == first)
    )
    return Migration(table.assign(**money), up, down, stayed, states)
