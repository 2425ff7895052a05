"""The mean spend of the base: what is left where too few came back for a model of spend."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator

from workbench.segmentation.purchases.gamma_gamma import validated
from workbench.segmentation.purchases.maximum_likelihood import Floats


class MeanSpend(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """One distribution of spend per purchase for everybody: a Gamma with the mean and spread of the base.

    Assumption: customers do not differ in what they spend.

    Attributes
    ----------
    mean_ : float
        Of all purchases.
    shape_ : float
        Of the Gamma distribution: mean squared over the variance of the customers' means.
    n_ : int
    """

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on ``orders`` and ``mean_spend`` as `GammaGamma.fit` takes them."""
        x, z = validated(X)
        self.mean_, self.n_ = float(np.average(z, weights=x)), len(x)
        spread = float(np.var(z))
        self.shape_ = self.mean_**2 / spread if spread > 0 else np.inf
        return self

    def expected_spend(self, X: pd.DataFrame) -> Floats:
        """Mean spend per future purchase of each row of `X`."""
        return np.full(len(X), self.mean_)

    def simulate_spend(
        self, X: pd.DataFrame, future_orders: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> Floats:
        """Draws of the total value of `future_orders` purchases, shape (rows, draws) as given."""
        if not np.isfinite(self.shape_):
            return future_orders.astype(np.float64) * self.mean_
        drawn: Floats = rng.gamma(future_orders * self.shape_)
        return drawn * (self.mean_ / self.shape_)
