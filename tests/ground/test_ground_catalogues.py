"""Are all words there in both languages, with the same places for figures, and written as people write?"""

import pickle
import re
import string
from importlib import resources
from typing import Any

import pytest
import yaml

from workbench import language
from workbench.errors import WorkbenchError
from workbench.language import catalogue, dictionary
from workbench.language.numbers import SPECS

FOLDER = resources.files("workbench.language")
FILES = sorted(file.name for file in (FOLDER / "messages" / "en").iterdir())
METRIC_FILES = sorted(file.name for file in (FOLDER / "metrics").iterdir())
# Codes that live in common.yml: those of the ground floor's own modules.
COMMON = ("results.", "show.", "missing.")
HAN = r"\u3400-\u9fff，。；：、！？（）“”《》"
# Half-width marks of a sentence that touch a Chinese character or a Chinese mark.
HALF_WIDTH = re.compile(rf"[{HAN}] ?[,;:!?()]|[,;:!?()] ?[{HAN}]")
# What stands between parts of a sentence; Chinese needs no space there.
SPACES = {"report.after_colon"}
PYTHON_SPEC = re.compile(r"(,?(\.\d)?[df%])?")
UNITS = {
    "share", "currency", "rows", "customers", "orders", "days", "utterances", "topics", "months", "periods",
    "categories", "tags", "score", "ratio", "nats", "orders_per_customer",
}  # fmt: skip
# Promised in the design; reviewers and schedulers read them by these names.
PROMISED = {
    "rows_in", "rows_used", "rows_quarantined", "revenue_in", "revenue_used", "revenue_excluded", "customers",
    "gini", "one_time_buyer_rate", "purchase_model_log_likelihood", "holdout_orders_actual",
    "holdout_orders_expected", "holdout_mae", "holdout_mae_naive", "expected_value_total", "base_rate", "auc",
    "auc_naive", "auc_logistic", "brier", "calibration_slope", "top_decile_lift", "n_utterances",
    "sentiment_accuracy", "sentiment_macro_f1", "n_topics",
}  # fmt: skip


