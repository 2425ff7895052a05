"""Intervals of many rates at once, and draws of customers for figures that have no formula."""

from typing import Any

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054  # 97.5 % quantile of the normal distribution
DRAWS = 200  # enough for two digits of a 95 % interval
BINS = 10_000  # customers of like value drawn together: what they differ by is far below the interval

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


def binned(values: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Means and sizes of at most BINS runs of the ascending `values`, alike in size."""
    n = len(values)
    edges = np.linspace(0, n, min(n, BINS) + 1).round().astype(np.int64)
    sizes = np.diff(edges)
    return np.add.reduceat(values, edges[:-1]) / sizes, sizes


def redrawn(sizes: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """DRAWS bootstrap samples of as many customers, each as the number drawn from each bin: (DRAWS, bins)."""
    n = int(sizes.sum())
    return np.random.default_rng(seed).multinomial(n, sizes / n, size=DRAWS)


def ends(draws: Floats) -> tuple[float, float]:
    """The middle 95 % of draws; those without a value (all customers drawn brought nothing) do not count."""
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return float(low), float(high)
