"""Which numbers move together."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from workbench.profiling.trust.values import finite, only_row, rounded
from workbench.sources import Canonical

MOST_COLUMNS = 30  # of a table: 435 pairs
LEAST_ROWS = 30  # in which both are filled
PAIRS = ["table", "one", "other", "r", "n"]


@dataclass(frozen=True)
class Correlations:
    """Pearson's correlation of numeric columns of one table.

    Attributes
    ----------
    pairs : pandas.DataFrame
        table, one, other, r, n (rows in which both are filled), the largest |r| first.
    left_out : int
        Numeric columns beyond the first MOST_COLUMNS of their tables.
    """

    pairs: pd.DataFrame
    left_out: int


def correlations(data: Canonical, profile: pd.DataFrame) -> Correlations:
    """Correlate the numeric columns that are not constant; one pass per table."""
    numeric = profile[profile.kind.isin(["money", "number"]) & (profile.sd > 0)]
    rows: list[dict[str, Any]] = []
    left_out = 0
    for name, about in numeric.groupby("table", sort=False):
        chosen = list(about.column[:MOST_COLUMNS])
        left_out += len(about) - len(chosen)
        rows += _pairs(data.get(str(name)), str(name), chosen) if len(chosen) > 1 else []
    frame = pd.DataFrame(rows, columns=PAIRS)
    frame = frame.sort_values(
        ["r", "table", "one", "other"],
        key=lambda s: -s.abs() if s.name == "r" else s,
        ignore_index=True,
    )
    return Correlations(frame, left_out)


def _pairs(table: Any, name: str, columns: list[str]) -> list[dict[str, Any]]:
    x = table.select(**{column: finite(table[column]) for column in columns})
    pairs = list(combinations(columns, 2))
    asked: dict[str, Any] = {}
    for number, (one, other) in enumerate(pairs):
        asked[f"r {number}"] = x[one].corr(x[other], how="pop")  # of rows in which both are filled
        asked[f"n {number}"] = (x[one] + x[other]).count()
    answer = only_row(x.aggregate(**asked))
    found = []
    for number, (one, other) in enumerate(pairs):
        r, n = answer[f"r {number}"], answer[f"n {number}"]
        if r is not None and abs(r) <= 1.000001 and n >= LEAST_ROWS:
            found.append({"table": name, "one": one, "other": other, "r": rounded(r), "n": n})
    return found
