"""The checks that say whether the month can be trusted."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from workbench.profiling.trust import drift
from workbench.profiling.trust.books import TOLERATED, main_totals
from workbench.profiling.trust.examination import Trust
from workbench.profiling.trust.feeds import WINDOW_DAYS
from workbench.profiling.trust.values import records
from workbench.results import Check, Missing
from workbench.sources import Canonical

FEW_OUTLIERS = 0.01  # of the rows of a column
LITTLE_MONEY = 0.2  # that the rows beyond a fence hold
THIN = 0.05  # rows per day after the as-of day, of those before: stray dates are thinner
STRAY_DAYS = 31  # a feed that is ahead of the study by less is a month under way
NAMED = 3  # columns or feeds in a sentence


def quality_checks(data: Canonical, found: Trust | None = None) -> tuple[Check, ...]:
    """The checks of the books, and with what was `found` those of rows, columns, feeds and values."""
    books = tuple(_of_the_books(data))
    return books if found is None else (*books, *_of_rows(found), *_of_columns(found), *_of_feeds(found))


def _of_the_books(data: Canonical) -> Iterator[Check]:
    totals = main_totals(data)
    bad = sum(t.whole.rows["quarantined"] for t in data.totals.values())
    rows = sum(t.whole.rows["in"] for t in data.totals.values())
    balanced = all(t.as_of.balanced and t.whole.balanced for t in data.totals.values())
    counts = {"tables": len(data.totals), "rows": totals.as_of.rows["in"]}
    yield Check("control_totals_balance", balanced, counts)
    if not totals.as_of.rows["used"]:  # the figures of no row at all would pass every other check
        yield Check("rows_are_there", False, {"table": totals.table, "rows": 0})
    yield Check("few_quarantined", bad <= TOLERATED * rows, {"bad": bad, "rows": rows, "limit": TOLERATED})
    if data.control is not None:
        yield Check("control_revenue", True, {"revenue": float(data.control)})
    if data.orphans:
        yield _known_customers(data)
    if data.latest is not None:
        covered = data.latest >= data.as_of
        yield Check("data_reach_as_of", covered, {"latest": data.latest, "as_of": data.as_of})


def _known_customers(data: Canonical) -> Check:
    """Whether the customers of the other tables are in the table of customers, by the worst of them."""
    people = {table: data.totals[table].as_of.customers["used"] for table in data.orphans}
    worst = max(data.orphans, key=lambda table: data.orphans[table] / max(people[table], 1))
    missing, known = data.orphans[worst], people[worst]
    values = {"tables": len(people), "table": worst, "orphans": missing, "n": known, "limit": TOLERATED}
    return Check("customers_are_known", missing <= TOLERATED * known, values, warns=True)


def _of_rows(found: Trust) -> Iterator[Check]:
    if found.days is not None:
        first, last = found.days
        values = {"first": first, "last": last, "days": (last - first).days + 1}
        yield Check("more_than_one_day", last > first, values, warns=True)
    if found.later is not None:
        yield _later_rows(found)
    if not isinstance(found.sales, Missing) and found.sales.lines:
        s = found.sales
        whole = s.refunds < s.sales and (s.month_refunds < s.month_sales or s.month_refunds == 0)
        values = {"sales": s.sales, "refunds": s.refunds, "n": s.refund_lines, "lines": s.lines}
        values |= {"month_sales": s.month_sales, "month_refunds": s.month_refunds}
        yield Check("sales_exceed_refunds", whole, values)
    yield from _repeats(found)


def _later_rows(found: Trust) -> Check:
    later = found.later
    assert later is not None
    far = later.per_day_before * THIN > later.per_day
    values = {"rows": later.rows, "latest": later.latest, "per_day": later.per_day}
    values |= {"before": later.per_day_before, "limit": THIN}
    span = later.rows / later.per_day
    return Check("later_rows_are_a_feed", not (far and span > STRAY_DAYS), values, warns=True)


def _repeats(found: Trust) -> Iterator[Check]:
    if not found.repeats:
        return
    worst = max(found.repeats, key=lambda one: one.whole / max(one.rows, 1))
    values = {"tables": len(found.repeats), "table": worst.table, "repeated": worst.whole, "n": worst.rows}
    few = worst.whole <= TOLERATED * worst.rows
    yield Check("rows_are_not_repeated", few, values | {"limit": TOLERATED}, warns=True)
    for one in found.repeats:
        if one.lines is not None:
            alike = {"lines": one.lines - one.whole, "n": one.rows, "limit": TOLERATED}
            yield Check("order_lines_differ", alike["lines"] <= TOLERATED * one.rows, alike, warns=True)


def _of_columns(found: Trust) -> Iterator[Check]:
    empty, constant, equal = found.columns.empty, found.columns.constant, found.columns.equal
    silent = [*empty, *constant]
    values = {"empty": len(empty), "constant": len(constant), "n": len(found.columns.profile)}
    yield Check("columns_say_something", not silent, values | {"names": _listed(silent)}, warns=True)
    pairs = [f"{table}.{one} = {table}.{other}" for table, one, other in equal]
    copies = {"copies": len(pairs), "n": values["n"], "names": _listed(pairs)}
    yield Check("columns_differ", not pairs, copies, warns=True)
    if len(found.outliers.columns):
        yield _outliers(found)
    if not isinstance(found.drift, Missing):
        yield from _drift(found.drift)


def _outliers(found: Trust) -> Check:
    marked = list(records(found.outliers.columns))
    worst = max(marked, key=_excess)
    many = [one for one in marked if _excess(one) > 1]
    values = {
        "n": len(marked),
        "many": len(many),
        "column": f"{worst.table}.{worst.column}",
        "beyond": int(worst.beyond),
        "rows": int(worst.rows),
        "share": float(worst.share),
        "limit": FEW_OUTLIERS,
        "money_limit": LITTLE_MONEY,
    }
    return Check("few_outliers", not many, values, warns=True)


def _excess(marked: Any) -> float:
    """How often what lies beyond the fences of a column is as much as is taken for few."""
    money = marked.money_share if pd.notna(marked.money_share) else 0.0
    return float(max(marked.share / FEW_OUTLIERS, money / LITTLE_MONEY))


def _drift(found: drift.Drift) -> Iterator[Check]:
    judged, strong = found.judged, found.strong
    values = {
        "n": len(judged),
        "few": len(found.columns) - len(judged),
        "strong": len(strong),
        "some": int((judged.level == "some").sum()),
        "limit": drift.STRONG,
        "least": drift.LEAST_ROWS,
        "names": _listed(_names(strong)),
    }
    yield Check("values_are_steady", strong.empty, values, warns=True)
    gaps = {"gaps": len(found.gaps), "n": len(found.columns), "limit": drift.MISSING_CHANGE}
    yield Check(
        "filling_is_steady", found.gaps.empty, gaps | {"names": _listed(_names(found.gaps))}, warns=True
    )


def _of_feeds(found: Trust) -> Iterator[Check]:
    if isinstance(found.feeds, Missing) or found.feeds.judged.empty:
        return
    judged, late = found.feeds.judged, found.feeds.late
    whole = bool((late.by == "table").any())  # a channel may have been given up; a table has not
    last = late["last"].min().date() if len(late) else None
    values = {"n": len(judged), "late": len(late), "last": last, "names": _listed(_feed_names(late))}
    yield Check("feeds_are_on_time", late.empty, values, warns=not whole)
    holed = judged[judged.holes > 0]
    values = {"n": len(judged), "holed": len(holed), "days": WINDOW_DAYS}
    names = {"names": _listed(_feed_names(holed))}
    yield Check("feeds_have_no_hole", holed.empty, values | names, warns=True)


def _feed_names(feeds: pd.DataFrame) -> list[str]:
    return [f"{f.table}.{f.value}" if f.value else f.table for f in records(feeds)]


def _names(columns: pd.DataFrame) -> list[str]:
    return [f"{row.table}.{row.column}" for row in records(columns)]


def _listed(names: list[str]) -> str:
    """The first names, and dots for more."""
    more = ", …" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
