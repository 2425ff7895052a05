"""Which numbers move together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from workbench.profiling.trust.number_counts import NumberCounts
from workbench.profiling.trust.values import NUMERIC, finite, only_row, records, rounded
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


def correlations(data: Canonical, profile: pd.DataFrame, numbers: NumberCounts) -> Correlations:
    """Correlate the numeric columns that are not constant; one pass per table."""
    numeric = [row for row in records(profile) if row.kind in NUMERIC and (row.sd or 0) > 0]
    found: list[dict[str, Any]] = []
    left_out = 0
    for name in data.tables:
        about = [row for row in numeric if row.table == name]
        left_out += max(len(about) - MOST_COLUMNS, 0)
        found += _pairs(data.get(name), about[:MOST_COLUMNS], numbers) if len(about) > 1 else []
    found.sort(key=lambda pair: (-abs(pair["r"]), pair["table"], pair["one"], pair["other"]))
    return Correlations(pd.DataFrame(found, columns=PAIRS), left_out)


def _pairs(table: ir.Table, about: Sequence[Any], numbers: NumberCounts) -> list[dict[str, Any]]:
    whole = {row.column for row in about if _whole(row, numbers)}
    x = table.select(
        **{c: table[c].cast("float64") if c in whole else finite(table[c]) for c in (r.column for r in about)}
    )
    pairs = [(one.column, other.column) for one, other in combinations(about, 2)]
    asked: dict[str, Any] = {}
    for number, (one, other) in enumerate(pairs):
        asked[f"r {number}"] = x[one].corr(x[other], how="pop")  # of rows in which both are filled
        if not {one, other} <= whole:
            asked[f"n {number}"] = (x[one] + x[other]).count()
    answer = only_row(x.aggregate(**asked))
    found = []
    for number, (one, other) in enumerate(pairs):
        r, n = answer[f"r {number}"], answer.get(f"n {number}", about[0].rows)
        if r is not None and abs(r) <= 1.000001 and n >= LEAST_ROWS:
            found.append({"table": about[0].table, "one": one, "other": other, "r": rounded(r), "n": n})
    return found


def _whole(row: Any, numbers: NumberCounts) -> bool:
    """Whether a column is known to have a finite number in every row."""
    counts = numbers.whole.get((row.table, row.column))
    return counts is not None and int(counts.rows.sum()) == row.rows
