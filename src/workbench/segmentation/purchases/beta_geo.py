"""BG/NBD: how often customers buy, and whether they still do.

P. Fader, B. Hardie, K. L. Lee, "'Counting Your Customers' the Easy Way: An Alternative to the Pareto/NBD
Model", Marketing Science 24 (2005), 275-284. Equation numbers below are that paper's.

Assumptions: while alive, a customer buys at a constant rate λ (so no seasons and no campaigns); after each
purchase the customer leaves for good with probability p; λ ~ Gamma(r, α) and p ~ Beta(a, b) vary over
customers independently. A customer with one purchase has had no occasion to leave: P(alive) is 1 there.
"""

import warnings
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc, expit, gammaln, hyp2f1, psi
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning

from workbench.segmentation.purchases.maximum_likelihood import Floats, maximise
from workbench.segmentation.purchases.model_input import numeric_columns, refuse_where

COLUMNS = ("frequency", "recency", "T")
NAMES = ("r", "alpha", "a", "b")
# The factor 1/(a - 1) of eqs. 9 and 10 has a removable pole; nearer than this, a line bridges it.
POLE_WIDTH = 1e-5
SMALLEST_DROPOUT = 1e-12  # a customer who leaves less often than this never leaves within any data


class Population(NamedTuple):
    """The four parameters, or (as arrays) those of each customer's own posterior."""

    r: float | Floats
    alpha: float | Floats
    a: float | Floats
    b: float | Floats


