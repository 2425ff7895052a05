"""How alike two values are: per field a few levels of agreement, told in words, compared in SQL by Splink."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Level:
    """One degree of agreement.

    Attributes
    ----------
    code : str
        ``linkage.<code>`` are its words.
    sql : str
        The condition, over columns with the endings ``_l`` and ``_r``.
    m, u : float
        Probability of this level between two records of one person, and of two persons, as believed
        before any data are seen; within a field each sum to one.
    """

    code: str
    sql: str
    m: float
    u: float


_OVERLAP = (
    "len(list_intersect(address_words_l, address_words_r)) >= {share} * "
    "least(len(address_words_l), len(address_words_r))"
)
_NUMBERS = (
    "len(address_numbers_l) > 0 and len(address_numbers_r) > 0 and (list_has_all(address_numbers_l, "
    "address_numbers_r) or list_has_all(address_numbers_r, address_numbers_l))"
)
# Chinese letters take three bytes, which the engine's distances would count one by one.
_ONE_LETTER = (
    "name_han_l and length(name_l) >= 3 and length(name_l) = length(name_r) and length(name_l) <= 4 and "
    + " + ".join(f"cast(substr(name_l, {i}, 1) = substr(name_r, {i}, 1) as int)" for i in range(1, 5))
    + " = 3"
)
NUMBER_BOX = 7  # digits from which a mailbox is a number, as 12345678@qq.com
ALIKE = 0.92  # Jaro-Winkler similarity of names with one slip (Winkler 1990 links names from about 0.9)

# The beliefs before data: order of magnitude of matched pairs in customer files, where identifiers are
# mostly copied (m) and where unrelated people share a name in about one of 2,000 pairs and other values in
# far fewer (u). They weigh as much as PRIOR_PAIRS pairs in training and alone decide only in tiny files.
LEVELS: dict[str, tuple[Level, ...]] = {
    "name": (
        Level("name_same", "name_l = name_r", 0.80, 5e-4),
        Level(
            "name_close",
            f"({_ONE_LETTER}) or (not name_han_l and greatest(jaro_winkler_similarity(name_l, name_r), "
            f"jaro_winkler_similarity(name_plain_l, name_plain_r)) >= {ALIKE})",
            0.12, 2e-3,
        ),
        Level(
            "name_initials",
            "(name_short_l or name_short_r) and list_has_any(name_initials_l, name_initials_r)", 0.04, 5e-4,
        ),
        Level("name_part", "list_has_any(name_parts_l, name_parts_r)", 0.02, 2e-2),
        Level("name_other", "ELSE", 0.02, 0.977),
    ),
    "phone": (
        Level("phone_same", "phone_l = phone_r", 0.75, 1e-5),
        Level(
            "phone_close",
            "right(phone_l, 8) = right(phone_r, 8) or (abs(length(phone_l) - length(phone_r)) <= 1 "
            "and damerau_levenshtein(phone_l, phone_r) <= 1)",
            0.05, 1e-5,
        ),
        Level("phone_other", "ELSE", 0.20, 0.99998),
    ),
    "email": (
        Level("email_same", "email_l = email_r", 0.65, 1e-5),
        Level("email_box", "mailbox_l = mailbox_r", 0.02, 1e-6),
        Level(
            "email_close",
            # anna12@ and anna13@ are two people; in a mailbox that is a long number one digit is a slip
            "abs(length(mailbox_l) - length(mailbox_r)) <= 1 "
            "and damerau_levenshtein(mailbox_l, mailbox_r) <= 1 and (local_digits_l = local_digits_r "
            f"or least(length(local_digits_l), length(local_digits_r)) >= {NUMBER_BOX})",
            0.03, 1e-5,
        ),
        Level("email_local", "local_l = local_r and length(local_l) >= 6", 0.05, 1e-5),
        Level("email_other", "ELSE", 0.25, 0.999969),
    ),
    "address": (
        Level("address_same", "address_l = address_r", 0.50, 2e-5),
        Level("address_numbers", f"{_NUMBERS} and {_OVERLAP.format(share=0.6)}", 0.25, 3e-5),
        Level("address_words", _OVERLAP.format(share=0.6), 0.05, 1e-2),
        Level("address_other", "ELSE", 0.20, 0.98995),
    ),
}  # fmt: skip
# Two records with these levels bear names that contradict each other.
CONTRADICTING_NAMES = ("name_part", "name_other")
UNKNOWN = {
    "name": "name_l is null or name_r is null or name_han_l <> name_han_r",
    "phone": "phone_l is null or phone_r is null",
    "email": "email_l is null or email_r is null",
    "address": "address_l is null or address_r is null",
}
# Pairs that share none of these keys are never compared; they count as pairs of different people.
KEYS = {
    "name": ("l.key_name = r.key_name",),
    "phone": ("l.phone = r.phone",),
    "email": ("l.mailbox = r.mailbox", "l.key_local = r.key_local"),
    "address": ("l.address = r.address",),
}
SLIP_KEY = "l.key_ending = r.key_ending"  # a slip in the first digits of the number, or in the name


def gamma(field: str, code: str) -> int:
    """Splink's number of a level: 0 for the last, rising with agreement; unknown is -1."""
    codes = [level.code for level in LEVELS[field]]
    return len(codes) - 1 - codes.index(code)


def contradiction(fields: tuple[str, ...], column: str = "gamma_name") -> str:
    """SQL: do the names of a pair contradict each other?"""
    if "name" not in fields:
        return "false"
    return f"{column} IN ({', '.join(str(gamma('name', code)) for code in CONTRADICTING_NAMES)})"


def blocking_rules(fields: tuple[str, ...]) -> list[str]:
    """The SQL conditions of which a pair must fulfil one to be compared."""
    rules = [rule for field in fields for rule in KEYS[field]]
    return [*rules, SLIP_KEY] if {"name", "phone"} <= set(fields) else rules


def splink_comparison(field: str, m: tuple[float, ...], u: tuple[float, ...]) -> dict[str, Any]:
    """One field in Splink's form, with the probabilities of its levels in the order of LEVELS."""
    known = [
        {
            "sql_condition": level.sql,
            "label_for_charts": level.code,
            "m_probability": m[i],
            "u_probability": u[i],
        }
        for i, level in enumerate(LEVELS[field])
    ]
    unknown = {"sql_condition": UNKNOWN[field], "label_for_charts": "unknown", "is_null_level": True}
    if field == "name":  # a frequent name says less than a rare one
        known[0] |= {"tf_adjustment_column": "name", "tf_minimum_u_value": 1e-9}
    return {"output_column_name": field, "comparison_levels": [unknown, *known]}
