"""What is in an order: lines of products whose paid amounts add up to the order's value; and refunds."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.demo.clock import Clock
from workbench.demo.people import CATEGORY_SHARES
from workbench.demo.population import END, Columns

LINES_PER_MEAN_ORDER = 0.55  # further lines of an order worth the mean
MOST_FURTHER_LINES = 5
PRICE_SPREAD = 0.35  # standard deviation of log price wanted round the amount at hand
QUANTITY_SHARES = (0.8, 0.14, 0.06)  # 1, 2, 3 pieces where the amount allows
REFUND_SHARE = 0.0125  # of the lines of an average member; frequent buyers are content and send back less
REFUND_SLOPE = 0.9  # log odds of a refund per unit of worse experience
REFUND_DAYS = (3.0, 21.0)  # after the order


def draw_lines(
    orders: Columns, people: Columns, products: pd.DataFrame, mean_cents: float, rng: np.random.Generator
) -> Columns:
    """The lines of all orders, in the orders' order.

    Returns
    -------
    dict of array
        order (row of `orders`), product (row of `products`), quantity, cents, cost_cents. The cents of an
        order's lines add up to the order's.
    """
    wanted = np.clip(orders["cents"] / mean_cents, 0, 4) * LINES_PER_MEAN_ORDER
    further = np.minimum(rng.poisson(wanted), MOST_FURTHER_LINES)
    order = np.repeat(np.arange(len(further)), further + 1)
    cents = _split(orders["cents"], further + 1, rng)
    category = _categories(orders["person"][order], people, rng)
    pieces = 1 + rng.choice(len(QUANTITY_SHARES), len(order), p=QUANTITY_SHARES)
    product = _products(category, cents / 100 / pieces, products, rng)
    # A dear line of a cheap product is many pieces of it.
    price = products["price"].to_numpy()[product]
    quantity = np.maximum(1, np.rint(cents / 100 / price)).astype(np.int64)
    return {
        "order": order,
        "product": product,
        "quantity": quantity,
        "cents": cents,
        "cost_cents": quantity * products["cost_cents"].to_numpy()[product],
    }


def _split(
    totals: NDArray[np.int64], parts: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Each total in so many random parts of at least one cent; the first part takes what rounding leaves."""
    if not len(totals):  # the last block may be of a few members who never ordered
        return totals
    weights = rng.standard_gamma(3, parts.sum())
    starts = np.concatenate([[0], np.cumsum(parts)[:-1]])
    shares = weights / np.repeat(np.add.reduceat(weights, starts), parts)
    cents: NDArray[np.int64] = 1 + np.floor(shares * np.repeat(totals - parts, parts)).astype(np.int64)
    cents[starts] += totals - np.add.reduceat(cents, starts)
    return cents


def _categories(person: NDArray[np.int64], people: Columns, rng: np.random.Generator) -> NDArray[np.int64]:
    """The member's favourite with the member's own share, else any: the same law all the member's life."""
    other = rng.choice(len(CATEGORY_SHARES), len(person), p=CATEGORY_SHARES)
    own = rng.random(len(person)) < people["affinity"][person]
    return np.where(own, people["favourite"][person], other)


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


def draw_refunds(lines: Columns, orders: Columns, clock: Clock, rng: np.random.Generator) -> Columns:
    """Lines sent back, as negative lines with a time of their own.

    A bad experience makes a refund likelier. Refunds that would fall after the last day are not known yet.

    Returns
    -------
    dict of array
        Those of `lines`, with quantity, cents and cost_cents negative, and refunded_at.
    """
    experience = orders["experience"][lines["order"]]
    # exp(slope²/2) is the mean of the factor over a standard normal experience.
    chance = REFUND_SHARE * np.exp(-REFUND_SLOPE * experience - REFUND_SLOPE**2 / 2)
    chosen = np.flatnonzero(rng.random(len(chance)) < chance)
    when = orders["clock"][lines["order"][chosen]] + rng.uniform(*REFUND_DAYS, len(chosen))
    known = when < clock.at(END)
    refunds = {name: column[chosen[known]] for name, column in lines.items()}
    refunds |= {name: -refunds[name] for name in ("quantity", "cents", "cost_cents")}
    return refunds | {"refunded_at": clock.wall_time(when[known])}
