"""Tables of whether the data can be trusted, with readable names and the units of their columns."""

from typing import Any

import pandas as pd

from workbench.language import current, say, write_number
from workbench.profiling.trust.columns import Columns
from workbench.profiling.trust.correlations import Correlations
from workbench.profiling.trust.drift import Drift
from workbench.profiling.trust.feeds import Feeds
from workbench.profiling.trust.outliers import Outliers
from workbench.profiling.trust.values import records
from workbench.results import Missing
from workbench.theme import passes_missing

BARS = "▁▂▃▄▅▆▇█"
WEEK = 7
MONTHS_SHOWN = 24
TOPS_SHOWN = 3
SHOWN = 40  # rows of a table on the page; the whole of it is in the run's tables
STRONG_PAIR, PAIRS_SHOWN = 0.1, 15


def columns_table(columns: Columns) -> pd.DataFrame | Missing:
    """The column profile, the emptiest first: what it holds, its range, its shape as a row of bars."""
    if columns.profile.empty:
        return Missing("profiling.trust_no_rows")
    worst = columns.profile.sort_values("missing_share", ascending=False, kind="stable").head(SHOWN)
    rows = [_column_row(row, columns) for row in records(worst)]
    names = ["column", "kind", "missing", "distinct", "range", "middle", "shape"]
    return pd.DataFrame(rows, columns=names).rename(columns=_heads(names))


def columns_left_out(columns: Columns) -> int:
    """Columns that `columns_table` does not show."""
    return max(len(columns.profile) - SHOWN, 0)


def tops_table(columns: Columns) -> pd.DataFrame | Missing:
    """The most frequent values of text columns with few."""
    if columns.tops.empty:
        return Missing("profiling.trust_no_tops")
    best = columns.tops.groupby(["table", "column"], sort=False).head(TOPS_SHOWN * 2).head(SHOWN)
    named = best.assign(column=best.table + "." + best["column"])
    names = ["column", "value", "rows", "share"]
    return named[names].rename(columns=_heads(names))


@passes_missing
def feeds_table(feeds: Feeds) -> pd.DataFrame:
    """Each feed with its last day, its rhythm and what is missing."""
    rows = [
        {
            "feed": f"{f.table}: {f.value}" if f.value else f.table,
            "status": say(f"profiling.trust_status_{f.status}"),
            "last": f.last,
            "rhythm": _rhythm(f),
            "usual": f.usual,
            "silent": f.silent,
            "holes": f.holes,
        }
        for f in records(feeds.feeds)
    ]
    frame = pd.DataFrame(rows)
    return frame.rename(columns=_heads(list(frame.columns)))


@passes_missing
def holes_table(feeds: Feeds) -> pd.DataFrame | Missing:
    """The holes of the last days."""
    if feeds.holes.empty:
        return Missing("profiling.trust_unjudged" if feeds.judged.empty else "profiling.trust_no_hole")
    names = {f.feed: f"{f.table}: {f.value}" if f.value else f.table for f in records(feeds.feeds)}
    holes = feeds.holes.assign(feed=feeds.holes.feed.map(names)).head(SHOWN)
    return holes.rename(columns=_heads(["feed", "first", "last", "days"]))


def outliers_table(outliers: Outliers) -> pd.DataFrame | Missing:
    """Fences per column and what lies beyond them."""
    if outliers.columns.empty:
        return Missing("profiling.trust_no_fences")
    shown = outliers.columns.head(SHOWN)
    table = pd.DataFrame({
        "column": shown.table + "." + shown["column"],
        "fence": [say(f"profiling.trust_fence_{rule}") for rule in shown.rule],
        "lower": shown.lower,
        "upper": shown.upper,
        "beyond": shown.beyond,
        "share": shown.share,
        "money_share": shown.money_share,
    })  # fmt: skip
    return table.rename(columns=_heads(list(table.columns)))


