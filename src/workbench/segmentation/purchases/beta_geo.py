"""BG/NBD and MBG/NBD: how often customers buy, and whether they still do.

P. Fader, B. Hardie, K. L. Lee, "'Counting Your Customers' the Easy Way: An Alternative to the Pareto/NBD
Model", Marketing Science 24 (2005), 275-284. Equation numbers below are that paper's. The modified model:
E. Batislam, M. Denizel, A. Filiztekin, "Empirical validation and comparison of models for customer base
analysis", International Journal of Research in Marketing 24 (2007), 201-209.

Assumptions: while alive, a customer buys at a constant rate λ (so no seasons and no campaigns); after each
purchase the customer leaves for good with probability p; λ ~ Gamma(r, α) and p ~ Beta(a, b) vary over
customers independently. In BG/NBD a customer with one purchase has had no occasion to leave: P(alive) is 1
there. In MBG/NBD the first purchase is such an occasion, too.
"""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc, betaln, expit, gammaln, psi
from sklearn.base import BaseEstimator

from workbench.segmentation.purchases.beta_geo_expectation import Population, expected_purchases
from workbench.segmentation.purchases.grouping import Positions, distinct, weighted
from workbench.segmentation.purchases.learned import take_over
from workbench.segmentation.purchases.maximum_likelihood import ByGroup, Floats, maximise_rows
from workbench.segmentation.purchases.model_input import numeric_columns, refuse_where

COLUMNS = ("frequency", "recency", "T")
NAMES = ("r", "alpha", "a", "b")
SMALLEST_DROPOUT = 1e-12  # a customer who leaves less often than this never leaves within any data


