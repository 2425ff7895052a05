"""Groups of words from a factorisation: whether they hold where nobody looked, and which are one topic."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

WORDS_PER_TOPIC = 10
# A group of words is a topic if at least half of its ten words come back in halves of the utterances …
STABLE = 0.5
# … and if there they stand together more often than by chance, by this factor even three standard deviations
# down. On words drawn at random (40 to 300 words, 300 to 4,000 utterances of 3 to 40 words, 533 groups) that
# end lay at 1.035 at most; on real reviews most groups have it above 1.1.
MIN_LIFT, DEVIATIONS = 1.05, 3.0
MIN_OWN_WORDS = 3  # top words that weigh more in this group than in any other: they name the topic
# Groups are one topic if their words stand together across nearly as often as within: by this share of what
# exceeds chance. In simulations of 200 to 3,000 utterances parts of one theme have 0.7 and more; in
# the shopping reviews "trousers" and "clothes" have 1.45, "delivery" and "prices" -0.03.
RELATED = 0.7
MAX_STEPS, TOLERANCE = 300, 1e-3  # of the factorisation

Halves = list[tuple[NDArray[np.int64], ...]]


@dataclass(frozen=True)
class Groups:
    """Groups of words that a factorisation finds.

    Attributes
    ----------
    factors : array of shape (groups, words)
        Weight of each word in each group.
    agreement : array of shape (groups,)
        Share of a group's top words that come back in halves of the utterances, on average.
    lift : array of shape (groups,)
        How many times more often than by chance two top words stand together in the other half.
    lift_low : array of shape (groups,)
        The same, less DEVIATIONS standard deviations of a lift by chance.
    """

    factors: NDArray[np.float64]
    agreement: NDArray[np.float64]
    lift: NDArray[np.float64]
    lift_low: NDArray[np.float64]

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Which groups are topics."""
        named = own_words(self.factors).sum(axis=1) >= MIN_OWN_WORDS
        return np.asarray((self.agreement >= STABLE) & (self.lift_low >= MIN_LIFT) & named)


def find_groups(weights: Any, counts: Any, halves: Halves, number: int) -> Groups:
    """`number` groups of words, found in all utterances of `halves` and tried on halves of them.

    Each half is factorised by itself; its groups are matched to those of the whole, one to one, by the top
    words they share. Then it is counted how often two top words of a group stand together in the *other*
    half, beside how often they would by chance (see `together`).

    Sources: D. D. Lee and H. S. Seung, Nature 401 (1999), 788-791, for the factorisation; D. Greene,
    D. O'Callaghan and P. Cunningham, "How many topics?", ECML PKDD 2014, for agreement between samples.

    Parameters
    ----------
    weights, counts : sparse matrices of shape (utterances, words)
        TF-IDF weights, and counts.
    halves : list of pairs of arrays
        Positions of the two halves, for each split.
    """
    factors = _factorise(weights[np.sort(np.concatenate(halves[0]))], number)
    whole, tried = top_words(factors), []
    for one, other in [pair for first, second in halves for pair in ((first, second), (second, first))]:
        half = top_words(_factorise(weights[one], number))
        agreement, match = _matched(whole, half)
        tried.append((agreement, *map(np.diagonal, together(counts[other], half[match]))))
    agreement, seen, expected, variance = (np.mean(parts, axis=0) for parts in zip(*tried, strict=True))
    lift, low = (_ratio(n, expected) for n in (seen, seen - DEVIATIONS * np.sqrt(variance)))
    return Groups(factors, agreement, lift, low)


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quotient; 0 where there is nothing to divide by."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def topics_of(groups: Groups, counts: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The groups that hold, with those put together that are one topic.

    Parameters
    ----------
    counts : sparse matrix of shape (utterances, words)
        In which it is counted how often words of two groups stand together. That is no test: groups are
        made to have little to do with each other in the utterances they were found in.

    Returns
    -------
    tuple of arrays of shape (topics, words) and (topics,)
        Weight of each word in each topic; how many times more often than by chance two of its words stand
        together (the mean of the groups put together).
    """
    factors, lift = groups.factors[groups.holds], groups.lift[groups.holds]
    if len(factors) < 2:
        return factors, lift
    seen, expected, _ = together(counts, own_words(factors))
    relation = (_ratio(seen, expected) - 1) / np.sqrt(np.outer(lift - 1, lift - 1))
    topic = _clusters(relation)
    scaled = factors / factors.max(axis=1, keepdims=True)
    merged = np.array([scaled[topic == number].sum(axis=0) for number in np.unique(topic)])
    return merged, np.array([lift[topic == number].mean() for number in np.unique(topic)])


def _clusters(relation: NDArray[np.float64]) -> NDArray[np.int64]:
    """The cluster of each group: average linkage, so that a group between two topics does not join them."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    most = max(relation.max(), RELATED)
    distance = most - relation
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "average")
    return np.asarray(fcluster(tree, most - RELATED, "distance"))


