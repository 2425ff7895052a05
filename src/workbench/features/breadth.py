"""How many different things a customer chose, and how much one of them outweighs the others."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from workbench.features.cut_offs import WHO, at_all, at_each, tally


def breadth(rows: ir.Table, column: str, name: str, cut_offs: Sequence[date]) -> ir.Table:
    """The number of different values of `column` in the known `rows`: customer_id, as_of, `name`.

    Each value counts from the first cut-off that sees it, so the distinct ones are sought once for all.
    """
    rows = rows.filter(rows[column].notnull())
    first = rows.group_by([WHO, column]).agg(seen_from=rows.seen_from.min())
    new = at_each(first.group_by([WHO, "seen_from"]).agg(new=tally(first)), cut_offs)
    return new.group_by([WHO, "as_of"]).agg(**{name: new.new.sum()})


def mix(rows: ir.Table, column: str, one: str, many: str, cut_offs: Sequence[date]) -> ir.Table:
    """How lines spread over the values of `column`: customer_id, as_of and three features.

    Returns
    -------
    ibis.Table
        ``n_<many>`` (values), ``top_<one>_share`` (share of the money that went into the largest) and
        ``<one>_concentration`` (Herfindahl index of the lines: 1 over the number of values if they are used
        alike, 1 if there is one). Lines without a value are left out.

    Notes
    -----
    The largest value may change with the cut-off, so each cut-off has columns of its own until the end: sums
    per customer and value would otherwise be repeated for every cut-off.
    """
    rows = rows.filter(rows[column].notnull())
    seen = {f"{i}": rows.seen_from <= ibis.date(cut) for i, cut in enumerate(cut_offs)}
    values = rows.group_by([WHO, column]).agg(**{i: tally(rows, seen[i]) for i in seen})
    wide: dict[str, Any] = {}
    for i in seen:
        lines = values[i]
        wide |= {f"n_{i}": tally(values, lines > 0), f"top_{i}": lines.max()}
        wide |= {f"lines_{i}": lines.sum(), f"squares_{i}": (lines.cast("float64") * lines).sum()}
    found = at_all(values.group_by(WHO).agg(**wide), cut_offs)

    def at_cut_off(name: str) -> Any:
        return ibis.cases(*[(found.as_of == cut, found[f"{name}_{i}"]) for i, cut in enumerate(cut_offs)])

    lines = at_cut_off("lines").cast("float64").nullif(0)
    return found.select(
        WHO,
        "as_of",
        **{
            f"n_{many}": at_cut_off("n"),
            f"top_{one}_share": at_cut_off("top").cast("float64") / lines,
            f"{one}_concentration": at_cut_off("squares").cast("float64") / (lines * lines),
        },
    )
