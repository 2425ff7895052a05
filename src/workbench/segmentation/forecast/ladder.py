"""Which model a base can carry: the ladder from Pareto/NBD down to its mean, and why each rung was left.

Pareto/NBD and BG/NBD have four parameters each and see the same data: of those whose parameters the data
tell, the more likely one is used, so the choice looks at nothing that is held back. Where drop-out can not be
told, NBD lets everybody stay; where too few came back, everybody gets the mean of the base.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sklearn.base import clone

from workbench.results import Missing
from workbench.segmentation.forecast.models import (
    PURCHASE_MODELS,
    PurchaseModel,
    SpendModel,
    learned,
)
from workbench.segmentation.purchases.gamma_gamma import GammaGamma
from workbench.segmentation.purchases.learned import untold
from workbench.segmentation.purchases.mean_spend import MeanSpend

FEWEST_REPEATERS = 50  # four parameters from fewer customers who came back are guesses
FEWEST_PURCHASES = 10  # a rate from fewer repeat purchases is not even a mean
LADDER = ("pareto_nbd", "bg_nbd", "nbd", "cohort_mean")
OF_CUSTOMERS = ("pareto_nbd", "bg_nbd")  # tell who is still there; of these the more likely one is used


@dataclass(frozen=True)
class Rung:
    """One model that was looked at.

    Attributes
    ----------
    name : str
        Of PURCHASE_MODELS.
    verdict : str
        ``used``, ``less_likely``, ``not_told``, ``not_converged``, ``too_few`` or ``not_needed``.
    log_likelihood : float or None
        In nats; comparable between the models of one base.
    values : mapping
        What the words of the verdict need.
    """

    name: str
    verdict: str
    log_likelihood: float | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """The model that is used, the rungs that were looked at on the way, and what was fitted on them by name.

    A rung that should not be used stands among `fits` as None.
    """

    name: str
    model: PurchaseModel
    rungs: tuple[Rung, ...]
    fits: Mapping[str, PurchaseModel | None]

    @property
    def log_likelihood(self) -> float | None:
        """Of the model used; None for the mean of the base."""
        return next((rung.log_likelihood for rung in self.rungs if rung.name == self.name), None)


def fitted(name: str, histories: pd.DataFrame, *, keep: bool = False) -> tuple[PurchaseModel | None, Rung]:
    """The model `name` on `histories`, or None where it should not be used, and the verdict on it."""
    repeaters, purchases = int((histories["frequency"] > 0).sum()), int(histories["frequency"].sum())
    of_mean = name == "cohort_mean"
    there, needed = (purchases, FEWEST_PURCHASES) if of_mean else (repeaters, FEWEST_REPEATERS)
    if there < needed:
        return None, Rung(name, "too_few", values={"n": there, "needed": needed})
    model = learned(clone(PURCHASE_MODELS[name]), histories, keep=keep)
    if of_mean:
        return model, Rung(name, "used")
    if not model.converged_:
        return None, Rung(name, "not_converged", values={"n": model.n_})
    unknown = untold(model)
    if unknown:
        names = ", ".join(unknown)
        return None, Rung(name, "not_told", model.log_likelihood_, {"names": names})
    return model, Rung(name, "used", model.log_likelihood_)


def choose(histories: pd.DataFrame, wanted: str = "auto", *, keep: bool = False) -> Choice | Missing:
    """The model of purchases to use on `histories`.

    Parameters
    ----------
    wanted : str
        ``auto``, or one of PURCHASE_MODELS to begin with; below it the ladder goes on.
    keep : bool
        Whether what was learned is kept for the next time.

    Returns
    -------
    Choice or Missing
        Missing when not even a mean can be told; the base is then only described.
    """
    rungs: list[Rung] = []
    if wanted == "auto":
        found = [(name, *fitted(name, histories, keep=keep)) for name in OF_CUSTOMERS]
        usable = [
            (rung.log_likelihood or 0.0, name, model) for name, model, rung in found if model is not None
        ]
        if usable:
            _, best, model = max(usable, key=lambda entry: entry[0])
            rungs = [_less_likely(rung, best) for _, _, rung in found]
            return Choice(best, model, tuple(rungs), {name: each for name, each, _ in found})
        rungs = [rung for _, _, rung in found]
    for name in _below(wanted):
        one, rung = fitted(name, histories, keep=keep)
        rungs.append(rung)
        if one is not None:
            return Choice(name, one, tuple(rungs), {name: one})
    return Missing("segmentation.nothing_to_fit", rungs[-1].values)


def _less_likely(rung: Rung, best: str) -> Rung:
    if rung.verdict != "used" or rung.name == best:
        return rung
    return Rung(rung.name, "less_likely", rung.log_likelihood)


def _below(wanted: str) -> tuple[str, ...]:
    if wanted == "auto":
        return LADDER[len(OF_CUSTOMERS) :]
    if wanted in LADDER:
        return LADDER[LADDER.index(wanted) :]
    return (wanted, *LADDER[1:])


def choose_spend(
    histories: pd.DataFrame, *, keep: bool = False
) -> tuple[SpendModel, Missing | None] | Missing:
    """Gamma-Gamma on the customers of `histories` who paid, or the mean of the base and why.

    Returns
    -------
    (model, reason) or Missing
        The reason is None for Gamma-Gamma. Missing when nobody has paid anything.
    """
    paying = histories[histories["mean_spend"] > 0]  # of who never paid nothing is known
    if paying.empty:
        return Missing("segmentation.nobody_paid")
    why = _no_gamma_gamma(paying, keep=keep)
    if isinstance(why, Missing):
        return learned(MeanSpend(), paying, keep=keep), why
    return why, None


def _no_gamma_gamma(paying: pd.DataFrame, *, keep: bool) -> GammaGamma | Missing:
    repeaters = int((paying["orders"] > 1).sum())
    if repeaters < FEWEST_REPEATERS:
        return Missing("segmentation.few_repeaters", {"n": repeaters, "needed": FEWEST_REPEATERS})
    model = learned(GammaGamma(), paying, keep=keep)
    if not model.converged_:
        return Missing("segmentation.spend_not_converged", {"n": model.n_})
    if model.q_ <= 1:
        return Missing("segmentation.spend_without_mean", {"q": model.q_})
    unknown = untold(model)
    return Missing("segmentation.spend_not_told", {"names": ", ".join(unknown)}) if unknown else model
