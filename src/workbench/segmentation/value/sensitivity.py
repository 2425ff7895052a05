"""What a slightly different judgement would change: every weight 10 % up and down, the others rescaled."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.segmentation.value.hierarchy import DIMENSIONS
from workbench.segmentation.value.score import ValueScore, class_codes, dimension_scores, grade_codes

STEP = 0.1


@dataclass(frozen=True)
class Sensitivity:
    """How many customers move when one weight moves.

    Attributes
    ----------
    table : pandas.DataFrame
        ``kind`` (indicator or dimension), ``name``, ``weight`` (as used), and for each direction (``down``,
        ``up``) ``class_<direction>`` and ``grade_<direction>``: customers whose value class or grade
        changes; ``class_share`` and ``grade_share``: the larger of the two over all customers. Those that
        move most customers stand first.
    n : int
        Customers.
    step : float
        Relative change of a weight.
    """

    table: pd.DataFrame
    n: int
    step: float


def sensitivity(score: ValueScore, *, step: float = STEP) -> Sensitivity:
    """Change each weight by ``± step`` and count who changes class or grade.

    An indicator's weight goes up at the cost of the others of its dimension, a dimension's at the cost of the
    other dimensions. Classes compare within a dimension: no dimension's weight changes them.
    """
    used = score.weights[score.weights["weight_used"] > 0].reset_index(drop=True)
    before = _codes(score.points, used)
    rows = []
    for kind, names in (("indicator", list(used["indicator"])), ("dimension", list(DIMENSIONS))):
        for name in names:
            own = used[kind].eq(name)
            row = {"kind": kind, "name": name, "weight": float(used.loc[own, "weight_used"].sum())}
            for direction, factor in (("down", 1 - step), ("up", 1 + step)):
                after = _codes(score.points, _moved(used, kind, name, factor))
                for what, was, now in zip(("class", "grade"), before, after, strict=True):
                    row[f"{what}_{direction}"] = int((was != now).sum())
            rows.append(row)
    table = pd.DataFrame(rows)
    n = len(score.points)
    for what in ("class", "grade"):
        table[f"{what}_share"] = table[[f"{what}_down", f"{what}_up"]].max(axis=1) / n
    table = table.sort_values(
        ["class_share", "grade_share"], ascending=False, kind="stable", ignore_index=True
    )
    return Sensitivity(table, n, step)


def _moved(used: pd.DataFrame, kind: str, name: str, factor: float) -> pd.DataFrame:
    """`used` with one weight times `factor`, the sum that it is a part of kept."""
    weight = used["weight_used"].copy()
    own = used[kind].eq(name)
    others = ~own & (
        used["dimension"].eq(used.loc[own, "dimension"].iloc[0]) if kind == "indicator" else True
    )
    whole, moved = weight[own | others].sum(), weight[own].sum() * factor
    if not others.any() or moved >= whole:
        return used
    weight[others] *= (whole - moved) / weight[others].sum()
    weight[own] *= factor
    return used.assign(weight_used=weight)


def _codes(
    points: pd.DataFrame, used: pd.DataFrame
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    by_dimension = dimension_scores(points, used)
    shares = used.groupby("dimension")["weight_used"].sum()
    total = sum(by_dimension[f"{name}_value"] * shares[name] for name in DIMENSIONS)
    return class_codes(by_dimension), grade_codes(np.round(total, 10))
