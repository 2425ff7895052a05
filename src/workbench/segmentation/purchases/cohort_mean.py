"""The mean of the base: what is left to expect where too few came back for a model of customers."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator

from workbench.segmentation.purchases.beta_geo import histories
from workbench.segmentation.purchases.maximum_likelihood import Floats

WHERE = "CohortMean"


class CohortMean(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """One rate of repeat purchases for everybody: those seen over the time observed.

    Assumption: customers do not differ and nobody leaves. What is expected of a single customer is then
    wrong in a known way (too much for the silent, too little for the loyal); the sum over a young base is
    not.

    Attributes
    ----------
    purchases_, time_ : float
        Repeat purchases and customer-time they were seen in; the rate is Gamma(purchases + 1/2, time).
    n_ : int
    """

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on histories as `BetaGeoNBD.fit` takes them."""
        x, _, T = histories(X, WHERE)
        self.purchases_, self.time_, self.n_ = float(x.sum()), float(T.sum()), len(x)
        return self

    def p_alive(self, X: pd.DataFrame) -> Floats:
        """Not known: NaN for each row of `X`."""
        return np.full(len(X), np.nan)

    def p_purchase(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats:
        """P(at least one purchase in the time `t`), of each row of `X`."""
        silence = (self.time_ / (self.time_ + t)) ** (self.purchases_ + 0.5)
        return np.full(len(X), 1 - silence)

    def expected_orders(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats:
        """Purchases expected in the time `t`, of each row of `X`."""
        return np.full(len(X), (self.purchases_ + 0.5) / self.time_ * t)

    def simulate_orders(
        self,
        X: pd.DataFrame,
        t: float,
        draws: int,
        rng: np.random.Generator,
        p_alive: Floats | None = None,
    ) -> npt.NDArray[np.int64]:
        """Draws of the purchases of each row of `X` in the time `t`, shape (rows, draws)."""
        rate = rng.gamma(self.purchases_ + 0.5, 1 / self.time_, draws)
        return rng.poisson(rate * t, (len(X), draws))
