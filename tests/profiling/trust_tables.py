"""Canonical tables made by hand, for tests of what is computed on them."""

from datetime import date
from decimal import Decimal

import ibis
import numpy as np
import pandas as pd
from tests.engine_fixtures import loaded

from workbench.sources import TABLES, Canonical

TYPES = {
    "id": "string", "time": "timestamp", "money": "decimal(18, 4)", "number": "float64", "truth": "boolean",
    "text": "string",
}  # fmt: skip


def schema_of(name, frame):
    """The types of a canonical table; of an attribute what its values are."""
    known = TABLES[name].columns
    return ibis.schema({
        column: TYPES[known[column].kind] if column in known
        else "float64" if frame[column].dtype.kind in "fi" else "string"
        for column in frame.columns
    })  # fmt: skip


def exact(name, frame):
    """`frame` with its money as decimals."""
    known = TABLES[name].columns
    money = [c for c in frame.columns if c in known and known[c].kind == "money"]
    decimals = {c: [Decimal(str(round(x, 4))) for x in frame[c]] for c in money}
    return frame.assign(
        **{c: pd.Series(values, index=frame.index, dtype=object) for c, values in decimals.items()}
    )


def canonical(frames, *, as_of=date(2024, 6, 30), con=None):
    """The study of these tables (name → frame); columns that are not canonical are attributes."""
    con = con or ibis.duckdb.connect()
    tables = {
        name: loaded(con, name, exact(name, frame), schema_of(name, frame)) for name, frame in frames.items()
    }
    attributes = {
        name: tuple(c for c in frame.columns if c not in TABLES[name].columns)
        for name, frame in frames.items()
    }
    return Canonical(as_of, as_of, {}, tables, attributes)


def shop_rows(n=400, seed=3):
    """Order lines of forty customers over half a year, refunds and gaps included."""
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 182 * 24 * 60, n), unit="min")
    return pd.DataFrame({
        "customer_id": [f"c{i:02}" for i in rng.integers(0, 40, n)],
        "ordered_at": days.astype("datetime64[us]"),
        "amount": np.round(rng.lognormal(3, 1, n) * np.where(rng.random(n) < 0.05, -1, 1), 2),
        "order_id": [f"o{i}" for i in range(n)],
        "product_id": [f"p{i}" for i in rng.integers(0, 30, n)],
        "quantity": rng.integers(1, 9, n).astype(float),
        "channel": rng.choice(["web", "shop", "app"], n),
        "category": pd.Series(rng.choice(["tea", "home", "garden"], n)).where(rng.random(n) > 0.1, None),
    })  # fmt: skip
