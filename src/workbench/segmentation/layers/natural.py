"""Natural breaks: classes of one measure within which values differ least."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
# Starts of classes tried at most: half of them split the range, half the customers, into equal parts.
MOST_STARTS = 1_024


def natural_breaks(values: npt.ArrayLike, groups: int, *, logarithmic: bool = False) -> Numbers:
    """The least value of each class but the lowest, of the classes with the least sum of squared deviations.

    The optimum over all ways to cut sorted values into `groups` classes (W. D. Fisher, "On grouping for
    maximum homogeneity", JASA 53 (1958), 789-798; known by G. F. Jenks), by dynamic programming over distinct
    values weighted with their counts. It is exact for up to MOST_STARTS distinct values. Of more, a class may
    start only at some: where the range, or the number of customers, passes one of MOST_STARTS / 2 equal
    parts. The deviations are those of all values all the same, so the result is the best of the cuts tried.

    Equal values are never parted. Where there are fewer distinct values than `groups`, each is a class. A
    single value far from all others takes a class of its own.

    Parameters
    ----------
    values : array of numbers
        One for each customer, none missing.
    logarithmic : bool
        Whether deviations are those of log(1 + value), so that multiples count, not differences; the values
        are then 0 or more.

    Returns
    -------
    ndarray
        Rising, at most ``groups - 1`` of them, in the units of `values`.
    """
    distinct, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    if len(distinct) <= groups:
        return distinct[1:]
    scaled = np.log1p(distinct) if logarithmic else distinct
    weights = counts.astype(np.float64)
    centred = scaled - np.average(scaled, weights=weights)  # small numbers: squares cancel less
    starts = _possible_starts(scaled, weights)
    sums = [np.add.reduceat(weights * centred**power, starts) for power in range(3)]
    return distinct[starts[_best_cuts(sums, groups)]]


def _possible_starts(scaled: Numbers, weights: Numbers) -> npt.NDArray[np.int64]:
    """Positions at which a class may start, the first included."""
    if len(scaled) <= MOST_STARTS:
        return np.arange(len(scaled))
    parts = MOST_STARTS // 2
    by_range = np.searchsorted(scaled, np.linspace(scaled[0], scaled[-1], parts, endpoint=False))
    before = np.cumsum(weights) - weights
    by_count = np.searchsorted(before, np.linspace(0, weights.sum(), parts, endpoint=False))
    found = np.unique(np.concatenate([by_range, by_count]))
    return found[found < len(scaled)].astype(np.int64)


def _best_cuts(sums: list[Numbers], groups: int) -> npt.NDArray[np.int64]:
    """Which of the blocks with these sums of powers 0, 1, 2 begin a class, the first left out."""
    groups = min(groups, len(sums[0]))
    count, total, square = (np.concatenate([[0.0], np.cumsum(part)]) for part in sums)
    held = count[None, :] - count[:, None]  # row: first block of a class; column: the one after its last
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = square[None, :] - square[:, None] - (total[None, :] - total[:, None]) ** 2 / held
    cost = np.where(held > 0, np.maximum(spread, 0), np.inf)
    best, cuts = cost[0], []
    for _ in range(groups - 1):
        together = best[:, None] + cost
        cuts.append(together.argmin(axis=0))
        best = together.min(axis=0)
    starts, end = [], len(count) - 1
    for cut in reversed(cuts):
        end = int(cut[end])
        starts.append(end)
    return np.array(starts[::-1], dtype=np.int64)
