"""Companies for the tests of people: canonical rows with contracts and attributes, and a second route."""

from datetime import date, datetime
from decimal import Decimal

import ibis
import numpy as np
import pandas as pd
from tests.features.canonical_rows import seeded, table

from workbench.profiling.people import read_catalogue, tagged

AS_OF, BEFORE = date(2024, 3, 31), date(2024, 2, 29)
MORE_SCHEMAS = {
    "customers": {"region": "string", "gender": "string", "acquisition_channel": "string", "tier": "string",
                  "marketing_consent": "boolean", "plan": "string", "points": "float64"},
    "subscriptions": {"churned": "boolean", "monthly_fee": "decimal(18, 4)", "tenure_months": "float64",
                      "payment": "string"},
}  # fmt: skip
ATTRIBUTES = {"customers": ["plan", "points"], "subscriptions": ["payment"]}
PARTS = ("night", "morning", "afternoon", "evening")


def filled(company, seed=3):
    """`company` with contracts and attributes drawn at random."""
    rng = np.random.default_rng(seed)

    def pick(*values):
        return values[rng.integers(len(values))]

    for row in company["customers"]:
        row |= {"region": pick("N", "S", None), "tier": pick("gold", "basic"), "plan": pick("x", "y"),
                "marketing_consent": pick(True, False, None), "points": float(rng.integers(100))}  # fmt: skip
    for row in company["subscriptions"]:
        row |= {"churned": pick(True, False), "monthly_fee": pick("4.9", "9.9", "19.9"),
                "tenure_months": float(rng.integers(1, 60)), "payment": pick("card", "wallet")}  # fmt: skip
    return company


def frames(company):
    """Frame and types of each table, the columns of MORE_SCHEMAS included."""
    found = {}
    for name, rows in company.items():
        frame, schema = table(name, rows)
        for column, kind in MORE_SCHEMAS.get(name, {}).items():
            values = [row.get(column) for row in rows]
            whole = pd.Series(values, dtype="float64" if kind == "float64" else object)
            frame[column] = whole if "decimal" not in kind else frame_money(values)
            schema = ibis.schema(dict(schema.items()) | {column: kind})
        found[name] = (frame, schema)
    return found


def frame_money(values):
    """Exact decimals, as a file gives them."""
    return pd.Series([None if value is None else Decimal(str(value)) for value in values], dtype=object)


def tables_of(company):
    """The company as Ibis tables in memory."""
    return {name: ibis.memtable(frame, schema=schema) for name, (frame, schema) in frames(company).items()}


def people_of(company, own=(), as_of=AS_OF, attributes=ATTRIBUTES, **options):
    """Its customers with their tags."""
    return tagged(tables_of(company), attributes, read_catalogue(own), as_of, **options)


def company(customers=150, seed=7):
    """The same company every time."""
    return filled(seeded(customers, seed))


def seen(rows, time, cut):
    """The rows of which `time` lies before the end of the day `cut`."""
    end = datetime(cut.year, cut.month, cut.day, 23, 59, 59, 999_999)
    return [row for row in rows if row[time] is not None and row[time] <= end]


def plain_choice(rows, choice):
    """What one customer's lines say of `choice`: top, strength, evidence, first, last; a second route."""
    lines = [row for row in rows if float(row["amount"]) >= 0 and row[choice] is not None]
    if not lines:
        return None
    values = sorted({row[choice] for row in lines})
    of = {value: [row for row in lines if row[choice] == value] for value in values}
    days = {value: [row["ordered_at"].date() for row in of[value]] for value in values}

    def money(value, day=None):
        return sum(row["amount"] for row in of[value] if day in (None, row["ordered_at"].date()))

    def lead(value, day):  # money of the day where the value was bought on it, else never
        return (day in days[value], money(value, day))

    first, last = min(min(d) for d in days.values()), max(max(d) for d in days.values())
    top = max(reversed(values), key=lambda v: (len(of[v]), money(v), max(days[v])))
    return {
        f"top_{choice}": top,
        f"top_{choice}_strength": len(of[top]) / len(lines),
        f"top_{choice}_evidence": len(lines),
        f"first_{choice}": max(reversed(values), key=lambda v: lead(v, first)),
        f"last_{choice}": max(reversed(values), key=lambda v: lead(v, last)),
    }


def plain_day_part(rows):
    """The part of the day of most orders of one customer: value, strength, evidence; a second route."""
    orders = {}
    for row in rows:
        if float(row["amount"]) >= 0:
            number = row["order_id"] or str(row["ordered_at"].date())
            orders[number] = min(row["ordered_at"], orders.get(number, row["ordered_at"]))
    moments = [
        moment for moment in orders.values() if moment.time().replace(microsecond=0) != datetime.min.time()
    ]
    if not moments:
        return None
    parts = {
        number: [m for m in moments if m.hour // 6 == number] for number in {m.hour // 6 for m in moments}
    }
    top = min(parts, key=lambda n: (-len(parts[n]), -max(parts[n]).timestamp(), n))
    strength = len(parts[top]) / len(moments)
    return {
        "top_day_part": PARTS[top],
        "top_day_part_strength": strength,
        "top_day_part_evidence": len(moments),
    }
