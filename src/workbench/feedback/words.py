"""Words of an utterance that may name a topic: segmented in Chinese, split at non-letters elsewhere."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from workbench.feedback.detection import HAN
from workbench.own_yaml import read_own

# Tags of rjieba (their beginnings) whose Chinese words name no topic: conjunctions, adverbs, interjections,
# directions, affixes, numbers, onomatopoeia, prepositions, pronouns, measures, times, particles, punctuation,
# mood; and personal names (nr), which have no place on a page.
NO_TOPIC_TAGS = (*tuple("cdefhkmopqrtuxy"), "nr", "zg")
MIN_LETTERS = {"zh": 2}  # of a word
MIN_LETTERS_ELSEWHERE = 3
PLURALS = (("s", ""), ("es", ""), ("ies", "y"))
# Words that begin with a degree or a negation and are adjectives ("too slow"), or are in no dictionary ("not
# delivered"): they judge, and they name no topic.
DEGREES = tuple("太很挺超真最更较好老巨还再不没")
TRADE_WORD_FREQUENCY = 10_000  # in the dictionary's corpus: enough not to be cut
ADDRESS = re.compile(r"(https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+\.[!-~]+")
_CHINESE_WORD = re.compile(f"[{HAN}]+|[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def words_of(text: str, language: str) -> list[str]:
    """The words of a cleaned text that may name a topic, in their order, in one case.

    Parameters
    ----------
    language : str
        ``zh`` is segmented by rjieba's dictionary; every other language is split at whatever is no letter. A
        stop list exists for Chinese and English.

    Notes
    -----
    Web and mail addresses, numbers and (in Chinese) personal names are left out. Languages that write without
    blanks, other than Chinese, would need a segmenter of their own: their sentences come out as single words.
    """
    plain = ADDRESS.sub(" ", text)
    found = _segmented(plain) if language == "zh" else _split(plain.casefold())
    least, stopped = MIN_LETTERS.get(language, MIN_LETTERS_ELSEWHERE), stop_words(language)
    return [word for word in found if len(word) >= least and word not in stopped]


def _segmented(text: str) -> Iterator[str]:
    segmenter = _segmenter()
    for word, tag in segmenter.tag(text):
        judges = word.startswith(DEGREES) and (tag.startswith("a") or not segmenter.has_word(word))
        if word.isascii() or not (judges or tag.startswith(NO_TOPIC_TAGS)):
            yield from _CHINESE_WORD.findall(word.casefold())


@cache
def _segmenter() -> Any:
    import rjieba

    segmenter = rjieba.Jieba()
    for word in read_words("trade_words.yml")["zh"].split():
        segmenter.add_word(word, TRADE_WORD_FREQUENCY, "n")
    return segmenter


def _split(text: str) -> Iterator[str]:
    """Words; of those with an apostrophe only possessives ("don't" names nothing, "dress's" does)."""
    for word in _WORD.findall(text):
        base, _, end = word.replace("’", "'").partition("'")
        if not end or end == "s":
            yield base


def one_form(counts: Mapping[str, int]) -> dict[str, str]:
    """English singulars and plurals that both occur, mapped to the form that occurs more often.

    "dresses" becomes "dress", and "jean" becomes "jeans".
    """
    found = {}
    for word in sorted(counts):
        singles = [word.removesuffix(end) + new for end, new in PLURALS if word.endswith(end)]
        single = next((s for s in singles if s in counts), None)
        if single and not word.endswith("ss"):
            rarer, usual = sorted((word, single), key=lambda form: (counts[form], form))
            found[rarer] = usual
    return found


@cache
def stop_words(language: str) -> frozenset[str]:
    """The words of `language` that name no topic; empty for a language without a list."""
    lists: dict[str, Any] = read_words("stop_words.yml").get(language, {})
    return frozenset(word for words in lists.values() for word in words.split())


@cache
def read_words(name: str) -> dict[str, Any]:
    """The word list `name` of this room."""
    content = read_own("workbench.feedback", name)
    assert isinstance(content, dict)
    return content
