"""How far this month's values have moved from those of the run before, by effect size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.profiling.trust.bins import BINS, EMPTY_BIN, binned, last_month, place_of, reached
from workbench.profiling.trust.number_counts import Counts, NumberCounts
from workbench.profiling.trust.text_counts import TextCounts, Value
from workbench.profiling.trust.values import (
    records,
    rounded,
    tallied,
    tally,
)
from workbench.results import Missing
from workbench.sources import Canonical

SOME, STRONG = 0.1, 0.25  # of the population stability index: the usual reading (Siddiqi 2006, p. 137)
LEAST_ROWS = 200  # filled on both sides; below, chance alone moves ten bins by more than SOME
MISSING_CHANGE = 0.1  # of the share of empty cells
HALF = 0.5  # rows added to each bin, so that an empty one has a logarithm
NOISE_LEVEL = 0.95
DRIFTS = [
    "table", "column", "kind", "rows_before", "rows_now", "psi", "noise", "distance", "missing_before",
    "missing_now", "level",
]  # fmt: skip


@dataclass(frozen=True)
class Drift:
    """How far columns have moved since the earlier run.

    Attributes
    ----------
    columns : pandas.DataFrame
        One row per column of both runs, the most moved first: table, column, kind; rows_before, rows_now
        (filled); psi (population stability index), noise (what chance gives in 95 of 100 cases without any
        change), distance (Jensen-Shannon, 0 to 1), missing_before, missing_now (shares); level ``steady``,
        ``some``, ``strong`` or, without figures, ``few``.
    """

    columns: pd.DataFrame

    @cached_property
    def judged(self) -> pd.DataFrame:
        """The columns with enough rows on both sides."""
        return self.columns[self.columns.level != "few"]

    @cached_property
    def strong(self) -> pd.DataFrame:
        """The columns that have moved strongly."""
        return self.columns[self.columns.level == "strong"]

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """The columns of which far more or far fewer cells are empty than before."""
        return self.columns[(self.columns.missing_now - self.columns.missing_before).abs() >= MISSING_CHANGE]


@dataclass(frozen=True)
class Before:
    """The bins of one column in the earlier run.

    Attributes
    ----------
    kind : str
        ``number`` or ``text``.
    rows : mapping of int to int
        By bin, in their order; `empty` are the rows without a value.
    lows : sequence of float
        Where the bins of numbers begin, the first one's open end left out.
    names : mapping of str to int
        The bins of named values.
    """

    kind: str
    rows: Mapping[int, int]
    empty: int
    lows: Sequence[float]
    names: Mapping[str, int]


def drift(
    data: Canonical, earlier: pd.DataFrame | None, numbers: NumberCounts, texts: TextCounts
) -> Drift | Missing:
    """Compare the study's last month with the `bins` of an earlier run, in the earlier run's bins."""
    if earlier is None or not set(BINS) <= set(earlier.columns) or earlier.empty:
        return Missing("profiling.trust_no_earlier")
    before = _before(earlier)
    rows = [row for name in data.tables for row in _moved(data, name, before, numbers, texts)]
    if not rows:
        return Missing("profiling.trust_nothing_common")
    frame = pd.DataFrame(rows, columns=DRIFTS)
    ordered = frame.sort_values(["psi", "table", "column"], ascending=[False, True, True], na_position="last")
    return Drift(ordered.reset_index(drop=True))


def stability(before: Any, now: Any) -> tuple[float, float, float]:
    """The population stability index of two rows of counts, its noise, and the Jensen-Shannon distance.

    PSI = Σ (q - p) ln(q / p) with half a row added to each bin. Without any change it is about χ² with k - 1
    degrees of freedom times (1/n + 1/m) (Yurdakul, Statistical properties of population stability index,
    2018): the second figure is the 95 % point of that. The distance is the root of the divergence to base 2,
    0 to 1 (Lin 1991, eq. 4.1). Bins that are empty on both sides say nothing and are left out.
    """
    from scipy.stats import chi2  # half a second that only a run with an earlier one pays

    one, two = (np.asarray(counts, dtype=float) for counts in (before, now))
    used = (one + two) > 0
    one, two = one[used], two[used]
    p, q = ((counts + HALF) / (counts + HALF).sum() for counts in (one, two))
    psi = float(((q - p) * np.log(q / p)).sum())
    noise = float(chi2.ppf(NOISE_LEVEL, max(len(one) - 1, 1))) * (1 / one.sum() + 1 / two.sum())
    p, q = one / one.sum(), two / two.sum()
    middle = (p + q) / 2
    divergence = sum(
        (side[side > 0] * np.log2(side[side > 0] / middle[side > 0])).sum() / 2 for side in (p, q)
    )
    return psi, noise, float(np.sqrt(max(divergence, 0.0)))


def _before(earlier: pd.DataFrame) -> dict[tuple[str, str], Before]:
    """The earlier bins by (table, column)."""
    grouped: dict[tuple[str, str], list[Any]] = {}
    for row in sorted(records(earlier), key=lambda row: int(row.bin)):
        grouped.setdefault((str(row.table), str(row.column)), []).append(row)
    found = {}
    for key, bins in grouped.items():
        filled = [row for row in bins if row.bin != EMPTY_BIN]
        found[key] = Before(
            bins[0].kind,
            {int(row.bin): int(row.rows) for row in filled},
            sum(int(row.rows) for row in bins if row.bin == EMPTY_BIN),
            [float(row.low) for row in filled if pd.notna(row.low)],
            {str(row.value): int(row.bin) for row in filled if pd.notna(row.value)},
        )
    return found


def _moved(
    data: Canonical,
    name: str,
    earlier: Mapping[tuple[str, str], Before],
    numbers: NumberCounts,
    texts: TextCounts,
) -> list[dict[str, Any]]:
    """The columns of one table against their earlier bins."""
    kinds = binned(data, name).items()
    before = {
        c: earlier[name, c] for c, kind in kinds if (name, c) in earlier and earlier[name, c].kind == kind
    }
    now = {c: _numbers_again(numbers.month[name, c], before[c]) for c in before if (name, c) in numbers.month}
    now |= {c: _texts_again(texts[name, c], before[c]) for c in before if (name, c) in texts}
    rows = last_month(data.get(name), name, data.as_of)
    asked = [column for column in before if column not in now]
    found = tallied([_again(rows, column, before[column], i) for i, column in enumerate(asked)])
    for number, column in enumerate(asked):
        now[column] = {int(place): n for place, n in found.get(number, {}).items()}
    return [
        {"table": name, "column": column, "kind": own.kind} | _compared(own, now[column])
        for column, own in before.items()
    ]


def _numbers_again(counts: Counts, before: Before) -> dict[int, int]:
    """As `_again`, of numbers that are counted."""
    return counts.by_place(reached(counts, before.lows)) | {EMPTY_BIN: counts.empty}


def _texts_again(values: Sequence[Value], before: Before) -> dict[int, int]:
    """As `_again`, of texts that are counted."""
    now: dict[int, int] = {}
    for value in values:
        place = EMPTY_BIN if value.text is None else before.names.get(value.text, len(before.names))
        now[place] = now.get(place, 0) + value.month_rows
    return now


def _again(rows: ir.Table, column: str, before: Before, number: int) -> ir.Table:
    """Rows by the earlier run's bins, as the bin's number."""
    if before.kind == "number":
        place = place_of(rows[column], before.lows)
    else:
        text, names = rows[column].cast("string"), before.names
        cases = [(text == value, place) for value, place in names.items()]
        place = ibis.cases(*cases, else_=len(names)) if cases else ibis.literal(0)
    place = ibis.ifelse(rows[column].isnull(), EMPTY_BIN, place)
    return tally(rows, place, number)


def _compared(before: Before, now: Mapping[int, int]) -> dict[str, Any]:
    one, two = list(before.rows.values()), [now.get(place, 0) for place in before.rows]
    n, m = sum(one), sum(two)
    shares = {"missing_before": _share(before.empty, n), "missing_now": _share(now.get(EMPTY_BIN, 0), m)}
    sides: dict[str, Any] = {"rows_before": n, "rows_now": m} | shares
    if min(n, m) < LEAST_ROWS:
        return sides | {"psi": None, "noise": None, "distance": None, "level": "few"}
    psi, noise, distance = stability(one, two)
    level = "steady" if psi < max(SOME, noise) else "some" if psi < STRONG else "strong"
    figures = {"psi": rounded(psi), "noise": rounded(noise), "distance": rounded(distance)}
    return sides | figures | {"level": level}


def _share(empty: int, filled: int) -> float | None:
    return empty / (empty + filled) if empty + filled else None
