"""The order file: sales and refunds as the shop system writes them, with the dirt of real exports."""

from typing import Any

import numpy as np
import pandas as pd

from workbench.demo.vocabulary import pick

BROKEN_SHARE = 0.002  # further lines that break the schema: the same sale exported again, and damaged
TEST_SHARE = 0.0005  # further lines of a test account
TEST_ACCOUNT = "9999999"  # no member has this number
TEST_PRODUCT = "000000"
TEST_AMOUNTS = (0.0, 0.0, 1.0)
IMPOSSIBLE_DATE = "2026-02-30"
COLUMNS = (
    *("order_id", "ordered_at", "customer_id", "product_id", "product_name", "category", "channel"),
    *("quantity", "amount", "cost"),
)


def keep_ledger(
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    refunds: pd.DataFrame,
    names: pd.DataFrame,
    *,
    words: dict[str, Any],
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The lines of sales, refunds, test orders and damaged copies, in order of time.

    Parameters
    ----------
    names : pandas.DataFrame
        One row per line of `lines`, same index: customer_id, product_id, product_name, category.

    Returns
    -------
    pandas.DataFrame
        Columns COLUMNS; ordered_at is text, amount and cost are in the company's currency.
    dict
        Number of lines that are sales, refunds, tests and broken.
    """
    sales = _entries(lines, names, words).assign(
        at=orders["ordered_at"].to_numpy()[lines["order"]],
        order_id=[f"A{number:07d}" for number in lines["order"] + 1],
    )
    back = _entries(refunds, names.loc[refunds.index], words).assign(
        at=refunds["refunded_at"], order_id=[f"R{number:06d}" for number in range(1, len(refunds) + 1)]
    )
    tests = _tests(sales, words, rng)
    broken = _broken(sales, words, rng)
    table = pd.concat([sales, back, tests, broken], ignore_index=True)
    written = table["at"].astype("datetime64[s]").astype(str)
    table["ordered_at"] = table["ordered_at"].where(table["ordered_at"].notna(), written)
    table = table.sort_values(["at", "order_id"], kind="stable", ignore_index=True)
    counts = {"sales": len(sales), "refunds": len(back), "tests": len(tests), "broken": len(broken)}
    return table[list(COLUMNS)], counts


def _entries(lines: pd.DataFrame, names: pd.DataFrame, words: dict[str, Any]) -> pd.DataFrame:
    """`lines` under the ledger's column names; ordered_at is left open."""
    return names.assign(
        ordered_at=None,
        channel=pick(words["order_channels"], lines["channel"].to_numpy()),
        quantity=lines["quantity"],
        amount=lines["cents"] / 100,
        cost=lines["cost_cents"] / 100,
    )


def _tests(sales: pd.DataFrame, words: dict[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Orders of the shop's own test account, at the times of true ones."""
    count = max(1, round(TEST_SHARE * len(sales)))
    rows = sales.iloc[np.sort(rng.integers(len(sales), size=count))]
    return rows.assign(
        order_id=[f"T{number:04d}" for number in range(1, count + 1)],
        customer_id=TEST_ACCOUNT,
        channel=words["test_channel"],
        product_id=TEST_PRODUCT,
        product_name=words["test_item"],
        quantity=1,
        amount=rng.choice(TEST_AMOUNTS, count),
        cost=0.0,
    )


def _broken(sales: pd.DataFrame, words: dict[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Sales exported a second time and damaged: no member number, an impossible date, a text as date."""
    count = round(BROKEN_SHARE * len(sales))
    rows = sales.iloc[np.sort(rng.integers(len(sales), size=count))].copy()
    damage = rng.integers(3, size=count)
    rows.loc[damage == 0, "customer_id"] = ""
    rows.loc[damage == 1, "ordered_at"] = IMPOSSIBLE_DATE
    rows.loc[damage == 2, "ordered_at"] = words["no_date"]
    return rows
