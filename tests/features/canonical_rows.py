"""Canonical tables for tests: their types, rows drawn by hypothesis, and a company drawn at random."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import ibis
import numpy as np
import pandas as pd
from hypothesis import strategies as st

TEXT, TIME, MONEY, NUMBER, TRUTH = "string", "timestamp", "decimal(18, 4)", "float64", "boolean"
SCHEMAS = {
    "transactions": {
        "customer_id": TEXT, "ordered_at": TIME, "amount": MONEY, "order_id": TEXT, "product_id": TEXT,
        "category": TEXT, "channel": TEXT,
    },
    "customers": {"customer_id": TEXT, "registered_at": TIME},
    "subscriptions": {"customer_id": TEXT, "started_at": TIME, "observed_at": TIME},
    "events": {
        "customer_id": TEXT, "occurred_at": TIME, "event": TEXT, "session_id": TEXT, "device_id": TEXT,
    },
    "tickets": {
        "customer_id": TEXT, "opened_at": TIME, "first_response_at": TIME, "resolved_at": TIME,
        "reopened": TRUTH,
    },
    "feedback": {"customer_id": TEXT, "given_at": TIME, "rating": NUMBER, "nps": NUMBER},
    "campaigns": {"customer_id": TEXT, "sent_at": TIME, "arm": TEXT, "responded": TRUTH},
}  # fmt: skip
TIMES = {
    "transactions": "ordered_at", "customers": "registered_at", "subscriptions": "started_at",
    "events": "occurred_at", "tickets": "opened_at", "feedback": "given_at", "campaigns": "sent_at",
}  # fmt: skip
BEGIN = datetime(2023, 3, 1)
# Two of them a day apart, two with more than a year between, a leap day.
CUT_OFFS = (date(2023, 6, 30), date(2024, 2, 28), date(2024, 2, 29), date(2024, 6, 30))
# Days at and around the cut-offs and the edges of their windows, and a few far away.
DAYS = sorted(
    {cut - timedelta(days=age) for cut in CUT_OFFS for age in (-1, 0, 1, 6, 7, 29, 30, 89, 90, 179, 180, 365)}
    | {date(2023, 3, 1), date(2024, 12, 31)}
)
CLOCKS = ["00:00:00", "05:59:59", "06:00:00", "12:30:15", "18:00:00", "23:59:59.999999"]


def table(name, rows):
    """The frame of `rows` (what they lack is empty) and its types; with ``available_at`` if a row has it."""
    schema = dict(SCHEMAS[name])
    if any("available_at" in row for row in rows):
        schema["available_at"] = TIME
    frame = pd.DataFrame(
        [{column: row.get(column) for column in schema} for row in rows], columns=list(schema)
    )
    for column, kind in schema.items():
        if kind == TIME:
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
        elif kind == MONEY:
            frame[column] = pd.Series([Decimal(str(value)) for value in frame[column]], dtype=object)
        elif kind == NUMBER:
            frame[column] = frame[column].astype("float64")
        else:
            frame[column] = frame[column].astype(object)
    return frame, ibis.schema(schema)


def in_memory(company):
    """The tables of `company` (rows by table) as Ibis tables."""
    frames = {name: table(name, rows) for name, rows in company.items()}
    return {name: ibis.memtable(frame, schema=schema) for name, (frame, schema) in frames.items()}


def moments():
    """Any day that matters, at any hour that matters."""
    return st.builds(
        lambda day, clock: datetime.fromisoformat(f"{day}T{clock}"),
        st.sampled_from(DAYS),
        st.sampled_from(CLOCKS),
    )


def one_of(*values):
    """Any of the values."""
    return st.sampled_from(values)


def row_strategies(late=False):
    """How a row of each table is drawn."""
    who = one_of("a", "b", "c")
    maybe = st.none() | moments()
    columns = {
        "transactions": {
            "ordered_at": moments(), "amount": one_of("10", "0.01", "2.5", "-3", "-20", "0"),
            "order_id": one_of(None, "o1", "o2", "o3"), "product_id": one_of(None, "p1", "p2", "p3"),
            "category": one_of(None, "k1", "k2"), "channel": one_of(None, "web", "shop"),
        },
        "customers": {"registered_at": maybe},
        "subscriptions": {"started_at": maybe, "observed_at": maybe},
        "events": {
            "occurred_at": moments(), "event": one_of("visit", "search"),
            "session_id": one_of(None, "s1", "s2"), "device_id": one_of(None, "d1", "d2"),
        },
        "tickets": {
            "opened_at": moments(), "first_response_at": maybe, "resolved_at": maybe,
            "reopened": one_of(None, True, False),
        },
        "feedback": {
            "given_at": maybe, "rating": one_of(None, 1.0, 2.0, 3.5, 5.0), "nps": one_of(None, 0.0, 6.0, 9.0),
        },
        "campaigns": {
            "sent_at": moments(), "arm": one_of("A", "Control ", "对照组"),
            "responded": one_of(None, True, False),
        },
    }  # fmt: skip
    if late:
        columns = {name: kinds | {"available_at": maybe} for name, kinds in columns.items()}
    return {name: st.fixed_dictionaries({"customer_id": who, **kinds}) for name, kinds in columns.items()}


def companies(late=False, max_rows=12):
    """A company of three customers: a few rows in every table."""
    rows = row_strategies(late)
    return st.fixed_dictionaries({name: st.lists(rows[name], min_size=1, max_size=max_rows) for name in rows})


def random_company(rng, customers, *, late=False):
    """Rows of every table for some hundred customers who differ in how much they do."""
    weight = rng.gamma(0.8, 1.0, customers)

    def rows(per_customer, fill):
        number = rng.poisson(per_customer * weight)
        made = [
            {"customer_id": f"c{who:04d}"} | fill() for who in range(customers) for _ in range(number[who])
        ]
        for row in made if late else ():
            row["available_at"] = moment() if rng.random() < 0.3 else None
        return made

    def moment(share_empty=0.0):
        if rng.random() < share_empty:
            return None
        return BEGIN + timedelta(microseconds=int(rng.integers(0, 500 * 86_400_000_000)))

    def pick(*values):
        return values[rng.integers(len(values))]

    def after(begin, share_empty):
        return (
            None if rng.random() < share_empty else begin + timedelta(seconds=int(rng.exponential(200_000)))
        )

    def line():
        amount = Decimal(int(rng.gamma(2, 200_000)) * pick(1, 1, 1, 1, 1, 1, 1, -1)).scaleb(-4)
        return {
            "ordered_at": moment(), "amount": amount, "order_id": pick(None, *(f"o{i}" for i in range(40))),
            "product_id": f"p{rng.integers(60)}", "category": pick(None, *"klmnop"),
            "channel": pick("web", "shop", "app"),
        }  # fmt: skip

    def ticket():
        begin = moment()
        return {
            "opened_at": begin, "first_response_at": after(begin, 0.2), "resolved_at": after(begin, 0.3),
            "reopened": pick(None, True, False),
        }  # fmt: skip

    def event():
        return {
            "occurred_at": moment(), "event": pick("visit", "search", "cart"),
            "session_id": f"s{rng.integers(200)}", "device_id": pick(None, "d1", "d2", "d3"),
        }  # fmt: skip

    return {
        "transactions": rows(12, line),
        "customers": [{"customer_id": f"c{i:04d}", "registered_at": moment(0.1)} for i in range(customers)],
        "subscriptions": rows(0.5, lambda: {"started_at": moment(0.1), "observed_at": moment(0.5)}),
        "events": rows(20, event),
        "tickets": rows(1.5, ticket),
        "feedback": rows(2, lambda: {"given_at": moment(0.1), "rating": pick(None, 1.0, 2.0, 3.5, 4.25, 5.0),
                                     "nps": pick(None, 0.0, 3.0, 7.0, 10.0)}),
        "campaigns": rows(3, lambda: {"sent_at": moment(), "arm": pick("A", "B", "control"),
                                      "responded": pick(None, True, False)}),
    }  # fmt: skip


def seeded(customers, seed=7, *, late=False):
    """The same random company every time."""
    return random_company(np.random.default_rng(seed), customers, late=late)
