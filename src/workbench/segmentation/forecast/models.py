"""Fit a model on a base and keep what it has learnt; nothing is decided here."""

import warnings
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning

from workbench.recall import recall, rows_digest
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.cohort_mean import CohortMean
from workbench.segmentation.purchases.learned import drawn
from workbench.segmentation.purchases.negative_binomial import NegativeBinomial
from workbench.segmentation.purchases.pareto import ParetoNBD

Floats = npt.NDArray[np.float64]
Model = TypeVar("Model", bound=BaseEstimator)


class PurchaseModel(Protocol):
    """What a forecast asks of a model of purchases; times in weeks.

    Who has asked for P(alive) hands it on: it is the costly part of all that is asked. A model in which
    nobody leaves has no use for it.
    """

    n_: int

    def p_alive(self, X: pd.DataFrame) -> Floats: ...
    def p_purchase(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats: ...
    def expected_orders(self, X: pd.DataFrame, t: float, p_alive: Floats | None = None) -> Floats: ...
    def simulate_orders(
        self,
        X: pd.DataFrame,
        t: float,
        draws: int,
        rng: np.random.Generator,
        p_alive: Floats | None = None,
    ) -> npt.NDArray[np.int64]: ...


class SpendModel(Protocol):
    """What a forecast asks of a model of spend."""

    n_: int

    def expected_spend(self, X: pd.DataFrame) -> Floats: ...
    def simulate_spend(
        self, X: pd.DataFrame, future_orders: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> Floats: ...


PURCHASE_MODELS = {
    "pareto_nbd": ParetoNBD(),
    "bg_nbd": BetaGeoNBD(),
    "mbg_nbd": BetaGeoNBD(leaves_at_once=True),
    "nbd": NegativeBinomial(),
    "cohort_mean": CohortMean(),
}


def learned(model: Model, rows: pd.DataFrame, *, keep: bool) -> Model:
    """`model` with what it learns from `rows`; recalled with `keep`, it need not be fitted."""
    basis = rows_digest(rows) if keep else None
    given = {"kind": type(model).__name__} | {k: str(v) for k, v in model.get_params().items()}

    def learn() -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # who asked looks at `converged_`
            found = {k: v for k, v in vars(model.fit(rows)).items() if k.endswith("_")}
        return pd.DataFrame([{name: _plain(value) for name, value in found.items()}])

    (row,) = recall("segmentation.model", basis, given, learn).to_dict("records")
    for name, value in row.items():
        setattr(model, str(name), _back(str(name), value))
    return model


def replicas(model: Any, sets: int, rng: np.random.Generator) -> list[Any]:
    """Models as likely as `model`; itself where it draws its only parameter anew with every outcome."""
    return drawn(model, sets, rng) if hasattr(model, "covariance_") else [model] * sets


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _back(name: str, value: Any) -> Any:
    if name == "covariance_":
        return np.array([list(row) for row in value], dtype=float)  # a number that is none comes back so
    return tuple(value) if name in ("parameters_", "at_bound_") else value
