"""Draws of customers, for the intervals of figures that have no formula."""

import numpy as np
import numpy.typing as npt

DRAWS = 200  # enough for two digits of a 95 % interval
BINS = 10_000  # customers of like value drawn together: what they differ by is far below the interval

Floats = npt.NDArray[np.float64]


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
