"""Data that the tests of this room share: the CDNOW benchmark, and a company simulated under the models."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench.segmentation.book import PurchaseBook, purchase_book
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.sources import Canonical

AS_OF = date(2026, 6, 30)
HISTORY_DAYS = 540


@pytest.fixture(scope="session")
def cdnow(shared_data: Path) -> pd.DataFrame:
    """The calibration sample: frequency, recency, T in weeks."""
    return pd.read_csv(shared_data / "cdnow" / "cdnow_customers_summary.csv")


@pytest.fixture(scope="session")
def cdnow_spend(shared_data: Path) -> pd.DataFrame:
    """The same customers with the mean value of their repeat purchases: orders, mean_spend."""
    frame = pd.read_csv(shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv")
    return frame.rename(columns={"x": "frequency", "t_x": "recency", "zbar": "mean_spend"}).assign(
        orders=frame["x"]
    )


@pytest.fixture(scope="session")
def cdnow_book(shared_data: Path) -> PurchaseBook:
    """All purchases of all customers."""
    read = pd.read_csv(shared_data / "cdnow" / "CDNOW_master.txt", sep=r"\s+", dtype={"customer_id": "str"})
    read["ordered_at"] = pd.to_datetime(read["date"].astype(str), format="%Y%m%d")
    table = ibis.memtable(read[["customer_id", "ordered_at", "dollar_value"]])
    lines = table.mutate(amount=table.dollar_value.cast("decimal(18,4)"))
    return purchase_book(lines, date(1998, 6, 30))


@pytest.fixture(scope="session")
def cdnow_model(cdnow: pd.DataFrame) -> BetaGeoNBD:
    return BetaGeoNBD().fit(cdnow)


def purchase_model(r: float, alpha: float, a: float, b: float) -> BetaGeoNBD:
    """A model with known parameters, as if it had been fitted."""
    model = BetaGeoNBD()
    model.r_, model.alpha_, model.a_, model.b_ = r, alpha, a, b
    return model


@pytest.fixture(scope="session")
def known_model() -> Callable[[float, float, float, float], BetaGeoNBD]:
    return purchase_model


def simulated_lines(customers: int, seed: int) -> pd.DataFrame:
    """Order lines of customers who buy and leave as BG/NBD says and spend as Gamma-Gamma says."""
    rng = np.random.default_rng(seed)
    start = AS_OF - timedelta(days=HISTORY_DAYS)
    first = rng.integers(0, HISTORY_DAYS - 60, customers)
    rate = rng.gamma(0.8, 1 / 20.0, customers)  # purchases a day
    leaves = rng.beta(0.8, 2.5, customers)
    scale = rng.gamma(4.0, 1 / 30.0, customers)
    rows = []
    for c in range(customers):
        day = float(first[c])
        while day <= HISTORY_DAYS:
            rows.append((c, int(day), rng.gamma(6.0) / scale[c]))
            if day > first[c] and rng.random() < leaves[c]:
                break
            day += rng.exponential(1 / rate[c])
    frame = pd.DataFrame(rows, columns=["customer", "day", "amount"])
    moment = pd.Timestamp(start) + pd.to_timedelta(frame["day"], unit="D") + pd.Timedelta(hours=10)
    return pd.DataFrame(
        {
            "customer_id": frame["customer"].map("c{:06d}".format),
            "order_id": [f"o{i:07d}" for i in range(len(frame))],
            "ordered_at": moment,
            "amount": frame["amount"].clip(lower=0.01).round(2),
        }
    )


def canonical(lines: pd.DataFrame | None, as_of: date = AS_OF) -> Canonical:
    """`lines` as the canonical table of transactions."""
    if lines is None:
        return Canonical(as_of, None, {}, {}, {})
    table = ibis.memtable(lines)
    absent = {name: ibis.null("string") for name in ("product_id", "category", "channel")}
    table = table.mutate(amount=table.amount.cast("decimal(18,4)"), **absent)
    return Canonical(as_of, as_of, {}, {"transactions": table}, {})


@pytest.fixture(scope="session")
def lines() -> pd.DataFrame:
    """A company of 600 customers."""
    return simulated_lines(600, seed=5)


@pytest.fixture(scope="session")
def as_canonical() -> Callable[..., Canonical]:
    return canonical
