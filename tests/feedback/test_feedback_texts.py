"""Cleaning, keys and languages of utterances."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.feedback.detection import language_of, languages_of
from workbench.feedback.texts import clean, key_of, read_utterances


def test_full_width_forms_and_invisible_marks_are_made_plain():
    assert clean("\ufeffＡＰＰ，真的　好\u200b用\x07！\r\n １２３") == "APP,真的 好用! 123"


def test_entities_of_web_pages_are_read():
    assert clean("good &amp; cheap&hellip;") == "good & cheap..."


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing_more(text):
    # Entities are the exception: "&amp;amp;" is one more entity after the first reading.
    once = clean(text.replace("&", ""))
    assert clean(once) == once
    assert once == once.strip()


def test_texts_that_differ_in_marks_and_case_have_one_key():
    assert key_of("Very good!!") == key_of("very GOOD") == "verygood"
    assert key_of("👍👍") == "👍👍"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("送餐太慢了", "zh"),
        ("iPhone 13 Pro Max 很好用", "zh"),  # 3 Han characters of 15 letters would be too few: here 3 of 15
        ("服務很好，謝謝", "zh"),
        ("The 豆腐 was fresh and came on time", "en"),
        ("The courier left the parcel in the rain", "en"),
        ("Die Lieferung war leider viel zu spät", "de"),
        ("Доставка была очень медленной", "ru"),
        ("この店は本当に美味しいです", "ja"),
        ("ok", "und"),
        ("👍👍 100%", "und"),
    ],
)
def test_languages_are_told_by_script_then_by_letters(text, language):
    assert language_of(clean(text)) == language


def test_digits_and_marks_do_not_count_in_the_share_of_han_characters():
    assert language_of("好!!!! 1234567890 ....") == "zh"


def test_real_reviews_are_found_in_their_language(shared_data):
    folder = shared_data / "chinese_reviews"
    chinese = pd.read_csv(folder / "waimai_10k.csv")["review"].map(clean)
    assert (languages_of(chinese) == "zh").all()
    path = shared_data / "womens_clothing_reviews" / "Womens Clothing E-Commerce Reviews.csv.gz"
    english = pd.read_csv(path, nrows=3000)["Review Text"].dropna().map(clean)
    # The few others are of one to four words ("Great style!") and are undetermined, not wrong.
    assert (languages_of(english) == "en").mean() > 0.995
    assert set(languages_of(english)) <= {"en", "und"}


def test_the_order_of_utterances_does_not_depend_on_their_ids(as_feedback):
    texts = ["b", "a", None, "c"]
    one = read_utterances(as_feedback(text=texts, customer_id=list("wxyz")))
    other = read_utterances(as_feedback(text=texts[::-1], customer_id=list("wxyz")))
    assert one["text"].tolist() == other["text"].tolist() == ["", "a", "b", "c"]


def test_an_utterance_without_customer_is_its_own_speaker(as_feedback):
    frame = read_utterances(as_feedback(text=["a", "b"], customer_id=["c1", None]))
    assert frame["speaker"].tolist() == ["c1", "f000000001"]
