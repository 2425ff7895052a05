"""Expected purchases under BG/NBD, of parameters or of each customer's own posterior.

P. Fader, B. Hardie, K. L. Lee, Marketing Science 24 (2005), 275-284; equation numbers are that paper's.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betainc, hyp2f1

from workbench.segmentation.purchases.maximum_likelihood import Floats

# The factor 1/(a - 1) of eqs. 9 and 10 has a removable pole; nearer than this, a line bridges it.
POLE_WIDTH = 1e-5


class Population(NamedTuple):
    """The four parameters, or (as arrays) those of each customer's own posterior."""

    r: float | Floats
    alpha: float | Floats
    a: float | Floats
    b: float | Floats


def expected_purchases(own: Population, t: float) -> Floats:
    """Eq. 9 for each row of parameters; with a posterior in their place it is the bracket of eq. 10.

    Euler's transformation of the Gauss hypergeometric function leaves a - 1 and a + b - 1 - r as its upper
    parameters: with a posterior (r + x, b + x) the purchases x cancel out of them, so that customers with
    hundreds of purchases pose no difficulty. Where the function still has no value in double precision
    (a of several hundreds and more), the sum over the purchases is taken instead.
    """
    r, alpha, a, b = (np.asarray(value, dtype=float) for value in own)
    near = np.abs(a - 1) < POLE_WIDTH
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        value = _closed_form(r, alpha, np.where(near, 1 - POLE_WIDTH, a), b, t)
        above = _closed_form(r, alpha, np.where(near, 1 + POLE_WIDTH, a), b, t)
    between = (a - 1 + POLE_WIDTH) / (2 * POLE_WIDTH)
    value = np.where(near, value + between * (above - value), value)
    lost = ~np.isfinite(value)
    if lost.any():
        value[lost] = _summed(r[lost], alpha[lost], a[lost], b[lost], t)
    return value


def _closed_form(r: Floats, alpha: Floats, a: Floats, b: Floats, t: float) -> Floats:
    z = t / (alpha + t)
    survive = (1 - z) ** (a - 1) * hyp2f1(a - 1, a + b - 1 - r, a + b - 1, z)
    value: Floats = (a + b - 1) / (a - 1) * (1 - survive)
    return value


def _summed(r: Floats, alpha: Floats, a: Floats, b: Floats, t: float) -> Floats:
    """Σ P(at least k moments of purchase) · P(still there at the k-th), k = 1, 2, …"""
    z = t / (alpha + t)
    there, total, k = np.ones_like(r), np.zeros_like(r), 1
    while True:
        term = there * betainc(k, r, z)
        total += term
        if np.all(term <= 1e-13 * total):
            return total
        there *= (b + k - 1) / (a + b + k - 1)
        k += 1
