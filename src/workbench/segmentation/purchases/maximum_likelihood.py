"""Maximum likelihood over positive parameters: one optimiser for the purchase and the spend model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Floats = npt.NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]

# Beyond these a parameter has left the scale of any customer base: the likelihood is flat there.
SMALLEST, LARGEST = 1e-5, 1e5
# Largest slope of the mean log-likelihood (nats per customer and unit of log parameter) at an optimum.
FLAT = 1e-5
MAX_ITERATIONS = 1_000


@dataclass(frozen=True)
class Optimum:
    """Where the search ended.

    Attributes
    ----------
    parameters : ndarray
        In the order of the start.
    log_likelihood : float
        Sum over customers, in nats.
    converged : bool
        Whether the slope vanishes there (along the bounds, where a parameter has reached one).
    at_bound : tuple of int
        Positions of the parameters that ended on SMALLEST or LARGEST.
    """

    parameters: Floats
    log_likelihood: float
    converged: bool
    at_bound: tuple[int, ...]


def maximise(objective: Objective, starts: Sequence[Sequence[float]], n: float) -> Optimum:
    """The parameters that maximise `objective`, searched by L-BFGS-B in their logarithms.

    Parameters
    ----------
    objective : callable
        Natural parameters → (log-likelihood summed over customers, its gradient).
    starts : sequence of sequences of float
        Tried in order until one converges; otherwise the best end is returned, marked as not converged.
    n : float
        Number of customers: the search runs on the mean, so that its tolerance fits any size.
    """
    ends = []
    for start in starts:
        ends.append(_search(objective, np.log(np.asarray(start, dtype=float)), n))
        if ends[-1].converged:
            return ends[-1]
    return max(ends, key=lambda end: end.log_likelihood)


def _search(objective: Objective, start: Floats, n: float) -> Optimum:
    def mean_loss(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        value, gradient = objective(parameters)
        return -value / n, -gradient * parameters / n

    low, high = np.log(SMALLEST), np.log(LARGEST)
    found = minimize(
        mean_loss,
        np.clip(start, low, high),
        jac=True,
        method="L-BFGS-B",
        bounds=[(low, high)] * len(start),
        options={"maxiter": MAX_ITERATIONS, "ftol": 1e-15, "gtol": FLAT / 100},
    )
    loss, slope = mean_loss(found.x)
    # A bound holds back a slope that points outwards; only the rest must vanish.
    free = slope * ~(((found.x <= low) & (slope > 0)) | ((found.x >= high) & (slope < 0)))
    converged = bool(np.isfinite(loss) and np.all(np.abs(free) < FLAT))
    at_bound = tuple(int(i) for i in np.flatnonzero((found.x <= low) | (found.x >= high)))
    return Optimum(np.exp(found.x), -loss * n, converged, at_bound)
