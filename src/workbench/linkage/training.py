"""The linkage model of Fellegi and Sunter, fitted by expectation and maximisation over all pairs at once.

Notation as in the literature: m is the probability of a level of agreement between two records of one person,
u between records of two people, and the prior is the probability that two random records belong together.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.linkage.comparisons import CONTRADICTING_NAMES, LEVELS, gamma

Array = NDArray[np.float64]
# Weight of the beliefs before data (LEVELS), in pairs. Matched pairs are few and each field's m needs a few
# dozen of them; the u of identifiers is about 1e-5, so beliefs about it weigh about one pair.
PRIOR_MATCHES = 20.0
PRIOR_STRANGERS = 100_000.0
PRIOR_DUPLICATES = 0.1  # pairs per record: about the share of customers who come twice, before data
PRIOR_PAIRS = 10.0  # weight of that belief
TOLERANCE = 1e-9  # in the prior, relative
MOST_ROUNDS = 500
# Below this many expected pairs of one person, the beliefs before data outweigh what was learned.
FEW_MATCHES = PRIOR_MATCHES


@dataclass(frozen=True)
class LinkModel:
    """A fitted model.

    Attributes
    ----------
    prior : float
        Probability that two random records are one person.
    m, u : dict of str to tuple of float
        By field, over its levels in the order of LEVELS; each tuple sums to one.
    expected_matches : float
        Expected number of pairs of one person among the compared ones.
    rounds : int
    learned : bool
        False when the beliefs before data decide: with few matches, or with one field only, where frequent
        agreement and many matches cannot be told apart.
    """

    prior: float
    m: dict[str, tuple[float, ...]]
    u: dict[str, tuple[float, ...]]
    expected_matches: float
    rounds: int
    learned: bool


def fit(
    patterns: pd.DataFrame, strangers: pd.DataFrame, n_records: int, fields: tuple[str, ...]
) -> LinkModel:
    """Fit the model to counted patterns of agreement.

    Parameters
    ----------
    patterns : pandas.DataFrame
        ``gamma_<field>`` (-1 unknown, else higher is more alike) and ``pairs``: the compared pairs.
    strangers : pandas.DataFrame
        The same for random pairs that share no key; they stand for all pairs that are not compared.

    Notes
    -----
    The E and M steps are those of Winkler (1988) under conditional independence, with the beliefs of LEVELS
    as Dirichlet priors. Pairs that share no key, and pairs whose names contradict each other, count as pairs
    of different people throughout: the first are nearly all of all pairs, so u is learned from them together
    with what the compared pairs leave over. Fitting u on random pairs alone counts the duplicates in it,
    which in files of some thousand customers makes an equal phone number worth a hundredth of what it is.
    """
    n_pairs = n_records * (n_records - 1) / 2
    counts = patterns["pairs"].to_numpy(float)
    sampled = strangers["pairs"].to_numpy(float)
    scale = max(n_pairs - counts.sum(), 0.0) / sampled.sum() if sampled.sum() else 0.0
    inside = {f: _indicator(patterns, f) for f in fields}
    outside = {f: scale * (sampled @ _indicator(strangers, f)) for f in fields}
    start = {f: _beliefs(f) for f in fields}
    m, u = {f: start[f][0] for f in fields}, {f: start[f][1] for f in fields}
    belief = min(0.5, PRIOR_DUPLICATES * n_records / max(n_pairs, 1.0))
    prior, before, rounds, matched = belief, 0.0, 0, counts
    possible = _possible(patterns, fields)
    while abs(prior - before) > TOLERANCE * before and rounds < MOST_ROUNDS:
        rounds += 1
        matched = counts * _posterior(prior, m, u, inside, possible)
        before, prior = prior, (matched.sum() + PRIOR_PAIRS * belief) / (n_pairs + PRIOR_PAIRS)
        for f in fields:
            m[f] = _share(matched @ inside[f], start[f][0], PRIOR_MATCHES)
            u[f] = _share((counts - matched) @ inside[f] + outside[f], start[f][1], PRIOR_STRANGERS)
    return LinkModel(
        prior=float(prior),
        m={f: tuple(m[f].tolist()) for f in fields},
        u={f: tuple(u[f].tolist()) for f in fields},
        expected_matches=float(matched.sum()),
        rounds=rounds,
        learned=bool(len(fields) > 1 and matched.sum() >= FEW_MATCHES),
    )


def _posterior(
    prior: float, m: dict[str, Array], u: dict[str, Array], inside: dict[str, Array], possible: Array
) -> Array:
    """The probability of each pattern to be one person; a field that is unknown says nothing."""
    odds = prior / (1 - prior) * possible
    for field, levels in inside.items():
        odds = odds * np.where(levels.any(axis=1), levels @ (m[field] / u[field]), 1.0)
    return odds / (1 + odds)


def _beliefs(field: str) -> tuple[Array, Array]:
    return np.array([x.m for x in LEVELS[field]]), np.array([x.u for x in LEVELS[field]])


def _indicator(patterns: pd.DataFrame, field: str) -> Array:
    """One row per pattern, one column per level; a row of zeros where the field is unknown."""
    wanted = np.array([gamma(field, level.code) for level in LEVELS[field]])
    indicator: Array = (patterns[f"gamma_{field}"].to_numpy()[:, None] == wanted[None, :]).astype(float)
    return indicator


def _possible(patterns: pd.DataFrame, fields: tuple[str, ...]) -> Array:
    """1 for patterns that can be one person's, 0 where names contradict each other."""
    if "name" not in fields:
        return np.ones(len(patterns))
    contradicting = [gamma("name", code) for code in CONTRADICTING_NAMES]
    return np.where(patterns["gamma_name"].isin(contradicting), 0.0, 1.0)


def _share(counted: Array, belief: Array, weight: float) -> Array:
    share: Array = (counted + weight * belief) / (counted.sum() + weight)
    return share
