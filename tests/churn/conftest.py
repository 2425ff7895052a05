"""A company whose law of churn is known, and canonical tables made of frames."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench import churn, sources
from workbench.parameters import ChurnParameters

AS_OF = date(2025, 12, 31)
ORDER_TYPES = {
    "customer_id": "string",
    "order_id": "string",
    "ordered_at": "timestamp",
    "amount": "decimal(18, 4)",
    "quantity": "float64",
    "product_id": "string",
    "product_name": "string",
    "category": "string",
    "channel": "string",
    "margin": "decimal(18, 4)",
    "cost": "decimal(18, 4)",
}
CUSTOMER_TYPES = {
    "customer_id": "string",
    "registered_at": "timestamp",
    "acquisition_channel": "string",
    "region": "string",
}
CONTRACT_TYPES = {
    "customer_id": "string",
    "churned": "boolean",
    "ended_at": "timestamp",
    "started_at": "timestamp",
    "observed_at": "timestamp",
    "tenure_months": "float64",
    "monthly_fee": "decimal(18, 4)",
}


def as_table(frame: pd.DataFrame, types: dict[str, str]) -> Any:
    """`frame` as an Ibis table with the columns of `types` (NULL where absent), then its other columns."""
    frame = frame.copy()
    for name, kind in types.items():
        if name not in frame:
            frame[name] = pd.Series([None] * len(frame), dtype="object")
        if kind == "timestamp":
            frame[name] = pd.to_datetime(frame[name])
    extra = [name for name in frame.columns if name not in types]
    other = {n: "string" if pd.api.types.is_string_dtype(frame[n]) else "float64" for n in extra}
    held = {n: "float64" if k.startswith("decimal") else k for n, k in types.items()} | other
    table = ibis.memtable(frame[list(held)], schema=held)
    return table.cast({n: k for n, k in types.items() if k.startswith("decimal")})


def canonical(as_of: date = AS_OF, **frames: pd.DataFrame) -> sources.Canonical:
    """Canonical tables of frames; columns that no canonical table has become attributes."""
    types = {"transactions": ORDER_TYPES, "customers": CUSTOMER_TYPES, "subscriptions": CONTRACT_TYPES}
    tables = {name: as_table(frame, types[name]) for name, frame in frames.items()}
    attributes = {
        name: tuple(column for column in frame.columns if column not in types[name])
        for name, frame in frames.items()
    }
    return sources.Canonical(as_of, None, {}, tables, attributes)


# Times between orders are exponential with the customer's own rate ~ Gamma(SHAPE, scale): an NBD company.
SHAPE, SCALE_DAYS = 1.2, 60.0
FIRST_DAY = date(2023, 7, 1)


def poisson_orders(customers: int, seed: int) -> pd.DataFrame:
    """Orders of customers who buy at random times at a constant rate of their own and never drop out."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(SHAPE, 1 / SCALE_DAYS, customers)
    first = rng.uniform(0, 500, customers)
    days_in_all = (AS_OF - FIRST_DAY).days
    gaps = rng.exponential(1 / rate[:, None], (customers, 200))
    moments = first[:, None] + np.cumsum(np.column_stack([np.zeros(customers), gaps]), axis=1)
    who, _ = np.nonzero(moments < days_in_all)
    orders = pd.DataFrame({"customer_id": [f"c{n:05d}" for n in who], "day": moments[moments < days_in_all]})
    orders["ordered_at"] = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(orders.pop("day"), unit="D").dt.floor(
        "s"
    )
    orders["order_id"] = [f"o{number}" for number in range(len(orders))]
    orders["amount"] = rng.gamma(2.0, 20.0, len(orders)).round(2) + 1
    orders["product_id"] = rng.integers(0, 30, len(orders)).astype(str)
    return orders


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The builders of this file."""
    return SimpleNamespace(canonical=canonical, orders=poisson_orders, shape=SHAPE, scale_days=SCALE_DAYS)


@pytest.fixture(scope="session")
def small_orders() -> pd.DataFrame:
    """Orders of 900 customers."""
    return poisson_orders(900, seed=3)


@pytest.fixture(scope="session")
def small_customers() -> pd.DataFrame:
    """A customer table of them: registration, channel and an attribute that tells nothing."""
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in range(900)],
            "registered_at": pd.Timestamp(FIRST_DAY) - pd.Timedelta(days=30),
            "acquisition_channel": rng.choice(["search", "friends"], 900),
            "device": rng.choice(["phone", "desktop", None], 900),
        }
    )


@pytest.fixture(scope="session")
def foreseen(small_orders: pd.DataFrame, small_customers: pd.DataFrame) -> churn.Churn:
    """The study of the 900 customers."""
    data = canonical(transactions=small_orders, customers=small_customers)
    return churn.foresee(data, ChurnParameters())


@pytest.fixture(scope="session")
def contracts() -> pd.DataFrame:
    """A snapshot of 700 contracts without dates: risk falls with tenure and with a yearly plan."""
    rng = np.random.default_rng(5)
    tenure = rng.integers(0, 60, 700)
    plan = rng.choice(["monthly", "yearly"], 700)
    risk = 1 / (1 + np.exp(0.5 + 0.05 * tenure - 1.5 * (plan == "monthly")))
    return pd.DataFrame(
        {
            "customer_id": [f"k{number:04d}" for number in rng.permutation(700)],
            "churned": rng.random(700) < risk,
            "tenure_months": tenure.astype("float64"),
            "monthly_fee": rng.choice([9.9, 19.9, 29.9], 700),
            "plan": plan,
            "total": [" " if months == 0 else f"{months * 19.9:.2f}" for months in tenure],
        }
    )


@pytest.fixture(scope="session")
def contract_study(contracts: pd.DataFrame) -> churn.Churn:
    """The study of the 700 contracts."""
    return churn.foresee(canonical(subscriptions=contracts), ChurnParameters())
