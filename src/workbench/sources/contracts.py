"""Contracts of the canonical tables: what every other room may rely on, checked by pandera on the engine."""

from collections.abc import Mapping
from typing import Any

import ibis.expr.datatypes as dt

from workbench.sources.canonical import AVAILABLE_AT, TABLES, Column
from workbench.sources.staging import SQL_TYPES

KINDS = {
    "VARCHAR": dt.String,
    "TIMESTAMP": dt.Timestamp,
    "DECIMAL(18, 4)": dt.Decimal(18, 4),
    "DOUBLE": dt.Float64,
    "BOOLEAN": dt.Boolean,
}


def contract(table: str) -> Any:
    """The contract of a canonical table: columns, types, what is never empty, unique, or out of range.

    Returns
    -------
    pandera.ibis.DataFrameSchema
        Further columns are allowed: they are attributes.
    """
    import pandera.ibis as pandera  # 1.6 s that only a check pays

    canonical = TABLES[table]
    columns = {
        name: pandera.Column(
            _type(column),
            _range(pandera, column),
            nullable=not column.required,
            unique=name == canonical.key,
            required=name != AVAILABLE_AT,
        )
        for name, column in canonical.columns.items()
    }
    return pandera.DataFrameSchema(columns, name=table, description=canonical.grain)


def broken(tables: Mapping[str, Any]) -> list[str]:
    """What breaks its contract, as ``table.column: check``; empty when all hold. No value is told."""
    from pandera.errors import SchemaErrors

    found = []
    for name, table in tables.items():
        # Engines differ in the precision that they note beside a timestamp, not in what it holds.
        times = {
            column: table[column].cast(dt.Timestamp())
            for column, kind in table.schema().items()
            if kind.is_timestamp()
        }
        try:
            contract(name).validate(table.mutate(**times), lazy=True)
        except SchemaErrors as error:
            found += [f"{name}.{each.schema.name}: {_name(each.check)}" for each in error.schema_errors]
    return sorted(set(found))


def orphans(tables: Mapping[str, Any]) -> dict[str, int]:
    """By table the customers that the table of customers does not have; empty without such a table.

    They are reported and kept: a late customer file must not take orders away.
    """
    if "customers" not in tables:
        return {}
    known = tables["customers"].select("customer_id")
    holders = [t for t in tables if t != "customers" and "customer_id" in TABLES[t].columns]
    counted = {}
    for name in holders:
        mentioned = tables[name].filter(tables[name].customer_id.notnull()).select("customer_id").distinct()
        counted[name] = int(mentioned.anti_join(known, "customer_id").count().execute())
    return counted


def _type(column: Column) -> Any:
    return KINDS[SQL_TYPES[column.kind]]


def _range(pandera: Any, column: Column) -> Any:
    checks = []
    if column.low is not None:
        checks.append(pandera.Check.ge(column.low))
    if column.high is not None:
        checks.append(pandera.Check.le(column.high))
    return checks


def _name(check: Any) -> str:
    return str(getattr(check, "name", None) or check)
