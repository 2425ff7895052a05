"""Books of days written by hand or drawn by chance, for the tests of stages and tiers."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from workbench.segmentation.book import UNITS, PurchaseBook

AS_OF = date(2026, 6, 30)


def book_of(rows: list[tuple[str, date, float]], as_of: date = AS_OF) -> PurchaseBook:
    """The book of (customer, day, amount); an amount below 0 is a refund. Later days are left out."""
    frame = pd.DataFrame(rows, columns=["customer", "day", "amount"])
    frame = frame[frame["day"].map(lambda day: day <= as_of)] if len(frame) else frame
    frame["number"] = [(day - date(1970, 1, 1)).days for day in frame["day"]]
    frame["units"] = (frame["amount"].astype(float) * UNITS).round().astype("int64")
    frame["gross"] = frame["units"].clip(lower=0)
    frame["bought"] = frame["amount"].astype(float) >= 0
    sums = {"net": ("units", "sum"), "gross": ("gross", "sum"), "bought": ("bought", "any")}
    days = frame.groupby(["customer", "number"]).agg(**sums).reset_index()
    ids = pd.Series(sorted(days["customer"].unique()), dtype="str", name="customer_id")
    return PurchaseBook(
        as_of=as_of,
        customer_id=ids,
        who=np.searchsorted(ids.to_numpy(dtype=str), days["customer"].to_numpy(dtype=str)).astype(np.int32),
        day=days["number"].to_numpy(dtype=np.int32),
        net=days["net"].to_numpy(dtype=np.int64),
        gross=days["gross"].to_numpy(dtype=np.int64),
        margin=None,
        bought=days["bought"].to_numpy(dtype=bool),
    )


def orders_of(book: PurchaseBook) -> pd.DataFrame:
    """What the stages and tiers ask of the order features, from the book itself."""
    n = len(book.customer_id)
    rows = pd.DataFrame({"who": book.who, "net": book.net, "bought": book.bought})
    sums = rows.groupby("who").agg(net=("net", "sum"), days=("bought", "sum")).reindex(range(n), fill_value=0)
    year = book.total(book.net, book.as_of - timedelta(days=365), book.as_of)
    frame = pd.DataFrame({
        "customer_id": book.customer_id,
        "n_order_days": sums["days"],
        "revenue": sums["net"] / UNITS,
        "revenue_365d": year / UNITS,
    })  # fmt: skip
    return frame[frame["n_order_days"] > 0].reset_index(drop=True)


def drawn_book(customers: int, seed: int, days: int = 800, rate: float = 1 / 40) -> PurchaseBook:
    """Customers who begin on any day, buy at their own rate, give something back now and then, and leave."""
    random = np.random.default_rng(seed)
    start = random.integers(0, days, customers)
    own = random.gamma(1.5, rate / 1.5, customers)
    rows = []
    for c in range(customers):
        day = float(start[c])
        while day < days and (day == start[c] or random.random() > 0.08):
            bought = AS_OF - timedelta(days=int(days - day - 1))
            rows.append((f"c{c:05d}", bought, round(float(random.gamma(2.0, 20.0)), 2)))
            if random.random() < 0.1:
                rows.append((f"c{c:05d}", bought + timedelta(days=3), -5.25))
            day += 1 + random.exponential(1 / own[c])
    return book_of(rows)


def renamed(book: PurchaseBook) -> PurchaseBook:
    """The same customers under ids in the opposite order."""
    n = len(book.customer_id)
    who = n - 1 - book.who
    order = np.lexsort((book.day, who))
    ids = pd.Series([f"p{i:06d}" for i in range(n)], dtype="str", name="customer_id")
    parts = {name: getattr(book, name)[order] for name in ("day", "net", "gross", "bought")}
    return PurchaseBook(book.as_of, ids, who=who[order].astype(np.int32), margin=None, **parts)


def cut(book: PurchaseBook, as_of: date) -> PurchaseBook:
    """What the book would have been on `as_of`."""
    rows = book.day <= book.number(as_of)
    there = np.unique(book.who[rows])
    place = np.full(len(book.customer_id), -1)
    place[there] = np.arange(len(there))
    parts = {name: getattr(book, name)[rows] for name in ("day", "net", "gross", "bought")}
    ids = book.customer_id.iloc[there].reset_index(drop=True)
    return PurchaseBook(as_of, ids, who=place[book.who[rows]].astype(np.int32), margin=None, **parts)


few_rows = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.integers(0, 800).map(lambda back: AS_OF - timedelta(days=back)),
        st.integers(-3_000, 10_000).map(lambda cents: cents / 100),
    ),
    min_size=1,
    max_size=60,
)
