"""sBG: how long contracts last that are renewed period by period.

P. Fader, B. Hardie, "How to Project Customer Retention", Journal of Interactive Marketing 21 (2007), 76-90.
Equation numbers below are that paper's.

Assumptions: at the end of each period a customer leaves with her own probability θ ~ Beta(α, β), the same at
every renewal. Retention of the base rises with age all the same: who is likely to leave has left.
"""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaln, psi
from sklearn.base import BaseEstimator

from workbench.segmentation.purchases.grouping import weighted
from workbench.segmentation.purchases.learned import take_over
from workbench.segmentation.purchases.maximum_likelihood import Floats, maximise
from workbench.segmentation.purchases.model_input import numeric_columns, refuse_where

COLUMNS = ("periods", "lost")
NAMES = ("alpha", "beta")
WHERE = "ShiftedBetaGeometric"


class ShiftedBetaGeometric(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The sBG model, fitted by maximum likelihood.

    Attributes
    ----------
    alpha_, beta_ : float
    log_likelihood_, n_, converged_, at_bound_, covariance_
        As of `BetaGeoNBD`.
    """

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on one row per contract.

        Parameters
        ----------
        X : pandas.DataFrame
            ``periods`` lived through (whole): the period at whose end the contract was lost, from 1 on, or
            those survived so far; ``lost`` 1 where it was lost, 0 where it still runs.

        Raises
        ------
        WorkbenchError
            If a row breaks these rules or there is no row.
        """
        (t, lost), weight = weighted(_validated(X))
        n = float(weight.sum())
        starts = [(1.0, 3.0), (0.5, 0.5), (1.0, 30.0)]
        found = maximise(lambda at: _log_likelihood(at, t, lost, weight), starts, n=n)
        take_over(self, "sBG", NAMES, found, n)
        return self

    def survival(self, periods: npt.ArrayLike) -> Floats:
        """S(t): share of new contracts that outlive `periods` (eq. 6): B(α, β + t)/B(α, β)."""
        t = np.asarray(periods, dtype=float)
        found: Floats = np.exp(betaln(self.alpha_, self.beta_ + t) - betaln(self.alpha_, self.beta_))
        return found

    def retention(self, periods: npt.ArrayLike) -> Floats:
        """Share of contracts that have outlived t - 1 periods and outlive the t-th, t from 1 on (eq. 8)."""
        t = np.asarray(periods, dtype=float)
        found: Floats = (self.beta_ + t - 1) / (self.alpha_ + self.beta_ + t - 1)
        return found

    def expected_renewals(self, periods: npt.ArrayLike, ahead: int, discount: float = 0.0) -> Floats:
        """Periods still to come within the next `ahead`, of contracts that have outlived `periods` (array).

        Parameters
        ----------
        discount : float
            Per period: the k-th period ahead counts (1 + discount)^-k.
        """
        lived, which = np.unique(np.asarray(periods, dtype=float), return_inverse=True)
        steps = np.arange(1, ahead + 1)
        ahead_of = self.survival(lived[:, np.newaxis] + steps) / self.survival(lived)[:, np.newaxis]
        found: Floats = (ahead_of @ (1 + discount) ** -steps.astype(float))[which]
        return found

    def simulate(self, observed: npt.ArrayLike, rng: np.random.Generator) -> pd.DataFrame:
        """New contracts observed for so many periods (array): a frame as `fit` takes it."""
        n = np.asarray(observed)
        leaves = rng.geometric(np.maximum(rng.beta(self.alpha_, self.beta_, n.size), 1e-12))
        return pd.DataFrame({"periods": np.minimum(leaves, n), "lost": (leaves <= n).astype(int)})


def _validated(X: pd.DataFrame) -> list[Floats]:
    t, lost = numeric_columns(X, COLUMNS, WHERE)
    refuse_where((t < 0) | (t != np.floor(t)), WHERE, "periods", "a whole number of at least 0")
    refuse_where(~np.isin(lost, [0, 1]), WHERE, "lost", "0 or 1")
    refuse_where((lost == 1) & (t < 1), WHERE, "periods", "at least 1 where the contract was lost")
    return [t, lost]


def _log_likelihood(parameters: Floats, t: Floats, lost: Floats, weight: Floats) -> tuple[float, Floats]:
    """Lost in period t: B(α + 1, β + t - 1)/B(α, β) (eq. 5); still there after t: B(α, β + t)/B(α, β)."""
    alpha, beta = parameters
    left, stayed = alpha + lost, beta + t - lost
    value = betaln(left, stayed) - betaln(alpha, beta)
    both, prior = psi(left + stayed), psi(alpha + beta)
    d_alpha = psi(left) - both - psi(alpha) + prior
    d_beta = psi(stayed) - both - psi(beta) + prior
    return float(weight @ value), np.array([weight @ d_alpha, weight @ d_beta])
