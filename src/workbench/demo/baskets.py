"""What is in an order: lines of products whose paid amounts add up to the order's value; and refunds."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.demo.clock import clock_at, wall_time
from workbench.demo.population import END

LINES_PER_MEAN_ORDER = 0.55  # further lines of an order worth the mean
MOST_FURTHER_LINES = 5
FAVOURITE_SHARE = 0.5  # of the lines: from the member's favourite category
CATEGORY_SHARES = (0.22, 0.2, 0.17, 0.13, 0.16, 0.12)  # of the other lines, in the catalogue's order
PRICE_SPREAD = 0.35  # standard deviation of log price wanted round the amount at hand
QUANTITY_SHARES = (0.8, 0.14, 0.06)  # 1, 2, 3 pieces where the amount allows
ORDER_CHANNEL_SHARES = (0.46, 0.38, 0.16)
REFUND_SHARE = 0.0125  # of the lines of an average member; frequent buyers are content and send back less
REFUND_SLOPE = 0.9  # log odds of a refund per unit of worse experience
REFUND_DAYS = (3.0, 21.0)  # after the order


def draw_lines(
    orders: pd.DataFrame, products: pd.DataFrame, mean_cents: float, rng: np.random.Generator
) -> pd.DataFrame:
    """The lines of all orders, in the orders' order.

    Returns
    -------
    pandas.DataFrame
        order (row of `orders`), product (row of `products`), channel (number), quantity, cents, cost_cents.
        The cents of an order's lines add up to the order's.
    """
    wanted = np.clip(orders["cents"].to_numpy() / mean_cents, 0, 4) * LINES_PER_MEAN_ORDER
    further = np.minimum(rng.poisson(wanted), MOST_FURTHER_LINES)
    order = np.repeat(np.arange(len(orders)), further + 1)
    cents = _split(orders["cents"].to_numpy(), further + 1, rng)
    category = _categories(orders["person"].to_numpy(), order, rng)
    pieces = 1 + rng.choice(len(QUANTITY_SHARES), len(order), p=QUANTITY_SHARES)
    product = _products(category, cents / 100 / pieces, products, rng)
    # A dear line of a cheap product is many pieces of it.
    quantity = np.maximum(1, np.rint(cents / 100 / products["price"].to_numpy()[product])).astype(np.int64)
    channel = rng.choice(len(ORDER_CHANNEL_SHARES), len(orders), p=ORDER_CHANNEL_SHARES)
    return pd.DataFrame(
        {
            "order": order,
            "product": product,
            "channel": channel[order],
            "quantity": quantity,
            "cents": cents,
            "cost_cents": quantity * products["cost_cents"].to_numpy()[product],
        }
    )


def _split(
    totals: NDArray[np.int64], parts: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Each total in so many random parts of at least one cent; the first part takes what rounding leaves."""
    weights = rng.standard_gamma(3, parts.sum())
    starts = np.concatenate([[0], np.cumsum(parts)[:-1]])
    shares = weights / np.repeat(np.add.reduceat(weights, starts), parts)
    cents: NDArray[np.int64] = 1 + np.floor(shares * np.repeat(totals - parts, parts)).astype(np.int64)
    cents[starts] += totals - np.add.reduceat(cents, starts)
    return cents


def _categories(
    person: NDArray[np.int64], order: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    favourite = rng.integers(len(CATEGORY_SHARES), size=person.max(initial=0) + 1)
    other = rng.choice(len(CATEGORY_SHARES), len(order), p=CATEGORY_SHARES)
    return np.where(rng.random(len(order)) < FAVOURITE_SHARE, favourite[person[order]], other)


def _products(
    category: NDArray[np.int64],
    unit_value: NDArray[np.float64],
    products: pd.DataFrame,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """In each line's category, the product whose price is nearest to what a piece may cost."""
    wanted = np.log(unit_value) + PRICE_SPREAD * rng.standard_normal(len(unit_value))
    chosen = np.zeros(len(category), dtype=np.int64)
    for number, group in products.groupby("group"):
        prices = np.log(group["price"].to_numpy())
        here = category == number
        nearest = np.searchsorted((prices[1:] + prices[:-1]) / 2, wanted[here])
        chosen[here] = group.index.to_numpy()[nearest]
    return chosen


def draw_refunds(lines: pd.DataFrame, orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lines sent back, as negative lines with a time of their own.

    A bad experience makes a refund likelier. Refunds that would fall after the last day are not known yet.

    Returns
    -------
    pandas.DataFrame
        Columns and index of `lines`, with quantity, cents and cost_cents negative, and refunded_at.
    """
    experience = orders["experience"].to_numpy()[lines["order"]]
    # exp(slope²/2) is the mean of the factor over a standard normal experience.
    chance = REFUND_SHARE * np.exp(-REFUND_SLOPE * experience - REFUND_SLOPE**2 / 2)
    clock = orders["clock"].to_numpy()[lines["order"]] + rng.uniform(*REFUND_DAYS, len(lines))
    back = (rng.random(len(lines)) < chance) & (clock < clock_at(END))
    refunds = lines[back]
    negative = ["quantity", "cents", "cost_cents"]
    return refunds.assign(**{c: -refunds[c] for c in negative}, refunded_at=wall_time(clock[back]))
