"""How a text file's bytes are meant: decided by byte order marks, by UTF-8's own rules, by letters."""

import codecs
import re
from collections.abc import Callable

# Longer marks first: UTF-32's begins with UTF-16's. Python's codecs of these names drop the mark.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
COMMON = ("utf-8", "utf-16", "gb18030", "gbk", "big5", "cp1252", "latin-1", "cp1250", "cp1251", "shift_jis",
          "euc_kr", "iso8859-15", "iso8859-2", "mac_roman")  # fmt: skip
CANDIDATES = ("gb18030", "cp950", "cp1252")
# Of the characters outside ASCII, the share that must be usual ones for an encoding to be the right one, and
# by how much the best must lead.
LEAST_USUAL, LEAST_LEAD = 0.7, 0.2
# With fewer Korean letters than this the same bytes are more likely Chinese: most companies here are.
LEAST_KOREAN, KOREAN_SHARE = 20, 0.98
# Of a file that is not UTF-8: bytes outside ASCII that are whole UTF-8 characters; above, the file is
# UTF-8 with damage, not another encoding.
DAMAGED_SHARE = 0.8
LONGEST_WESTERN_RUN = 3
LETTERS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿŒœŠšŽžŸ"
SIGNS = "€£¥§°©®™«»¿¡ºª½¼¾²³±·×µ…–—‘’“”„‚•†‹›´\u00a0"
MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
OUTSIDE_ASCII = re.compile(r"[^\x00-\x7f]+")


def by_mark(head: bytes) -> str | None:
    """The codec that the byte order mark at the beginning of `head` names, or None without a mark."""
    return next((codec for mark, codec in MARKS if head.startswith(mark)), None)


def without_mark(head: bytes) -> str | None:
    """UTF-16 without its mark, seen by a zero in every second byte of ASCII text; None if it is not."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if max(even, odd) < pairs / 2 or min(even, odd) > pairs / 20:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def damaged_utf8(sample: bytes) -> bool:
    """Whether bytes that are not UTF-8 are nearly so: a file with a slip, not another encoding."""
    high = sum(byte > 0x7F for byte in sample)
    return high > 0 and sum(map(len, MULTIBYTE.findall(sample))) >= DAMAGED_SHARE * high


def by_letters(sample: bytes) -> tuple[str | None, list[str]]:
    """The encoding in which the bytes outside ASCII of `sample` are usual letters.

    Each of GB18030, Big5 (cp950) and Western European (cp1252) that can decode the sample is given the share
    of usual characters among those outside ASCII: of Chinese the first level of the national sets (GB 2312
    rows 16–55, Big5 A440–C67E) with their punctuation; of cp1252 letters that stand alone or inside a word of
    ASCII letters, and signs. The best wins with `LEAST_USUAL` at least and `LEAST_LEAD` before the next.

    Returns
    -------
    tuple of (str or None, list of str)
        The codec, or None; and those that were as good, of which the user has to choose.
    """
    scores = {codec: score for codec in CANDIDATES if (score := _score(sample, codec)) is not None}
    ranked = sorted(scores, key=lambda codec: -scores[codec])
    good = [codec for codec in ranked if scores[codec] >= LEAST_USUAL]
    if not good:
        return None, []
    close = [codec for codec in good if scores[good[0]] - scores[codec] < LEAST_LEAD]
    if good[0] == "gb18030" and _is_korean(sample):
        close.append("euc_kr")
    return (None, close) if len(close) > 1 else (good[0], close)


def _score(sample: bytes, codec: str) -> float | None:
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return None
    usual = USUAL[codec]
    total = good = 0
    for run in OUTSIDE_ASCII.finditer(text):
        before = text[run.start() - 1 : run.start()]
        after = text[run.end() : run.end() + 1]
        total += len(run.group())
        good += usual(run.group(), _is_ascii_letter(before) or _is_ascii_letter(after))
    return good / total if total else 1.0


def _is_ascii_letter(text: str) -> bool:
    return text.isascii() and text.isalpha()


def _western(run: str, in_a_word: bool) -> int:
    """Letters beyond ASCII come one by one, or two inside a word (``größe``), with a sign or two beside them:
    longer runs are no words."""
    if len(run) > LONGEST_WESTERN_RUN:
        return 0
    longest = 2 if in_a_word else 1
    words = re.findall(f"[{LETTERS}]+", run)
    return sum(len(word) for word in words if len(word) <= longest) + sum(c in SIGNS for c in run)


def _simplified(run: str, in_a_word: bool) -> int:
    alone = len(run) == 1 and in_a_word  # ``Ärger`` in cp1252 is a character of Chinese followed by rger
    return 0 if alone else sum(_in_rows(c, "gb2312", ((0xA1, 0xA3), (0xB0, 0xD7))) for c in run)


def _traditional(run: str, in_a_word: bool) -> int:
    alone = len(run) == 1 and in_a_word
    return 0 if alone else sum(_in_rows(c, "cp950", ((0xA1, 0xA3), (0xA4, 0xC6))) for c in run)


def _in_rows(character: str, codec: str, rows: tuple[tuple[int, int], ...]) -> bool:
    code = character.encode(codec, "ignore")
    return len(code) == 2 and any(low <= code[0] <= high for low, high in rows)


def _is_korean(sample: bytes) -> bool:
    try:
        letters = OUTSIDE_ASCII.findall(sample.decode("euc_kr"))
    except UnicodeDecodeError:
        return False
    text = "".join(letters)
    hangul = sum("\uac00" <= c <= "\ud7a3" for c in text)
    return hangul >= LEAST_KOREAN and hangul >= KOREAN_SHARE * len(text)


USUAL: dict[str, Callable[[str, bool], int]] = {
    "gb18030": _simplified,
    "cp950": _traditional,
    "cp1252": _western,
}
