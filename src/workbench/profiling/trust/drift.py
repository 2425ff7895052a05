"""How far this month's values have moved from those of the run before, by effect size."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.calendar import end_of_day
from workbench.profiling.trust.values import (
    COUNTS,
    FEW_VALUES,
    collected,
    counted,
    finite,
    in_units,
    kinds_of,
    may_be_named,
    only_row,
    parts_of_one,
    records,
    rounded,
    tally,
    time_of,
    with_enough,
)
from workbench.results import Missing
from workbench.sources import Canonical

SOME, STRONG = 0.1, 0.25  # of the population stability index: the usual reading (Siddiqi 2006, p. 137)
LEAST_ROWS = 200  # filled on both sides; below, chance alone moves ten bins by more than SOME
DECILES = tuple(tenth / 10 for tenth in range(1, 10))
MISSING_CHANGE = 0.1  # of the share of empty cells
MOST_COLUMNS = 200  # of a table
MOST_VALUES = 30  # of a text column; the others are one
HALF = 0.5  # rows added to each bin, so that an empty one has a logarithm
NOISE_LEVEL = 0.95
EMPTY_BIN = -1  # of the cells that are not filled
BINS = ["table", "column", "kind", "bin", "low", "high", "value", "rows"]
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

    @property
    def judged(self) -> pd.DataFrame:
        """The columns with enough rows on both sides."""
        return self.columns[self.columns.level != "few"]

    @property
    def strong(self) -> pd.DataFrame:
        """The columns that have moved strongly."""
        return self.columns[self.columns.level == "strong"]

    @property
    def gaps(self) -> pd.DataFrame:
        """The columns of which far more or far fewer cells are empty than before."""
        return self.columns[(self.columns.missing_now - self.columns.missing_before).abs() >= MISSING_CHANGE]


def bins(data: Canonical) -> pd.DataFrame:
    """The values of the study's last month in bins, for the next run to compare with.

    Numbers by their own deciles, truths and texts with few values by value; a value of fewer than
    `LEAST_GROUP` customers is in the bin without a name, ids and what people wrote are not binned. Of tables
    without a time all rows count.

    Returns
    -------
    pandas.DataFrame
        table, column, kind, bin (EMPTY_BIN for cells that are not filled), low (inclusive) and high
        (exclusive) of numbers, None for open ends; value of texts, None for all others together; rows.
    """
    found = [row for name in data.tables for row in _bins_of(data, name)]
    return pd.DataFrame(found, columns=BINS)


def drift(data: Canonical, earlier: pd.DataFrame | None) -> Drift | Missing:
    """Compare the study's last month with the `bins` of an earlier run, in the earlier run's bins."""
    if earlier is None or not set(BINS) <= set(earlier.columns) or earlier.empty:
        return Missing("profiling.trust_no_earlier")
    rows = [row for name in data.tables for row in _moved(data, name, earlier[earlier.table == name])]
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


def last_month(table: ir.Table, name: str, as_of: date) -> ir.Table:
    """The rows of the month of `as_of`; all rows of a table without a time."""
    time = time_of(table, name)
    if time is None:
        return table
    begin = end_of_day(as_of.replace(day=1)).replace(day=1)
    return table.filter(time >= ibis.timestamp(begin))


def _bins_of(data: Canonical, name: str) -> list[dict[str, Any]]:
    kinds = _binned(data, name)
    rows = last_month(data.get(name), name, data.as_of)
    about = _about(rows, kinds)
    branches, cuts = [], {}
    for number, (column, kind) in enumerate(kinds.items()):
        if kind == "number":
            cuts[column] = _cuts(about[f"q {number}"], parts_of_one(rows[column]))
            branches.append(tally(rows, _place(rows[column], cuts[column]), number))
        elif about[f"d {number}"] <= FEW_VALUES:
            branches.append(counted(rows, rows[column], number))
    found = pd.DataFrame(list(collected(branches)), columns=COUNTS).dropna(subset="value")
    texts = {number: column for number, (column, kind) in enumerate(kinds.items()) if kind == "text"}
    named = with_enough(rows, texts, found)
    made: list[dict[str, Any]] = []
    for number, (column, kind) in enumerate(kinds.items()):
        own = {"table": name, "column": column, "kind": kind}
        counts, empty = found[found.column == number], about["n"] - about[f"n {number}"]
        if kind == "number":
            listed = _number_bins(counts, cuts[column])
        else:
            listed = _text_bins(counts, named[named.column == number])
        if len(counts):
            made += [own | row for row in [*listed, _bin(EMPTY_BIN, empty)]]
    return made


def _binned(data: Canonical, name: str) -> dict[str, str]:
    """The columns whose values are compared: ``number`` or ``text``."""
    kinds = kinds_of(data, name).items()
    numbers = {column: "number" for column, kind in kinds if kind in ("money", "number")}
    texts = {column: "text" for column, kind in kinds if may_be_named(name, column, kind)}
    both = numbers | texts
    return {column: both[column] for column in [c for c, _ in kinds if c in both][:MOST_COLUMNS]}


def _about(rows: ir.Table, kinds: Mapping[str, str]) -> dict[str, Any]:
    asked: dict[str, Any] = {"n": rows.count()}
    for number, (column, kind) in enumerate(kinds.items()):
        asked[f"n {number}"] = rows[column].count()
        if kind == "number":
            asked[f"q {number}"] = in_units(rows[column], whole=False).quantile(list(DECILES))
        else:
            asked[f"d {number}"] = rows[column].approx_nunique()
    answer: dict[str, Any] = only_row(rows.aggregate(**asked))
    return answer


def _place(column: Any, cuts: list[float]) -> Any:
    """The number of `cuts` that a value has reached; none for what is not finite."""
    x = finite(column)
    reached = [(x < cut, place) for place, cut in enumerate(cuts)]
    return ibis.cases(*reached, (x.notnull(), len(cuts)))


def _cuts(quantiles: list[float | None] | None, parts: int) -> list[float]:
    known = (rounded(edge / parts) for edge in quantiles or [] if edge is not None)
    return sorted({edge for edge in known if edge is not None})


def _bin(
    number: int, rows: int, *, low: float | None = None, high: float | None = None, value: str | None = None
) -> dict[str, Any]:
    return {"bin": number, "low": low, "high": high, "value": value, "rows": int(rows)}


def _number_bins(counts: pd.DataFrame, cuts: list[float]) -> list[dict[str, Any]]:
    by_place = {int(value): rows for value, rows in zip(counts["value"], counts.rows, strict=True)}
    ends: list[float | None] = [None, *cuts, None]
    return [
        _bin(place, by_place.get(place, 0), low=ends[place], high=ends[place + 1])
        for place in range(len(cuts) + 1)
    ]


def _text_bins(counts: pd.DataFrame, named: pd.DataFrame) -> list[dict[str, Any]]:
    shown = named.sort_values(["rows", "value"], ascending=[False, True]).head(MOST_VALUES)
    others = int(counts.rows.sum() - shown.rows.sum())
    listed = [_bin(number, row.rows, value=row.value) for number, row in enumerate(records(shown))]
    return [*listed, _bin(len(shown), others)]


def _moved(data: Canonical, name: str, earlier: pd.DataFrame) -> list[dict[str, Any]]:
    """The columns of one table against their earlier bins."""
    before = {str(column): own.sort_values("bin") for column, own in earlier.groupby("column", sort=False)}
    common = {
        column: kind
        for column, kind in _binned(data, name).items()
        if column in before and (before[column].kind == kind).all()
    }
    if not common:
        return []
    rows = last_month(data.get(name), name, data.as_of)
    branches = [_again(rows, column, before[column], i) for i, column in enumerate(common)]
    found = pd.DataFrame(list(collected(branches)), columns=COUNTS)
    return [
        {"table": name, "column": column, "kind": kind}
        | _compared(before[column], found[found.column == number])
        for number, (column, kind) in enumerate(common.items())
    ]


def _again(rows: ir.Table, column: str, before: pd.DataFrame, number: int) -> ir.Table:
    """Rows by the earlier run's bins, as the bin's number."""
    filled = before[before.bin != EMPTY_BIN]
    if (before.kind == "number").all():
        place = _place(rows[column], [float(low) for low in filled.low.dropna()])
    else:
        names = filled.dropna(subset="value")
        text = rows[column].cast("string")
        cases = [(text == value, int(place)) for value, place in zip(names["value"], names.bin, strict=True)]
        place = ibis.cases(*cases, else_=len(names)) if cases else ibis.literal(0)
    place = ibis.ifelse(rows[column].isnull(), EMPTY_BIN, place)
    return tally(rows, place, number)


def _compared(before: pd.DataFrame, counts: pd.DataFrame) -> dict[str, Any]:
    now = {int(value): int(n) for value, n in zip(counts["value"], counts["rows"], strict=True) if value}
    filled = before[before.bin != EMPTY_BIN]
    one, two = filled.rows.to_numpy(), np.array([now.get(int(place), 0) for place in filled.bin])
    empty = int(before.rows[before.bin == EMPTY_BIN].sum())
    n, m = int(one.sum()), int(two.sum())
    shares = {"missing_before": _share(empty, n), "missing_now": _share(now.get(EMPTY_BIN, 0), m)}
    sides: dict[str, Any] = {"rows_before": n, "rows_now": m} | shares
    if min(n, m) < LEAST_ROWS:
        return sides | {"psi": None, "noise": None, "distance": None, "level": "few"}
    psi, noise, distance = stability(one, two)
    level = "steady" if psi < max(SOME, noise) else "some" if psi < STRONG else "strong"
    figures = {"psi": rounded(psi), "noise": rounded(noise), "distance": rounded(distance)}
    return sides | figures | {"level": level}


def _share(empty: int, filled: int) -> float | None:
    return empty / (empty + filled) if empty + filled else None
