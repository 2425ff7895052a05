"""What each customer chooses most, first and last, as a day sees it: categories, channels, times of day."""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from workbench.features.cut_offs import WHO, at_all, at_each, keys, known, settled, tally
from workbench.profiling.people.columns import CHOICES

KEY = (WHO, "as_of")
# A part of the day and the hour it begins at; evening and night are those of the features.
DAY_PARTS = (("night", 0), ("morning", 6), ("afternoon", 12), ("evening", 18))


def order_preferences(transactions: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """What each customer prefers among what she bought, at each cut-off that sees a purchase of hers.

    Returns
    -------
    ibis.Table
        customer_id, as_of; for category, channel and day_part ``top_<choice>`` (the value of most of her
        lines, of most of her orders for the part of the day), ``_strength`` (its share of them) and
        ``_evidence`` (how many there are that have a value); ``first_`` and ``last_`` category and channel.
        NULL where no line has a value. Text as it stands in the data.

    Notes
    -----
    Of two values that are equally frequent the one that brought more money is on top, then the one bought
    later, then the first by name. Of two bought on the first (or last) day, the first (or last) is the one
    that brought more money on it, then the first by name. An order stands at its first line. A time of
    exactly midnight says nothing of the part of the day: so are days written that have no time.
    """
    parts = [_choice(transactions, choice, cut_offs) for choice in CHOICES]
    return reduce(_both, [parts[0], parts[1], _day_part(transactions, cut_offs)])


def last_events(events: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    """The kind of each customer's last event: customer_id, as_of, ``last_event``; by name of two at once."""
    rows = known(events, "occurred_at", cut_offs, ["event"])
    rows = rows.filter(rows.event.notnull())
    partial = rows.group_by([WHO, "event", "seen_from"]).agg(last_at=rows.occurred_at.max())
    rows = at_each(partial, cut_offs)
    values = rows.group_by([*KEY, "event"]).agg(last_at=rows.last_at.max())
    ranked = _ranked(values, KEY, last=[ibis.desc("last_at"), "event"])
    last = ranked.filter(ranked.rank_last == 0)
    return last.select(*KEY, last_event=last.event)


def _choice(transactions: ir.Table, choice: str, cut_offs: Sequence[date]) -> ir.Table:
    def bought(*columns: str) -> ir.Table:
        rows = known(transactions, "ordered_at", cut_offs, columns)
        return rows.filter((rows.amount >= 0) & rows[choice].notnull())

    top = _tops(bought("amount", choice), choice, cut_offs)
    # In another order of columns: an engine would write down what is read twice, and these are all lines.
    ends = _ends(bought(choice, "amount"), top, choice, cut_offs)
    found = at_all(top.left_join(ends, WHO).drop(f"{WHO}_right"), cut_offs)

    def at_cut_off(name: str) -> Any:
        return ibis.cases(*[(found.as_of == cut, found[f"{name}_{i}"]) for i, cut in enumerate(cut_offs)])

    lines = at_cut_off("lines")
    chosen = found.select(
        *KEY,
        **{
            f"top_{choice}": at_cut_off("top"),
            f"top_{choice}_strength": at_cut_off("most").cast("float64") / lines.cast("float64").nullif(0),
            f"top_{choice}_evidence": lines.cast("int64"),
            **{f"{end}_{choice}": at_cut_off(end) for end in ("first", "last")},
        },
    )
    return chosen.filter(chosen[f"top_{choice}_evidence"] > 0)


def _tops(rows: ir.Table, choice: str, cut_offs: Sequence[date]) -> ir.Table:
    """One row per customer; per cut-off the value of most lines, its lines, all lines, first and last day.

    A customer has about as many values as lines: with columns per cut-off they are not repeated.
    """
    columns: dict[str, Any] = {}
    for i, cut in enumerate(cut_offs):
        seen = rows.seen_from <= ibis.date(cut)
        columns |= {
            f"n_{i}": tally(rows, seen),
            f"money_{i}": rows.amount.sum(where=seen),
            f"first_day_{i}": rows.day.min(where=seen),
            f"day_{i}": rows.day.max(where=seen),
        }
    values = rows.group_by([WHO, choice]).agg(**columns)
    order = {i: [ibis.desc(f"{what}_{i}") for what in ("n", "money", "day")] for i in range(len(cut_offs))}
    ranked = _ranked(values, [WHO], **{f"{i}": [*by, choice] for i, by in order.items()})
    found: dict[str, Any] = {}
    for i in order:
        n = ranked[f"n_{i}"]
        found |= {
            f"top_{i}": ranked[choice].max(where=(ranked[f"rank_{i}"] == 0) & (n > 0)),
            f"most_{i}": n.max(),
            f"lines_{i}": n.sum(),
            f"first_day_{i}": ranked[f"first_day_{i}"].min(),
            f"last_day_{i}": ranked[f"day_{i}"].max(),
        }
    return ranked.group_by(WHO).agg(**found)


def _ends(rows: ir.Table, tops: ir.Table, choice: str, cut_offs: Sequence[date]) -> ir.Table:
    """One row per customer; per cut-off the value that took most money on her first and on her last day."""
    names = {f"{end}_{i}": cut for i, cut in enumerate(cut_offs) for end in ("first", "last")}
    days = {name: tops[name.replace("_", "_day_")] for name in names}
    lines = rows.join(tops.select(WHO, **days), WHO)
    # A row of such a day may come late, after the cut-off.
    on_it = {
        name: (lines.day == lines[name]) & (lines.seen_from <= ibis.date(cut)) for name, cut in names.items()
    }
    lines = lines.filter(ibis.or_(*on_it.values()))
    # No purchase is worth less than nothing: -1 stands for not bought on that day.
    money = {name: ibis.coalesce(lines.amount.sum(where=it), -1) for name, it in on_it.items()}
    values = lines.group_by([WHO, choice]).agg(**money)
    ranked = _ranked(values, [WHO], **{name: [ibis.desc(name), choice] for name in names})
    found = {
        name: ranked[choice].max(where=(ranked[f"rank_{name}"] == 0) & (ranked[name] >= 0)) for name in names
    }
    return ranked.group_by(WHO).agg(**found)


def _day_part(transactions: ir.Table, cut_offs: Sequence[date]) -> ir.Table:
    rows = known(transactions, "ordered_at", cut_offs, ["amount", "order_id"])
    rows = settled(transactions, rows.filter(rows.amount >= 0), cut_offs)
    rows = rows.mutate(order_id=ibis.coalesce(rows.order_id, rows.day.cast("string")))
    orders = rows.group_by([*keys(rows), "order_id"]).agg(
        at=rows.ordered_at.min(), seen_from=rows.seen_from.min()
    )
    # Their number tells the parts of the day apart, and orders them where nothing else does.
    orders = orders.mutate(part=_part(orders["at"])).filter(lambda t: t.part.notnull())
    partial = orders.group_by([*keys(orders), "seen_from", "part"]).agg(
        n=tally(orders), last_at=orders["at"].max()
    )
    rows = at_each(partial, cut_offs)
    values = rows.group_by([*KEY, "part"]).agg(n=rows.n.sum(), last_at=rows.last_at.max())
    ranked = _ranked(values, KEY, top=[ibis.desc("n"), ibis.desc("last_at"), "part"])
    found = ranked.group_by(KEY).agg(
        part=ranked.part.max(where=ranked.rank_top == 0), most=ranked.n.max(), evidence=ranked.n.sum()
    )
    names = [(found.part == number, name) for number, (name, _) in enumerate(DAY_PARTS)]
    return found.select(
        *KEY,
        top_day_part=ibis.cases(*names),
        top_day_part_strength=found.most.cast("float64") / found.evidence.cast("float64"),
        top_day_part_evidence=found.evidence.cast("int64"),
    )


def _part(moment: Any) -> Any:
    """The number of the part of the day in DAY_PARTS; NULL at exactly midnight."""
    hour = moment.hour()
    seconds = (hour * 60 + moment.minute()) * 60 + moment.second()
    latest_first = [(hour >= begin, number) for number, (_, begin) in reversed(list(enumerate(DAY_PARTS)))]
    return ibis.ifelse(seconds > 0, ibis.cases(*latest_first), ibis.null("int8")).cast("int32")


def _ranked(values: ir.Table, group: Sequence[str], **orders: Sequence[Any]) -> ir.Table:
    """`values` with ``rank_<name>``, 0 for the first of each `group` in the order of that name."""
    windows = {name: ibis.window(group_by=group, order_by=list(by)) for name, by in orders.items()}
    return values.mutate(**{f"rank_{name}": ibis.row_number().over(w) for name, w in windows.items()})


def _both(left: ir.Table, right: ir.Table) -> ir.Table:
    """All customers and cut-offs of both."""
    both = left.outer_join(right, list(KEY), lname="", rname="{name}_other")
    key = {name: ibis.coalesce(both[name], both[f"{name}_other"]) for name in KEY}
    return both.mutate(**key).drop(*[f"{name}_other" for name in KEY])
