"""The order file: sales and refunds as the shop system writes them, with what else real exports hold."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.demo.accounts import STAFF_ACCOUNTS, Accounts
from workbench.demo.columns import joined, labels, money, numbered, times
from workbench.demo.orders import STORE
from workbench.demo.population import END, Columns
from workbench.demo.vocabulary import TOPICS

BROKEN_SHARE = 0.002  # further lines that break the schema: the same sale exported again, and damaged
TEST_SHARE = 0.0005  # further lines of the test account
STAFF_SHARE = 0.002  # further lines of staff accounts, at the times of true ones
CANCELLED_SHARE = 0.006  # further lines of orders that were cancelled before they were paid
SHIPPING_SHARE = 0.04  # of the orders: they have a further line with a charge for shipping
SHIPPING_CENTS, SHIPPING_COST_CENTS = 490, 430  # EUR
REPLACED_SHARE = 0.35  # of the orders that came broken: what was broken is sent again for nothing
REPLACED_TOPICS = ("quality", "packaging")
REPLACED_DAYS = (4, 15)
TEST_CENTS = (0, 0, 100)
IMPOSSIBLE_DATE = "2026-02-30"
NO_DAMAGE, NO_MEMBER, BAD_DATE, NO_DATE = range(4)
# How order numbers of each kind of line begin. Nothing but its account or its damage tells a staff's or a
# damaged line from a sale.
PREFIXES = {
    "sales": "A",
    "refunds": "R",
    "shipping": "A",
    "replacements": "Z",
    "cancelled": "C",
    "staff": "E",
    "tests": "T",
    "broken": "A",
}
PAID, CANCELLED, REFUNDED = range(3)  # numbers of the words' order_statuses
NUMBER_DIGITS = 7
SHIPPING_PRODUCT, TEST_PRODUCT = "POST01", "000000"
COLUMNS = ("at", "holder", "product", "channel", "status", "quantity", "cents", "cost_cents", "damage")
TIMES_AS_TEXT = "ordered_at as text"  # of times that are none: a text file can hold them, a typed one can not


@dataclass(frozen=True)
class Ledger:
    """The order lines of one block.

    Attributes
    ----------
    table : pyarrow.Table
        Canonical column names, status, and TIMES_AS_TEXT.
    totals : dict
        Rows and cents of each kind of line: the names in PREFIXES, broken ones by what they are without.
    """

    table: pa.Table
    totals: dict[str, dict[str, int]]


def keep_ledger(
    orders: Columns,
    lines: Columns,
    refunds: Columns,
    people: Columns,
    *,
    accounts: Accounts,
    products: pd.DataFrame,
    words: dict[str, Any],
    block: str,
    rng: np.random.Generator,
) -> Ledger:
    """All lines of the block in order of time.

    Parameters
    ----------
    block : str
        Stands in the order numbers, so that no two blocks have the same.
    """
    holder = _holders(orders, people, accounts)
    sales = _entries(lines, orders, holder) | {"number": lines["order"] + 1}
    kinds = {
        "sales": sales,
        "refunds": _entries(refunds, orders, holder)
        | {"at": refunds["refunded_at"], "status": np.array(REFUNDED)},
        "shipping": _shipping(sales, lines, len(products), words["price_level"], rng),
        "replacements": _replacements(sales, lines, orders, rng),
        "cancelled": _unnumbered(_copies(sales, CANCELLED_SHARE, rng)) | {"status": np.array(CANCELLED)},
        "staff": _of_staff(_copies(sales, STAFF_SHARE, rng), accounts, rng),
        "tests": _tests(_copies(sales, TEST_SHARE, rng, least=1), len(products) + 1, accounts, words, rng),
        "broken": _broken(_copies(sales, BROKEN_SHARE, rng), rng),
    }
    numbers = [_order_numbers(kind, entries, block) for kind, entries in kinds.items()]
    every = {name: np.concatenate([_column(entries, name) for entries in kinds.values()]) for name in COLUMNS}
    order = np.argsort(every["at"], kind="stable")
    every = {name: column[order] for name, column in every.items()}
    order_id = joined(numbers).take(pa.array(order))
    return Ledger(_table(every, order_id, accounts, products, words), _totals(kinds))


def _totals(kinds: dict[str, Columns]) -> dict[str, dict[str, int]]:
    broken = kinds["broken"]
    no_member = broken["damage"] == NO_MEMBER
    whole = {kind: entries["cents"] for kind, entries in kinds.items() if kind != "broken"}
    parts = {"without_member": broken["cents"][no_member], "without_date": broken["cents"][~no_member]}
    return {kind: {"rows": len(cents), "cents": int(cents.sum())} for kind, cents in (whole | parts).items()}


def _column(entries: Columns, name: str) -> Any:
    """The column of `entries`, which may be one value for all of them."""
    return np.broadcast_to(entries[name], entries["at"].shape)


def _holders(orders: Columns, people: Columns, accounts: Accounts) -> Any:
    """Under which account each order is booked: in a store under the store card, if there is one."""
    card = (orders["channel"] == STORE) & people["second_id"][orders["person"]]
    return np.where(card, accounts.card(orders["person"]), orders["person"])


def _entries(lines: Columns, orders: Columns, holder: Any) -> Columns:
    order = lines["order"]
    return {
        "at": orders["ordered_at"][order],
        "holder": holder[order],
        "channel": orders["channel"][order],
        "status": np.array(PAID),
        "damage": np.array(NO_DAMAGE),
    } | {name: lines[name] for name in ("product", "quantity", "cents", "cost_cents")}


def _rows(entries: Columns, rows: Any) -> Columns:
    return {name: column[rows] if column.ndim else column for name, column in entries.items()}


def _first_lines(lines: Columns) -> Any:
    """The row of the first line of each order."""
    return np.flatnonzero(np.diff(lines["order"], prepend=-1))


def _shipping(
    sales: Columns, lines: Columns, product: int, price_level: float, rng: np.random.Generator
) -> Columns:
    """A line more in some orders: what their shipping costs."""
    first = _first_lines(lines)
    entries = _rows(sales, first[rng.random(len(first)) < SHIPPING_SHARE])
    amounts = {"cents": SHIPPING_CENTS, "cost_cents": SHIPPING_COST_CENTS}
    charged = {name: np.array(round(cents * price_level)) for name, cents in amounts.items()}
    same = np.ones(len(entries["at"]), dtype=np.int64)
    return (
        entries
        | {name: same * cents for name, cents in charged.items()}
        | {
            "product": np.array(product),
            "quantity": np.array(1),
        }
    )


def _replacements(sales: Columns, lines: Columns, orders: Columns, rng: np.random.Generator) -> Columns:
    """What came broken, sent again some days later for nothing, under an order number of its own."""
    broke = np.isin(orders["failure"], [TOPICS.index(topic) for topic in REPLACED_TOPICS])
    chosen = broke & (rng.random(len(broke)) < REPLACED_SHARE)
    entries = _rows(sales, _first_lines(lines)[chosen])
    days = rng.integers(*REPLACED_DAYS, len(entries["at"])).astype("timedelta64[D]")
    entries["at"] = entries["at"] + days
    entries = _rows(entries, np.flatnonzero(entries["at"] < np.datetime64(END)))
    return _unnumbered(entries) | {"cents": np.zeros(len(entries["at"]), dtype=np.int64)}


def _copies(sales: Columns, share: float, rng: np.random.Generator, *, least: int = 0) -> Columns:
    """Random sales once more: so many that they are this share of the sales."""
    n = len(sales["at"])
    count = min(n, max(least, round(share * n)))
    return _rows(sales, np.sort(rng.integers(max(n, 1), size=count)))


def _unnumbered(entries: Columns) -> Columns:
    """`entries` to be numbered anew: orders of their own."""
    return {name: column for name, column in entries.items() if name != "number"}


def _of_staff(entries: Columns, accounts: Accounts, rng: np.random.Generator) -> Columns:
    numbers = rng.integers(STAFF_ACCOUNTS, size=len(entries["at"]))
    return _unnumbered(entries) | {"holder": accounts.staff(numbers)}


def _tests(
    entries: Columns, product: int, accounts: Accounts, words: dict[str, Any], rng: np.random.Generator
) -> Columns:
    """Orders of the shop's own test account, at the times of true ones."""
    count = len(entries["at"])
    return _unnumbered(entries) | {
        "holder": np.array(accounts.test),
        "channel": np.array(len(words["order_channels"])),
        "product": np.array(product),
        "quantity": np.array(1),
        "cents": rng.choice(TEST_CENTS, count),
        "cost_cents": np.array(0),
    }


