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
from workbench.segmentation.purchases.departures import Alike, alike, departure_share, departures
from workbench.segmentation.purchases.grouping import Positions, distinct, weighted
from workbench.segmentation.purchases.learned import take_over
from workbench.segmentation.purchases.maximum_likelihood import ByGroup, Floats, maximise_rows

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

    def grouped_terms(self, rows: list[Floats], group: Positions) -> ByGroup:
        """The log-likelihoods of groups of histories that differ in α and β, with their gradients."""
        (*own, number), weight = weighted([*rows, group.astype(float)])
        return Terms(own, weight, number.astype(np.intp)).by_group

    @property
    def population_(self) -> Population:
        """The fitted parameters."""
        return Population(self.r_, self.alpha_, self.s_, self.beta_)

    def p_alive(self, X: pd.DataFrame) -> Floats:
        """P(alive at T | x, t_x, T) of each row of `X`."""
        return self._p_alive(*histories(X, WHERE))

    def p_purchase(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats:
        """P(at least one purchase in the time `t` after T) of each row of `X`; `p_alive` where it is known.

        Of who is alive at T none of two exponential clocks, purchase and departure, or the departure first,
        leaves no purchase; with Gamma posteriors both are terms of the likelihood's own form.
        """
        x, t_x, T = histories(X, WHERE)
        k, alive = self.r_ + x, self._p_alive(x, t_x, T) if p_alive is None else p_alive
        ratio = (self.alpha_ + T) / (self.alpha_ + T + t), (self.beta_ + T) / (self.beta_ + T + t)
        still = np.exp(k * np.log(ratio[0]) + self.s_ * np.log(ratio[1]))
        same = alike(x)
        gone_first = self._departed(k, T, same) - still * self._departed(k, T + t, same)
        found: Floats = alive * (1 - still - gone_first)
        return found

    def expected_orders(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats:
        """E[Y(t) | x, t_x, T]: purchases expected in the time `t` after T, of each row of `X`.

        `p_alive` is that of the rows, where it is known already.
        """
        x, t_x, T = histories(X, WHERE)
        alive = self._p_alive(x, t_x, T) if p_alive is None else p_alive
        found: Floats = alive * (self.r_ + x) / (self.alpha_ + T) * self._time_alive(self.beta_ + T, t)
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
        self,
        X: pd.DataFrame,
        t: float,
        draws: int,
        rng: np.random.Generator,
        p_alive: Floats | None = None,
    ) -> npt.NDArray[np.int64]:
        """Draws of the purchases of each row of `X` in the time `t` after T, shape (rows, draws).

        Alive with P(alive), given where it is known already; then λ ~ Gamma(r + x, α + T), and of
        μ ~ Gamma(s, β + T) the time left: it outlasts u with probability ((β + T)/(β + T + u))^s, so that
        its logarithm of 1 + u/(β + T) is exponential with rate s. Parameters are taken as known.
        """
        x, t_x, T = histories(X, WHERE)
        stays = self._p_alive(x, t_x, T) if p_alive is None else p_alive
        x, T, stays = (np.repeat(column, draws) for column in (x, T, stays))
        alive = rng.random(x.size) < stays
        orders = np.zeros(x.size, dtype=np.int64)
        x, T = x[alive], T[alive]
        with np.errstate(over="ignore"):  # who stays for ever
            leaves = (self.beta_ + T) * np.expm1(rng.standard_exponential(x.size) / self.s_)
        rate = rng.standard_gamma(self.r_ + x) / (self.alpha_ + T)
        orders[alive] = rng.poisson(rate * np.minimum(leaves, t))
        return orders.reshape(-1, draws)

    def _departed(self, k: Floats, t: Floats, same: Alike) -> Floats:
        return departure_share(k, self.s_, (self.beta_ + t) / (self.alpha_ + t), same)

    def _p_alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        r, alpha, s, beta = self.population_
        k, same = r + x, alike(x)
        log_ratio = k * np.log((alpha + T) / (alpha + t_x)) + s * np.log((beta + T) / (beta + t_x))
        with np.errstate(over="ignore"):  # an endless silence: the probability is 0
            found: Floats = 1 / (
                1 - self._departed(k, T, same) + np.exp(log_ratio + np.log(self._departed(k, t_x, same)))
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

    Parameters
    ----------
    group : ndarray of int, optional
        Of each row, from 0 on: groups differ in α and β.
    """

    def __init__(self, rows: list[Floats], weight: Floats, group: Positions | None = None) -> None:
        self.weight, (x, t_x, T), n = weight, rows, len(weight)
        self.group = np.zeros(n, dtype=np.intp) if group is None else group
        columns = [np.tile(x, 2), np.concatenate([t_x, T]), np.tile(self.group, 2).astype(float)]
        (self.pair_x, self.pair_t, pair_group), place = distinct(columns)
        self.pair_group = pair_group.astype(np.intp)
        self.at_t_x, self.at_T, self.alike = place[:n], place[n:], alike(self.pair_x)
        self.counts, at_x = np.unique(x, return_inverse=True)
        cells = (int(self.group.max(initial=0)) + 1, len(self.counts))
        at = np.ravel_multi_index((self.group, at_x), cells)
        self.per_count = np.bincount(at, weights=weight, minlength=cells[0] * cells[1]).reshape(cells)

    def log_likelihood(self, parameters: Floats) -> tuple[float, Floats]:
        """Sum over customers and its gradient in r, α, s, β, where all are of one population."""
        values, slopes = self.by_group(np.asarray(parameters)[np.newaxis])
        return float(values[0]), slopes[0]

    def by_group(self, populations: Floats) -> tuple[Floats, Floats]:
        """The same for each group and its row of `populations`; r and s must be those of the first row."""
        r, s = populations[0, 0], populations[0, 2]
        alpha, beta = (populations[self.pair_group, place] for place in (1, 3))
        near, far = self.at_t_x, self.at_T
        time, age, k = alpha + self.pair_t, beta + self.pair_t, r + self.pair_x
        q = departures(k, s, age / time, self.alike)
        d_r = [q.by_k, -np.log(time)]
        d_s = [q.by_s, -np.log(age)]
        d_alpha = [-q.by_c * age / time**2, -k / time]
        d_beta = [q.by_c / time, -s / age]
        log_q, level = np.log(q.share), k * d_r[1] + s * d_s[1]  # log A
        stays = np.log1p(-np.minimum(q.share[far], 1 - 1e-16))
        odds = level[near] - level[far] + log_q[near]
        total = np.logaddexp(stays, odds)
        alive, gone = np.exp(-total), np.exp(odds - total)

        def summed(values: Floats) -> Floats:
            return np.bincount(self.group, self.weight * values, len(populations)).astype(np.float64)

        def slope(of_q: Floats, of_level: Floats) -> Floats:
            by_gone = of_level[near] - of_level[far] + (of_q / q.share)[near]
            return summed(of_level[far] - alive * of_q[far] + gone * by_gone)

        counts, m = self.counts, self.per_count
        customers, (log_alpha, log_beta) = m.sum(axis=1), np.log(populations[:, [1, 3]].T)
        values = m @ (gammaln(r + counts) - gammaln(r)) + summed(level[far] + total)
        values += customers * (r * log_alpha + s * log_beta)
        slopes = np.column_stack([slope(*d) for d in (d_r, d_alpha, d_s, d_beta)])
        slopes[:, 0] += m @ (psi(r + counts) - psi(r)) + customers * log_alpha
        slopes[:, 1] += customers * r / populations[:, 1]
        slopes[:, 2] += customers * log_beta
        slopes[:, 3] += customers * s / populations[:, 3]
        return values, slopes
