"""Intervals of many rates at once."""

from typing import Any

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054  # 97.5 % quantile of the normal distribution

Floats = npt.NDArray[np.float64]


def wilson(numerators: Any, denominators: Any) -> tuple[Floats, Floats]:
    """Lower and upper ends of the 95 % Wilson intervals; not a number where nothing was counted.

    Source: E. B. Wilson, JASA 22 (1927), 209-212. Assumes independent units.
    """
    k, n = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = k / n
        centre = (p + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
        half = Z_95 / (1 + Z_95**2 / n) * np.sqrt(p * (1 - p) / n + Z_95**2 / (4 * n**2))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
