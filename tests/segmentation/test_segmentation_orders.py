"""Order features from the book: the same as the engine's own, which every other notebook uses."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from workbench import features
from workbench.features import CustomerRange
from workbench.segmentation.book import purchase_book
from workbench.segmentation.orders import order_frame


@pytest.fixture(scope="module")
def mixed(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines with refunds, gifts, orders of two days and orders without a number."""
    rng = np.random.default_rng(2)
    again = lines.sample(400, random_state=3)
    back = again.assign(amount=-again["amount"], ordered_at=again["ordered_at"] + pd.Timedelta(days=9))
    other_day = lines.sample(200, random_state=4)
    other_day = other_day.assign(ordered_at=other_day["ordered_at"] + pd.Timedelta(days=1))
    found = pd.concat([lines, back, other_day], ignore_index=True)
    found.loc[rng.random(len(found)) < 0.1, "order_id"] = None
    found.loc[rng.random(len(found)) < 0.05, "amount"] = 0.0
    return found


def test_the_book_tells_what_the_engine_tells(mixed, as_canonical):
    data = as_canonical(mixed)
    lines = data.get("transactions")
    ranges = [CustomerRange(*edges) for edges in pairwise([None, "c000200", None])]
    found = order_frame(lines, purchase_book(lines, data.as_of, ranges), ranges)
    asked = features.order_features(lines, [data.as_of]).order_by("customer_id").to_pandas()
    assert (asked["revenue"] < asked["revenue_365d"]).any()  # a refund of an order of more than a year ago
    for name in found.columns:
        assert found[name].tolist() == asked[name].tolist(), name


def test_who_has_only_given_back_is_no_customer(mixed, as_canonical):
    alone = mixed[mixed["amount"] < 0].head(1)
    lines = as_canonical(pd.concat([mixed, alone.assign(customer_id="x")])).get("transactions")
    book = purchase_book(lines, as_canonical(mixed).as_of)
    assert "x" in set(book.customer_id)
    assert "x" not in set(order_frame(lines, book)["customer_id"])
