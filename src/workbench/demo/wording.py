"""The words of utterances: phrases put together the way people write, with their slips."""

import re
from random import Random

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.demo.feedback import LANGUAGES
from workbench.demo.population import Columns
from workbench.demo.vocabulary import SENTIMENTS, TOPICS, phrases

# Forms by sentiment: one clause, two clauses, two that disagree, a sneer, a word or two.
FORMS = ("plain", "pair", "mixed", "sarcasm", "short")
FORM_WEIGHTS = {
    "negative": (0.37, 0.27, 0.19, 0.07, 0.10),
    "neutral": (0.38, 0.10, 0.36, 0.0, 0.16),
    "positive": (0.40, 0.31, 0.16, 0.0, 0.13),
}
NEUTRAL_SHORT_SHARE = 0.2  # of the short ones, whatever was meant: "ok"
OPENER_SHARE, CLOSER_SHARE = 0.35, 0.4
STOP_SHARE, LOUD_SHARE, EMOJI_SHARE = 0.55, 0.12, 0.05
LOWER_SHARE, TYPO_SHARE = 0.12, 0.1
SLOT_RANGES = {"slow": (6, 19), "fast": (2, 4), "minutes": (4, 45), "percent": (5, 40), "times": (2, 6)}
# The slips of Chinese typing are homophones.
SLIPS_ZH = {
    "的": "得",
    "得": "的",
    "在": "再",
    "做": "作",
    "已": "以",
    "很": "狠",
    "那": "哪",
    "收到": "受到",
}
SPACE = {"en": " ", "zh": ""}
MARKS = "。？！~…?!."


POOL_UTTERANCES = 250  # of each language, sentiment and topic, where a company is too large for its own


def word_feedback(said: Columns, products: pd.DataFrame, rng: np.random.Generator) -> pa.Array:
    """The text of each row of `said`; missing where a row has none, the same for one sent twice."""
    random = Random(int(rng.integers(2**62)))
    names = {language: products[language].tolist() for language in LANGUAGES}
    columns = ("source", "has_text", "sentiment", "topic", "language", "product")
    texts: dict[int, str | None] = {}
    for source, has_text, sentiment, topic, number, product in zip(
        *(said[column].tolist() for column in columns), strict=True
    ):
        if source not in texts:
            language = LANGUAGES[number]
            name = names[language][product]
            texts[source] = utterance(sentiment, topic, language, name, random) if has_text else None
    return pa.array([texts[source] for source in said["source"].tolist()], pa.string())


def pooled_feedback(said: Columns, pool: pa.Array, rng: np.random.Generator) -> pa.Array:
    """The same out of a pool of utterances: the words fit sentiment and topic, not the product."""
    kind = (said["language"] * len(SENTIMENTS) + said["sentiment"]) * len(TOPICS) + said["topic"]
    chosen = rng.integers(POOL_UTTERANCES, size=len(kind))[said["source"]]
    return pool.take(pa.array(kind * POOL_UTTERANCES + chosen, mask=~said["has_text"]))


def pool_of(products: pd.DataFrame, rng: np.random.Generator) -> pa.Array:
    """POOL_UTTERANCES of each kind, by language, sentiment and topic; the whole company draws from it."""
    random = Random(int(rng.integers(2**62)))
    return pa.array(
        [
            utterance(sentiment, topic, language, random.choice(products[language].tolist()), random)
            for language in LANGUAGES
            for sentiment in range(len(SENTIMENTS))
            for topic in range(len(TOPICS))
            for _ in range(POOL_UTTERANCES)
        ],
        pa.string(),
    )


