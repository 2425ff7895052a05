"""BG/BB: purchases at opportunities that come in turn (a yearly gala, a monthly box), and who stays for them.

P. Fader, B. Hardie, J. Shang, "Customer-Base Analysis in a Discrete-Time Noncontractual Setting", Marketing
Science 29 (2010), 1086-1108. Equation numbers below are that paper's.

Assumptions: while alive, a customer buys at each opportunity with probability p ~ Beta(α, β); before each of
them she leaves for good with probability θ ~ Beta(γ, δ); p and θ are independent.
"""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaln, gammaln, logsumexp, psi
from sklearn.base import BaseEstimator

from workbench.segmentation.purchases.grouping import weighted
from workbench.segmentation.purchases.learned import take_over
from workbench.segmentation.purchases.maximum_likelihood import Floats, maximise
from workbench.segmentation.purchases.model_input import numeric_columns, refuse_where

COLUMNS = ("frequency", "recency", "periods")
NAMES = ("alpha", "beta", "gamma", "delta")
WHERE = "BetaGeoBetaBinomial"
POLE_WIDTH = 1e-6  # the factor 1/(γ - 1) of eq. 13 has a removable pole


class BetaGeoBetaBinomial(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The BG/BB model, fitted by maximum likelihood.

    Attributes
    ----------
    alpha_, beta_, gamma_, delta_ : float
        Of the Beta distributions of buying and of leaving.
    log_likelihood_, n_, converged_, at_bound_, covariance_
        As of `BetaGeoNBD`.
    """

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on one row per customer.

        Parameters
        ----------
        X : pandas.DataFrame
            ``frequency`` purchases after the first (whole), ``recency`` number of the opportunity of the last
            of them (0 where there is none), ``periods`` opportunities observed.

        Raises
        ------
        WorkbenchError
            If a row breaks these rules or there is no row.
        """
        rows, weight = weighted(_validated(X))
        n = float(weight.sum())
        starts = [(1.0, 1.0, 0.5, 3.0), (0.5, 2.0, 1.0, 10.0), (2.0, 1.0, 0.3, 0.5)]
        found = maximise(lambda at: _summed(at, rows, weight), starts, n=n)
        take_over(self, "BG/BB", NAMES, found, n)
        return self

    def p_alive(self, X: pd.DataFrame, ahead: int = 0) -> Floats:
        """P(still there at the opportunity `ahead` of the last one observed), of each row of `X` (eq. 11)."""
        x, t_x, n = _validated(X)
        stays = self._bought(x, n - x) + betaln(self.gamma_, self.delta_ + n + ahead)
        found: Floats = np.exp(stays - betaln(self.gamma_, self.delta_) - self._log_likelihoods(x, t_x, n))
        return found

    def expected_orders(self, X: pd.DataFrame, ahead: int) -> Floats:
        """Purchases expected at the next `ahead` opportunities, of each row of `X` (eq. 13)."""
        x, t_x, n = _validated(X)
        once_more = self._bought(x + 1, n - x) - self._log_likelihoods(x, t_x, n)
        found: Floats = np.exp(once_more) * (self._stays(n) - self._stays(n + ahead))
        return found

    def p_orders_new(self, k: npt.ArrayLike, periods: int) -> Floats:
        """P(X(n) = k): probability of `k` purchases of a new customer at `periods` opportunities (eq. 7)."""
        k = np.asarray(k, dtype=float)[:, np.newaxis]
        lived = np.arange(periods + 1)[np.newaxis, :]
        leaves = betaln(self.gamma_ + 1, self.delta_ + lived)
        leaves[:, -1] = betaln(self.gamma_, self.delta_ + periods)
        ways = gammaln(lived + 1) - gammaln(k + 1) - gammaln(np.maximum(lived - k, 0) + 1)
        terms = ways + self._bought(k, np.maximum(lived - k, 0)) + leaves
        found: Floats = np.where(lived >= k, np.exp(terms - betaln(self.gamma_, self.delta_)), 0.0).sum(
            axis=1
        )
        return found

    def simulate(self, periods: npt.ArrayLike, rng: np.random.Generator) -> pd.DataFrame:
        """New customers observed for so many `periods` (array): a frame as `fit` takes it."""
        n = np.asarray(periods)
        leaves = rng.geometric(np.maximum(rng.beta(self.gamma_, self.delta_, n.size), 1e-12)) - 1
        moments = np.arange(1, n.max() + 1)
        there = moments <= np.minimum(n, leaves)[:, np.newaxis]
        buys = there & (rng.random(there.shape) < rng.beta(self.alpha_, self.beta_, n.size)[:, np.newaxis])
        return pd.DataFrame(
            {"frequency": buys.sum(axis=1), "recency": (buys * moments).max(axis=1), "periods": n}
        )

    def _bought(self, x: Floats, not_bought: Floats) -> Floats:
        found: Floats = betaln(self.alpha_ + x, self.beta_ + not_bought) - betaln(self.alpha_, self.beta_)
        return found

    def _log_likelihoods(self, x: Floats, t_x: Floats, n: Floats) -> Floats:
        at = np.array([self.alpha_, self.beta_, self.gamma_, self.delta_])
        return _each(at, [x, t_x, n])[0]

    def _stays(self, n: Floats) -> Floats:
        """Σ over opportunities after n of the chance to be there at them, as the bracket of eq. 13."""
        gamma = self.gamma_
        if abs(gamma - 1) < POLE_WIDTH:  # nearer the quotient would be noise
            gamma = 1 + POLE_WIDTH
        delta = self.delta_
        factor = delta / (gamma - 1) * np.exp(gammaln(gamma + delta) - gammaln(1 + delta))
        found: Floats = factor * np.exp(gammaln(1 + delta + n) - gammaln(gamma + delta + n))
        return found


def _validated(X: pd.DataFrame) -> list[Floats]:
    x, t_x, n = numeric_columns(X, COLUMNS, WHERE)
    for name, values in zip(COLUMNS, (x, t_x, n), strict=True):
        broken = (values < 0) | (values != np.floor(values))
        refuse_where(broken, WHERE, name, "a whole number of at least 0")
    refuse_where((x > t_x) | (t_x > n), WHERE, "recency", "between frequency and periods")
    refuse_where((x == 0) != (t_x == 0), WHERE, "recency", "0 exactly where frequency is 0")
    return [x, t_x, n]


def _summed(parameters: Floats, rows: list[Floats], weight: Floats) -> tuple[float, Floats]:
    value, gradient = _each(parameters, rows)
    return float(weight @ value), gradient @ weight


def _each(parameters: Floats, rows: list[Floats]) -> tuple[Floats, Floats]:
    """Log-likelihood of each row (eq. 5) and its gradient, shape (4, rows).

    A row is a mixture over the last opportunity lived through: every one from the last purchase on.
    """
    alpha, beta, gamma, delta = parameters
    x, t_x, n = (column[:, np.newaxis] for column in rows)
    lived = t_x + np.arange(int((n - t_x).max()) + 1)
    stays = lived == n  # through the end: not left before the next opportunity
    one, two = beta + np.maximum(lived - x, 0), delta + lived
    leaver = gamma + np.where(stays, 0, 1)
    terms = betaln(alpha + x, one) - betaln(alpha, beta) + betaln(leaver, two) - betaln(gamma, delta)
    terms = np.where(lived <= n, terms, -np.inf)
    value = logsumexp(terms, axis=1)
    share = np.exp(terms - value[:, np.newaxis])
    slopes = (
        psi(alpha + x) - psi(alpha + x + one) - (psi(alpha) - psi(alpha + beta)),
        psi(one) - psi(alpha + x + one) - (psi(beta) - psi(alpha + beta)),
        psi(leaver) - psi(leaver + two) - (psi(gamma) - psi(gamma + delta)),
        psi(two) - psi(leaver + two) - (psi(delta) - psi(gamma + delta)),
    )
    return value, np.stack([(share * slope).sum(axis=1) for slope in slopes])
