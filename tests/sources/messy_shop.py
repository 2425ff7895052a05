"""A shop with all that is wrong in real tables, its source file, and what it means that two engines agree."""

from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from workbench import features

N, CUSTOMERS = 3_000, 120
COLUMNS = {
    "customer_id": "Customer",
    "order_id": "Invoice",
    "ordered_at": "At",
    "amount": "Quantity * Price",
    "quantity": "Quantity",
    "product_id": "Stock",
    "category": "upper(Kind)",
}
RULES = [
    {"name": "without_customer", "when": "customer_id IS NULL"},
    {"name": "cancellations", "when": "Invoice LIKE 'C%'"},
    {"name": "refunds", "when": "amount < 0", "action": "net"},
]
PEOPLE = {"customer_id": "Id", "region": "City", "registered_at": "Since"}
AS_OF = "2024-05-31"


def shop():
    """Lines of a shop with all that is wrong in real tables; ids are doubles, as exports have them."""
    rng = np.random.default_rng(3)
    at = [datetime(2024, 1, 1) + timedelta(minutes=int(m)) for m in rng.integers(0, 180 * 1440, N)]
    number = rng.integers(0, 900, N)
    lines = pd.DataFrame(
        {
            "Customer": np.where(rng.random(N) < 0.1, np.nan, 17_000.0 + rng.integers(0, CUSTOMERS, N)),
            "Invoice": [f"C{n}" if n % 50 == 0 else f"{n}" for n in number],
            "At": at,
            "Quantity": np.where(rng.random(N) < 0.05, -1, rng.integers(1, 9, N)),
            "Price": [Decimal(int(c)).scaleb(-2) for c in rng.integers(0, 5_000, N)],
            "Stock": [f"{n:05d}" for n in rng.integers(0, 60, N)],
            "Kind": rng.choice(["toys", "tools", " ", "书籍"], N),
        }
    )
    lines.loc[rng.choice(N, 5, replace=False), "At"] = pd.NaT
    people = pd.DataFrame({"Id": [f"{17_000 + n}" for n in range(CUSTOMERS - 20)]})
    people = pd.concat([people, people.head(1)], ignore_index=True)  # a key twice
    people["City"] = [("Paris", "Rome", None)[n % 3] for n in range(len(people))]
    people["Since"] = [datetime(2024, 1, 1) + timedelta(days=2 * n) for n in range(len(people))]
    return lines, people


def source_of(company, engine, lines, people):
    tables = {
        "transactions": {"from": lines, "columns": COLUMNS},
        "customers": {"from": people, "columns": PEOPLE, "attributes": ["City"]},
    }
    return company({}, tables, engine=engine, rules=RULES, max_bad_rows=0.02)


def assert_same(found, expected):
    """The same bridges, and the same features of every customer."""
    for table, totals in expected.totals.items():
        assert found.totals[table].as_of == totals.as_of
        assert found.totals[table].steps == totals.steps
        assert found.totals[table].whole_steps == totals.whole_steps
    assert found.orphans == expected.orphans
    assert found.latest == expected.latest
    ours, theirs = (
        features.order_features(data.get("transactions"), [data.as_of])
        .to_pandas()
        .set_index("customer_id")
        .sort_index()
        for data in (found, expected)
    )
    # Sums of decimals are exact; quotients and logarithms of doubles differ in the last bits.
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False, rtol=1e-9)
    people = [data.get("customers").to_pandas().sort_values("customer_id") for data in (found, expected)]
    columns = ["customer_id", "region", "registered_at", "City"]
    pd.testing.assert_frame_equal(
        *(frame[columns].reset_index(drop=True) for frame in people), check_dtype=False
    )
