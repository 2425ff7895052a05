"""Pareto/NBD: how often customers buy, and when they leave.

D. Schmittlein, D. Morrison, R. Colombo, "Counting Your Customers: Who Are They and What Will They Do Next?",
Management Science 33 (1987), 1-24; the likelihood as in P. Fader, B. Hardie, "A Note on Deriving the
Pareto/NBD Model and Related Expressions" (2005), brucehardie.com/notes/009.

Assumptions: while alive, a customer buys at a constant rate λ ~ Gamma(r, α); the lifetime is exponential with
rate μ ~ Gamma(s, β), independent of λ, whether she buys or not. Where hardly anybody comes back, μ can not be
told from small λ: `learned.untold` then names s and β.
"""

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import exprel, gammaln, psi
from sklearn.base import BaseEstimator

from workbench.segmentation.purchases.beta_geo import histories
from workbench.segmentation.purchases.departures import departure_share, departures
from workbench.segmentation.purchases.grouping import distinct, weighted
from workbench.segmentation.purchases.learned import take_over
from workbench.segmentation.purchases.maximum_likelihood import Floats, maximise_rows

NAMES = ("r", "alpha", "s", "beta")
WHERE = "ParetoNBD"


class Population(NamedTuple):
    """The four parameters."""

    r: float
    alpha: float
    s: float
    beta: float