def _broken(entries: Columns, rng: np.random.Generator) -> Columns:
    """Damaged lines: no member number, an impossible date, a text as date."""
    return entries | {"damage": rng.integers(NO_MEMBER, NO_DATE + 1, size=len(entries["at"]))}


def _order_numbers(kind: str, entries: Columns, block: str) -> Any:
    number = entries.get("number", np.arange(1, len(entries["at"]) + 1))
    return numbered(PREFIXES[kind] + block, number, NUMBER_DIGITS)


def _table(
    every: Columns, order_id: Any, accounts: Accounts, products: pd.DataFrame, words: dict[str, Any]
) -> pa.Table:
    damage = every["damage"]
    spoilt = pa.array([None, None, IMPOSSIBLE_DATE, words["no_date"]], pa.string())
    named = {
        "product_id": [*products["product_id"], SHIPPING_PRODUCT, TEST_PRODUCT],
        "product_name": [*products["product_name"], words["shipping_item"], words["test_item"]],
    }
    # Each category once: a dictionary of repeated words would be written to Parquet word by word.
    service = products["group"].max() + 1
    category = np.array([*products["group"], service, service])
    categories = [*products["category"].unique(), words["service_category"]]
    return pa.table(
        {
            "order_id": order_id,
            "ordered_at": times(every["at"], (damage != BAD_DATE) & (damage != NO_DATE)),
            "customer_id": accounts.ids(every["holder"], damage != NO_MEMBER),
            **{name: labels(texts, every["product"]) for name, texts in named.items()},
            "category": labels(categories, category[every["product"]]),
            "channel": labels([*words["order_channels"], words["test_channel"]], every["channel"]),
            "status": labels(words["order_statuses"], every["status"]),
            "quantity": pa.array(every["quantity"]),
            "amount": money(every["cents"]),
            "cost": money(every["cost_cents"]),
            TIMES_AS_TEXT: spoilt.take(pa.array(damage)),
        }
    )
