"""Analytic hierarchy process: weights from pairwise judgements, and whether the judgements agree.

T. L. Saaty, "The Analytic Hierarchy Process", McGraw-Hill 1980.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError, refusal

Floats = npt.NDArray[np.float64]

# Mean consistency index of random matrices of size n (Saaty 1980); below 3 judgements can not disagree.
RANDOM_INDEX = {1: 0.0, 2: 0.0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
HIGHEST_RATIO = 0.10  # Saaty's rule
MOST = 9.0  # end of Saaty's scale: extremely more important
ROUNDING = 1e-6  # 1/3 and 0.333333 are the same judgement


@dataclass(frozen=True)
class Judgements:
    """Pairwise judgements of one level of the hierarchy.

    Attributes
    ----------
    name : str
        Of what is divided.
    elements : tuple of str
        Names, in the order of the judgements.
    upper : tuple of (float or None)
        Upper triangle row by row: how many times more the row's element counts than the column's, from 1/9
        to 9. None where nobody has judged.
    """

    name: str
    elements: tuple[str, ...]
    upper: tuple[float | None, ...]


@dataclass(frozen=True)
class Repair:
    """The judgement that fits the others least.

    Attributes
    ----------
    row, column : str
        The two elements.
    judged : float
    fitting : float
        What the other judgements ask for, as far as the scale reaches.
    """

    row: str
    column: str
    judged: float
    fitting: float

    @property
    def text(self) -> str:
        """For a message: which pair, what was judged and what would fit."""
        return (
            f"'{self.row}' against '{self.column}': {on_scale(self.judged)} is judged, {self.fit} would fit"
        )

    @property
    def fit(self) -> str:
        """`fitting` as Saaty's scale writes it."""
        return on_scale(self.fitting)


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
        Consistency ratio CR = CI/RI; 0 for fewer than three elements, and where so few pairs are judged that
        none can contradict another.
    random_index : float
        RI of Saaty 1980; for m judgements that are missing times 1 - 2m/((n - 1)(n - 2)), the estimate of
        K. Á. Ágoston & L. Csató, "Inconsistency thresholds for incomplete pairwise comparison matrices",
        Omega 108 (2022).
    repair : Repair or None
        What to look at first if the ratio is too high; None where the judgements agree perfectly.
    """

    by_element: dict[str, float]
    eigenvalue: float
    index: float
    ratio: float
    random_index: float
    repair: Repair | None = None


def reciprocal_matrix(judgements: Judgements) -> Floats:
    """The square matrix of the judgements, a_ji = 1/a_ij; NaN where one is missing.

    Raises
    ------
    WorkbenchError
        If the number of judgements does not fit, one leaves the scale from 1/9 to 9, there are too many
        elements, or the pairs judged do not tie all elements together.
    """
    n, where = len(judgements.elements), f"judgements of {judgements.name}"
    if n not in RANDOM_INDEX:
        rule = f"between 1 and {max(RANDOM_INDEX)}"
        raise refusal(where, "the number of elements", rule, str(n), "Split the level into two.")
    if len(judgements.upper) != n * (n - 1) // 2:
        rule, got = f"{n * (n - 1) // 2} numbers", f"{len(judgements.upper)} numbers"
        raise refusal(where, "the upper triangle", rule, got, "Give one number (or null) per pair.")
    matrix = np.eye(n)
    rows, columns = np.triu_indices(n, k=1)
    upper = np.array([np.nan if value is None else value for value in judgements.upper], dtype=float)
    outside = (upper < 1 / MOST - ROUNDING) | (upper > MOST + ROUNDING)
    if outside.any():
        place = int(outside.argmax())
        pair = _pair(judgements.elements, rows[place], columns[place])
        raise refusal(where, pair, "from 1/9 to 9", f"{upper[place]:g}", "Judge on Saaty's scale.")
    matrix[rows, columns], matrix[columns, rows] = upper, 1 / upper
    if not _tied(matrix):
        got = f"{int(np.isfinite(upper).sum())} judgements that leave some apart"
        raise refusal(where, "the pairs judged", "enough to tie all elements together", got, "Judge more.")
    return matrix


def upper_triangle(name: str, elements: Sequence[str], rows: Sequence[Sequence[float | None]]) -> Judgements:
    """The judgements of a full square matrix.

    Raises
    ------
    WorkbenchError
        If the matrix is not square, its diagonal is not 1, or a_ji is not 1/a_ij; the message names the pair.
    """
    n, where = len(elements), f"judgements of {name}"
    if len(rows) != n or any(len(row) != n for row in rows):
        got = f"{len(rows)} rows of {sorted({len(row) for row in rows})} numbers"
        raise refusal(where, "the matrix", f"{n} rows of {n} numbers", got, "Give a row per element.")
    matrix = np.array([[np.nan if cell is None else cell for cell in row] for row in rows], dtype=float)
    for i in range(n):
        for j in range(i, n):
            both = matrix[i, j] * matrix[j, i]
            missing = np.isnan(matrix[i, j]) and np.isnan(matrix[j, i])
            # A third written as 0.33 is meant as a third.
            if not missing and not abs(both - 1) <= 0.02:
                got = f"{matrix[i, j]:g} and {matrix[j, i]:g}"
                raise refusal(
                    where,
                    _pair(elements, i, j),
                    "the reciprocal of its opposite",
                    got,
                    "Correct one of them.",
                )
    upper = matrix[np.triu_indices(n, k=1)]
    return Judgements(name, tuple(elements), tuple(None if np.isnan(v) else float(v) for v in upper))


def consistency(judgements: Judgements) -> Weights:
    """Principal eigenvector of the judgements, scaled to sum 1, and its consistency, whatever that is.

    Missing judgements follow P. T. Harker, "Incomplete pairwise comparisons in the analytic hierarchy
    process", Math. Modelling 9 (1987), 837-848: 0 in their place, and their number of the row added to the
    diagonal, which is the same as filling them with w_i/w_j.
    """
    matrix = reciprocal_matrix(judgements)
    vector, eigenvalue = _principal(matrix)
    n = len(matrix)
    missing = int(np.isnan(matrix).sum()) // 2
    # Rounding leaves -1e-16 where the judgements agree perfectly.
    index = max(0.0, (eigenvalue - n) / (n - 1)) if n > 1 else 0.0
    random = RANDOM_INDEX[n] * (1 - 2 * missing / ((n - 1) * (n - 2))) if n > 2 else 0.0
    ratio = index / random if random > ROUNDING else 0.0
    named = {e: float(w) for e, w in zip(judgements.elements, vector, strict=True)}
    repair = _repair(judgements, matrix, vector) if index > ROUNDING else None
    return Weights(named, eigenvalue, index, ratio, max(random, 0.0), repair)


def weights(judgements: Judgements) -> Weights:
    """`consistency` of judgements that do not contradict each other.

    Raises
    ------
    WorkbenchError
        If the judgements are malformed or contradict each other (CR above 0.10); the message names the
        judgement that fits the others least, the largest ``|ln a_ij - ln(w_i/w_j)|``.
    """
    found = consistency(judgements)
    if found.ratio > HIGHEST_RATIO:
        raise contradiction(judgements.name, found)
    return found


def contradiction(name: str, found: Weights) -> WorkbenchError:
    """The refusal of judgements of `name` whose ratio is too high."""
    return refusal(
        f"judgements of {name}",
        "the consistency ratio",
        f"at most {HIGHEST_RATIO:.2f}",
        f"{found.ratio:.2f}",
        f"Look again at {found.repair.text}." if found.repair else "Judge again.",
    )


def together(judged: Sequence[Judgements]) -> Judgements:
    """The judgements of several experts as one: the geometric mean of each pair over those who judged it.

    J. Aczél & T. L. Saaty, "Procedures for synthesizing ratio judgements", J. Math. Psychol. 27 (1983): the
    only mean that keeps reciprocals and treats experts alike.
    """
    logs = np.array([[np.nan if v is None else np.log(v) for v in j.upper] for j in judged], dtype=float)
    count = np.isfinite(logs).sum(axis=0)
    mean = np.exp(np.nansum(logs, axis=0) / np.maximum(count, 1))
    upper = tuple(float(v) if n else None for v, n in zip(mean, count, strict=True))
    name = judged[0].name if len(judged) == 1 else f"{len(judged)} experts together"
    return Judgements(name, judged[0].elements, upper)


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


def on_scale(value: float) -> str:
    """A judgement as Saaty's scale writes it: a whole number, or 1 over one."""
    if value >= 1:
        return f"{value:.0f}"
    return f"1/{1 / value:.0f}" if round(1 / value) > 1 else "1"


