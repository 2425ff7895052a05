"""What would change today if a floor stood elsewhere."""

import numpy as np
import pandas as pd

from workbench.segmentation.book import UNITS
from workbench.segmentation.tiers.floors import Codes, tier_of, with_keeps
from workbench.segmentation.tiers.moment import Moment
from workbench.segmentation.tiers.rules import TierRules

MOVES = (-0.2, -0.1, 0.1, 0.2)


def what_if(moment: Moment, held: Codes, rules: TierRules) -> pd.DataFrame:
    """Members who would move if one floor were lower or higher by MOVES, all else as it is.

    Customers are taken to buy as they did: who would spend more to reach a lower floor is not foreseen.

    Returns
    -------
    pandas.DataFrame
        One row per tier but the lowest, from the highest down, and move: ``tier``, ``move``, ``floor`` (in
        the currency, or in orders), ``crosses`` (the floor would pass a neighbour's: nothing is computed),
        ``customers`` (members gained, or lost if below 0), ``revenue`` (net of the window that those who move
        carry) and ``cost`` (of privileges, a year; not a number where no cost is given).
    """
    rows = []
    for place in range(len(rules.names) - 1, 0, -1):
        for move in MOVES:
            rows.append({"tier": rules.names[place], "move": move} | _moved(moment, held, rules, place, move))
    return pd.DataFrame(rows)


def _moved(moment: Moment, held: Codes, rules: TierRules, place: int, move: float) -> dict[str, float | bool]:
    floors = moment.floors.floors.copy()
    floors[place - 1] = round(floors[place - 1] * (1 + move))
    unit = 1 if rules.value == "orders" else UNITS
    row: dict[str, float | bool] = {"floor": float(floors[place - 1]) / unit}
    if (np.diff(floors) <= 0).any() or floors[0] <= 0:
        none = float("nan")
        return row | {"crosses": True, "customers": none, "revenue": none, "cost": none}
    moved = tier_of(moment.values, with_keeps(floors, rules.keep_share, None), held)
    there = moment.tiers >= 0
    change = (moved >= place).astype(np.int64) - (moment.tiers >= place)
    gained = int(change[there].sum())
    carried = int(moment.net[there & (moved != moment.tiers)].sum()) / UNITS
    costs = rules.costs
    cost = float("nan")
    if costs is not None:
        members = np.bincount(moved[there], minlength=len(costs)) - np.bincount(
            moment.tiers[there], minlength=len(costs)
        )
        cost = float(members @ np.array(costs))
    return row | {"crosses": False, "customers": float(gained), "revenue": carried, "cost": cost}
