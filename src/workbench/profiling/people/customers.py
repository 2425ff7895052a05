"""One row per customer with all that is known of her on the day, and the tags she carries now and before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from workbench.features import ROWS_AT_ONCE, as_of_features, customer_ranges, dictionary, order_times
from workbench.features.cut_offs import WHO
from workbench.profiling.people.catalogue import Tag, column, read_catalogue
from workbench.profiling.people.columns import PRESENT_TABLES, preference_columns
from workbench.profiling.people.preferences import last_events, order_preferences
from workbench.profiling.people.present import present_state
from workbench.profiling.people.tags import band_keys, cannot, in_band, tag_key, with_tags
from workbench.results import Missing
from workbench.sources import Canonical, give_back

NOW = "is_now"
Tables = Mapping[str, ir.Table | None]
KEY = [WHO, "as_of"]
PRESENT_PREFIXES = tuple(f"{name}__" for name in PRESENT_TABLES)


@dataclass(frozen=True)
class People:
    """Every customer known to any table on the day `as_of`.

    Attributes
    ----------
    before : date
        End of the month before: tags are compared with what they said then.
    tags : tuple of Tag
        The whole catalogue, in its order.
    absent : mapping
        By code of a tag why it could not be computed.
    customers : pandas.DataFrame
        One row per customer, sorted by customer_id: customer_id, first_order_at, last_order_at, the as-of
        features, preferences, and the present state (``customers__region``, …) where it is known.
    carried : pandas.DataFrame
        A column of each tag that could be computed, rows as in `customers`: boolean, or the text that a tag
        with a value carries (missing: not carried).
    carried_before : pandas.DataFrame
        The same on the day `before`, of the tags whose past can be computed again.
    known_before : numpy.ndarray of bool
        Whether `before` saw anything of the customer.
    """

    as_of: date
    before: date
    tags: tuple[Tag, ...]
    absent: Mapping[str, Missing]
    customers: pd.DataFrame
    carried: pd.DataFrame
    carried_before: pd.DataFrame
    known_before: NDArray[np.bool_]

    @property
    def computed(self) -> tuple[Tag, ...]:
        """The tags that could be computed."""
        return tuple(tag for tag in self.tags if tag.code not in self.absent)


def month_before(as_of: date) -> date:
    """The last day of the month before that of `as_of`."""
    return as_of.replace(day=1) - timedelta(days=1)


def people(data: Canonical, own_tags: Sequence[Mapping[str, Any]] = ()) -> People:
    """All customers of a study with their tags.

    Parameters
    ----------
    own_tags : sequence of mapping
        Tags that the study declares beside the catalogue: see `catalogue.read_catalogue`.

    Raises
    ------
    WorkbenchError
        If a declaration breaks a rule.
    """
    tables = {name: data.get(name) for name in sorted({entry.table for entry in dictionary()})}
    attributes = {name: data.attributes(name) for name in ("customers", "subscriptions")}
    own = [f"{table}.{name}" for table, names in attributes.items() for name in names]
    return tagged(tables, attributes, read_catalogue(own_tags, own), data.as_of)


def tagged(
    tables: Tables,
    attributes: Mapping[str, Sequence[str]],
    tags: Sequence[Tag],
    as_of: date,
    rows_at_once: int = ROWS_AT_ONCE,
) -> People:
    """All customers of canonical `tables` with `tags`, computed for both days at once.

    In one query, or in one for each of several ranges of the customers with about `rows_at_once` rows.
    """
    before = month_before(as_of)
    parts = [
        {name: None if table is None else each.of(table) for name, table in tables.items()}
        for each in customer_ranges(tables, rows_at_once)
    ]
    rows = [_rows(part, attributes, tags, (before, as_of)) for part in parts]
    types = dict(rows[0].schema().items())
    mapped = [name for name, table in tables.items() if table is not None]
    absent = {tag.code: why for tag in tags if (why := cannot(tag, mapped, types)) is not None}
    computed = [tag for tag in tags if tag.code not in absent]
    found = [with_tags(part, computed, **{NOW: part.as_of == ibis.date(as_of)}) for part in rows]
    past = [tag for tag in computed if tag.as_of]
    bands = band_keys(computed)
    columns = [tag_key(tag) for tag in past] + [bands[tag.code] for tag in past if tag.code in bands]
    now, earlier = _fetched(found, list(dict.fromkeys([WHO, *columns])))
    absent |= _of_nothing(now, computed)
    computed, past = ([tag for tag in some if tag.code not in absent] for some in (computed, past))
    carried = _carried(now, computed, bands)
    carried_before, known_before = _aligned(_carried(earlier, past, bands), earlier[WHO], now[WHO])
    own = [name for name in now.columns if not name.startswith("tag__")]
    return People(as_of, before, tuple(tags), absent, now[own], carried, carried_before, known_before)


def _rows(
    tables: Tables,
    attributes: Mapping[str, Sequence[str]],
    tags: Sequence[Tag],
    cut_offs: tuple[date, date],
) -> ir.Table:
    """One row per customer and day with every column that tags and the portrait are made of.

    The tables are joined in one go: Ibis takes a second for every step on so many columns.
    """
    transactions, events = tables.get("transactions"), tables.get("events")
    beside: list[tuple[ir.Table, list[str]]] = []
    if transactions is not None:
        beside.append((order_preferences(transactions, cut_offs), KEY))
        beside.append((order_times(transactions, cut_offs[1]), [WHO]))
    if events is not None:
        beside.append((last_events(events, cut_offs), KEY))
    found = rows = as_of_features(tables, cut_offs)
    others = [(_under_keys(table, key, number), key) for number, (table, key) in enumerate(beside)]
    for number, (table, key) in enumerate(others):
        found = found.left_join(table, [rows[name] == table[_key(name, number)] for name in key])
    wanted = [name for tag in tags for name in tag.columns]
    present = present_state(tables, attributes, wanted)
    if present is not None:
        undated = _under_keys(present, [WHO], len(others))
        found = found.outer_join(undated, rows[WHO] == undated[_key(WHO, len(others))])
    return _selected(found, tables, cut_offs[1], None if present is None else _key(WHO, len(others)))


def _key(name: str, number: int) -> str:
    return f"key{number}_{name}"


def _under_keys(table: ir.Table, key: Sequence[str], number: int) -> ir.Table:
    """`table` with names for its keys that no other table has."""
    return table.rename({_key(name, number): name for name in key})


def _selected(found: ir.Table, tables: Tables, as_of: date, undated: str | None) -> ir.Table:
    """The columns in their order; those of absent tables are there and NULL.

    `undated` is the key of the customers who may have nothing but rows without a day: nothing is counted of
    them, and what is known of them is known today.
    """
    who, day = found[WHO], found.as_of
    if undated is not None:
        who, day = ibis.coalesce(who, found[undated]), ibis.coalesce(day, ibis.date(as_of))
    columns = {name: _or_null(found, name, "timestamp") for name in ("first_order_at", "last_order_at")}
    for entry in dictionary():
        zero = entry.zero_if_none and tables.get(entry.table) is not None and undated is not None
        value = found[entry.name]
        columns[entry.name] = ibis.coalesce(value, ibis.literal(0, entry.type)) if zero else value
    kinds = {"number": "float64", "text": "string"}
    columns |= {name: _or_null(found, name, kinds[kind]) for name, _, kind in preference_columns()}
    present = {name: found[name] for name in found.columns if name.startswith(PRESENT_PREFIXES)}
    return found.select(**{WHO: who, "as_of": day}, **columns, **present)


def _or_null(found: ir.Table, name: str, kind: str) -> Any:
    return found[name] if name in found.columns else ibis.null(kind)


def _fetched(found: Sequence[ir.Table], past: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of today whole, and of the rows of the day before the columns `past`; both sorted.

    Batch by batch, so that the features of the earlier day never stand in memory.
    """
    # What an engine sums may be wider than Ibis says: numbers of 38 digits, one object each in pandas.
    schema = found[0].schema().to_pyarrow()
    now, earlier = [], []
    names = [name for name in found[0].columns if name not in (NOW, "as_of")]
    for part in found:
        with part.to_pyarrow_batches() as reader:  # the line that leaves Ibis for pandas
            for batch in reader:
                is_now = batch.column(batch.schema.get_field_index(NOW))
                now.append(_of_type(batch.filter(is_now).select(names), schema))
                past_rows = batch.filter(pa.compute.invert(is_now))
                earlier.append(_of_type(past_rows.select(list(past)), schema))
        give_back()
    return _frame(now, schema, names), _frame(earlier, schema, past)


