"""How alike a header and a word of the lexicon are, whatever the capitals, separators, forms and blanks."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

CHINESE = re.compile(r"[\u3400-\u9fff]")
# What stands in brackets is a unit or a remark: 实付金额（元）, amount [EUR].
BRACKETS = re.compile(r"[(\[{<【「（].*?[)\]}>】」）]")
EMPTY_WORDS = frozenset({"the", "of", "in", "a", "fld", "col", "field", "tbl", "ind", "dim", "fk", "pk"})
# Scores of the ways to match; the order is what counts: exact, then contained, then nearly the same letters.
EXACT, CONTAINS_LEAST, INSIDE_LEAST, FUZZY = 1.0, 0.55, 0.5, 0.75
CONTAINS_SPAN, INSIDE_SPAN = 0.35, 0.3
LEAST_COVER = 0.5  # a header that is a part of a word must be at least half of it
LIKE_LATIN, LIKE_CHINESE = 0.86, 0.75  # difflib ratios below these are other words
SHORTEST_FUZZY = 4


@dataclass(frozen=True)
class Form:
    """A header or word as it is compared: its parts, and all letters in one."""

    parts: tuple[str, ...]
    compact: str
    chinese: bool


def folded(text: str) -> str:
    """`text` in half-width forms and small letters, with single blanks and no mark of the byte order."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("\ufeff", " ").casefold().split())


def form(text: str, vocabulary: frozenset[str] = frozenset()) -> Form:
    """`text` as it is compared.

    Parts written together (``CustomerID``, ``CUSTOMERID``) are taken apart by the `vocabulary` and not by
    capitals, so that every spelling of a name gives the same form.
    """
    plain = folded(text)
    bare = BRACKETS.sub(" ", plain).strip() or plain
    words = re.findall(r"[^\W_]+", bare)
    if CHINESE.search(bare):
        compact = "".join(words)
        return Form((compact,), compact, chinese=True)
    parts = [part for word in words for part in _pieces(word, vocabulary)]
    kept = [_singular(part) for part in parts if part not in EMPTY_WORDS]
    return Form(tuple(kept or parts), "".join(kept or parts), chinese=False)


def alike(header: Form, word: Form) -> float:
    """How surely `header` is meant by `word`, from 0 (not at all) to 1 (letter for letter)."""
    if not header.compact or not word.compact:
        return 0.0
    if header.compact == word.compact or sorted(header.parts) == sorted(word.parts):
        return EXACT
    if header.chinese != word.chinese:
        return _contained(header.compact, word.compact) if header.chinese and len(word.compact) > 2 else 0.0
    if header.chinese:
        return max(
            _contained(header.compact, word.compact), _nearly(header.compact, word.compact, LIKE_CHINESE)
        )
    return max(_parts_shared(header, word), _nearly(header.compact, word.compact, LIKE_LATIN))


def vocabulary_of(words: Iterable[str]) -> frozenset[str]:
    """The Latin parts of all `words`: what names written together are taken apart by."""
    found = {part for word in words for part in re.findall(r"[a-z]+", folded(word))}
    return frozenset(part for part in found if len(part) > 1)


def _contained(header: str, word: str) -> float:
    if word in header:
        return CONTAINS_LEAST + CONTAINS_SPAN * len(word) / len(header)
    if header in word and len(header) >= LEAST_COVER * len(word) and len(header) > 1:
        return INSIDE_LEAST + INSIDE_SPAN * len(header) / len(word)
    return 0.0


def _parts_shared(header: Form, word: Form) -> float:
    own, other = set(header.parts), set(word.parts)
    lengths = sum(map(len, other)) / max(1, sum(map(len, own)))
    if other < own:
        return CONTAINS_LEAST + CONTAINS_SPAN * lengths
    if own < other and 1 / lengths >= LEAST_COVER:
        return INSIDE_LEAST + INSIDE_SPAN / lengths
    return 0.0


def _nearly(header: str, word: str, least: float) -> float:
    shorter, longer = sorted((len(header), len(word)))
    if shorter < SHORTEST_FUZZY or 2 * shorter / (shorter + longer) < least:
        return 0.0
    ratio = SequenceMatcher(None, header, word).ratio()
    return FUZZY * ratio if ratio >= least else 0.0


def _singular(part: str) -> str:
    return part[:-1] if len(part) > 3 and part.endswith("s") and not part.endswith("ss") else part


@lru_cache(maxsize=4096)
def _pieces(word: str, vocabulary: frozenset[str]) -> tuple[str, ...]:
    """The fewest parts of the `vocabulary` that make up `word`, or `word` whole."""
    if word in vocabulary or not word.isascii() or word.isdigit():
        return (word,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            before, part = best[start], word[start:end]
            known = part in vocabulary or part.isdigit()
            if known and before is not None and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                best[end] = (*before, part)
    return best[-1] or (word,)