class OnceLoader(yaml.SafeLoader):
    """Of two equal keys YAML keeps the last in silence: here they are an error."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        assert len(keys) == len(set(keys)), {key for key in keys if keys.count(key) > 1}
        return super().construct_mapping(node, deep)


def read(folder: str, name: str) -> dict[str, Any]:
    return yaml.load((FOLDER / folder / name).read_text(encoding="utf-8"), OnceLoader)


def places(message: str) -> set[tuple[str, str]]:
    """The fields of a message with their formats; languages put them in another order, or say one twice."""
    parsed = string.Formatter().parse(message)
    return {(name, spec or "") for _, name, spec, _ in parsed if name is not None}


def words_only(message: str) -> str:
    return re.sub(r"\{[^}]*\}", "x", message)


def test_both_languages_have_the_same_files():
    assert sorted(file.name for file in (FOLDER / "messages" / "zh").iterdir()) == FILES
    assert {folder.name for folder in (FOLDER / "messages").iterdir()} == set(language.LANGUAGES)


@pytest.mark.parametrize("name", FILES)
def test_both_languages_have_the_same_codes(name):
    assert read("messages/en", name).keys() == read("messages/zh", name).keys()


@pytest.mark.parametrize("name", FILES)
def test_both_languages_have_the_same_places_with_the_same_formats(name):
    english, chinese = read("messages/en", name), read("messages/zh", name)
    different = {code for code in english if places(english[code]) != places(chinese[code])}
    assert different == set()


@pytest.mark.parametrize("spoken", language.LANGUAGES)
@pytest.mark.parametrize("name", FILES)
def test_every_message_is_text_with_known_formats(name, spoken):
    for code, message in read(f"messages/{spoken}", name).items():
        assert isinstance(message, str), code
        assert message.strip() or code in SPACES, code
        for _, spec in places(message):
            assert spec in SPECS or PYTHON_SPEC.fullmatch(spec), code


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_no_code_stands_in_two_files(spoken):
    codes = [code for name in FILES for code in read(f"messages/{spoken}", name)]
    assert sorted(codes) == sorted(set(codes))
    assert set(codes) == catalogue.messages(spoken).keys()


@pytest.mark.parametrize("name", FILES)
def test_codes_begin_with_the_topic_of_their_file(name):
    topic = name.removesuffix(".yml").partition("_")[0]
    allowed = COMMON if topic == "common" else (f"{topic}.", "check.")
    assert [code for code in read("messages/en", name) if not code.startswith(allowed)] == []


@pytest.mark.parametrize("name", FILES)
def test_chinese_sentences_have_chinese_punctuation(name):
    chinese = read("messages/zh", name)
    assert {code: m for code, m in chinese.items() if HALF_WIDTH.search(words_only(m))} == {}


@pytest.mark.parametrize("name", FILES)
def test_english_messages_hold_no_chinese(name):
    found = {code for code, m in read("messages/en", name).items() if re.search(r"[\u3400-\u9fff]", m)}
    assert found == set()


@pytest.mark.parametrize("name", METRIC_FILES)
def test_every_metric_is_defined_in_both_languages_and_nothing_dangles(name):
    for metric, entry in read("metrics", name).items():
        assert entry.keys() == {"unit", "better", "en", "zh"}, metric
        assert entry["better"] in {"higher", "lower", "none"}, metric
        assert entry["unit"] in UNITS, metric
        for spoken in language.LANGUAGES:
            assert entry[spoken].keys() == {"label", "definition"}, metric
            assert all(isinstance(words, str) and words.strip() for words in entry[spoken].values()), metric
            assert entry[spoken]["definition"].rstrip()[-1] in ".。)）", metric  # a sentence, not a fragment


@pytest.mark.parametrize("name", METRIC_FILES)
def test_chinese_definitions_have_chinese_punctuation(name):
    found = {
        (metric, words)
        for metric, entry in read("metrics", name).items()
        for words in entry["zh"].values()
        if HALF_WIDTH.search(words)
    }
    assert found == set()


def test_no_metric_stands_in_two_files():
    names = [metric for file in METRIC_FILES for metric in read("metrics", file)]
    assert sorted(names) == sorted(set(names))
    assert set(names) == dictionary.entries().keys()


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_unit_has_a_word(spoken):
    with language.speaking(spoken):
        assert all(language.say(f"report.unit_{unit}") for unit in UNITS)


def test_labels_tell_metrics_apart():
    for spoken in language.LANGUAGES:
        with language.speaking(spoken):
            labels = [dictionary.metric_entry(name).label for name in dictionary.entries()]
        assert sorted(labels) == sorted(set(labels))


def test_the_promised_metrics_are_in_the_dictionary():
    assert PROMISED - dictionary.entries().keys() == set()


def test_a_metric_is_explained_in_the_language_spoken():
    assert language.metric_entry("gini").label == "Gini coefficient of revenue"
    with language.speaking("zh"):
        entry = language.metric_entry("gini")
    assert (entry.label, entry.unit, entry.better) == ("收入基尼系数", "ratio", "none")


def test_a_metric_that_is_not_in_the_dictionary_is_an_error():
    with pytest.raises(KeyError, match="profit_of_doom"):
        language.metric_entry("profit_of_doom")


def test_words_are_said_in_the_language_spoken_with_figures_as_it_writes_them():
    values = {"shown": 60, "n": 12345}
    assert language.say("show.cut", **values) == (
        "60 of 12,345 rows are shown; all rows are in the run's tables."
    )
    with language.speaking("zh", "CNY"):
        assert (
            language.say("show.cut", **values) == "共 12,345 行，此处显示 60 行；全部数据见本次运行的数据表。"
        )
    assert language.current() == catalogue.Speech("en", "EUR")


def test_the_language_before_comes_back_after_an_error():
    with pytest.raises(RuntimeError), language.speaking("zh", "CNY"):
        raise RuntimeError
    assert language.current().language == "en"


def test_a_language_that_is_not_spoken_is_refused():
    with pytest.raises(WorkbenchError) as error:
        language.use("cn")
    assert str(error.value) == (
        "language: the language must be one of en, zh; got 'cn'. Use one of these names."
    )


def test_what_was_said_remembers_how_and_can_be_said_again():
    said = language.say("missing.table", table="t", section=language.say("report.none"))
    assert said == "no “t” table is mapped; left out: none"
    with language.speaking("zh"):
        assert language.again(said) == "未映射“t”表；从略：无"
        assert language.again("plain") == "plain"
        assert language.again(None) is None


def test_what_was_said_survives_pickling_and_a_code_that_is_gone():
    said = pickle.loads(pickle.dumps(language.say("report.none")))
    assert (said, said.code) == ("none", "report.none")
    gone = language.Said("words of old", "no.such_code", {})
    assert language.again(gone) == "words of old"


def test_words_that_a_user_gave_in_both_languages_follow_the_reader():
    given = language.Given({"en": "Staff", "zh": "员工"}, "staff")
    kept = pickle.loads(pickle.dumps(given))
    with language.speaking("zh"):
        assert language.again(given) == language.again(kept) == "员工"
        assert language.again(language.Given({"en": "Staff"}, "staff")) == "staff"
    assert given == "Staff"