class BetaGeoNBD(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The BG/NBD model, fitted by maximum likelihood.

    The unit of time is that of the data it is fitted on; `alpha_` and every `t` are in that unit.

    Attributes
    ----------
    r_, alpha_, a_, b_ : float
        Parameters of the Gamma distribution of rates and of the Beta distribution of drop-out.
    log_likelihood_ : float
        In nats, summed over customers; it depends on the unit of time.
    n_ : int
        Customers fitted on.
    converged_ : bool
        False when no start led to an optimum; `fit` then also warns.
    at_bound_ : tuple of str
        Parameters that ran to the end of their range: the data do not tell them.
    """

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on one row per customer.

        Parameters
        ----------
        X : pandas.DataFrame
            ``frequency`` repeat purchases (whole, from 0), ``recency`` time from the first to the last
            purchase (0 where frequency is 0), ``T`` time from the first purchase to the end of observation.

        Raises
        ------
        WorkbenchError
            If a row breaks these rules or there is no row.
        """
        rows, weight = _unique(validated(X))
        x, t_x, T = (rows[name].to_numpy() for name in COLUMNS)
        scale = float(np.average(T, weights=weight)) or 1.0
        # Rate and drop-out of an ordinary base first; then faster and slower leavers.
        starts = [(0.5, 0.5 * scale, 0.8, 2.5), (1.0, scale, 1.0, 10.0), (0.2, 0.1 * scale, 0.3, 0.5)]
        terms = _Terms(x, t_x, T, weight)
        found = maximise(terms.log_likelihood, starts, n=float(weight.sum()))
        self.r_, self.alpha_, self.a_, self.b_ = (float(value) for value in found.parameters)
        self.log_likelihood_ = found.log_likelihood
        self.n_ = int(weight.sum())
        self.converged_ = found.converged
        self.at_bound_ = tuple(NAMES[i] for i in found.at_bound)
        if not found.converged:
            warnings.warn("BG/NBD: no start led to an optimum", ConvergenceWarning, stacklevel=2)
        return self

    @property
    def population_(self) -> Population:
        """The fitted parameters."""
        return Population(self.r_, self.alpha_, self.a_, self.b_)

    def p_alive(self, X: pd.DataFrame) -> Floats:
        """P(alive at T | x, t_x, T) of each row of `X`; 1 where ``frequency`` is 0.

        Source: Fader, Hardie, Lee, "Computing P(alive) Using the BG/NBD Model", note 21 (2008),
        brucehardie.com/notes/021; a logistic function of the log odds here, so that nothing overflows.
        """
        rows = validated(X)
        x, t_x, T = (rows[name].to_numpy() for name in COLUMNS)
        return _p_alive(self.population_, x, t_x, T)

    def p_purchase(self, X: pd.DataFrame, t: float) -> Floats:
        """P(at least one purchase in the time `t` after T) of each row of `X`.

        Alive, and the posterior of the rate, Gamma(r + x, α + T), leaves no silence of length `t`. Unlike
        P(alive) it falls with the silence of a customer with one purchase, too.
        """
        rows = validated(X)
        x, t_x, T = (rows[name].to_numpy() for name in COLUMNS)
        silence = ((self.alpha_ + T) / (self.alpha_ + T + t)) ** (self.r_ + x)
        return _p_alive(self.population_, x, t_x, T) * (1 - silence)

    def expected_orders(self, X: pd.DataFrame, t: float) -> Floats:
        """E[Y(t) | x, t_x, T]: purchases expected in the time `t` after T, of each row of `X` (eq. 10)."""
        valid = validated(X)
        rows = valid.drop_duplicates()
        x, t_x, T = (rows[name].to_numpy() for name in COLUMNS)
        expected = _p_alive(self.population_, x, t_x, T) * _expected(self._posterior(x, T), t)
        by_row = rows.assign(expected=expected)
        return valid.merge(by_row, on=list(COLUMNS), how="left")["expected"].to_numpy()

    def expected_orders_new(self, t: float) -> float:
        """E[X(t)]: repeat purchases expected of a new customer in the first `t` (eq. 9)."""
        return float(_expected(Population(*(np.array([v]) for v in self.population_)), t)[0])

    def simulate(self, T: npt.ArrayLike, rng: np.random.Generator) -> pd.DataFrame:
        """New customers observed for `T` (array): a frame as `fit` takes it, in continuous time."""
        T = np.asarray(T, dtype=float)
        rate = rng.gamma(self.r_, 1 / self.alpha_, T.size)
        leaves_at = rng.geometric(np.maximum(rng.beta(self.a_, self.b_, T.size), SMALLEST_DROPOUT))
        possible = rng.poisson(rate * T)
        frequency = np.minimum(possible, leaves_at)
        # Given their number, the moments of a Poisson process are uniform: the x-th of n is Beta(x, n-x+1).
        some = frequency > 0
        recency = np.zeros(T.size)
        recency[some] = T[some] * rng.beta(frequency[some], possible[some] - frequency[some] + 1)
        return pd.DataFrame({"frequency": frequency, "recency": recency, "T": T})

    def simulate_orders(
        self, X: pd.DataFrame, t: float, draws: int, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Draws of the purchases of each row of `X` in the time `t` after T, shape (rows, draws).

        Alive with P(alive); then λ ~ Gamma(r + x, α + T), p ~ Beta(a, b + x), and purchases go on until the
        time is over or the customer leaves: min(Poisson(λt), Geometric(p)). Parameters are taken as known.
        """
        rows = validated(X)
        x, t_x, T = (np.repeat(rows[name].to_numpy(), draws) for name in COLUMNS)
        alive = rng.random(x.size) < _p_alive(self.population_, x, t_x, T)
        own = self._posterior(x[alive], T[alive])
        orders = np.zeros(x.size, dtype=np.int64)
        orders[alive] = rng.poisson(rng.gamma(own.r) / own.alpha * t)
        some = orders > 0  # only a purchase can be the last one
        leaves = rng.beta(self.a_, self.b_ + x[some])
        orders[some] = np.minimum(orders[some], rng.geometric(np.maximum(leaves, SMALLEST_DROPOUT)))
        return orders.reshape(len(rows), draws)

    def _posterior(self, x: Floats, T: Floats) -> Population:
        """Of rate and drop-out, given that the customer is alive."""
        return Population(self.r_ + x, self.alpha_ + T, np.full_like(x, self.a_), self.b_ + x)


def validated(X: pd.DataFrame) -> pd.DataFrame:
    """``frequency``, ``recency`` and ``T`` of `X` as floats, once the rules of `BetaGeoNBD.fit` hold.

    Raises
    ------
    WorkbenchError
        If a row breaks a rule or there is no row.
    """
    rows = numeric_columns(X, COLUMNS, "BetaGeoNBD")
    x, t_x, T = (rows[name] for name in COLUMNS)
    refuse_where((x < 0) | (x != np.floor(x)), "BetaGeoNBD", "frequency", "a whole number of at least 0")
    refuse_where((t_x < 0) | (t_x > T), "BetaGeoNBD", "recency", "between 0 and T")
    refuse_where((x == 0) != (t_x == 0), "BetaGeoNBD", "recency", "0 exactly where frequency is 0")
    return rows


def _unique(rows: pd.DataFrame) -> tuple[pd.DataFrame, Floats]:
    """Distinct rows in order of content, and how many customers share each."""
    sizes = rows.groupby(list(COLUMNS), sort=True).size()
    return sizes.index.to_frame(index=False), sizes.to_numpy().astype("float64")


class _Terms:
    """The log-likelihood of weighted rows; what depends on x alone is computed once per distinct x."""

    def __init__(self, x: Floats, t_x: Floats, T: Floats, weight: Floats) -> None:
        self.x, self.t_x, self.T, self.weight = x, t_x, T, weight
        self.counts, self.which = np.unique(x, return_inverse=True)
        self.per_count = np.bincount(self.which, weights=weight)
        self.repeat = x > 0

    def log_likelihood(self, parameters: Floats) -> tuple[float, Floats]:
        """Eqs. 6 and 7, in the form of section 7, and their gradient in r, α, a, b."""
        r, alpha, a, b = parameters
        n, k, w = self.counts, self.per_count, self.weight
        log_T, log_t = np.log(alpha + self.T), np.log(alpha + self.t_x)
        shape = r + self.x
        before = np.where(self.repeat, b + self.x - 1, 1.0)  # enters for x > 0 alone
        odds = np.where(self.repeat, np.log(a / before) + shape * (log_T - log_t), -np.inf)
        left = expit(odds)  # P(left | x, t_x, T)
        stay = gammaln(r + n) - gammaln(r) + r * np.log(alpha)
        stay += gammaln(a + b) + gammaln(b + n) - gammaln(b) - gammaln(a + b + n)
        value = k @ stay + w @ (np.logaddexp(0.0, odds) - shape * log_T)
        d_r = k @ (psi(r + n) - psi(r) + np.log(alpha)) - w @ (log_T - left * (log_T - log_t))
        mixed = (1 - left) / (alpha + self.T) + left / (alpha + self.t_x)
        d_alpha = w.sum() * r / alpha - w @ (shape * mixed)
        d_a = k @ (psi(a + b) - psi(a + b + n)) + w @ left / a
        d_b = k @ (psi(a + b) + psi(b + n) - psi(b) - psi(a + b + n)) - w @ (left / before)
        return float(value), np.array([d_r, d_alpha, d_a, d_b])


def _p_alive(population: Population, x: Floats, t_x: Floats, T: Floats) -> Floats:
    r, alpha, a, b = population
    before = np.where(x > 0, b + x - 1, 1.0)
    odds = np.log(a / before) + (r + x) * np.log((alpha + T) / (alpha + t_x))
    alive: Floats = np.where(x > 0, expit(-odds), 1.0)
    return alive


def _expected(own: Population, t: float) -> Floats:
    """Eq. 9 for each row of parameters; with a posterior in their place it is the bracket of eq. 10.

    Euler's transformation of the Gauss hypergeometric function leaves a - 1 and a + b - 1 - r as its upper
    parameters: with a posterior (r + x, b + x) the purchases x cancel out of them, so that customers with
    hundreds of purchases pose no difficulty. Where the function still has no value in double precision
    (a of several hundreds and more), the sum over the purchases is taken instead.
    """
    r, alpha, a, b = (np.asarray(value, dtype=float) for value in own)
    near = np.abs(a - 1) < POLE_WIDTH
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        value = _closed_form(r, alpha, np.where(near, 1 - POLE_WIDTH, a), b, t)
        above = _closed_form(r, alpha, np.where(near, 1 + POLE_WIDTH, a), b, t)
    between = (a - 1 + POLE_WIDTH) / (2 * POLE_WIDTH)
    value = np.where(near, value + between * (above - value), value)
    lost = ~np.isfinite(value)
    if lost.any():
        value[lost] = _summed(r[lost], alpha[lost], a[lost], b[lost], t)
    return value


def _closed_form(r: Floats, alpha: Floats, a: Floats, b: Floats, t: float) -> Floats:
    z = t / (alpha + t)
    survive = (1 - z) ** (a - 1) * hyp2f1(a - 1, a + b - 1 - r, a + b - 1, z)
    value: Floats = (a + b - 1) / (a - 1) * (1 - survive)
    return value


def _summed(r: Floats, alpha: Floats, a: Floats, b: Floats, t: float) -> Floats:
    """Σ P(at least k moments of purchase) · P(still there at the k-th), k = 1, 2, …"""
    z = t / (alpha + t)
    there, total, k = np.ones_like(r), np.zeros_like(r), 1
    while True:
        term = there * betainc(k, r, z)
        total += term
        if np.all(term <= 1e-13 * total):
            return total
        there *= (b + k - 1) / (a + b + k - 1)
        k += 1