def utterance(sentiment: int, topic: int, language: str, product: str, random: Random) -> str:
    """What a customer writes.

    Parameters
    ----------
    sentiment, topic : int
        What is meant, numbers in SENTIMENTS and TOPICS. In a mixed utterance the last clause is meant.
    product : str
        The product's name in `language`.
    """
    meant, about = SENTIMENTS[sentiment], TOPICS[topic]
    book = phrases(language)
    form = random.choices(FORMS, FORM_WEIGHTS[meant])[0]
    if form == "short":
        kind = "neutral" if random.random() < NEUTRAL_SHORT_SHARE else meant
        return str(random.choice(book["shorts"][kind]))
    slots = {name: random.randint(*bounds) for name, bounds in SLOT_RANGES.items()}
    filled = _clauses(form, meant, about, language, random).format(
        product=product, part=random.choice(book["parts"]), **slots
    )
    return _styled(_framed(filled, meant, language, random), meant, language, random)


def _clauses(form: str, meant: str, about: str, language: str, random: Random) -> str:
    """One or two clauses with open slots."""
    book = phrases(language)
    if form == "sarcasm":
        return str(random.choice(book["sarcasm"][about]))
    also = random.choice([topic for topic in TOPICS if topic != about])
    first, second = _attitudes(form, meant, random)
    main = random.choice(book["topics"][about][second])
    if form == "plain":
        return str(main)
    return _joined(random.choice(book["topics"][also][first]), form, main, language, random)


def _attitudes(form: str, meant: str, random: Random) -> tuple[str, str]:
    """Sentiments of the first clause and of the second, which is the one that is meant."""
    if form != "mixed":
        return meant, meant
    if meant == "neutral":
        return random.choice([("positive", "negative"), ("negative", "positive")])
    return ("positive" if meant == "negative" else "negative"), meant


def _joined(first: str, form: str, second: str, language: str, random: Random) -> str:
    joiner = SPACE[language] if first[-1] in MARKS else random.choice(phrases(language)["joiners"][form])
    return f"{first}{joiner}{second}"


def _framed(text: str, meant: str, language: str, random: Random) -> str:
    """`text` with an opening and a closing phrase, or without."""
    book, space = phrases(language), SPACE[language]
    if random.random() < OPENER_SHARE:
        text = f"{random.choice(book['openers'][meant])}{space}{text}"
    if random.random() < CLOSER_SHARE:
        stop = "" if text[-1] in MARKS else book["endings"]["stop"]
        text = f"{text}{stop}{space}{random.choice(book['closers'][meant])}"
    return text


def _styled(text: str, meant: str, language: str, random: Random) -> str:
    """`text` as it was typed: capitals or none, an ending or none, an emoji, a slip."""
    book = phrases(language)
    if language == "en":
        text = _cased(text, random)
    if random.random() < TYPO_SHARE:
        text = _slip_en(text, random) if language == "en" else _slip_zh(text, random)
    ending = random.random()
    if text[-1] not in MARKS and ending < STOP_SHARE:
        text += book["endings"]["stop"]
    elif text[-1] not in MARKS and ending < STOP_SHARE + LOUD_SHARE:
        text += random.choice(book["endings"]["loud"])
    return text + random.choice(book["emoji"][meant]) if random.random() < EMOJI_SHARE else text


def _cased(text: str, random: Random) -> str:
    """Sentences that begin with a capital, or no capital at all."""
    if random.random() < LOWER_SHARE:
        return text.lower()
    return re.sub(r"(^|[.!?] )([a-z])", lambda match: match[1] + match[2].upper(), text)


def _slip_en(text: str, random: Random) -> str:
    """Two letters swapped, one left out, or one doubled."""
    inner = [at for at in range(1, len(text) - 2) if text[at - 1 : at + 2].isalpha()]
    at = random.choice(inner)
    slips = (text[at + 1] + text[at], text[at + 1], text[at] + text[at] + text[at + 1])
    return text[:at] + random.choice(slips) + text[at + 2 :]


def _slip_zh(text: str, random: Random) -> str:
    """One word written as another that sounds the same, where the text has such a word."""
    found = [word for word in SLIPS_ZH if word in text]
    if not found:
        return text
    word = random.choice(found)
    return text.replace(word, SLIPS_ZH[word], 1)
