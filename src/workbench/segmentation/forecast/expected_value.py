"""What each customer is expected to bring, and between which limits.

The expectation is analytic; the limits are quantiles of the predictive distribution, simulated from both
models under parameters as likely as the fitted ones, so that little data makes wide limits. Value is
discounted continuously at a yearly rate and, where margins are known, taken on margin.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

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
    limits, variance = outcomes(pairs, rows, terms, rng)
    by_row = by_row.assign(
        expected_value_low=limits[0] * factor,
        expected_value_high=limits[1] * factor,
        value_variance=variance * factor**2,
        **{name: _value(*pair, rows, terms.horizon) * factor for name, pair in zip(SETS, pairs, strict=True)},
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
    orders = purchases.expected_orders(histories, terms.horizon)
    factor = _discount_factors(purchases, histories, orders, terms)
    per_order = spend.expected_spend(rows)
    return pd.DataFrame(
        {
            "p_alive": purchases.p_alive(histories)[which],
            "p_purchase": purchases.p_purchase(histories, terms.horizon)[which],
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


def _value(purchases: PurchaseModel, spend: SpendModel, rows: pd.DataFrame, horizon: float) -> Floats:
    histories, which = _distinct(rows, HISTORY)
    found: Floats = purchases.expected_orders(histories, horizon)[which] * spend.expected_spend(rows)
    return found


def _discount_factors(
    purchases: PurchaseModel, histories: pd.DataFrame, orders: Floats, terms: Terms
) -> Floats:
    """Discounted over undiscounted purchases: ∫ e^{-δu} dE(u) / E(t), by parts with Gauss-Legendre nodes."""
    delta = np.log1p(terms.discount) / WEEKS_PER_YEAR
    if delta == 0:
        return np.ones(len(histories))
    half = terms.horizon / 2
    later = np.exp(-delta * terms.horizon) * orders
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        moment = half * (1 + node)
        later += (
            delta * half * weight * np.exp(-delta * moment) * purchases.expected_orders(histories, moment)
        )
    middle = np.exp(-delta * half)
    found: Floats = np.divide(later, orders, out=np.full(len(orders), middle), where=orders > 0)
    return found


def outcomes(
    pairs: list[tuple[PurchaseModel, SpendModel]],
    rows: pd.DataFrame,
    terms: Terms,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Limits, shape (2, rows), and variance, shape (rows,), of the undiscounted value of each row.

    The draws of a row are shared out among `pairs` of models. The variance is the mean of those within the
    pairs: what is left of it were the parameters known. The order of the rows matters.
    """
    each = int(np.clip(TOTAL_DRAWS // max(len(rows), 1), FEWEST_DRAWS, MOST_DRAWS)) // len(pairs)
    tails = [(1 - terms.interval) / 2, (1 + terms.interval) / 2]
    step = DRAWS_AT_ONCE // (each * len(pairs))
    parts = [rows.iloc[start : start + step] for start in range(0, len(rows), step)]

    def simulated(part: pd.DataFrame, own: np.random.Generator) -> tuple[Floats, Floats]:
        drawn = [
            spend.simulate_spend(part, purchases.simulate_orders(part, terms.horizon, each, own), own)
            for purchases, spend in pairs
        ]
        variance = np.mean([values.var(axis=1, ddof=1) for values in drawn], axis=0)
        return np.quantile(np.hstack(drawn), tails, axis=1), variance

    with ThreadPoolExecutor(THREADS) as pool:  # each part has its own stream: threads change no figure
        found = list(pool.map(simulated, parts, rng.spawn(len(parts))))
    return np.hstack([limits for limits, _ in found]), np.hstack([variance for _, variance in found])
