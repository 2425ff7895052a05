"""Words, topics and aspects."""

import numpy as np
import pandas as pd
import pytest
import rjieba
from scipy.sparse import csr_matrix

from workbench import demo
from workbench.feedback.aspects import ASPECTS, aspects_of
from workbench.feedback.detection import languages_of
from workbench.feedback.factors import together
from workbench.feedback.texts import clean, read_utterances
from workbench.feedback.topics import MIN_SPEAKERS, NO_TOPIC, fit_topics, topic_models
from workbench.feedback.words import one_form, stop_words, words_of
from workbench.parameters import read_source


def topics_of(feedback: pd.DataFrame, most: int = 8):
    frame = read_utterances(feedback)
    frame["language"] = languages_of(frame["text"])
    return frame, topic_models(frame, most, seed=1)


def test_chinese_is_cut_into_words_that_may_name_a_topic():
    text = "送餐太慢了,等了两个小时,客服态度也不好,APP还闪退 http://t.cn/abc"
    assert words_of(clean(text), "zh") == ["送餐", "小时", "客服", "态度", "app", "闪退"]


def test_english_keeps_names_of_things_only():
    text = "I didn't love it: the dress's sleeves were 2cm too long, write to a.b@shop.com!"
    assert words_of(text, "en") == ["dress", "sleeves", "write"]


def test_words_of_trade_are_not_cut_and_judgements_are_not_topics():
    assert words_of("送餐员没带零钱,菜量太少,卷饼不辣,优惠券用不了", "zh") == [
        "送餐员",
        "零钱",
        "菜量",
        "卷饼",
        "优惠券",
    ]


def test_personal_names_in_chinese_are_left_out():
    assert "王小明" not in words_of("客服王小明态度很好", "zh")


def test_singular_and_plural_count_as_the_form_that_is_more_frequent():
    counts = {"dress": 9, "dresses": 4, "jeans": 8, "jean": 1, "boss": 3, "bos": 1, "box": 2}
    assert one_form(counts) == {"dresses": "dress", "jean": "jeans"}


def test_stop_words_exist_in_both_languages_and_nowhere_else():
    assert {"the", "great"} <= stop_words("en")
    assert {"没有", "不错"} <= stop_words("zh")
    assert stop_words("de") == frozenset()


def test_topics_that_were_put_in_are_found_again(utterances):
    frame, models = topics_of(utterances)
    assert set(models) == {"en", "zh"}
    for model in models.values():
        assert len(model.words) == 3
        theme = frame.loc[model.assigned.index, "product_id"]
        told = model.assigned != NO_TOPIC
        # Every utterance has three words of its theme and no word of another.
        table = pd.crosstab(theme[told], model.assigned[told])
        assert table.max(axis=1).sum() / told.sum() > 0.99
        assert told.mean() > 0.99


def test_no_more_topics_than_asked_for(utterances):
    _, models = topics_of(utterances, most=2)
    assert all(len(model.words) <= 2 for model in models.values())


@pytest.mark.parametrize(("customers", "shown"), [(MIN_SPEAKERS - 1, False), (MIN_SPEAKERS, True)])
def test_a_word_is_shown_if_enough_customers_use_it(utterances, customers, shown):
    about_app = utterances["text"].str.contains("[a-z]", na=False) & (utterances["product_id"] == "app")
    said = utterances.assign(text=utterances["text"].where(~about_app, utterances["text"] + " passkey"))
    names = [f"p{place % customers}" for place in range(about_app.sum())]
    said.loc[about_app, "customer_id"] = names
    if not shown:  # the other words of the theme need enough customers of their own
        said = pd.concat([said, utterances[about_app]], ignore_index=True)
    _, models = topics_of(said)
    assert any("passkey" in words for words in models["en"].words) == shown


def random_texts(words: int, utterances: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    vocabulary = ["w" + "".join(rng.choice(list("bcdfgklmnp"), 4)) for _ in range(words)]
    chance = 1 / np.arange(1, words + 1) ** 0.7  # frequencies as uneven as those of real words
    chance /= chance.sum()
    return [" ".join(rng.choice(vocabulary, rng.integers(3, 9), p=chance)) for _ in range(utterances)]


@pytest.mark.parametrize("seed", range(3))
def test_words_drawn_at_random_make_no_topic(as_feedback, seed):
    frame = read_utterances(as_feedback(text=random_texts(60, 1000, seed)))
    assert fit_topics(frame, "en", 8, seed=1) is None


def test_words_stand_together_by_chance_as_often_as_expected():
    rng = np.random.default_rng(5)
    counts = csr_matrix(rng.random((4000, 40)) < 0.2)
    top = np.zeros((1, 40), dtype=bool)
    top[:, :10] = True
    seen, expected, variance = together(counts, top)
    # Drawn independently: within three standard deviations of chance.
    assert abs(seen - expected) < 3 * np.sqrt(variance)
    pairs = [(i, j) for i in range(10) for j in range(i)]
    dense = counts.toarray()
    weight = 1 / np.maximum(dense.sum(axis=1) - 1, 1)
    assert seen == pytest.approx(sum((dense[:, i] * dense[:, j] * weight).sum() for i, j in pairs))


def test_topics_of_takeaway_reviews_are_made_of_chinese_words(shared_data, as_feedback):
    reviews = pd.read_csv(shared_data / "chinese_reviews" / "waimai_10k.csv")
    _, models = topics_of(as_feedback(text=reviews["review"].sample(4000, random_state=1)))
    words = [word for topic in models["zh"].words for word in topic]
    assert len(models["zh"].words) >= 4
    # Some words are younger than the dictionary ("卷饼") and are found by its model of characters.
    assert sum(map(rjieba.has_word, words)) / len(words) >= 0.9
    # What these customers speak of, by anybody's reading of the reviews.
    core = {"味道", "小时", "送餐", "外卖", "态度", "服务", "时间", "送到", "速度", "包装", "电话"}
    assert len(core & set(words)) >= 8
    # Half of these reviews have two words or fewer once judgements are taken out.
    assert (models["zh"].assigned != NO_TOPIC).mean() > 0.4


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("快递太慢,包装也破了", ["delivery", "packaging"]),
        ("性价比高,客服耐心,尺码偏大", ["price", "service", "size"]),
        ("APP闪退,退款还没到账", ["app", "returns"]),
        ("The courier was late and the box was crushed", ["delivery", "packaging"]),
        ("Apparently nobody apologised", []),
        ("The app refused my voucher", ["price", "app"]),
        ("用app下单后等了一周才发货", ["delivery", "app"]),
        ("", []),
    ],
)
def test_aspects_are_read_in_both_languages(text, aspects):
    assert aspects_of(text) == aspects


def test_aspects_of_the_demo_company_are_mostly_found(tmp_path):
    source = demo.write_company(tmp_path / "company", customers=1500, seed=3, language="zh")
    mapped = read_source(source).tables["feedback"]
    said = pd.read_csv(source.parent / mapped.from_, dtype=str).rename(
        columns={str(mapped.columns[name]).strip('"'): name for name in ("feedback_id", "text")}
    )
    said = said.merge(pd.read_parquet(source.parent / "truth" / "feedback.parquet"), on="feedback_id")
    said = said[said["text"].str.len() > 12]
    found = [
        topic in aspects_of(clean(text)) for text, topic in zip(said["text"], said["topic"], strict=True)
    ]
    assert set(said["topic"]) <= set(ASPECTS)
    # A lexicon of some hundred words; the rest is said in words that name no aspect ("three days later").
    assert sum(found) / len(found) > 0.65
