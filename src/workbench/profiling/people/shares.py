"""Shares, ranks and many tests at once: the arithmetic of tag health and of group portraits."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
Z_95 = 1.959964  # two-sided 95 % quantile of the normal distribution
FEW_EXPECTED = 5  # Cochran's rule: below it in a cell the exact test is taken


def wilson(numerator: ArrayLike, denominator: ArrayLike) -> tuple[Vector, Vector]:
    """The ends of the 95 % Wilson interval; NaN where the denominator is 0.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927), 209-212.
    """
    n = np.asarray(denominator, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.asarray(numerator, dtype=float) / n
        spread = Z_95 * np.sqrt(p * (1 - p) / n + Z_95**2 / (4 * n**2))
        low, high = ((p + Z_95**2 / (2 * n) + side * spread) / (1 + Z_95**2 / n) for side in (-1, 1))
    # Rounding must not put a share of 0 or 1 outside its own interval.
    return np.minimum(low, p).clip(0, 1), np.maximum(high, p).clip(0, 1)


def cliffs_delta(ranks: Vector, carried: NDArray[np.bool_]) -> float:
    """How far the carriers stand above the others: P(carrier > other) - P(carrier < other), from -1 to 1.

    Parameters
    ----------
    ranks : numpy.ndarray
        Ranks of a value over all customers, from 1, equal values sharing their mean rank.

    Notes
    -----
    Twice the area under the ROC curve less one, by Mann and Whitney's sum of ranks. Source: N. Cliff,
    "Dominance statistics", Psychological Bulletin 114 (1993), 494-509, eq. 2.
    """
    n, m = int(carried.sum()), int((~carried).sum())
    if n == 0 or m == 0:
        return float("nan")
    above = ranks[carried].sum() - n * (n + 1) / 2
    return float(2 * above / (n * m) - 1)


def benjamini_hochberg(p_values: ArrayLike) -> Vector:
    """q-values: the smallest false discovery rate at which each test is called significant.

    Source: Y. Benjamini & Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995), 289-300.
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(-p, kind="stable")
    ranks = np.arange(len(p), 0, -1)
    q = np.empty_like(p)
    q[order] = np.minimum.accumulate(p[order] * len(p) / ranks).clip(max=1) if len(p) else p
    return q


def two_shares(a: int, n: int, b: int, m: int) -> float:
    """p-value of the hypothesis that a of n and b of m come from one share (two-sided).

    The pooled test of two proportions; Fisher's exact test where a cell expects fewer than FEW_EXPECTED.
    Assumes independent customers.
    """
    from scipy.stats import fisher_exact, norm  # slow to import, and who reads tags needs no test

    total, whole = a + b, n + m
    expected = min(n, m) * min(total, whole - total) / whole
    if expected < FEW_EXPECTED:
        return float(fisher_exact(np.array([[a, n - a], [b, m - b]])).pvalue)
    share = total / whole
    z = (a / n - b / m) / np.sqrt(share * (1 - share) * (1 / n + 1 / m))
    return float(2 * norm.sf(abs(z)))


def target_index(a: int, n: int, b: int, m: int) -> tuple[float, float, float]:
    """TGI of a group of n against the base of n + m that it is a part of, with its 95 % interval.

    100 times (a / n) over ((a + b) / (n + m)). The index rises with the ratio r of the shares of the group
    and of the rest, TGI = 100 r / (w r + 1 - w) with w = n / (n + m). Its interval is that of r carried over:
    it leaves out 100 where the group differs from the rest. Source of the interval of r: D. Katz et al.,
    "Obtaining confidence intervals for the risk ratio in cohort studies", Biometrics 34 (1978), 469-474,
    method C; half a customer is added to every cell where one is empty.
    """
    index = 100 * (a / n) / ((a + b) / (n + m))
    half = 0.5 if 0 in (a, b) else 0.0
    x, y, of_x, of_y = a + half, b + half, n + 2 * half, m + 2 * half
    deviation = Z_95 * np.sqrt(max(1 / x - 1 / of_x + 1 / y - 1 / of_y, 0))
    ratios = (x / of_x) / (y / of_y) * np.exp([-deviation, deviation])
    w = n / (n + m)
    low, high = 100 * ratios / (w * ratios + 1 - w)
    return float(index), float(min(low, index)), float(max(high, index))
