"""Canonical tables for the tests of the customer base: by hand, at random, and CDNOW."""

from datetime import date, datetime
from decimal import Decimal

import ibis
import pandas as pd
from tests.engine_fixtures import loaded
from tests.features.canonical_rows import seeded

from workbench.sources import Canonical

TEXT, TIME, MONEY, NUMBER, TRUTH = "string", "timestamp", "decimal(18, 4)", "float64", "boolean"
SCHEMAS = {
    "transactions": {
        "customer_id": TEXT, "ordered_at": TIME, "amount": MONEY, "order_id": TEXT, "category": TEXT,
        "channel": TEXT, "product_id": TEXT,
    },
    "customers": {"customer_id": TEXT, "region": TEXT, "acquisition_channel": TEXT, "tier": TEXT},
    "subscriptions": {
        "customer_id": TEXT, "started_at": TIME, "ended_at": TIME, "observed_at": TIME,
        "tenure_months": NUMBER, "monthly_fee": MONEY, "churned": TRUTH,
    },
    "feedback": {"customer_id": TEXT, "given_at": TIME, "channel": TEXT, "rating": NUMBER},
}  # fmt: skip
CUSTOMERS = 300
CONNECTION = ibis.duckdb.connect()


def frame(name, rows):
    """The rows (what they lack is empty) with the types of the table."""
    made = pd.DataFrame([{c: row.get(c) for c in SCHEMAS[name]} for row in rows], columns=list(SCHEMAS[name]))
    for column, kind in SCHEMAS[name].items():
        if kind == TIME:
            made[column] = pd.to_datetime(made[column]).astype("datetime64[us]")
        elif kind == MONEY:
            cells = [None if value is None else Decimal(str(value)) for value in made[column]]
            made[column] = pd.Series(cells, dtype=object)
        else:
            made[column] = made[column].astype("float64" if kind == NUMBER else object)
    return made


def table(name, rows, con=None):
    """The rows as a table of `con`, by default of the one DuckDB of all tests: the last of a name holds."""
    return loaded(con or CONNECTION, name, frame(name, rows), ibis.schema(SCHEMAS[name]))


def lines(*rows):
    """Order lines from (customer, moment, amount) and, where given, order, category, channel."""
    names = ("customer_id", "ordered_at", "amount", "order_id", "category", "channel")
    made = [dict(zip(names, row, strict=False)) for row in rows]
    return [row | {"ordered_at": datetime.fromisoformat(row["ordered_at"])} for row in made]


def study(as_of, con=None, **tables):
    """A study of tables given as rows."""
    con = con or ibis.duckdb.connect()
    return Canonical(as_of, as_of, {}, {name: table(name, rows, con) for name, rows in tables.items()}, {})


def company():
    """Some hundred customers at random, with regions and contracts."""
    made = seeded(CUSTOMERS)
    made["transactions"] = [row for row in made["transactions"] if row["ordered_at"].date() <= AS_OF]
    regions = ["north", "south", "east", None, "tiny"]
    people = [
        {"customer_id": row["customer_id"], "region": regions[i % 4 if i % 90 else 4], "tier": "AB"[i % 2]}
        for i, row in enumerate(made["customers"])
    ]
    contracts = [
        {
            **row,
            "ended_at": datetime(2024, 5, 1 + i % 28) if i % 3 == 0 else None,
            "tenure_months": None if i % 4 else float(i % 60),
            "monthly_fee": Decimal(5 + i % 40),
            "churned": i % 7 == 0,
        }
        for i, row in enumerate(made["subscriptions"])
    ]
    feedback = [row | {"channel": "app" if i % 3 else None} for i, row in enumerate(made["feedback"])]
    return {
        "transactions": made["transactions"], "customers": people, "subscriptions": contracts,
        "feedback": feedback,
    }  # fmt: skip


AS_OF = date(2024, 6, 30)