class ParetoNBD(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The Pareto/NBD model, fitted by maximum likelihood.

    The unit of time is that of the data it is fitted on; `alpha_`, `beta_` and every `t` are in that unit.

    Attributes
    ----------
    r_, alpha_, s_, beta_ : float
        Shape and rate of the Gamma distributions of purchase rates and of drop-out rates.
    log_likelihood_, n_, converged_, at_bound_, covariance_
        As of `BetaGeoNBD`.
    """

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on one row per customer, as `BetaGeoNBD.fit`.

        Raises
        ------
        WorkbenchError
            If a row breaks the rules there or there is no row.
        """
        rows, weight = weighted(histories(X, WHERE))
        scale = float(np.average(rows[2], weights=weight)) or 1.0
        starts = [
            (0.5, 0.5 * scale, 0.5, 0.5 * scale),
            (1.0, scale, 1.0, 10 * scale),
            (0.3, 0.2 * scale, 2.0, scale),
        ]
        found = maximise_rows(lambda *part: self.terms(*part).log_likelihood, rows, weight, starts)
        take_over(self, "Pareto/NBD", NAMES, found, float(weight.sum()))
        return self

    def terms(self, rows: list[Floats], weight: Floats) -> "Terms":
        """The log-likelihood of distinct histories (x, t_x, T) with their weights, as `maximise` asks it."""
        return Terms(rows, weight)

    @property
    def population_(self) -> Population:
        """The fitted parameters."""
        return Population(self.r_, self.alpha_, self.s_, self.beta_)

    def p_alive(self, X: pd.DataFrame) -> Floats:
        """P(alive at T | x, t_x, T) of each row of `X`."""
        rows, which = distinct(histories(X, WHERE))
        found: Floats = self._p_alive(*rows)[which]
        return found

    def p_purchase(self, X: pd.DataFrame, t: float) -> Floats:
        """P(at least one purchase in the time `t` after T) of each row of `X`.

        Of who is alive at T none of two exponential clocks, purchase and departure, or the departure first,
        leaves no purchase; with Gamma posteriors both are terms of the likelihood's own form.
        """
        (x, t_x, T), which = distinct(histories(X, WHERE))
        k = self.r_ + x
        ratio = (self.alpha_ + T) / (self.alpha_ + T + t), (self.beta_ + T) / (self.beta_ + T + t)
        still = np.exp(k * np.log(ratio[0]) + self.s_ * np.log(ratio[1]))
        gone_first = self._departed(k, T) - still * self._departed(k, T + t)
        found: Floats = (self._p_alive(x, t_x, T) * (1 - still - gone_first))[which]
        return found

    def expected_orders(self, X: pd.DataFrame, t: float) -> Floats:
        """E[Y(t) | x, t_x, T]: purchases expected in the time `t` after T, of each row of `X`."""
        (x, t_x, T), which = distinct(histories(X, WHERE))
        rate = (self.r_ + x) / (self.alpha_ + T)
        found: Floats = (self._p_alive(x, t_x, T) * rate * self._time_alive(self.beta_ + T, t))[which]
        return found

    def expected_orders_new(self, t: float) -> float:
        """E[X(t)]: repeat purchases expected of a new customer in the first `t`."""
        return float(self.r_ / self.alpha_ * self._time_alive(np.array(self.beta_), t))

    def simulate(self, T: npt.ArrayLike, rng: np.random.Generator) -> pd.DataFrame:
        """New customers observed for `T` (array): a frame as `fit` takes it, in continuous time."""
        T = np.asarray(T, dtype=float)
        leaves_at = rng.exponential(size=T.size) * self.beta_ / rng.gamma(self.s_, 1, T.size)
        lived = np.minimum(T, leaves_at)
        frequency = rng.poisson(rng.gamma(self.r_, 1 / self.alpha_, T.size) * lived)
        some = frequency > 0
        recency = np.zeros(T.size)
        recency[some] = lived[some] * rng.beta(frequency[some], 1)  # the last of n moments that are uniform
        return pd.DataFrame({"frequency": frequency, "recency": recency, "T": T})

    def simulate_orders(
        self, X: pd.DataFrame, t: float, draws: int, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Draws of the purchases of each row of `X` in the time `t` after T, shape (rows, draws).

        Alive with P(alive); then λ ~ Gamma(r + x, α + T) and μ ~ Gamma(s, β + T). Parameters are taken as
        known.
        """
        rows = histories(X, WHERE)
        x, T = (np.repeat(column, draws) for column in (rows[0], rows[2]))
        alive = rng.random(x.size) < np.repeat(self.p_alive(X), draws)
        orders = np.zeros(x.size, dtype=np.int64)
        leaves = (
            rng.exponential(size=alive.sum()) * (self.beta_ + T[alive]) / rng.gamma(self.s_, 1, alive.sum())
        )
        rate = rng.standard_gamma(self.r_ + x[alive]) / (self.alpha_ + T[alive])
        orders[alive] = rng.poisson(rate * np.minimum(leaves, t))
        return orders.reshape(-1, draws)

    def _departed(self, k: Floats, t: Floats) -> Floats:
        return departure_share(k, self.s_, (self.beta_ + t) / (self.alpha_ + t))

    def _p_alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        r, alpha, s, beta = self.population_
        k = r + x
        log_ratio = k * np.log((alpha + T) / (alpha + t_x)) + s * np.log((beta + T) / (beta + t_x))
        with np.errstate(over="ignore"):  # an endless silence: the probability is 0
            found: Floats = 1 / (
                1 - self._departed(k, T) + np.exp(log_ratio + np.log(self._departed(k, t_x)))
            )
        return found

    def _time_alive(self, beta: Floats, t: float) -> Floats:
        """Expected time alive within `t`: ∫ (β/(β + u))^s du; the removable pole at s = 1 is in `exprel`."""
        log = np.log1p(t / beta)
        found: Floats = beta * log * exprel((1 - self.s_) * log)
        return found


class Terms:
    """The log-likelihood of weighted histories.

    With A(t) = (α + t)^-(r+x) (β + t)^-s and `departures` q, a history has the likelihood
    Γ(r+x)/Γ(r) α^r β^s [A(T) (1 - q(T)) + A(t_x) q(t_x)]. Both summands are positive, so nothing cancels
    however soon T follows on t_x.
    """

    def __init__(self, rows: list[Floats], weight: Floats) -> None:
        self.weight, (self.x, self.t_x, self.T) = weight, rows
        n = len(weight)
        (self.pair_x, self.pair_t), place = distinct(
            [np.concatenate([self.x, self.x]), np.concatenate([self.t_x, self.T])]
        )
        self.at_t_x, self.at_T = place[:n], place[n:]
        self.counts, self.at_x = np.unique(self.x, return_inverse=True)
        self.per_count = np.bincount(self.at_x, weights=weight)

    def log_likelihood(self, parameters: Floats) -> tuple[float, Floats]:
        """Sum over customers and its gradient in r, α, s, β."""
        r, alpha, s, beta = parameters
        near, far, w = self.at_t_x, self.at_T, self.weight
        time, k = alpha + self.pair_t, r + self.pair_x
        q = departures(k, s, (beta + self.pair_t) / time)
        d_r = [q.by_k, -np.log(time)]
        d_s = [q.by_s, -np.log(beta + self.pair_t)]
        d_alpha = [-q.by_c * (beta + self.pair_t) / time**2, -k / time]
        d_beta = [q.by_c / time, -s / (beta + self.pair_t)]
        log_q, level = np.log(q.share), k * d_r[1] + s * d_s[1]  # log A
        stays = np.log1p(-np.minimum(q.share[far], 1 - 1e-16))
        odds = level[near] - level[far] + log_q[near]
        total = np.logaddexp(stays, odds)
        alive, gone = np.exp(-total), np.exp(odds - total)
        counts, m = self.counts, self.per_count
        value = m @ (gammaln(r + counts) - gammaln(r)) + w @ (level[far] + total)
        value += w.sum() * (r * np.log(alpha) + s * np.log(beta))

        def slope(of_q: Floats, of_level: Floats) -> float:
            by_gone = of_level[near] - of_level[far] + (of_q / q.share)[near]
            return float(w @ (of_level[far] - alive * of_q[far] + gone * by_gone))

        gradient = [slope(*d) for d in (d_r, d_alpha, d_s, d_beta)]
        gradient[0] += m @ (psi(r + counts) - psi(r)) + w.sum() * np.log(alpha)
        gradient[1] += w.sum() * r / alpha
        gradient[2] += w.sum() * np.log(beta)
        gradient[3] += w.sum() * s / beta
        return float(value), np.array(gradient)
