"""NBD: purchases of customers who never leave, the floor that a model with drop-out has to beat.

A. S. C. Ehrenberg, "The Pattern of Consumer Purchases", Applied Statistics 8 (1959), 26-41; the likelihood of
the moments of purchase: Γ(r + x)/Γ(r) · α^r / (α + T)^(r + x).
"""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaln, psi
from sklearn.base import BaseEstimator

from workbench.segmentation.purchases.grouping import weighted
from workbench.segmentation.purchases.learned import take_over
from workbench.segmentation.purchases.maximum_likelihood import Floats, maximise
from workbench.segmentation.purchases.model_input import numeric_columns, refuse_where

COLUMNS = ("frequency", "T")
NAMES = ("r", "alpha")


class NegativeBinomial(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The NBD model, fitted by maximum likelihood; λ ~ Gamma(r, α), and everybody stays.

    Attributes
    ----------
    r_, alpha_ : float
    log_likelihood_, n_, converged_, at_bound_, covariance_
        As of `BetaGeoNBD`; comparable with its log-likelihood on the same rows.
    """

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on ``frequency`` (repeat purchases) and ``T`` (time from the first purchase), a row a customer.

        Raises
        ------
        WorkbenchError
            If a row breaks these rules or there is no row.
        """
        (x, T), weight = weighted(_validated(X))
        scale, n = float(np.average(T, weights=weight)) or 1.0, float(weight.sum())
        starts = [(0.5, 0.5 * scale), (2.0, 2.0 * scale), (0.1, 0.1 * scale)]
        found = maximise(lambda at: _log_likelihood(at, x, T, weight), starts, n=n)
        take_over(self, "NBD", NAMES, found, n)
        return self

    def expected_orders(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats:
        """Purchases expected in the time `t` after T, of each row of `X`: t (r + x)/(α + T)."""
        x, T = _validated(X)
        found: Floats = t * (self.r_ + x) / (self.alpha_ + T)
        return found

    def p_alive(self, X: pd.DataFrame) -> Floats:
        """Not asked by this model, in which nobody leaves: NaN for each row of `X`."""
        return np.full(len(X), np.nan)

    def p_purchase(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats:
        """P(at least one purchase in the time `t` after T) of each row of `X`."""
        x, T = _validated(X)
        found: Floats = 1 - ((self.alpha_ + T) / (self.alpha_ + T + t)) ** (self.r_ + x)
        return found

    def simulate_orders(
        self,
        X: pd.DataFrame,
        t: float,
        draws: int,
        rng: np.random.Generator,
        p_alive: Floats | None = None,
    ) -> npt.NDArray[np.int64]:
        """Draws of the purchases of each row of `X` in the time `t` after T, shape (rows, draws)."""
        x, T = (np.repeat(column, draws) for column in _validated(X))
        orders: npt.NDArray[np.int64] = rng.poisson(rng.standard_gamma(self.r_ + x) / (self.alpha_ + T) * t)
        return orders.reshape(-1, draws)


def _validated(X: pd.DataFrame) -> list[Floats]:
    x, T = numeric_columns(X, COLUMNS, "NegativeBinomial")
    rule = "a whole number of at least 0"
    refuse_where((x < 0) | (x != np.floor(x)), "NegativeBinomial", "frequency", rule)
    refuse_where(T < 0, "NegativeBinomial", "T", "0 or more")
    return [x, T]


def _log_likelihood(parameters: Floats, x: Floats, T: Floats, weight: Floats) -> tuple[float, Floats]:
    r, alpha = parameters
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T)
    d_r = psi(r + x) - psi(r) + np.log(alpha) - np.log(alpha + T)
    d_alpha = r / alpha - (r + x) / (alpha + T)
    return float(weight @ value), np.array([weight @ d_r, weight @ d_alpha])