def _pair(elements: Sequence[str], row: int, column: int) -> str:
    return f"the judgement '{elements[row]}' against '{elements[column]}'"


def _tied(matrix: Floats) -> bool:
    """Whether every element can be reached from the first one by pairs that are judged."""
    steps = np.isfinite(matrix).astype(np.int64)
    return bool((np.linalg.matrix_power(steps, len(matrix)) > 0).all())


def _principal(matrix: Floats) -> tuple[Floats, float]:
    missing = np.isnan(matrix)
    filled = np.where(missing, 0.0, matrix)
    filled[np.diag_indices(len(matrix))] += missing.sum(axis=1)
    values, vectors = np.linalg.eig(filled)
    first = int(np.argmax(values.real))
    vector = np.abs(vectors[:, first].real)
    return vector / vector.sum(), float(values[first].real)


def _repair(judgements: Judgements, matrix: Floats, vector: Floats) -> Repair:
    with np.errstate(invalid="ignore"):
        misfit = np.triu(np.abs(np.log(matrix) - np.log(vector[:, np.newaxis] / vector)), k=1)
    row, column = divmod(int(np.nanargmax(misfit)), len(matrix))
    without = matrix.copy()
    without[row, column] = without[column, row] = np.nan
    others = _principal(without)[0] if _tied(without) else vector
    fitting = float(np.clip(others[row] / others[column], 1 / MOST, MOST))
    names = judgements.elements
    return Repair(names[row], names[column], float(matrix[row, column]), fitting)
