"""What is known of the sentiment of an utterance before any model: the company's label, else the rating."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

CLASSES = ("negative", "neutral", "positive")
SCORES = {"negative": 0.0, "neutral": 0.5, "positive": 1.0}
RATING_LOW, RATING_HIGH = 1, 5
NEGATIVE_UP_TO, POSITIVE_FROM = 2, 4  # ratings; between them an utterance is neutral
LABEL_NEGATIVE_BELOW, LABEL_POSITIVE_ABOVE = 1 / 3, 2 / 3  # numeric labels, in thirds of the way from 0 to 1
LABEL_WORDS = {
    "negative": ("negative", "neg", "负面", "负向", "差评"),
    "neutral": ("neutral", "neu", "中性", "中评"),
    "positive": ("positive", "pos", "正面", "正向", "好评"),
}


@dataclass(frozen=True)
class Known:
    """What labels and ratings say.

    Attributes
    ----------
    sentiment : pandas.Series
        One of CLASSES, or missing; a label wins over a rating.
    origin : pandas.Series
        ``label``, ``rating`` or missing.
    rating : pandas.Series
        Ratings between RATING_LOW and RATING_HIGH; others are missing.
    n_labels_refused, n_ratings_refused : int
        Filled cells that could not be read on their scale.
    """

    sentiment: pd.Series
    origin: pd.Series
    rating: pd.Series
    n_labels_refused: int
    n_ratings_refused: int


def read_known(frame: pd.DataFrame) -> Known:
    """The known part of the utterances of `frame` (columns `label` and `rating`).

    Assumes ratings of one to five stars. A scale of ten has to be halved in the source file; ratings off the
    scale are counted and left out rather than guessed at.
    """
    by_label = read_labels(frame["label"])
    given = pd.to_numeric(frame["rating"])
    rating = given.where(given.between(RATING_LOW, RATING_HIGH)).astype(float)
    by_rating = rated_sentiment(rating)
    origin = pd.Series(np.where(by_label.notna(), "label", "rating"), frame.index, dtype="str")
    sentiment = by_label.where(by_label.notna(), by_rating)
    return Known(
        sentiment,
        origin.where(sentiment.notna()),
        rating,
        int((frame["label"].notna() & by_label.isna()).sum()),
        int((given.notna() & rating.isna()).sum()),
    )


def rated_sentiment(rating: pd.Series) -> pd.Series:
    """Negative up to two stars, positive from four, neutral between, missing where there is no rating."""
    named = np.select(
        [rating <= NEGATIVE_UP_TO, rating >= POSITIVE_FROM, rating.notna()],
        ["negative", "positive", "neutral"],
        default="",
    )
    return pd.Series(named, rating.index, dtype="str").replace("", pd.NA).astype("str")


def read_labels(labels: pd.Series) -> pd.Series:
    """The sentiment that the company's labels name: words, or numbers from 0 (negative) to 1 (positive).

    If any number lies outside 0 to 1 the scale is another one, and then no number is read: on a scale from
    −1 to 1 a zero would mean neutral, not negative.
    """
    words = labels.astype("str").str.strip().str.casefold()
    numbers = pd.to_numeric(words, errors="coerce")
    if not numbers.dropna().between(0, 1).all():
        numbers = numbers * np.nan
    named = words.map({word: name for name, synonyms in LABEL_WORDS.items() for word in synonyms})
    bounds = [LABEL_NEGATIVE_BELOW, LABEL_POSITIVE_ABOVE]
    graded = pd.Series(np.array(CLASSES, dtype=object)[np.digitize(numbers.fillna(0), bounds)], labels.index)
    return named.where(numbers.isna(), graded).astype("str")
