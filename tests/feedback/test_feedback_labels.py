"""What labels and ratings say."""

import pandas as pd

from workbench.feedback.labels import rated_sentiment, read_known, read_labels


def said(series: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else value for value in series]


def test_ratings_up_to_two_are_negative_and_from_four_positive():
    rating = pd.Series([1, 2, 2.5, 3, 3.5, 4, 5, None])
    expected = ["negative"] * 2 + ["neutral"] * 3 + ["positive"] * 2 + [None]
    assert said(rated_sentiment(rating)) == expected


def test_labels_are_read_as_words_or_numbers():
    labels = pd.Series(["0", "1.0", "0.5", " Positive ", "neg", "中性", "maybe", None])
    expected = ["negative", "positive", "neutral", "positive", "negative", "neutral", None, None]
    assert said(read_labels(labels)) == expected


def test_numbers_of_another_scale_are_not_guessed_at():
    assert said(read_labels(pd.Series(["-1", "0", "1", "neutral"]))) == [None, None, None, "neutral"]


def test_a_label_wins_over_a_rating(as_feedback):
    known = read_known(as_feedback(label=["negative", None, None], rating=[5, 5, None]))
    assert said(known.sentiment) == ["negative", "positive", None]
    assert said(known.origin) == ["label", "rating", None]


def test_ratings_off_the_scale_are_counted_and_left_out(as_feedback):
    known = read_known(as_feedback(rating=[5, 8, 0, None], label=[None, None, None, "unclear"]))
    assert (known.n_ratings_refused, known.n_labels_refused) == (2, 1)
    assert known.rating.count() == 1
