"""Fit the purchase and the spend model on a base, or say why they do not fit."""

import warnings

import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from workbench.results import Missing
from workbench.segmentation.purchase_model import BetaGeoNBD
from workbench.segmentation.spend_model import GammaGamma

FEWEST_REPEATERS = 50  # four parameters from fewer customers who came back are guesses


def fit_purchases(histories: pd.DataFrame) -> BetaGeoNBD | Missing:
    """BG/NBD on `histories`, or Missing: too few customers who came back, or no optimum."""
    repeaters = int((histories["frequency"] > 0).sum())
    if repeaters < FEWEST_REPEATERS:
        return Missing("segmentation.few_repeaters", {"n": repeaters, "needed": FEWEST_REPEATERS})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # said by the Missing below
        model = BetaGeoNBD().fit(histories)
    return model if model.converged_ else Missing("segmentation.purchases_not_converged", {"n": model.n_})


def fit_spend(histories: pd.DataFrame) -> GammaGamma | Missing:
    """Gamma-Gamma on `histories`, or Missing: too few repeaters, no optimum, or no finite mean spend."""
    repeaters = int((histories["orders"] > 1).sum())
    if repeaters < FEWEST_REPEATERS:
        return Missing("segmentation.few_repeaters", {"n": repeaters, "needed": FEWEST_REPEATERS})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = GammaGamma().fit(histories[histories["mean_spend"] > 0])  # of who never paid nothing is known
    if not model.converged_:
        return Missing("segmentation.spend_not_converged", {"n": model.n_})
    if model.q_ <= 1:
        return Missing("segmentation.spend_without_mean", {"q": model.q_})
    return model
