"""The model of sentiment: published accuracies, no leak, agreement with scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from workbench.feedback.detection import languages_of
from workbench.feedback.labels import CLASSES, read_known
from workbench.feedback.sentiment import POOLED, Sentiment, judge, macro_f1
from workbench.feedback.texts import read_utterances
from workbench.results import Missing


def judged(feedback: pd.DataFrame, holdout_share: float = 0.25, seed: int = 1) -> Sentiment:
    frame = read_utterances(feedback)
    frame["language"] = languages_of(frame["text"])
    return judge(frame, read_known(frame), holdout_share=holdout_share, seed=seed)


def accuracy(sentiment: Sentiment) -> float:
    return sentiment.measured.n_right / sentiment.measured.n


def test_takeaway_reviews_reach_the_accuracy_of_the_reference(shared_data, as_feedback):
    reviews = pd.read_csv(shared_data / "chinese_reviews" / "waimai_10k.csv")
    found = judged(as_feedback(text=reviews["review"], label=reviews["label"].astype(str)), 0.2)
    # The reference has 0.900 over five parts. Its parts share repeated texts, ours do not, and the split
    # alone moves the figure by about 0.002 (three seeds: 0.899, 0.899, 0.903).
    assert accuracy(found) >= 0.895
    assert found.measured.n_right_naive / found.measured.n == pytest.approx(0.667, abs=0.002)
    assert macro_f1(found.measured.confusion.to_numpy()) >= 0.875


def test_clothing_reviews_come_near_the_reference_on_a_sample(shared_data, as_feedback):
    path = shared_data / "womens_clothing_reviews" / "Womens Clothing E-Commerce Reviews.csv.gz"
    reviews = pd.read_csv(path).dropna(subset="Review Text").sample(2000, random_state=1)
    found = judged(as_feedback(text=reviews["Review Text"], label=reviews["Recommended IND"].astype(str)))
    # On all 22,641 reviews it is 0.902 (reference 0.904); 2,000 have less to learn from (0.873), with a
    # standard error of 0.007: three of them below.
    assert accuracy(found) >= 0.85
    assert accuracy(found) - found.measured.n_right_naive / found.measured.n > 0.03


def test_repeated_texts_teach_nothing_about_themselves(as_feedback):
    rng = np.random.default_rng(3)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    distinct = ["".join(rng.choice(letters, 12)) for _ in range(400)]
    labels = dict(zip(distinct, rng.permutation(["0", "1"] * 200), strict=True))
    texts = [text for text in distinct for _ in range(6)]
    # The same text in six spellings that differ in case and marks.
    spelled = [t.upper() + "!" * (i % 3) if i % 2 else t + "." * (i % 3) for i, t in enumerate(texts)]
    found = judged(as_feedback(text=spelled, label=[labels[t] for t in texts]))
    assert found.measured.n == 400
    # Random labels can not be known: 0.5 with a standard error of 0.025. A leak would come near 1.
    assert accuracy(found) < 0.5 + 4 * 0.025


def test_every_text_is_judged_and_the_basis_is_told(utterances):
    found = judged(utterances).judged
    frame = read_utterances(utterances)
    known = read_known(frame).sentiment.notna()
    written = frame["text"] != ""
    assert found["sentiment"].notna().equals(written | known)
    assert found["sentiment_score"].dropna().between(0, 1).all()
    expected = np.select(
        [frame["text"].isin(frame.loc[known & written, "text"]), written, known],
        ["out_of_fold", "model", "rating"],
        default="none",
    )
    assert (found["sentiment_basis"].fillna("none") == expected).all()


def test_the_score_of_a_rating_without_text_is_that_of_its_class(as_feedback):
    feedback = as_feedback(rating=[1, 3, 5, None])
    found = judged(feedback).judged
    assert found["sentiment_score"].tolist()[:3] == [0.0, 0.5, 1.0]
    assert found["sentiment"].isna().tolist() == [False, False, False, True]


def test_too_few_labels_are_said_and_leave_texts_unjudged(as_feedback):
    found = judged(as_feedback(text=[f"text number {i}" for i in range(30)], rating=[1, 5] * 15))
    assert isinstance(found.measured, Missing)
    assert found.measured.reason == (
        "the model of sentiment is left out: 30 distinct texts carry a label or a rating; "
        "40 are needed, with at least 10 in each of two classes"
    )


def test_texts_without_any_label_have_no_sentiment(as_feedback):
    found = judged(as_feedback(text=["good", "bad"] * 50))
    assert isinstance(found.measured, Missing)
    assert found.judged.isna().all(axis=None)


def test_a_language_with_few_labels_is_judged_by_the_pooled_model(utterances):
    chinese = utterances["text"].str.contains("[\u4e00-\u9fff]", na=False)
    few = pd.concat([utterances[~chinese], utterances[chinese].head(60)])
    models = judged(few).measured.models["model"].tolist()
    assert models == ["en", POOLED]


def test_the_same_utterances_in_another_order_get_the_same_sentiment(utterances):
    one = judged(utterances).measured
    other = judged(utterances.sample(frac=1, random_state=5)).measured
    pd.testing.assert_frame_equal(one.confusion, other.confusion)
    assert one.macro_f1_interval == other.macro_f1_interval


def test_macro_f1_agrees_with_scikit_learn():
    rng = np.random.default_rng(1)
    for classes in (2, 3):
        known, predicted = rng.choice(CLASSES[:classes], (2, 200))
        confusion = pd.crosstab(known, predicted).reindex(index=CLASSES, columns=CLASSES, fill_value=0)
        expected = f1_score(known, predicted, average="macro")
        assert macro_f1(confusion.to_numpy()) == pytest.approx(expected, abs=1e-12)