def _of_type(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    return batch.cast(pa.schema([schema.field(name) for name in batch.schema.names]))


def _frame(batches: list[pa.RecordBatch], schema: pa.Schema, names: Sequence[str]) -> pd.DataFrame:
    table = pa.Table.from_batches(batches, pa.schema([schema.field(name) for name in names]))
    batches.clear()
    text, truth = pd.StringDtype(na_value=np.nan), pd.BooleanDtype()
    kinds = {pa.string(): text, pa.large_string(): text, pa.bool_(): truth}
    order = pa.compute.sort_indices(table.column(WHO))
    columns: dict[str, Any] = {}
    for name in names:  # one by one, each let go of as it is copied: a frame twice over may be too much
        columns[name] = table.column(name).take(order).to_pandas(types_mapper=kinds.get)
        table = table.drop_columns([name])
    return pd.DataFrame(columns, copy=False)


def _of_nothing(customers: pd.DataFrame, tags: Sequence[Tag]) -> dict[str, Missing]:
    """Why tags say nothing whose table is there, but not a single value of one of their columns."""
    filled = customers.notna().any()
    found = {}
    for tag in tags:
        empty = [name for name in tag.columns if not filled[column(name).key]]
        if empty:
            found[tag.code] = Missing("profiling.people_no_value", {"tag": tag.label, "column": empty[0]})
    return found


def _carried(rows: pd.DataFrame, tags: Sequence[Tag], bands: Mapping[str, str]) -> pd.DataFrame:
    """Who carries what: as the engine says, and within the band where a tag has one."""
    columns: dict[str, Any] = {}
    for tag in tags:
        found = rows[tag_key(tag)]
        within = None if tag.band is None else in_band(rows[bands[tag.code]], tag.band)
        if pd.api.types.is_string_dtype(found.dtype):
            columns[tag.code] = found if within is None else found.where(within)
        else:
            carried = found.to_numpy("bool")
            columns[tag.code] = carried if within is None else carried & within
    return pd.DataFrame(columns, index=rows.index)


def _aligned(
    carried: pd.DataFrame, earlier: "pd.Series[str]", now: "pd.Series[str]"
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """What was carried earlier by today's customers; those who were not known then carried nothing."""
    place = pd.Index(earlier).get_indexer(pd.Index(now))
    known = place >= 0
    columns: dict[str, Any] = {}
    for code, held in carried.items():
        if held.dtype == bool:
            columns[str(code)] = np.zeros(len(now), dtype=bool)
            columns[str(code)][known] = held.to_numpy()[place[known]]
        else:
            columns[str(code)] = held.reindex(place).set_axis(now.index)
    return pd.DataFrame(columns, index=now.index), known