def top_words(factors: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Groups × words: whether a word is among the group's WORDS_PER_TOPIC heaviest."""
    heaviest = np.argsort(-factors, axis=1, kind="stable")[:, :WORDS_PER_TOPIC]
    top = np.zeros(factors.shape, dtype=bool)
    np.put_along_axis(top, heaviest, True, axis=1)
    return top & (factors > 0)


def own_words(factors: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Groups × words: whether it is a top word of this group that weighs more in no other."""
    strongest = factors.argmax(axis=0)[np.newaxis, :] == np.arange(len(factors))[:, np.newaxis]
    return np.asarray(top_words(factors) & strongest)


def together(counts: Any, top: NDArray[np.bool_]) -> tuple[NDArray[np.float64], ...]:
    """Pairs of top words of two groups that stand in one utterance: those there are, and those of chance.

    A pair in an utterance of L distinct words counts 1 / (L − 1), so that an utterance counts by its length
    and not by the square of it. By chance, it holds a word of n utterances with probability n L / ΣL; two
    words then make n₁ n₂ / ΣL pairs, with the variance n₁ n₂ Σ L / (L − 1) / (ΣL)² (independent utterances).

    Returns
    -------
    tuple of three arrays of shape (groups, groups)
        Pairs seen, pairs expected, variance of the pairs by chance; pairs within a group on the diagonal.
    """
    holds = (counts > 0).astype(float)
    holds = holds[np.asarray(holds.sum(axis=1)).ravel() >= 2]  # one word makes no pair
    length = np.asarray(holds.sum(axis=1)).ravel()
    words = max(length.sum(), 1.0)
    in_group = np.asarray(holds @ top.T.astype(float))  # top words of each group in each utterance
    counted = in_group / (length - 1)[:, np.newaxis]
    seen, sizes = counted.T @ in_group, np.asarray(holds.sum(axis=0)).ravel() * top
    pairs = np.outer(sizes.sum(axis=1), sizes.sum(axis=1))
    # Within a group, a word makes no pair with itself, and each pair is met from both of its ends.
    np.fill_diagonal(seen, (np.diagonal(seen) - counted.sum(axis=0)) / 2)
    np.fill_diagonal(pairs, (np.diagonal(pairs) - (sizes**2).sum(axis=1)) / 2)
    return seen, pairs / words, pairs * (length / (length - 1)).sum() / words**2


def _factorise(weights: Any, number: int) -> NDArray[np.float64]:
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(number, init="nndsvda", random_state=0, max_iter=MAX_STEPS, tol=TOLERANCE)
    with warnings.catch_warnings():
        # Groups are judged by what they do in other utterances, not by how far the last step went.
        warnings.simplefilter("ignore", ConvergenceWarning)
        with threadpool_limits(1):  # so small a matrix takes five times as long on two busy threads
            return np.asarray(model.fit(weights).components_)


def _matched(
    whole: NDArray[np.bool_], half: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Share of each group's top words in the group of the half matched to it, and which one that is."""
    from scipy.optimize import linear_sum_assignment

    shared = whole.astype(int) @ half.astype(int).T / WORDS_PER_TOPIC
    rows, columns = linear_sum_assignment(-shared)
    return shared[rows, columns], columns
