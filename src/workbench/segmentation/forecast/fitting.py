"""Fit the purchase and the spend model on a base, or say why they do not fit."""

import warnings
from typing import TypeVar

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from workbench.recall import recall, rows_digest
from workbench.results import Missing
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.gamma_gamma import GammaGamma

FEWEST_REPEATERS = 50  # four parameters from fewer customers who came back are guesses

Model = TypeVar("Model", BetaGeoNBD, GammaGamma)


def fit_purchases(histories: pd.DataFrame, *, keep: bool = False) -> BetaGeoNBD | Missing:
    """BG/NBD on `histories`, or Missing: too few customers who came back, or no optimum.

    With `keep`, what was learned is kept for the next time.
    """
    repeaters = int((histories["frequency"] > 0).sum())
    if repeaters < FEWEST_REPEATERS:
        return Missing("segmentation.few_repeaters", {"n": repeaters, "needed": FEWEST_REPEATERS})
    model = _learned(BetaGeoNBD(), histories, "segmentation.purchases", keep=keep)
    return model if model.converged_ else Missing("segmentation.purchases_not_converged", {"n": model.n_})


def fit_spend(histories: pd.DataFrame, *, keep: bool = False) -> GammaGamma | Missing:
    """Gamma-Gamma on `histories`, or Missing: too few repeaters, no optimum, or no finite mean spend.

    With `keep`, what was learned is kept for the next time.
    """
    repeaters = int((histories["orders"] > 1).sum())
    if repeaters < FEWEST_REPEATERS:
        return Missing("segmentation.few_repeaters", {"n": repeaters, "needed": FEWEST_REPEATERS})
    paying = histories[histories["mean_spend"] > 0]  # of who never paid nothing is known
    model = _learned(GammaGamma(), paying, "segmentation.spend", keep=keep)
    if not model.converged_:
        return Missing("segmentation.spend_not_converged", {"n": model.n_})
    if model.q_ <= 1:
        return Missing("segmentation.spend_without_mean", {"q": model.q_})
    return model


def _learned(model: Model, rows: pd.DataFrame, step: str, *, keep: bool) -> Model:
    """`model` with what it learns from `rows`; recalled, it need not be fitted."""
    basis = rows_digest(rows) if keep else None

    def learn() -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # said by the Missing of the caller
            found = vars(model.fit(rows))
            return pd.DataFrame([found | {"covariance_": found["covariance_"].tolist()}])

    (learned,) = recall(step, basis, {}, learn).to_dict("records")
    taken = {"at_bound_": tuple(learned["at_bound_"]), "covariance_": np.vstack(learned["covariance_"])}
    for name, value in (learned | taken).items():
        setattr(model, str(name), value)
    return model