@passes_missing
def drift_table(drift: Drift) -> pd.DataFrame:
    """How far each column has moved, the most moved first."""
    shown = drift.columns.head(SHOWN)
    table = pd.DataFrame({
        "column": shown.table + "." + shown["column"],
        "level": [say(f"profiling.trust_level_{level}") for level in shown.level],
        "psi": shown.psi.astype(float),
        "noise": shown.noise.astype(float),
        "distance": shown.distance.astype(float),
        "rows_before": shown.rows_before,
        "rows_now": shown.rows_now,
        "missing_before": shown.missing_before.astype(float),
        "missing_now": shown.missing_now.astype(float),
    })  # fmt: skip
    return table.rename(columns=_heads(list(table.columns)))


def correlations_table(correlations: Correlations) -> pd.DataFrame | Missing:
    """The pairs of numbers that move together most."""
    strong = correlations.pairs[correlations.pairs.r.abs() >= STRONG_PAIR].head(PAIRS_SHOWN)
    if strong.empty:
        return Missing("profiling.trust_no_pairs")
    table = pd.DataFrame({
        "one": strong.table + "." + strong.one,
        "other": strong.table + "." + strong.other,
        "r": strong.r,
        "n": strong.n,
    })  # fmt: skip
    return table.rename(columns=_heads(list(table.columns)))


def units() -> dict[str, str]:
    """Readable column name → unit."""
    given = dict.fromkeys(("missing", "share", "money_share", "missing_before", "missing_now"), "share")
    given |= dict.fromkeys(("rows", "beyond", "rows_before", "rows_now", "distinct", "n"), "rows")
    given |= dict.fromkeys(("usual", "silent", "days"), "days")
    return {say(f"profiling.trust_column_{name}"): unit for name, unit in given.items()}


def _heads(names: list[str]) -> dict[str, str]:
    return {name: say(f"profiling.trust_column_{name}") for name in names}


def _rhythm(feed: Any) -> str:
    if pd.isna(feed.every_days):
        return say("profiling.trust_rhythm_unknown")
    if feed.every_days > 1:
        return say("profiling.trust_rhythm_every", n=feed.every_days)
    code = "daily" if feed.weekdays == WEEK else "weekdays"
    return say(f"profiling.trust_rhythm_{code}", n=int(feed.weekdays))


def _column_row(row: Any, columns: Columns) -> tuple[Any, ...]:
    distinct = say("profiling.trust_about", n=row.distinct) if row.approximate else _number(row.distinct)
    kind = say(f"profiling.trust_kind_{row.kind}")
    shape = _shape(row.table, row.column, columns)
    return (
        f"{row.table}.{row.column}", kind, row.missing_share, distinct, _range(row), _number(row.p50), shape
    )  # fmt: skip


def _range(row: Any) -> str:
    if not pd.isna(row.first):
        return f"{row.first:%Y-%m-%d} – {row.last:%Y-%m-%d}"
    return "" if pd.isna(row.low) else f"{_number(row.low)} – {_number(row.high)}"


def _number(value: Any, unit: str = "number") -> str:
    if pd.isna(value):
        return ""
    speech = current()
    return write_number(value, unit, language=speech.language, currency=speech.currency)


def _shape(table: str, column: str, columns: Columns) -> str:
    """A histogram as bars, or the most frequent values with their shares."""
    for frame in (columns.shapes, columns.months):
        own = frame[(frame.table == table) & (frame["column"] == column)]
        if len(own):
            counts = own.rows.tail(MONTHS_SHOWN).to_numpy()
            return "".join(BARS[round((len(BARS) - 1) * n / max(counts.max(), 1))] for n in counts)
    own = columns.tops[(columns.tops.table == table) & (columns.tops["column"] == column)].head(TOPS_SHOWN)
    shares = [_number(share, "share") for share in own.share]
    return "; ".join(f"{value} {share}" for value, share in zip(own["value"], shares, strict=True))
