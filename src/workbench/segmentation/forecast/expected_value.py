"""What each customer is expected to bring, and between which limits.

The expectation is analytic; the limits are quantiles of the predictive distribution, simulated from both
models under parameters as likely as the fitted ones, so that little data makes wide limits. Value is
discounted continuously at a yearly rate and, where margins are known, taken on margin.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.segmentation.forecast.models import Floats, PurchaseModel, SpendModel, replicas
from workbench.segmentation.purchases.grouping import distinct

WEEKS_PER_YEAR = 365.25 / 7
PARAMETER_SETS = 20  # an interval's width from twenty draws errs by about a sixth
MOST_DRAWS, FEWEST_DRAWS = 400, 200  # per customer; a P95 from 200 draws lies between P92 and P98
TOTAL_DRAWS = 20_000_000  # shared by the customers of a large base: bounds the time
DRAWS_AT_ONCE = 4_000_000  # of a thread; bounds the memory, about 150 MB
THREADS = 2  # a fifth faster than one on two cores: what stands around the draws holds the lock
HISTORY, KEYS = ["frequency", "recency", "T"], ["frequency", "recency", "T", "orders", "mean_spend"]
# Gauss-Legendre nodes of the discount integral: exact for polynomials of degree nine.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(5)
LIMITS = ["expected_value_low", "expected_value_high"]
SETS = [f"set_{number}" for number in range(PARAMETER_SETS)]


@dataclass(frozen=True)
class Terms:
    """How value is counted.

    Attributes
    ----------
    horizon : float
        Weeks ahead.
    interval : float
        Probability between the limits; half of the rest lies on either side.
    discount : float
        Rate per year, compounded once a year: 0.1 makes 110 in a year worth 100 today.
    seed : int
        Customers with equal histories share their draws, so no limit depends on the order of the rows.
    """

    horizon: float
    interval: float
    discount: float
    seed: int


def expected_value(
    purchases: PurchaseModel, spend: SpendModel, histories: pd.DataFrame, terms: Terms
) -> pd.DataFrame:
    """Expected orders and value of every customer over the horizon after observation.

    Parameters
    ----------
    histories : pandas.DataFrame
        ``frequency``, ``recency``, ``T`` in weeks as in `BetaGeoNBD.fit`; ``orders``, ``mean_spend`` as in
        `GammaGamma.fit`. One row per customer.

    Returns
    -------
    pandas.DataFrame
        On the index of `histories`: ``p_alive``, ``p_purchase`` (of one order or more), ``expected_orders``,
        ``expected_spend`` (per order), ``discount_factor``, ``expected_value`` (orders × spend × factor:
        orders and spend are independent by assumption), ``expected_value_low``, ``expected_value_high``,
        ``value_variance`` (of the outcome, parameters taken as known), and SETS: the expected value under
        each of PARAMETER_SETS draws of the parameters.
    """
    rows, which = _distinct(histories, KEYS)
    rng = np.random.default_rng(terms.seed)
    pairs = list(
        zip(replicas(purchases, PARAMETER_SETS, rng), replicas(spend, PARAMETER_SETS, rng), strict=True)
    )
    by_row = _expectations(purchases, spend, rows, terms)
    factor = by_row["discount_factor"].to_numpy()
    drawn = _Drawn.under(pairs, rows)
    limits, variance = _outcomes(drawn, rows, terms, rng)
    values = drawn.values(rows, terms.horizon)
    by_row = by_row.assign(
        expected_value_low=limits[0] * factor,
        expected_value_high=limits[1] * factor,
        value_variance=variance * factor**2,
        **{name: value * factor for name, value in zip(SETS, values, strict=True)},
    )
    return by_row.iloc[which].set_axis(histories.index)


def expectations(
    purchases: PurchaseModel, spend: SpendModel, histories: pd.DataFrame, terms: Terms
) -> pd.DataFrame:
    """The columns of `expected_value` up to ``expected_value``: nothing that has to be simulated."""
    rows, which = _distinct(histories, KEYS)
    return _expectations(purchases, spend, rows, terms).iloc[which].set_axis(histories.index)


def _expectations(
    purchases: PurchaseModel, spend: SpendModel, rows: pd.DataFrame, terms: Terms
) -> pd.DataFrame:
    histories, which = _distinct(rows, HISTORY)  # far fewer than those with their spend
    alive = purchases.p_alive(histories)
    orders = purchases.expected_orders(histories, terms.horizon, alive)
    later = _discounted(lambda t: purchases.expected_orders(histories, t, alive), orders, terms)
    middle = np.full(len(orders), _discount(terms, terms.horizon / 2))
    factor = np.divide(later, orders, out=middle, where=orders > 0)
    per_order = spend.expected_spend(rows)
    return pd.DataFrame(
        {
            "p_alive": alive[which],
            "p_purchase": purchases.p_purchase(histories, terms.horizon, alive)[which],
            "expected_orders": orders[which],
            "expected_spend": per_order,
            "discount_factor": factor[which],
            "expected_value": orders[which] * per_order * factor[which],
        }
    )


def _distinct(rows: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    """The distinct rows of the columns `names`, and where each row of `rows` stands among them."""
    columns, which = distinct([rows[name].to_numpy(dtype=float) for name in names])
    return pd.DataFrame(dict(zip(names, columns, strict=True))), which


def _discount(terms: Terms, t: float) -> float:
    return float(np.exp(-np.log1p(terms.discount) / WEEKS_PER_YEAR * t))


def _discounted(expected: Callable[[float], Floats], orders: Floats, terms: Terms) -> Floats:
    """∫ e^{-δu} dE(u) up to the horizon, where E is `orders`: by parts, with Gauss-Legendre nodes."""
    half, delta = terms.horizon / 2, np.log1p(terms.discount) / WEEKS_PER_YEAR
    if delta == 0:
        return orders
    found = _discount(terms, terms.horizon) * orders
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        moment = half * (1 + node)
        found += delta * half * weight * _discount(terms, moment) * expected(moment)
    return found


@dataclass(frozen=True)
class _Drawn:
    """Pairs of models as likely as those fitted, with P(alive) under each for the distinct histories.

    Attributes
    ----------
    histories, which
        As `_distinct` gives them for HISTORY.
    """

    pairs: Sequence[tuple[PurchaseModel, SpendModel]]
    histories: pd.DataFrame
    which: npt.NDArray[np.intp]
    alive: list[Floats]

    @classmethod
    def under(cls, pairs: Sequence[tuple[PurchaseModel, SpendModel]], rows: pd.DataFrame) -> Self:
        histories, which = _distinct(rows, HISTORY)
        with ThreadPoolExecutor(THREADS) as pool:
            alive = list(pool.map(lambda pair: pair[0].p_alive(histories), pairs))
        return cls(pairs, histories, which, alive)

    def values(self, rows: pd.DataFrame, horizon: float) -> Iterator[Floats]:
        """Expected value, not discounted, of each row under each pair."""
        for (purchases, spend), alive in zip(self.pairs, self.alive, strict=True):
            orders = purchases.expected_orders(self.histories, horizon, alive)
            yield orders[self.which] * spend.expected_spend(rows)


def _outcomes(
    drawn: _Drawn, rows: pd.DataFrame, terms: Terms, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Limits, shape (2, rows), and variance, shape (rows,), of the undiscounted value of each row.

    The draws of a row are shared out among the pairs of models. The variance is the mean of those within the
    pairs: what is left of it were the parameters known. The order of the rows matters.
    """
    number = len(drawn.pairs)
    each = int(np.clip(TOTAL_DRAWS // max(len(rows), 1), FEWEST_DRAWS, MOST_DRAWS)) // number
    tails = [(1 - terms.interval) / 2, (1 + terms.interval) / 2]
    step = DRAWS_AT_ONCE // (each * number)
    parts = [slice(start, start + step) for start in range(0, len(rows), step)]

    def simulated(part: slice, own: np.random.Generator) -> tuple[Floats, Floats]:
        some, which = rows.iloc[part], drawn.which[part]
        found = [
            spend.simulate_spend(
                some, purchases.simulate_orders(some, terms.horizon, each, own, alive[which]), own
            )
            for (purchases, spend), alive in zip(drawn.pairs, drawn.alive, strict=True)
        ]
        variance = np.mean([values.var(axis=1, ddof=1) for values in found], axis=0)
        return np.quantile(np.hstack(found), tails, axis=1), variance

    with ThreadPoolExecutor(THREADS) as pool:  # each part has its own stream: threads change no figure
        told = list(pool.map(simulated, parts, rng.spawn(len(parts))))
    return np.hstack([limits for limits, _ in told]), np.hstack([variance for _, variance in told])
