"""Maximum likelihood: one optimiser for every model, and how well its end is determined."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import OptimizeResult, minimize

from workbench.segmentation.purchases.grouping import thinned

Floats = npt.NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]
# Parameters of each group, a row each → log-likelihood and gradient of each.
ByGroup = Callable[[Floats], tuple[Floats, Floats]]

# Beyond these a parameter has left the scale of any customer base: the likelihood is flat there.
SMALLEST, LARGEST = 1e-5, 1e5
# A covariate multiplies a rate by at most e^10 from one of its values to the next.
LARGEST_EFFECT = 10.0
# Largest slope of the mean log-likelihood (nats per customer and unit of log parameter) at an optimum.
FLAT = 1e-5
MAX_ITERATIONS = 1_000
# Above so many distinct rows the search begins where a part of them has its optimum.
MANY_ROWS, SEARCHED_ROWS = 6_000, 3_000
STEP = 1e-5  # in log parameters, for the curvature: differences of analytic slopes err by about as much


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
    covariance : ndarray
        Of the logarithms of the positive parameters and of the others as they are: the inverse of the
        observed information, where no bound holds a parameter; zero for those that one holds. NaN where the
        likelihood does not curve down in every direction.
    n : float
        Customers that the sum runs over.
    """

    parameters: Floats
    log_likelihood: float
    converged: bool
    at_bound: tuple[int, ...]
    covariance: Floats
    n: float = 1.0

    @property
    def inverse_curvature(self) -> Floats:
        """Of the mean loss: what an optimiser begins with near this optimum."""
        return self.covariance * self.n


def maximise(
    objective: Objective,
    starts: Sequence[Sequence[float] | Floats],
    n: float,
    *,
    effects: int = 0,
    near: Optimum | None = None,
) -> Optimum:
    """The parameters that maximise `objective`, searched by L-BFGS-B in their logarithms.

    Parameters
    ----------
    objective : callable
        Natural parameters → (log-likelihood summed over customers, its gradient).
    starts : sequence of sequences of float
        Tried in order until one converges; otherwise the best end is returned, marked as not converged.
    n : float
        Number of customers: the search runs on the mean, so that its tolerance fits any size.
    effects : int
        So many of the last parameters are coefficients of covariates: of either sign, not in logarithms.
    near : Optimum, optional
        That of a part of the customers: tried first, with its curvature, by BFGS.
    """
    scaled = _Scaled(objective, n, effects)
    if near is not None and near.converged and not near.at_bound and np.isfinite(near.covariance).all():
        end = _approach(scaled, near)
        if end.converged:
            return scaled.optimum(end)
    ends = []
    for start in starts:
        ends.append(_search(scaled, scaled.inward(np.asarray(start, dtype=float))))
        if ends[-1].converged:
            return scaled.optimum(ends[-1])
    return scaled.optimum(min(ends, key=lambda end: end.loss))


def maximise_rows(
    likelihood_of: Callable[[list[Floats], Floats], Objective],
    rows: list[Floats],
    weight: Floats,
    starts: Sequence[Sequence[float]],
) -> Optimum:
    """`maximise` for weighted rows; of many it begins in a part of them.

    Parameters
    ----------
    likelihood_of : callable
        Distinct rows and their weights → what `maximise` asks.
    """
    n, near = float(weight.sum()), None
    if len(weight) > MANY_ROWS:
        part, part_weight = thinned(rows, weight, SEARCHED_ROWS)
        near = maximise(likelihood_of(part, part_weight), starts, n=float(part_weight.sum()))
    return maximise(likelihood_of(rows, weight), starts, n=n, near=near)


@dataclass(frozen=True)
class _End:
    """Where a search stopped, in its coordinates, with the mean loss and its slope there."""

    at: Floats
    loss: float
    slope: Floats
    converged: bool


