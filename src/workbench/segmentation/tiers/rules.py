"""Rules of the tiers: what they go by, where they begin, and how long they are kept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from workbench.errors import refusal, unknown_name
from workbench.language import Given, is_message, say
from workbench.own_yaml import read_own

VALUES = ("revenue", "margin", "orders")
REVIEWS = (1, 3, 6, 12)
KEYS = ("value", "window_days", "keep_share", "review_months", "tiers")
TIER_KEYS = ("name", "share", "floor", "cost", "en", "zh")
WHERE = "tier rules"
NAME = re.compile(r"[a-z][a-z0-9_]*")
SHORTEST_WINDOW, LONGEST_WINDOW = 30, 1_826
AN_EXAMPLE = "Compare with the rules in workbench/segmentation/tiers/rules.yml."


@dataclass(frozen=True)
class Tier:
    """One tier; the lowest has neither share nor floor.

    Attributes
    ----------
    share : float or None
        Of the customers with a value, counted from the top, at which the tier ends.
    floor : float or None
        Least value, in the currency (or in orders).
    cost : float or None
        What the privileges of a member cost in a year, in the currency.
    words : dict
        Language → name, where the company has given one.
    """

    name: str
    share: float | None = None
    floor: float | None = None
    cost: float | None = None
    words: tuple[tuple[str, str], ...] = ()

    @property
    def word(self) -> str:
        """The name as the reader sees it."""
        if self.words:
            return Given({**dict(self.words), "": self.words[0][1]}, self.words[0][1])
        code = f"segmentation.tier_{self.name}"
        return say(code) if is_message(code) else self.name


@dataclass(frozen=True)
class TierRules:
    """What decides about a customer's tier.

    Attributes
    ----------
    value : str
        Of VALUES.
    window_days : int
        Days up to a month end whose purchases count.
    keep_share : float
        A tier held is kept while the value reaches this share of its floor.
    review_months : int
        Tiers rise at every month end; they fall at those whose number of the month it divides.
    tiers : tuple of Tier
        From the lowest up.
    """

    value: str
    window_days: int
    keep_share: float
    review_months: int
    tiers: tuple[Tier, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """From the lowest up."""
        return tuple(tier.name for tier in self.tiers)

    @property
    def by_share(self) -> bool:
        """Whether the floors come from the data."""
        return self.tiers[-1].share is not None

    @property
    def costs(self) -> tuple[float, ...] | None:
        """Cost of a member of each tier, from the lowest up; None where no tier has one."""
        if all(tier.cost is None for tier in self.tiers):
            return None
        return tuple(tier.cost or 0.0 for tier in self.tiers)

    def tier(self, name: str) -> Tier:
        """The tier of that name."""
        return self.tiers[self.names.index(name)]


def read_rules(given: Mapping[str, Any] | None) -> TierRules:
    """The rules as a company has written them; what it leaves out is as in ``rules.yml``.

    Parameters
    ----------
    given : mapping or None
        Any of KEYS; ``tiers`` is a list from the highest to the lowest, each with ``name``, all but the
        lowest with ``share`` or all with ``floor``, and as wished ``cost``, ``en`` and ``zh``.

    Raises
    ------
    WorkbenchError
        If a key is not known, or tiers overlap or are not in order.
    """
    given = given or {}
    for key in given:
        if key not in KEYS:
            raise unknown_name(WHERE, "a key", str(key), KEYS)
    whole = {**_written(), **given}
    numbers = {name: whole[name] for name in KEYS[:-1]}
    rules = TierRules(**numbers, tiers=_tiers(whole["tiers"]))
    _check_numbers(rules)
    _check_order(rules)
    return rules


@cache
def _written() -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_own("workbench.segmentation.tiers", "rules.yml")
    return found


def _tiers(given: Any) -> tuple[Tier, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) < 2:
        raise refusal(WHERE, "tiers", "a list of two tiers or more", _count(given), AN_EXAMPLE)
    return tuple(_tier(each) for each in reversed(given))


def _count(given: Any) -> str:
    return str(len(given)) if isinstance(given, Sequence) and not isinstance(given, str) else "no list"


def _tier(given: Any) -> Tier:
    if not isinstance(given, Mapping) or not NAME.fullmatch(str(given.get("name", ""))):
        what = "the name of each tier"
        raise refusal(WHERE, what, "lower-case letters, digits and _", "another", AN_EXAMPLE)
    for key in given:
        if key not in TIER_KEYS:
            raise unknown_name(WHERE, f"a key of tier {given['name']}", str(key), TIER_KEYS)
    numbers: dict[str, float | None] = {}
    for key in ("share", "floor", "cost"):
        value = given.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise refusal(WHERE, f"{key} of tier {given['name']}", "a number", str(value), AN_EXAMPLE)
        numbers[key] = None if value is None else float(value)
    words = tuple((language, str(given[language])) for language in ("en", "zh") if language in given)
    return Tier(str(given["name"]), **numbers, words=words)


def _check_numbers(rules: TierRules) -> None:
    if rules.value not in VALUES:
        raise unknown_name(WHERE, "value", str(rules.value), VALUES)
    days, keep = rules.window_days, rules.keep_share
    if not isinstance(days, int) or not SHORTEST_WINDOW <= days <= LONGEST_WINDOW:
        rule = f"a whole number from {SHORTEST_WINDOW} to {LONGEST_WINDOW}"
        raise refusal(WHERE, "window_days", rule, str(days), "A year has 365.")
    if not isinstance(keep, int | float) or not 0 < keep <= 1:
        next_step = "1 takes a tier away as soon as the value falls below its floor."
        raise refusal(WHERE, "keep_share", "above 0 and at most 1", str(keep), next_step)
    if rules.review_months not in REVIEWS:
        rule = "one of " + ", ".join(map(str, REVIEWS))
        raise refusal(WHERE, "review_months", rule, str(rules.review_months), "12 reviews at year ends.")


def _check_order(rules: TierRules) -> None:
    if len(set(rules.names)) < len(rules.names):
        raise refusal(WHERE, "names of tiers", "different", "one twice", "Give each tier a name of its own.")
    lowest, *others = rules.tiers
    if lowest.share is not None or lowest.floor is not None:
        next_step = "It takes everybody below the others."
        raise refusal(WHERE, f"the lowest tier, {lowest.name},", "without share and floor", "one", next_step)
    kinds = {(tier.share is not None, tier.floor is not None) for tier in others}
    if kinds not in ({(True, False)}, {(False, True)}):
        next_step = "Give shares of customers or floors, not both."
        raise refusal(
            WHERE, "all tiers but the lowest", "with a share, or all with a floor", "a mix", next_step
        )
    if any(tier.cost is not None and tier.cost < 0 for tier in rules.tiers):
        raise refusal(WHERE, "cost of a tier", "0 or more", "less", "Costs are given without a sign.")
    for lower, higher in pairwise(others):
        _check_pair(lower, higher, rules.keep_share)
    top, bottom = others[-1], others[0]
    if top.share is not None and bottom.share is not None and not (top.share > 0 and bottom.share < 1):
        raise refusal(WHERE, "shares", "above 0 and below 1", "others", AN_EXAMPLE)
    if bottom.floor is not None and bottom.floor <= 0:
        next_step = "Customers without value belong to the lowest tier."
        raise refusal(WHERE, f"floor of tier {bottom.name}", "above 0", f"{bottom.floor:g}", next_step)


def _check_pair(lower: Tier, higher: Tier, keep: float) -> None:
    what = f"tier {higher.name}"
    if lower.share is not None and higher.share is not None and higher.share >= lower.share:
        rule, got = f"smaller than tier {lower.name} ({lower.share:g})", f"{higher.share:g}"
        raise refusal(WHERE, f"share of {what}", rule, got, "Shares count from the top down.")
    if lower.floor is None or higher.floor is None:
        return
    if higher.floor <= lower.floor:
        rule, got = f"above that of tier {lower.name} ({lower.floor:g})", f"{higher.floor:g}"
        raise refusal(WHERE, f"floor of {what}", rule, got, "Write the tiers from the highest to the lowest.")
    if keep * higher.floor < lower.floor:
        rule = f"at least the floor of tier {lower.name} ({lower.floor:g})"
        next_step = "Raise keep_share, or set the floors further apart: the two tiers overlap."
        raise refusal(WHERE, f"what keeps {what}", rule, f"{keep * higher.floor:g}", next_step)
