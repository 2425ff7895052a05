"""The feedback reads like what customers write: both languages, every topic, stars that mostly fit."""

import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from workbench.demo.company import Plan, draw_block
from workbench.demo.vocabulary import SENTIMENTS, TOPICS, phrases

Tables = dict[str, pd.DataFrame]


def test_both_languages_are_spoken_in_their_shares(
    meant: pd.DataFrame, tables: Tables, language: str
) -> None:
    texts = tables["feedback"]["text"]
    chinese = meant["language"] == "zh"
    # Some 2,000 utterances of 1,200 members: 4 standard errors are about 5 points.
    assert chinese.mean() == pytest.approx({"en": 0.3, "zh": 0.85}[language], abs=0.05)
    written = texts != ""
    has_han = texts.str.contains(r"[\u4e00-\u9fff]")
    assert not has_han[written & ~chinese].any()
    assert has_han[written & chinese & (texts.str.len() > 4)].all()


def test_both_languages_are_there_in_the_smallest_company(language: str) -> None:
    for seed in range(5):
        company = draw_block(Plan(50, seed, language), 0)
        assert set(company.meant["language"].to_pylist()) == {"en", "zh"}
        lines = company.tally["lines"]
        broken = lines["without_member"]["rows"] + lines["without_date"]["rows"]
        assert broken / len(company.tables["transactions"]) < 0.01


def test_feedback_has_texts_stars_and_answers_in_their_shares(tables: Tables) -> None:
    feedback = tables["feedback"]
    text, rating, nps = (feedback[name] != "" for name in ("text", "rating", "nps"))
    assert 0.5 < len(feedback) / len(tables["customers"]) < 1
    # 4 standard errors of a share near one half, 2,000 rows.
    assert rating.mean() == pytest.approx(0.6, abs=0.045)
    assert nps.mean() == pytest.approx(0.25, abs=0.045)
    assert text.mean() == pytest.approx(0.88, abs=0.03)
    assert (rating | text).all()
    assert set(feedback["rating"]) == {"", "1", "2", "3", "4", "5"}
    assert feedback["nps"][nps].astype(int).between(0, 10).all()
    assert 0.75 < feedback["text"][text].nunique() / text.sum() < 0.95  # short ones and doubles repeat


def test_no_slot_is_left_open(tables: Tables) -> None:
    assert not tables["feedback"]["text"].str.contains(r"[{}]|nan|None").any()


def test_every_topic_has_phrases_of_every_sentiment() -> None:
    for language in ("en", "zh"):
        book = phrases(language)
        assert tuple(book["topics"]) == TOPICS
        assert all(set(book["topics"][topic]) == set(SENTIMENTS) for topic in TOPICS)
        assert set(book["sarcasm"]) == set(TOPICS)


def test_stars_can_be_told_from_words_but_not_always(
    tables: Tables, meant: pd.DataFrame, language: str
) -> None:
    feedback = tables["feedback"]
    rating = pd.to_numeric(feedback["rating"])
    used = (meant["language"] == language) & (feedback["text"] != "") & rating.notna() & (rating != 3)
    texts, good = feedback["text"][used], rating[used] > 3
    model = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3)), LogisticRegression(C=5))
    # About 600 texts: the standard error is 1.4 points; at 5,000 members it comes to .87 to .90.
    assert 0.78 < cross_val_score(model, texts, good, cv=4).mean() < 0.95