class BetaGeoNBD(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The BG/NBD model, fitted by maximum likelihood; with `leaves_at_once` the MBG/NBD model.

    The unit of time is that of the data it is fitted on; `alpha_` and every `t` are in that unit.

    Parameters
    ----------
    leaves_at_once : bool
        Whether a customer may leave after the first purchase already (MBG/NBD).

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
    covariance_ : ndarray
        Of the logarithms of the parameters, see `maximum_likelihood.Optimum`.
    """

    def __init__(self, *, leaves_at_once: bool = False) -> None:
        self.leaves_at_once = leaves_at_once

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
        rows, weight = weighted(histories(X))
        scale = float(np.average(rows[2], weights=weight)) or 1.0
        # Rate and drop-out of an ordinary base first; then faster and slower leavers.
        starts = [(0.5, 0.5 * scale, 0.8, 2.5), (1.0, scale, 1.0, 10.0), (0.2, 0.1 * scale, 0.3, 0.5)]
        found = maximise_rows(lambda *part: self.terms(*part).log_likelihood, rows, weight, starts)
        take_over(self, "BG/NBD", NAMES, found, float(weight.sum()))
        return self

    def terms(self, rows: list[Floats], weight: Floats) -> "Terms":
        """The log-likelihood of distinct histories (x, t_x, T) with their weights, as `maximise` asks it."""
        return Terms(rows, weight, first_counts=self.leaves_at_once)

    def grouped_terms(self, rows: list[Floats], group: Positions) -> ByGroup:
        """The log-likelihoods of groups of histories, from 0 on, with their gradients."""
        own = [[column[group == number] for column in rows] for number in range(int(group.max()) + 1)]
        terms = [self.terms(*weighted(part)) for part in own]

        def by_group(populations: Floats) -> tuple[Floats, Floats]:
            found = [part.log_likelihood(at) for part, at in zip(terms, populations, strict=True)]
            return np.array([value for value, _ in found]), np.array([slope for _, slope in found])

        return by_group

    @property
    def population_(self) -> Population:
        """The fitted parameters."""
        return Population(self.r_, self.alpha_, self.a_, self.b_)

    def p_alive(self, X: pd.DataFrame) -> Floats:
        """P(alive at T | x, t_x, T) of each row of `X`; in BG/NBD 1 where ``frequency`` is 0.

        Source: Fader, Hardie, Lee, "Computing P(alive) Using the BG/NBD Model", note 21 (2008),
        brucehardie.com/notes/021; a logistic function of the log odds here, so that nothing overflows.
        """
        return self._p_alive(*histories(X))

    def p_purchase(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats:
        """P(at least one purchase in the time `t` after T) of each row of `X`; `p_alive` where it is known.

        Alive, and the posterior of the rate, Gamma(r + x, α + T), leaves no silence of length `t`. Unlike
        P(alive) it falls with the silence of a customer with one purchase, too.
        """
        x, t_x, T = histories(X)
        silence = ((self.alpha_ + T) / (self.alpha_ + T + t)) ** (self.r_ + x)
        found: Floats = (self._p_alive(x, t_x, T) if p_alive is None else p_alive) * (1 - silence)
        return found

    def expected_orders(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats:
        """E[Y(t) | x, t_x, T]: purchases expected in the time `t` after T, of each row of `X` (eq. 10).

        `p_alive` is that of the rows, where it is known already.
        """
        x, t_x, T = histories(X)
        (counts, ages), which = distinct([x, T])
        if_alive = expected_purchases(self._posterior(counts, ages), t)[which]
        found: Floats = (self._p_alive(x, t_x, T) if p_alive is None else p_alive) * if_alive
        return found

    def expected_orders_new(self, t: float) -> float:
        """E[X(t)]: repeat purchases expected of a new customer in the first `t` (eq. 9)."""
        r, alpha, a, b = self.population_
        stays = b / (a + b) if self.leaves_at_once else 1.0
        own = (np.array([value]) for value in (r, alpha, a, b + self.leaves_at_once))
        return float(stays * expected_purchases(Population(*own), t)[0])

    def p_orders_new(self, n: npt.ArrayLike, t: float) -> Floats:
        """P(X(t) = n): probability of `n` repeat purchases of a new customer in the first `t` (eq. 8).

        The sum in eq. 8 is the upper tail of a negative binomial: a regularised incomplete beta function.
        """
        r, alpha, a, b = self.population_
        n = np.asarray(n, dtype=float)
        z, chances = t / (alpha + t), n + self.leaves_at_once
        counts = gammaln(r + n) - gammaln(r) - gammaln(n + 1) + r * np.log1p(-z) + n * np.log(z)
        stayed = np.exp(betaln(a, b + chances) - betaln(a, b) + counts)
        reached = np.where(n > 0, betainc(np.maximum(n, 1), r, z), 1.0)
        last = np.exp(betaln(a + 1, b + np.maximum(chances, 1) - 1) - betaln(a, b)) * reached
        found: Floats = stayed + np.where(chances > 0, last, 0.0)
        return found

    def simulate(self, T: npt.ArrayLike, rng: np.random.Generator) -> pd.DataFrame:
        """New customers observed for `T` (array): a frame as `fit` takes it, in continuous time."""
        T = np.asarray(T, dtype=float)
        rate = rng.gamma(self.r_, 1 / self.alpha_, T.size)
        leaves_at = rng.geometric(np.maximum(rng.beta(self.a_, self.b_, T.size), SMALLEST_DROPOUT))
        possible = rng.poisson(rate * T)
        frequency = np.minimum(possible, leaves_at - self.leaves_at_once)
        # Given their number, the moments of a Poisson process are uniform: the x-th of n is Beta(x, n-x+1).
        some = frequency > 0
        recency = np.zeros(T.size)
        recency[some] = T[some] * rng.beta(frequency[some], possible[some] - frequency[some] + 1)
        return pd.DataFrame({"frequency": frequency, "recency": recency, "T": T})

    def simulate_orders(
        self,
        X: pd.DataFrame,
        t: float,
        draws: int,
        rng: np.random.Generator,
        p_alive: Floats | None = None,
    ) -> npt.NDArray[np.int64]:
        """Draws of the purchases of each row of `X` in the time `t` after T, shape (rows, draws).

        Alive with P(alive), given where it is known already; then λ ~ Gamma(r + x, α + T), p from its own
        Beta posterior, and purchases go on until the time is over or the customer leaves: min(Poisson(λt),
        Geometric(p)). Parameters are taken as known.
        """
        x, t_x, T = histories(X)
        stays = self._p_alive(x, t_x, T) if p_alive is None else p_alive
        x, T, stays = (np.repeat(column, draws) for column in (x, T, stays))
        alive = rng.random(x.size) < stays
        own = self._posterior(x[alive], T[alive])
        orders = np.zeros(x.size, dtype=np.int64)
        orders[alive] = rng.poisson(rng.standard_gamma(own.r) / own.alpha * t)
        some = orders > 0  # only a purchase can be the last one
        leaves = rng.beta(self.a_, self.b_ + x[some] + self.leaves_at_once)
        orders[some] = np.minimum(orders[some], rng.geometric(np.maximum(leaves, SMALLEST_DROPOUT)))
        return orders.reshape(-1, draws)

    def _posterior(self, x: Floats, T: Floats) -> Population:
        """Of rate and drop-out, given that the customer is alive."""
        stayed = self.b_ + x + self.leaves_at_once
        return Population(self.r_ + x, self.alpha_ + T, np.full_like(x, self.a_), stayed)

    def _p_alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        chances = x + self.leaves_at_once
        before = np.where(chances > 0, self.b_ + chances - 1, 1.0)
        odds = np.log(self.a_ / before) + (self.r_ + x) * np.log((self.alpha_ + T) / (self.alpha_ + t_x))
        alive: Floats = np.where(chances > 0, expit(-odds), 1.0)
        return alive


def histories(X: pd.DataFrame, where: str = "BetaGeoNBD") -> list[Floats]:
    """``frequency``, ``recency`` and ``T`` of `X`, once the rules of `BetaGeoNBD.fit` hold.

    Raises
    ------
    WorkbenchError
        If a row breaks a rule or there is no row.
    """
    x, t_x, T = numeric_columns(X, COLUMNS, where)
    refuse_where((x < 0) | (x != np.floor(x)), where, "frequency", "a whole number of at least 0")
    refuse_where((t_x < 0) | (t_x > T), where, "recency", "between 0 and T")
    refuse_where((x == 0) != (t_x == 0), where, "recency", "0 exactly where frequency is 0")
    return [x, t_x, T]


class Terms:
    """The log-likelihood of weighted histories; what depends on one column is computed per value of it.

    Parameters
    ----------
    first_counts : bool
        Whether the first purchase was a chance to leave, too.
    """

    def __init__(self, rows: list[Floats], weight: Floats, *, first_counts: bool) -> None:
        self.weight = weight
        (self.counts, self.at_x), (self.t_x, self.at_t_x), (self.T, self.at_T) = map(_levels, rows)
        self.chances = self.counts + first_counts
        self.per_count = np.bincount(self.at_x, weights=weight)
        self.may_leave = self.chances > 0

    def log_likelihood(self, parameters: Floats) -> tuple[float, Floats]:
        """Eqs. 6 and 7, in the form of section 7, and their gradient in r, α, a, b."""
        r, alpha, a, b = parameters
        n, m, k, w = self.counts, self.chances, self.per_count, self.weight
        log_T = np.log(alpha + self.T)[self.at_T]
        apart = log_T - np.log(alpha + self.t_x)[self.at_t_x]
        shape = (r + n)[self.at_x]
        before = np.where(self.may_leave, b + m - 1, 1.0)  # enters where there was a chance alone
        start = np.where(self.may_leave, np.log(a / before), -np.inf)
        odds = start[self.at_x] + shape * apart
        left = expit(odds)  # P(left | x, t_x, T)
        stay = gammaln(r + n) - gammaln(r) + r * np.log(alpha)
        stay += gammaln(a + b) + gammaln(b + m) - gammaln(b) - gammaln(a + b + m)
        value = k @ stay + w @ (np.logaddexp(0.0, odds) - shape * log_T)
        gone = np.bincount(self.at_x, weights=w * left)  # customers who left, by count
        d_r = k @ (psi(r + n) - psi(r) + np.log(alpha)) - w @ (log_T - left * apart)
        staying = (1 - left) / (alpha + self.T)[self.at_T] + left / (alpha + self.t_x)[self.at_t_x]
        d_alpha = w.sum() * r / alpha - w @ (shape * staying)
        d_a = k @ (psi(a + b) - psi(a + b + m)) + gone.sum() / a
        d_b = k @ (psi(a + b) + psi(b + m) - psi(b) - psi(a + b + m)) - gone @ (1 / before)
        return float(value), np.array([d_r, d_alpha, d_a, d_b])


def _levels(column: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    values, place = np.unique(column, return_inverse=True)
    return values, place
