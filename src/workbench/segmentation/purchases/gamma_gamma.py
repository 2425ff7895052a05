"""Gamma-Gamma: what a customer spends per purchase.

P. Fader, B. Hardie, "The Gamma-Gamma Model of Monetary Value", note 25 (2013), brucehardie.com/notes/025.
Equation numbers below are that note's; its γ is written `v` here.

Assumptions: the values of one customer's purchases are Gamma(p, ν); ν ~ Gamma(q, v) over customers; and
what is spent does not depend on how often it is spent. `spend_correlation` looks at the last of these.
"""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaln, psi
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator

from workbench.segmentation.purchases.grouping import weighted
from workbench.segmentation.purchases.learned import take_over
from workbench.segmentation.purchases.maximum_likelihood import Floats, maximise
from workbench.segmentation.purchases.model_input import numeric_columns, refuse_where

COLUMNS = ("orders", "mean_spend")
NAMES = ("p", "q", "v")


class GammaGamma(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The Gamma-Gamma model, fitted by maximum likelihood.

    Attributes
    ----------
    p_, q_, v_ : float
        `v_` is in the currency of the data.
    log_likelihood_ : float
        In nats, summed over customers; it depends on the currency.
    n_ : int
        Customers fitted on.
    converged_ : bool
        False when no start led to an optimum; `fit` then also warns.
    at_bound_ : tuple of str
        Parameters that ran to the end of their range.
    covariance_ : ndarray
        Of the logarithms of the parameters, see `maximum_likelihood.Optimum`.
    """

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on one row per customer: ``orders`` (at least 1) and their mean value ``mean_spend`` (above 0).

        Raises
        ------
        WorkbenchError
            If a row breaks these rules or there is no row.
        """
        x, z = validated(X)
        refuse_where(x < 1, "GammaGamma", "orders", "at least 1 in a row to fit on")
        refuse_where(z <= 0, "GammaGamma", "mean_spend", "above 0 in a row to fit on")
        (x, z), weight = weighted([x, z])
        n, mean = float(weight.sum()), float(np.average(z, weights=weight))
        # Spread within and between customers alike; then little of the one, and little of the other.
        starts = [(p, q, mean * (q - 1) / p) for p, q in ((5.0, 4.0), (1.0, 10.0), (50.0, 2.0))]
        found = maximise(Terms(x, z, weight).log_likelihood, starts, n=n)
        take_over(self, "Gamma-Gamma", NAMES, found, n)
        return self

    @property
    def population_mean_(self) -> float:
        """Mean spend per purchase over customers, p·v/(q - 1); infinite when q is 1 or less."""
        return self.p_ * self.v_ / (self.q_ - 1) if self.q_ > 1 else float("inf")

    def expected_spend(self, X: pd.DataFrame) -> Floats:
        """E[M | p, q, v, z̄, x]: mean spend per future purchase of each row of `X` (eq. 5).

        A customer without a purchase (``orders`` 0, any ``mean_spend``) gets the population's mean.
        """
        x, z = validated(X)
        shape = self.p_ * x + self.q_ - 1
        with np.errstate(divide="ignore"):
            known: Floats = np.where(shape > 0, self.p_ * (self.v_ + x * z) / shape, np.inf)
        return known

    def simulate(self, orders: npt.ArrayLike, rng: np.random.Generator) -> pd.DataFrame:
        """New customers with so many `orders` (array): a frame as `fit` takes it."""
        x = np.asarray(orders)
        scale = rng.gamma(self.q_, 1 / self.v_, x.size)
        return pd.DataFrame({"orders": x, "mean_spend": rng.gamma(self.p_ * x) / (scale * x)})

    def simulate_spend(
        self, X: pd.DataFrame, future_orders: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> Floats:
        """Draws of the total value of `future_orders` purchases, shape (rows, draws) as given.

        ν ~ Gamma(px + q, v + x·z̄), the posterior behind eq. 5; n purchases sum to Gamma(pn, ν).
        """
        x, z = validated(X)
        some = np.flatnonzero(future_orders)  # most customers of most bases buy nothing in most draws
        row = some // future_orders.shape[1]
        scale = rng.standard_gamma((self.p_ * x + self.q_)[row]) / (self.v_ + x * z)[row]
        total = np.zeros(future_orders.size)
        total[some] = rng.standard_gamma(self.p_ * future_orders.ravel()[some]) / scale
        return total.reshape(future_orders.shape)


def spend_correlation(X: pd.DataFrame) -> float:
    """Spearman's rank correlation of ``orders`` and ``mean_spend`` over customers with 2 orders and more.

    The model rests on independence of the two. Ranks, because one wholesaler would rule Pearson's.
    Customers with one order are left out: the mean of one order says little about its customer.
    NaN where either of the two does not vary.
    """
    x, z = validated(X)
    repeaters = x >= 2
    if min(len(np.unique(values[repeaters])) for values in (x, z)) < 2:
        return float("nan")
    return float(spearmanr(x[repeaters], z[repeaters]).statistic)


def validated(X: pd.DataFrame) -> list[Floats]:
    """``orders`` and ``mean_spend`` of `X` as floats, once their rules hold.

    Raises
    ------
    WorkbenchError
        If a row breaks a rule or there is no row.
    """
    x, z = numeric_columns(X, COLUMNS, "GammaGamma")
    refuse_where((x < 0) | (x != np.floor(x)), "GammaGamma", "orders", "a whole number of at least 0")
    refuse_where((x > 0) & (z < 0), "GammaGamma", "mean_spend", "0 or more where there is an order")
    return [x, z]


class Terms:
    """The log-likelihood of weighted rows; what depends on the number of orders is computed per number."""

    def __init__(self, x: Floats, z: Floats, weight: Floats) -> None:
        self.x, self.total, self.weight = x, x * z, weight
        self.counts, at = np.unique(x, return_inverse=True)
        self.per_count = np.bincount(at, weights=weight)
        self.log_z = float(weight @ np.log(z))
        self.x_log_total = float(weight @ (x * np.log(self.total)))

    def log_likelihood(self, parameters: Floats) -> tuple[float, Floats]:
        """Eq. 1a in logarithms, summed over customers, and its gradient in p, q, v."""
        p, q, v = parameters
        n, m, w = self.counts, self.per_count, self.weight
        rate = v + self.total
        log_rate = np.log(rate)
        at_rate, x_at_rate = float(w @ log_rate), float((w * self.x) @ log_rate)
        value = m @ (gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(v))
        value += p * self.x_log_total - self.log_z - p * x_at_rate - q * at_rate
        d_p = m @ (n * (psi(p * n + q) - psi(p * n))) + self.x_log_total - x_at_rate
        d_q = m @ (psi(p * n + q) - psi(q) + np.log(v)) - at_rate
        d_v = m.sum() * q / v - w @ ((p * self.x + q) / rate)
        return float(value), np.array([d_p, d_q, d_v])
