"""Tags as expressions of the engine, on one row per customer and day."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.profiling.people.catalogue import Band, Condition, Tag, column
from workbench.results import Missing


def tag_key(tag: Tag) -> str:
    """The name of its column inside a query."""
    return f"tag__{tag.code}"


def cannot(tag: Tag, mapped: Sequence[str], types: Mapping[str, Any]) -> Missing | None:
    """Why `tag` cannot be computed on these data; None if it can.

    Parameters
    ----------
    mapped : sequence of str
        Canonical tables that are there.
    types : mapping
        Ibis type of each column of the query, by its key.
    """
    for name in tag.columns:
        found = column(name)
        if found.table not in mapped:
            return Missing("profiling.people_no_table", {"tag": tag.label, "table": found.table})
        if found.key not in types:
            return Missing("profiling.people_no_column", {"tag": tag.label, "column": name})
    if any(not _fits(c, types) for c in (*tag.all, *tag.any, *(tag.band.among if tag.band else ()))):
        return Missing("profiling.people_wrong_type", {"tag": tag.label})
    text = tag.value is None or types[column(tag.value).key].is_string()
    number = tag.band is None or types[column(tag.band.of).key].is_numeric()
    return None if text and number else Missing("profiling.people_wrong_type", {"tag": tag.label})


def with_tags(rows: ir.Table, tags: Sequence[Tag], **more: Any) -> ir.Table:
    """`rows`, one per customer and ``as_of``, with a column `tag_key` of each tag, and `more` columns.

    It is boolean, or the text that a tag with a value carries (NULL: not carried). What is not known holds no
    condition. Bands are another matter: a column of `band_keys` holds the value by which customers are put in
    order, NULL of those who are not among them, and `in_band` is asked once one row per customer is there. A
    window over all rows would have the engine write them down, whole, in memory.
    """
    carried = {tag_key(tag): _carried(rows, tag) for tag in tags}
    bands = {key: tag.band for tag in tags if (key := band_keys(tags).get(tag.code)) and tag.band}
    return rows.mutate(**carried, **{key: _ordered_by(rows, band) for key, band in bands.items()}, **more)


def band_keys(tags: Sequence[Tag]) -> dict[str, str]:
    """By code of a tag with a band the column with the values that it is a band of; bands may share one."""
    found: dict[str, str] = {}
    bases: list[tuple[str, tuple[Condition, ...]]] = []
    for tag in tags:
        if tag.band is not None:
            base = (tag.band.of, tag.band.among)
            if base not in bases:
                bases.append(base)
            found[tag.code] = f"tag__{bases.index(base)}_band"  # no code begins with a digit
    return found


def in_band(values: "pd.Series[float]", band: Band) -> NDArray[np.bool_]:
    """Whether each value reaches the quantile `from` of all that are known and not the quantile `to`.

    Quantiles lie between neighbouring values, by the rule of numpy; equal values are all in or all out.
    """
    numbers = values.to_numpy("float64", na_value=np.nan)
    inside = ~np.isnan(numbers)
    known = numbers[inside]
    if len(known) and band.start > 0:
        inside &= numbers >= np.quantile(known, band.start)
    if len(known) and band.end < 1:
        inside &= numbers < np.quantile(known, band.end)
    return np.asarray(inside)


def _carried(rows: ir.Table, tag: Tag) -> Any:
    held = [_holds(rows, condition) for condition in tag.all]
    if tag.any:
        held.append(ibis.or_(*[_holds(rows, condition) for condition in tag.any]))
    if tag.value is None:
        return ibis.and_(*held) if held else ibis.literal(True)
    value = rows[column(tag.value).key]
    return ibis.ifelse(ibis.and_(*held), value, ibis.null("string")) if held else value


def _ordered_by(rows: ir.Table, band: Band) -> Any:
    value = rows[column(band.of).key].cast("float64")
    among = [_holds(rows, condition) for condition in band.among]
    return ibis.ifelse(ibis.and_(*among), value, ibis.null("float64")) if among else value


def _holds(rows: ir.Table, condition: Condition) -> Any:
    return ibis.coalesce(_compared(rows, condition), ibis.literal(False))


def _compared(rows: ir.Table, condition: Condition) -> Any:
    found, value = rows[column(condition.of).key], condition.value
    match condition.operator:
        case "known":
            return found.notnull() if value else found.isnull()
        case "in":
            return found.isin(value)
        case "same_as":
            return found == rows[column(value).key]
        case "differs_from":
            return found != rows[column(value).key]
        case "eq" | "ne" | "lt" | "le" | "gt" | "ge" as name:
            return getattr(found, f"__{name}__")(value)
    raise AssertionError(condition.operator)


def _fits(condition: Condition, types: Mapping[str, Any]) -> bool:
    """Whether the column can be compared with the value: an own attribute may be of either type."""
    kind = types[column(condition.of).key]
    if condition.operator == "known":
        return True
    if condition.operator in ("same_as", "differs_from"):
        other = types[column(condition.value).key]
        return bool(kind.is_numeric() == other.is_numeric() and kind.is_string() == other.is_string())
    for value in condition.value if condition.operator == "in" else [condition.value]:
        if isinstance(value, bool):
            fits = kind.is_boolean()
        else:
            fits = kind.is_string() if isinstance(value, str) else kind.is_numeric()
        if not fits:
            return False
    return True
