"""Which aspects of the business an utterance mentions, by a small lexicon in two languages."""

import re
from functools import cache

import pandas as pd

from workbench.feedback.words import read_words

ASPECTS = ("delivery", "quality", "price", "service", "packaging", "app", "size", "returns")


def aspects_of(text: str) -> list[str]:
    """The aspects that a cleaned text mentions, in the order of ASPECTS.

    A word is enough: "not the price" mentions the price. What is said of it is the sentiment's business.
    """
    folded = text.casefold()
    return [name for name, pattern in _patterns().items() if pattern.search(folded)]


def mentions(texts: pd.Series) -> pd.Series:
    """The list of aspects of each text."""
    found = {text: aspects_of(text) for text in texts.unique()}
    return texts.map(found)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lexicon = read_words("aspects.yml")
    return {name: re.compile(_pattern(lexicon[name]["en"], lexicon[name]["zh"])) for name in ASPECTS}


def _pattern(english: str, chinese: str) -> str:
    """One pattern: English words at word bounds, beginnings where starred; Chinese words anywhere.

    Words are bounded by Latin letters only: a Chinese sentence embraces an English word without blanks.
    """
    spelled = (re.escape(word).replace("_", r"\s+") for word in english.split())
    ended = (s[:-2] if s.endswith(r"\*") else s + "(?![a-z])" for s in spelled)
    anywhere = (
        rf"(?<![a-z]){word}(?![a-z])" if word.isascii() else re.escape(word) for word in chinese.split()
    )
    return "|".join([f"(?<![a-z])(?:{'|'.join(ended)})", *anywhere])
