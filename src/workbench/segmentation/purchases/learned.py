"""What every model says of its parameters once it is fitted."""

import warnings
from copy import copy
from typing import Protocol, TypeVar

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from workbench.segmentation.purchases.maximum_likelihood import Floats, Optimum

# A parameter whose standard error exceeds its own size may as well be half or twice what was found.
LARGEST_RELATIVE_ERROR = 1.0


class Fitted(Protocol):
    """The attributes that `take_over` sets; each model has its parameters beside them."""

    parameters_: tuple[str, ...]
    log_likelihood_: float
    n_: int
    converged_: bool
    at_bound_: tuple[str, ...]
    covariance_: Floats


Model = TypeVar("Model", bound=Fitted)


def take_over(model: Fitted, name: str, names: tuple[str, ...], found: Optimum, n: float) -> None:
    """Set the parameters, each under its name with an underscore, and what `Fitted` lists.

    Warns
    -----
    ConvergenceWarning
        When no start led to an optimum; the message begins with `name`.
    """
    for parameter, value in zip(names, found.parameters, strict=True):
        setattr(model, f"{parameter}_", float(value))
    model.parameters_ = names
    model.log_likelihood_ = found.log_likelihood
    model.n_ = round(n)
    model.converged_ = found.converged
    model.at_bound_ = tuple(names[i] for i in found.at_bound)
    model.covariance_ = found.covariance
    if not found.converged:
        warnings.warn(f"{name}: no start led to an optimum", ConvergenceWarning, stacklevel=3)


def relative_errors(model: Fitted) -> dict[str, float]:
    """Standard error over value of each parameter (delta method: the standard error of its logarithm).

    NaN where the likelihood does not tell it, 0 where the parameter is held by a bound.
    """
    variance = np.diag(model.covariance_)
    return {name: float(np.sqrt(v)) for name, v in zip(model.parameters_, variance, strict=True)}


def standard_errors(model: Fitted) -> dict[str, float]:
    """Standard error of each parameter in its own unit, see `relative_errors`."""
    return {name: error * getattr(model, f"{name}_") for name, error in relative_errors(model).items()}


def untold(model: Fitted) -> tuple[str, ...]:
    """Parameters that the data do not tell: at a bound, without curvature, or known to a factor at best."""
    errors = relative_errors(model)
    return tuple(
        name
        for name in model.parameters_
        if name in model.at_bound_ or not errors[name] <= LARGEST_RELATIVE_ERROR
    )


def drawn(model: Model, sets: int, rng: np.random.Generator) -> list[Model]:
    """`model` with parameters that are as likely, `sets` times: normal around the fitted logarithms.

    The normal approximation of the likelihood (W. Greene, "Econometric Analysis", section 14.4); it needs
    parameters that the data tell, see `untold`.
    """
    at = np.log([getattr(model, f"{name}_") for name in model.parameters_])
    found = []
    for logs in rng.multivariate_normal(at, model.covariance_, size=sets, method="eigh"):
        other = copy(model)
        for name, value in zip(model.parameters_, np.exp(logs), strict=True):
            setattr(other, f"{name}_", float(value))
        found.append(other)
    return found
