"""Purchase models of customers who differ in what is known of them: channel, region.

P. Fader, B. Hardie, "Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models", note 19
(2007), brucehardie.com/notes/019: with covariates z, α becomes α·exp(-γ₁'z); in Pareto/NBD β becomes
β·exp(-γ₂'z), in BG/NBD a and b become a·exp(γ₂'z) and b·exp(γ₂'z).

Assumption: a covariate moves every customer's rate by the same factor. A coefficient γ₁ of 0.1 means
purchases 10 % more often; in Pareto/NBD a γ₂ of 0.1 means departures 10 % sooner. In BG/NBD γ₂ moves how much
customers differ in leaving, not how many leave: prefer Pareto/NBD to ask for that.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.beta_geo import histories as purchase_histories
from workbench.segmentation.purchases.grouping import Positions, distinct
from workbench.segmentation.purchases.learned import take_over
from workbench.segmentation.purchases.maximum_likelihood import ByGroup, Floats, maximise
from workbench.segmentation.purchases.model_input import numeric_columns
from workbench.segmentation.purchases.pareto import ParetoNBD

BASE = {BetaGeoNBD: ("r", "alpha", "a", "b"), ParetoNBD: ("r", "alpha", "s", "beta")}
# Sign of γ₂ in the exponent of the parameters that it moves, by their position.
MOVED = {BetaGeoNBD: {2: 1.0, 3: 1.0}, ParetoNBD: {3: -1.0}}


class CovariateModel(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """BG/NBD, MBG/NBD or Pareto/NBD with static covariates, fitted by maximum likelihood.

    Customers with the same covariates are customers of one plain model with parameters of its own; so there
    should be few distinct combinations of values (a channel and a region, not a birth date).

    Parameters
    ----------
    model : BetaGeoNBD or ParetoNBD
        Not fitted; its kind is what counts.
    covariates : sequence of str
        Numeric columns; a category as one column of 0 and 1 per level but one.

    Attributes
    ----------
    effects_ : pandas.DataFrame
        ``covariate``, ``on`` (purchases or departures), ``coefficient``, ``standard_error``.
    log_likelihood_, n_, converged_, at_bound_, covariance_
        As of `BetaGeoNBD`, with the coefficients behind the four parameters.
    """

    def __init__(self, model: BetaGeoNBD | ParetoNBD | None = None, covariates: Sequence[str] = ()) -> None:
        self.model = model
        self.covariates = covariates

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on histories as `model` takes them, with the covariates as further columns.

        Raises
        ------
        WorkbenchError
            If a row breaks the rules of the model, a covariate is absent or no number, or there is no row.
        """
        plain = self._plain().fit(X)
        patterns, which = self._values(X)
        terms = plain.grouped_terms(purchase_histories(X), which)
        names = tuple(BASE[type(plain)])
        every = (*names, *(f"purchases_{i}" for i in range(patterns.shape[1])))
        every += tuple(f"departures_{i}" for i in range(patterns.shape[1]))
        start = [getattr(plain, f"{name}_") for name in names] + [0.0] * (2 * patterns.shape[1])

        def objective(at: Floats) -> tuple[float, Floats]:
            return self._summed(at, patterns, terms)

        effects = 2 * patterns.shape[1]
        found = maximise(objective, [start], n=float(plain.n_), effects=effects)
        take_over(self, "the model with covariates", every, found, plain.n_)
        self.effects_ = pd.DataFrame(
            {
                "covariate": [*self.covariates, *self.covariates],
                "on": np.repeat(["purchases", "departures"], len(self.covariates)),
                "coefficient": found.parameters[4:],
                "standard_error": np.sqrt(np.diag(found.covariance)[4:]),
            }
        )
        return self

    def p_alive(self, X: pd.DataFrame) -> Floats:
        """P(alive at T) of each row of `X`."""
        return self._asked(X, lambda model, rows: model.p_alive(rows))

    def p_purchase(self, X: pd.DataFrame, t: float) -> Floats:
        """P(at least one purchase in the time `t` after T) of each row of `X`."""
        return self._asked(X, lambda model, rows: model.p_purchase(rows, t))

    def expected_orders(self, X: pd.DataFrame, t: float) -> Floats:
        """Purchases expected in the time `t` after T, of each row of `X`."""
        return self._asked(X, lambda model, rows: model.expected_orders(rows, t))

    def population_of(self, values: Sequence[float]) -> BetaGeoNBD | ParetoNBD:
        """The plain model of customers whose covariates have these values."""
        return self._moved(self._learned(), np.asarray(values, dtype=float))

    def _plain(self) -> BetaGeoNBD | ParetoNBD:
        found: BetaGeoNBD | ParetoNBD = BetaGeoNBD() if self.model is None else clone(self.model)
        return found

    def _learned(self) -> Floats:
        base = [getattr(self, f"{name}_") for name in BASE[type(self._plain())]]
        return np.concatenate([base, self.effects_["coefficient"]])

    def _moved(self, at: Floats, values: Floats) -> BetaGeoNBD | ParetoNBD:
        plain, names = self._plain(), BASE[type(self._plain())]
        (factors,) = self._factors(at, values[np.newaxis])
        for name, value in zip(names, at[:4] * factors, strict=True):
            setattr(plain, f"{name}_", float(value))
        return plain

    def _factors(self, at: Floats, patterns: Floats) -> Floats:
        """By what each of the four parameters is multiplied for each row of values, shape (rows, 4)."""
        bought, left = at[4:].reshape(2, -1) @ patterns.T
        return np.asarray(np.exp(np.outer(left, self._signs()) - np.outer(bought, np.arange(4) == 1)))

    def _signs(self) -> Floats:
        """Which of the four parameters a covariate of departures moves, and which way."""
        kind = BetaGeoNBD if self.model is None else type(self.model)
        return np.array([MOVED[kind].get(i, 0.0) for i in range(4)])

    def _values(self, X: pd.DataFrame) -> tuple[Floats, Positions]:
        """Each distinct combination of covariates, a row each, and which of them each row of `X` has."""
        if not self.covariates:
            return np.zeros((1, 0)), np.zeros(len(X), dtype=np.intp)
        columns = numeric_columns(X, self.covariates, "CovariateModel")
        values, which = distinct(columns)
        return np.column_stack(values), which

    def _summed(self, at: Floats, patterns: Floats, terms: ByGroup) -> tuple[float, Floats]:
        factors = self._factors(at, patterns)
        values, slopes = terms(at[:4] * factors)
        by_log = slopes * factors * at[:4]
        bought, left = -by_log[:, 1] @ patterns, (by_log @ self._signs()) @ patterns
        return float(values.sum()), np.concatenate([(slopes * factors).sum(axis=0), bought, left])

    def _asked(self, X: pd.DataFrame, ask: Any) -> Floats:
        values, which = self._values(X)
        found = np.empty(len(X))
        for i in range(len(values)):
            rows = which == i
            found[rows] = ask(self._moved(self._learned(), values[i]), X.loc[rows])
        return found
