"""What utterances are about: words that occur together, also where nobody looked for them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.feedback.detection import UNDETERMINED
from workbench.feedback.factors import (
    MIN_OWN_WORDS,
    WORDS_PER_TOPIC,
    find_groups,
    own_words,
    top_words,
    topics_of,
)
from workbench.feedback.words import one_form, stop_words, words_of
from workbench.recall import recall

MIN_SPEAKERS = 10  # cell size rule: a word is counted and shown only if so many customers use it
WORDS_IN_NAME, EXAMPLE_WORDS = 3, 2
SPLITS = 2  # into halves
MAX_FITTED = 10_000  # utterances a model is fitted to; the others are only assigned
# Without a stop list, a word in more than a tenth of the utterances is taken for a function word.
MAX_SHARE_UNLISTED = 0.1
SEPARATOR = " / "
SEPARATORS = {"zh": "、"}
NO_TOPIC = -1


@dataclass(frozen=True)
class TopicModel:
    """The topics of one language, largest first.

    Attributes
    ----------
    words : tuple of tuple of str
        The ten words of each topic; the first three are its name.
    lift : tuple of float
        How many times more often than by chance two of the topic's words stand in one utterance, counted in
        utterances that had no part in finding them.
    assigned : pandas.Series
        Number of the topic of each utterance, NO_TOPIC for none.
    """

    words: tuple[tuple[str, ...], ...]
    lift: tuple[float, ...]
    assigned: pd.Series

    def names(self, language: str) -> list[str]:
        """The name of each topic: its first words."""
        separator = SEPARATORS.get(language, SEPARATOR)
        return [separator.join(words[:WORDS_IN_NAME]) for words in self.words]

    def examples(self, language: str) -> list[str]:
        """Further words of each topic."""
        separator = SEPARATORS.get(language, SEPARATOR)
        return [separator.join(words[WORDS_IN_NAME:][:EXAMPLE_WORDS]) for words in self.words]


def topic_models(
    frame: pd.DataFrame, most: int, seed: int, basis: str | None = None
) -> dict[str, TopicModel]:
    """The topics of each language, by language code; a language without any is left out.

    Parameters
    ----------
    frame : pandas.DataFrame
        text, key, language, speaker; one row per utterance.
    most : int
        Largest number of topics per language.
    basis : str, optional
        Digest of `frame`, under which the topics are kept: their words, and the places of their utterances.
    """
    written = frame[frame["text"] != ""]
    asked = {"most": most, "seed": seed}
    topics = recall("feedback.topics", basis, asked, lambda: _fitted(written, most, seed))
    return {str(language): _model(own, written) for language, own in topics.groupby("language")}


def _fitted(written: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """One row per topic: language, lift, words, and the places of its utterances among those written."""
    found = []
    for language in sorted(set(written["language"].dropna()) - {UNDETERMINED}):
        model = fit_topics(written[written["language"] == language], language, most, seed)
        if model is None:
            continue
        assigned = model.assigned.reindex(written.index, fill_value=NO_TOPIC).to_numpy()
        for number, (words, lift) in enumerate(zip(model.words, model.lift, strict=True)):
            found.append((language, lift, words, np.flatnonzero(assigned == number)))
    return pd.DataFrame(found, columns=["language", "lift", "words", "places"])


def _model(topics: pd.DataFrame, written: pd.DataFrame) -> TopicModel:
    """The topics of one language, as `_fitted` gives them, with all of its utterances."""
    assigned = pd.Series(NO_TOPIC, written.index[written["language"] == topics["language"].iloc[0]])
    for number, places in enumerate(topics["places"]):
        assigned.loc[written.index[places]] = number
    words = tuple(tuple(map(str, ten)) for ten in topics["words"])
    return TopicModel(words, tuple(map(float, topics["lift"])), assigned)


def fit_topics(rows: pd.DataFrame, language: str, most: int, seed: int) -> TopicModel | None:
    """Topics of the utterances of one language, or None if no group of words holds.

    The number of groups is the smallest, up to `most`, that makes the most topics (see `factors`); groups of
    words that do not hold are not shown. Texts that repeat one another are read once.

    An utterance has the topic to whose words its own are nearest (cosine), among the topics of which it holds
    at least one of the ten; short or general utterances have none.
    """
    counts, vocabulary = _count_words(rows, language)
    distinct = np.flatnonzero(~rows["key"].duplicated().to_numpy())
    # Every topic needs words of its own, and utterances in both halves.
    largest = min(most, len(vocabulary) // MIN_OWN_WORDS, len(distinct) // (2 * MIN_SPEAKERS))
    if largest < 2 or len(vocabulary) < 2 * WORDS_PER_TOPIC:
        return None
    weights, rng = _weigh(counts), np.random.default_rng(seed)
    fitted = rng.permutation(distinct)[:MAX_FITTED]
    halves = [tuple(np.array_split(rng.permutation(fitted), 2)) for _ in range(SPLITS)]
    tried = [find_groups(weights, counts, halves, number) for number in range(2, largest + 1)]
    found = [topics_of(groups, counts[np.sort(fitted)]) for groups in tried]
    factors, lift = max(found, key=lambda topics: len(topics[1]))  # the first of several that make as many
    return _described(factors, lift, weights, vocabulary, rows.index) if len(lift) else None


def _count_words(rows: pd.DataFrame, language: str) -> tuple[Any, NDArray[np.str_]]:
    """Counts (utterances × words) of the words that at least MIN_SPEAKERS speakers use."""
    from sklearn.feature_extraction.text import CountVectorizer

    said = {text: words_of(text, language) for text in rows["text"].unique()}
    if language == "en":
        forms = one_form(Counter(word for words in said.values() for word in set(words)))
        said = {text: [forms.get(word, word) for word in words] for text, words in said.items()}
    counter = CountVectorizer(analyzer=said.__getitem__)
    if not any(said.values()):
        return None, np.array([], dtype=str)
    counts = counter.fit_transform(rows["text"])
    speakers = _speakers_per_word(counts, rows["speaker"])
    most = len(rows) if stop_words(language) else MAX_SHARE_UNLISTED * len(rows)
    kept = (speakers >= MIN_SPEAKERS) & (np.asarray((counts > 0).sum(axis=0)).ravel() <= most)
    return counts[:, kept], counter.get_feature_names_out()[kept]


def _speakers_per_word(counts: Any, speaker: pd.Series) -> NDArray[np.int64]:
    from scipy.sparse import csr_matrix

    codes, names = pd.factorize(speaker)
    belongs = csr_matrix((np.ones(len(codes)), (codes, np.arange(len(codes)))), (len(names), len(codes)))
    return np.asarray(((belongs @ counts) > 0).sum(axis=0)).ravel()


def _weigh(counts: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer(sublinear_tf=True).fit_transform(counts)


def _described(
    factors: NDArray[np.float64],
    lift: NDArray[np.float64],
    weights: Any,
    vocabulary: NDArray[np.str_],
    index: pd.Index,
) -> TopicModel:
    """The topics with their words and utterances, largest first; those of too few utterances are dropped."""
    assigned = _assign(factors, weights)
    sizes = np.bincount(assigned[assigned != NO_TOPIC], minlength=len(factors))
    order = [topic for topic in np.argsort(-sizes, kind="stable") if sizes[topic] >= MIN_SPEAKERS]
    number = {topic: place for place, topic in enumerate(order)}
    return TopicModel(
        tuple(_spoken(factors, topic, vocabulary) for topic in order),
        tuple(float(lift[topic]) for topic in order),
        pd.Series([number.get(topic, NO_TOPIC) for topic in assigned], index),
    )


def _assign(factors: NDArray[np.float64], weights: Any) -> NDArray[np.int64]:
    top = top_words(factors)
    length = np.linalg.norm(factors, axis=1, keepdims=True)
    nearness = np.asarray(weights @ (factors / length).T)
    nearness[np.asarray((weights > 0) @ top.T.astype(int)) == 0] = 0
    return np.where(nearness.max(axis=1) > 0, nearness.argmax(axis=1), NO_TOPIC)


def _spoken(factors: NDArray[np.float64], topic: int, vocabulary: NDArray[np.str_]) -> tuple[str, ...]:
    """The topic's words that are heaviest in it, first those that weigh less in every other topic."""
    own = own_words(factors)[topic]
    heaviest = np.argsort(-factors[topic], kind="stable")[:WORDS_PER_TOPIC]
    ordered = [*heaviest[own[heaviest]], *heaviest[~own[heaviest]]]
    return tuple(str(vocabulary[place]) for place in ordered)
