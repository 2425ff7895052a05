"""Sentiment learned from labelled or rated texts, measured on texts held back, beside the majority rule."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.feedback.classifier import class_probabilities, count_ngrams
from workbench.feedback.detection import UNDETERMINED
from workbench.feedback.labels import CLASSES, SCORES, Known
from workbench.recall import recall
from workbench.results import Missing

POOLED = "pooled"  # the model of the languages that have too few labelled texts for one of their own
# 200 texts give an accuracy of 0.9 to about ±0.04 (Wilson): with fewer, a model of its own and the pooled
# one could not be told apart.
MIN_OWN_MODEL = 200
MIN_LABELLED, MIN_PER_CLASS = 40, 10  # below, nothing is learned: there would be too little to measure it on
# Accuracy on the online-shopping reviews rises from 0.925 (9,000 texts learned from) to 0.939 (39,000): more
# would cost minutes and bring little. Which texts are within the limit is drawn by lot; the others are judged
# like unlabelled ones.
MAX_LEARNED = 30_000
NOT_DRAWN = -1  # part of the texts that no model learns from
RESAMPLES = 1_000  # of the measured texts, for the interval of macro-F1


@dataclass(frozen=True)
class Measured:
    """What the models do on texts held back from them.

    Attributes
    ----------
    n : int
        Distinct labelled texts, each held back once.
    parts : int
        Number of parts; one at a time is held back.
    confusion : pandas.DataFrame
        Measured texts; rows are known sentiments, columns are predicted ones.
    naive_confusion : pandas.DataFrame
        The same for the majority rule: the most frequent class among the texts the same model learned from.
    macro_f1_interval : tuple of float
        95 % percentile interval over resamples of the measured texts.
    models : pandas.DataFrame
        model (language code or ``pooled``), n, n_right, n_right_naive.
    """

    n: int
    parts: int
    confusion: pd.DataFrame
    naive_confusion: pd.DataFrame
    macro_f1_interval: tuple[float, float]
    models: pd.DataFrame

    @property
    def n_right(self) -> int:
        """Texts whose sentiment was predicted right."""
        return int(np.trace(self.confusion.to_numpy()))

    @property
    def n_right_naive(self) -> int:
        """Texts whose sentiment the majority rule names."""
        return int(np.trace(self.naive_confusion.to_numpy()))


@dataclass(frozen=True)
class Sentiment:
    """The sentiment of every utterance, in the order of the rows given.

    Attributes
    ----------
    judged : pandas.DataFrame
        sentiment (one of CLASSES), sentiment_score (0 to 1: P(positive) + ½ P(neutral)) and sentiment_basis:
        ``out_of_fold`` (a labelled text, judged by a model that did not learn from it), ``model`` (a text
        without label), ``rating`` or ``label`` (no text). Missing where nothing is known.
    measured : Measured or Missing
    """

    judged: pd.DataFrame
    measured: Measured | Missing


def judge(
    frame: pd.DataFrame, known: Known, *, holdout_share: float, seed: int, basis: str | None = None
) -> Sentiment:
    """The sentiment of each utterance of `frame` (columns text, key, language).

    The labelled texts are dealt into parts of about `holdout_share`. Each part in turn is held back and
    judged by a model that learned from the others, so no text is judged by a model that saw it. Texts that
    are equal but for case, marks and blanks are in the same part.

    Assumes that texts with a label or rating are like those without; where only the angry rate, the share of
    negative utterances comes out too high.

    Parameters
    ----------
    basis : str, optional
        Digest of `frame`, from which `known` was read: what the models answer is kept under it, without any
        text.
    """
    texts = _distinct_texts(frame, known.sentiment)
    labelled = texts.dropna(subset="known").drop_duplicates("key")
    n_classes = int((labelled["known"].value_counts() >= MIN_PER_CLASS).sum())
    if len(labelled) < MIN_LABELLED or n_classes < 2:
        reason = {"n": len(labelled), "least": MIN_LABELLED, "per_class": MIN_PER_CLASS}
        return Sentiment(_without_model(known), Missing("feedback.missing_labels", reason))
    rng = np.random.default_rng(seed)
    texts["model"] = _model_names(labelled).reindex(texts["language"]).fillna(POOLED).to_numpy()
    parts = max(2, round(1 / holdout_share))
    texts["part"] = texts["key"].map(_deal(texts, parts, rng)).fillna(NOT_DRAWN).astype(int)
    texts["learned"] = texts["known"].notna() & (texts["part"] != NOT_DRAWN)
    asked = {"parts": parts, "seed": seed}
    answers = recall("feedback.answers", basis, asked, lambda: _answers(texts)).set_index("place")
    judged = texts.loc[answers.index].join(answers)
    return Sentiment(_spread(frame, known, judged), _measure(judged, parts, rng))


def _distinct_texts(frame: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """One row per distinct text, sorted: text, key, language, known (its most frequent class)."""
    said = frame.assign(known=known)[["text", "key", "language", "known"]].query("text != ''")
    labelled = said.dropna(subset="known")
    counts = labelled.groupby(["text", "known"]).size().reset_index(name="n")
    usual = counts.sort_values(["text", "n", "known"], ascending=[True, False, True]).drop_duplicates("text")
    texts = said.drop_duplicates("text").sort_values("text", ignore_index=True)
    return texts.assign(known=texts["text"].map(usual.set_index("text")["known"]))


def _model_names(labelled: pd.DataFrame) -> pd.Series:
    """The model of each language that has enough labelled texts, in two classes, for one of its own."""
    told = labelled[labelled["language"] != UNDETERMINED]
    by_class = pd.crosstab(told["language"], told["known"])
    own = (by_class.sum(axis=1) >= MIN_OWN_MODEL) & ((by_class >= MIN_PER_CLASS).sum(axis=1) >= 2)
    names = by_class.index[own]
    return pd.Series(names, index=names, dtype=object)


def _deal(texts: pd.DataFrame, parts: int, rng: np.random.Generator) -> pd.Series:
    """The part of each key that a model learns from, by key.

    Dealt out in turn along a random order sorted by model and class: each part gets its share of each class,
    however rare.
    """
    labelled = texts.dropna(subset="known").drop_duplicates("key")
    drawn = labelled.iloc[rng.permutation(len(labelled))].groupby("model").head(MAX_LEARNED)
    drawn = drawn.sort_values(["model", "known"], kind="stable")
    return pd.Series(np.arange(len(drawn)) % parts, drawn["key"].to_numpy())


def _answers(texts: pd.DataFrame) -> pd.DataFrame:
    """What the models say of each text, by its place among the texts: one row each, model by model."""
    judged = pd.concat([_judge_one_model(texts, name) for name in sorted(texts["model"].unique())])
    return judged[[*CLASSES, "prediction", "naive"]].rename_axis("place").reset_index()


def _judge_one_model(texts: pd.DataFrame, name: str) -> pd.DataFrame:
    """The texts of one model with the probability of each class, `prediction` and `naive`."""
    rows = texts[(texts["model"] == name) | (texts["learned"] & (name == POOLED))]
    wanted, teaches = (rows["model"] == name).to_numpy(), rows["learned"].to_numpy()
    known, part = rows["known"].to_numpy(dtype=object), rows["part"].to_numpy()
    counts = count_ngrams(rows["text"], teaches, name)
    probability, naive = np.zeros((len(rows), len(CLASSES))), np.empty(len(rows), dtype=object)
    for number in np.unique(part[wanted]):
        learned, judged = teaches & (part != number), wanted & (part == number)
        probability[judged] = class_probabilities(counts[learned], known[learned], counts[judged])
        naive[judged] = pd.Series(known[learned]).mode().iloc[0]
    best = np.array(CLASSES, dtype=object)[probability.argmax(axis=1)]
    columns = dict(zip(CLASSES, probability.T, strict=True))
    return rows.assign(**columns, prediction=best, naive=naive)[wanted]


def _spread(frame: pd.DataFrame, known: Known, judged: pd.DataFrame) -> pd.DataFrame:
    """What was found for the distinct texts, on every utterance; those without text speak by their rating."""
    found = judged.assign(
        score=judged["positive"] + judged["neutral"] * SCORES["neutral"],
        basis=np.where(judged["learned"], "out_of_fold", "model"),
    ).set_index("text")
    result, written = _without_model(known), frame["text"] != ""
    for column, name in zip(result.columns, ("prediction", "score", "basis"), strict=True):
        result[column] = result[column].where(~written, frame["text"].map(found[name]))
    return result.astype({"sentiment": "str", "sentiment_score": float, "sentiment_basis": "str"})


def _without_model(known: Known) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sentiment": known.sentiment,
            "sentiment_score": known.sentiment.map(SCORES).astype(float),
            "sentiment_basis": known.origin,
        }
    )


def _measure(judged: pd.DataFrame, parts: int, rng: np.random.Generator) -> Measured:
    measured = judged[judged["learned"]].drop_duplicates("key")
    confusion = _confusion(measured["known"], measured["prediction"])
    models = (
        measured.assign(
            n_right=measured["known"] == measured["prediction"],
            n_right_naive=measured["known"] == measured["naive"],
        )
        .groupby("model")
        .agg(n=("known", "size"), n_right=("n_right", "sum"), n_right_naive=("n_right_naive", "sum"))
        .reset_index()
    )
    naive = _confusion(measured["known"], measured["naive"])
    return Measured(len(measured), parts, confusion, naive, _macro_f1_interval(confusion, rng), models)


def _confusion(known: pd.Series, predicted: pd.Series) -> pd.DataFrame:
    counted = pd.crosstab(known.to_numpy(dtype=object), predicted.to_numpy(dtype=object))
    whole = counted.reindex(index=list(CLASSES), columns=list(CLASSES), fill_value=0)
    return whole.rename_axis(index="known", columns="predicted")


def macro_f1(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean of the F1 of the classes that occur, known or predicted.

    Parameters
    ----------
    confusion : array of shape (…, classes, classes)
        Counts; rows are known classes.
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    occurs = both > 0
    f1 = np.divide(2 * right, both, out=np.zeros(both.shape), where=occurs)
    return np.asarray(f1.sum(axis=-1) / occurs.sum(axis=-1))


def _macro_f1_interval(confusion: pd.DataFrame, rng: np.random.Generator) -> tuple[float, float]:
    counts = confusion.to_numpy()
    drawn = rng.multinomial(counts.sum(), counts.ravel() / counts.sum(), RESAMPLES)
    low, high = np.quantile(macro_f1(drawn.reshape(-1, *counts.shape)), [0.025, 0.975])
    return float(low), float(high)