class _Scaled:
    """The mean loss in search coordinates: logarithms of positive parameters, effects as they are."""

    def __init__(self, objective: Objective, n: float, effects: int) -> None:
        self.objective, self.n, self.effects = objective, n, effects

    def positive(self, size: int) -> npt.NDArray[np.bool_]:
        return np.arange(size) < size - self.effects

    def inward(self, parameters: Floats) -> Floats:
        logs = self.positive(len(parameters))
        found = parameters.copy()
        found[logs] = np.log(found[logs])
        return np.clip(found, *self.bounds(len(found)))

    def outward(self, at: Floats) -> Floats:
        return np.where(self.positive(len(at)), np.exp(np.minimum(at, np.log(LARGEST))), at)

    def bounds(self, size: int) -> tuple[Floats, Floats]:
        logs = self.positive(size)
        low = np.where(logs, np.log(SMALLEST), -LARGEST_EFFECT)
        return low, np.where(logs, np.log(LARGEST), LARGEST_EFFECT)

    def loss(self, at: Floats) -> tuple[float, Floats]:
        parameters = self.outward(at)
        value, gradient = self.objective(parameters)
        per_unit = np.where(self.positive(len(at)), parameters, 1.0)
        return -value / self.n, -gradient * per_unit / self.n

    def free(self, at: Floats, slope: Floats) -> npt.NDArray[np.bool_]:
        """Where no bound holds the parameter back from a slope that points outwards."""
        low, high = self.bounds(len(at))
        held = ((at <= low) & (slope > 0)) | ((at >= high) & (slope < 0))
        return np.asarray(~held)

    def ended(self, found: OptimizeResult) -> _End:
        at, slope = np.asarray(found.x), np.asarray(found.jac)
        low, high = self.bounds(len(at))
        within = bool(((at >= low) & (at <= high)).all())
        flat = bool(np.isfinite(found.fun) and np.all(np.abs(slope[self.free(at, slope)]) < FLAT))
        return _End(at, float(found.fun), slope, within and flat)

    def optimum(self, end: _End) -> Optimum:
        low, high = self.bounds(len(end.at))
        bound = tuple(int(i) for i in np.flatnonzero((end.at <= low) | (end.at >= high)))
        free = self.free(end.at, end.slope) & (end.at > low) & (end.at < high)
        covariance = self._covariance(end, free)
        return Optimum(self.outward(end.at), -end.loss * self.n, end.converged, bound, covariance, self.n)

    def _covariance(self, end: _End, free: npt.NDArray[np.bool_]) -> Floats:
        places = np.flatnonzero(free)
        curvature = np.empty((len(places), len(places)))
        for row, place in enumerate(places):
            step = np.zeros(len(end.at))
            step[place] = STEP
            curvature[row] = (self.loss(end.at + step)[1] - end.slope)[places] / STEP
        found = np.zeros((len(end.at), len(end.at)))
        curvature = (curvature + curvature.T) / 2
        bends = np.isfinite(curvature).all() and (np.linalg.eigvalsh(curvature) > 0).all()
        inverse = np.linalg.inv(curvature * self.n) if bends else np.full_like(curvature, np.nan)
        found[np.ix_(places, places)] = (inverse + inverse.T) / 2  # to the last bit: BFGS asks for it
        return found


def _approach(scaled: _Scaled, near: Optimum) -> _End:
    found = minimize(
        scaled.loss,
        scaled.inward(near.parameters),
        jac=True,
        method="BFGS",
        options={"hess_inv0": near.inverse_curvature, "gtol": FLAT / 100, "maxiter": MAX_ITERATIONS},
    )
    return scaled.ended(found)


def _search(scaled: _Scaled, start: Floats) -> _End:
    low, high = scaled.bounds(len(start))
    found = minimize(
        scaled.loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(low, high, strict=True)),
        options={"maxiter": MAX_ITERATIONS, "ftol": 1e-15, "gtol": FLAT / 100},
    )
    return scaled.ended(found)
