"""Analytic hierarchy process: weights from pairwise judgements, and whether the judgements agree.

T. L. Saaty, "The Analytic Hierarchy Process", McGraw-Hill 1980.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import refusal

Floats = npt.NDArray[np.float64]

# Mean consistency index of random matrices of size n (Saaty 1980); below 3 judgements can not disagree.
RANDOM_INDEX = {1: 0.0, 2: 0.0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
HIGHEST_RATIO = 0.10  # Saaty's rule


@dataclass(frozen=True)
class Judgements:
    """Pairwise judgements of one level of the hierarchy.

    Attributes
    ----------
    name : str
        Of what is divided.
    elements : tuple of str
        Names, in the order of the judgements.
    upper : tuple of float
        Upper triangle row by row: how many times more the row's element counts than the column's.
    """

    name: str
    elements: tuple[str, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True)
class Weights:
    """Weights that sum to 1 and the agreement behind them.

    Attributes
    ----------
    by_element : dict
        Element → weight.
    eigenvalue : float
        λmax; equals the number of elements when the judgements agree perfectly.
    index : float
        Consistency index CI = (λmax - n)/(n - 1).
    ratio : float
        Consistency ratio CR = CI/RI(n); 0 for fewer than three elements.
    """

    by_element: dict[str, float]
    eigenvalue: float
    index: float
    ratio: float

    @property
    def random_index(self) -> float:
        """RI(n) of Saaty 1980."""
        return RANDOM_INDEX[len(self.by_element)]


def reciprocal_matrix(judgements: Judgements) -> Floats:
    """The square matrix of the judgements, a_ji = 1/a_ij.

    Raises
    ------
    WorkbenchError
        If the number of judgements does not fit, one is not positive, or there are too many elements.
    """
    n, where = len(judgements.elements), f"judgements of {judgements.name}"
    if n not in RANDOM_INDEX:
        rule = f"between 1 and {max(RANDOM_INDEX)}"
        raise refusal(where, "the number of elements", rule, str(n), "Split the level into two.")
    if len(judgements.upper) != n * (n - 1) // 2 or min(judgements.upper, default=1) <= 0:
        rule, got = f"{n * (n - 1) // 2} positive numbers", f"{len(judgements.upper)} numbers"
        raise refusal(where, "the upper triangle", rule, got, "Give one number per pair, above 0.")
    matrix = np.eye(n)
    rows, columns = np.triu_indices(n, k=1)
    matrix[rows, columns] = judgements.upper
    matrix[columns, rows] = 1 / matrix[rows, columns]
    return matrix


def weights(judgements: Judgements) -> Weights:
    """Principal eigenvector of the judgements, scaled to sum 1, and its consistency.

    Raises
    ------
    WorkbenchError
        If the judgements are malformed or contradict each other (CR above 0.10); the message names the
        judgement that fits the others least, the largest ``|ln a_ij - ln(w_i/w_j)|``.
    """
    matrix = reciprocal_matrix(judgements)
    values, vectors = np.linalg.eig(matrix)
    first = int(np.argmax(values.real))
    vector = np.abs(vectors[:, first].real)
    vector /= vector.sum()
    n = len(matrix)
    eigenvalue = float(values[first].real)
    # Rounding leaves -1e-16 where the judgements agree perfectly.
    index = max(0.0, (eigenvalue - n) / (n - 1)) if n > 1 else 0.0
    ratio = index / RANDOM_INDEX[n] if RANDOM_INDEX[n] else 0.0
    if ratio > HIGHEST_RATIO:
        raise refusal(
            f"judgements of {judgements.name}",
            "the consistency ratio",
            f"at most {HIGHEST_RATIO:.2f}",
            f"{ratio:.2f}",
            f"Look again at {_least_fitting(judgements.elements, matrix, vector)}.",
        )
    named = {e: float(w) for e, w in zip(judgements.elements, vector, strict=True)}
    return Weights(named, eigenvalue, index, ratio)


def total_ratio(upper: Weights, lower: Sequence[Weights]) -> float:
    """Consistency ratio of a level as a whole: Σ w_k CI_k / Σ w_k RI_k.

    Parameters
    ----------
    lower : sequence of Weights
        One per element of `upper`, in its order.
    """
    shares = list(upper.by_element.values())
    index = sum(w * k.index for w, k in zip(shares, lower, strict=True))
    random = sum(w * k.random_index for w, k in zip(shares, lower, strict=True))
    return index / random if random else 0.0


def _least_fitting(elements: Sequence[str], matrix: Floats, vector: Floats) -> str:
    misfit = np.triu(np.abs(np.log(matrix) - np.log(vector[:, np.newaxis] / vector)), k=1)
    row, column = divmod(int(np.argmax(misfit)), len(matrix))
    return f"'{elements[row]}' against '{elements[column]}'"
