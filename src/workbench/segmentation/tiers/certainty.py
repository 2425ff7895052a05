"""How certain a customer's tier is: another year drawn from her own days.

Her days in the window are drawn again, each as often as a Poisson number with mean 1 says (the Poisson
bootstrap), and the tier that the drawn value has is noted. The share of draws in a tier is its probability:
whose one large order carries her tier may as well be in another, who makes many small ones hardly.
It takes her habits as they were and is no forecast: it knows no trend and nobody who leaves.

Source: N. Chamandy, O. Muralidharan, A. Najmi, S. Naidu, "Estimating uncertainty for massive data streams",
Google 2012, section 3.
"""

import numpy as np
import numpy.typing as npt

from workbench.segmentation.tiers.floors import Amounts

DRAWS = 400  # a probability is so known to ± 5 points at worst
CELLS_AT_ONCE = 4_000_000  # doubles of 32 MB

Probabilities = npt.NDArray[np.float64]


def tier_probabilities(
    who: npt.NDArray[np.int32], amounts: Amounts, needed: Amounts, seed: int
) -> Probabilities:
    """The probability of each tier, one row per customer, from the lowest tier up.

    Parameters
    ----------
    who, amounts : ndarray
        The days in the window: place of the customer, in order of customers and days, and what the day adds.
    needed : ndarray of int64
        What each customer needs for each tier but the lowest (`floors.needed`); above 0.

    Notes
    -----
    The k-th day of every customer is drawn with the same numbers: customers who bought alike get the same
    probabilities, whatever their ids are.
    """
    reached = np.zeros(needed.shape)
    days = np.bincount(who, minlength=len(needed))
    first = np.concatenate([[0], np.cumsum(days)])
    order = np.argsort(days, kind="stable")
    order = order[days[order] > 0]
    widest = int(days.max(initial=0))
    drawn = np.random.default_rng(seed).poisson(1.0, size=(widest, DRAWS)).astype(float)
    at_once, start = max(CELLS_AT_ONCE // max(widest, DRAWS), 1), 0
    while start < len(order):
        part = order[start : start + at_once]
        width = int(days[part].max())
        rows = np.zeros((len(part), width))
        lengths = days[part]
        owner = np.repeat(np.arange(len(part)), lengths)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        # Whole numbers far below 2 ** 53: their sums are exact, in whatever order they are formed.
        rows[owner, nth] = amounts[first[part][owner] + nth]
        values = rows @ drawn[:width]
        for tier in range(needed.shape[1]):
            reached[part, tier] = (values >= needed[part, tier][:, None]).mean(axis=1)
        start += at_once
    edges = np.hstack([np.ones((len(needed), 1)), reached, np.zeros((len(needed), 1))])
    probabilities: Probabilities = edges[:, :-1] - edges[:, 1:]
    return probabilities
