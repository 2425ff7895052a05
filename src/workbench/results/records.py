"""Metrics, checks, findings and blocks: what a notebook can say so that others can read it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workbench.language import again, is_message, metric_entry, say


@dataclass(frozen=True)
class Missing:
    """Stands where a result could not be computed; `code` and `values` name the message that says why."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The reason in the current language."""
        return say(self.code, **self.values)


def part(whole: Any, name: str) -> Any:
    """The attribute `name` of a result; of a result that is Missing itself, its reason."""
    return whole if isinstance(whole, Missing) else getattr(whole, name)


@dataclass(frozen=True)
class Metric:
    """One figure of the metric dictionary.

    Attributes
    ----------
    value : float or None
        None when it could not be computed; `reason` then says why. A value that is not finite (0 / 0 of too
        small a base) becomes None.
    n : int or None
        Number of units the figure rests on.
    numerator, denominator : float or None
        Of a rate.
    low, high : float or None
        Ends of the 95 % interval.
    reason : str or None
        A message (what `say` gives): a page in another language says it again.
    """

    name: str
    value: float | None
    n: int | None = None
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        metric_entry(self.name)
        if self.value is not None and not math.isfinite(self.value):
            object.__setattr__(self, "value", None)
            object.__setattr__(self, "reason", self.reason or say("results.not_defined"))
        if self.value is None and not self.reason:
            raise ValueError(f"metric {self.name}: a value that is missing needs a reason")

    @property
    def why(self) -> str:
        """Why the value is missing, in the current language; empty where there is nothing to explain."""
        return str(again(self.reason or ""))


def rate(name: str, numerator: int, denominator: int) -> Metric:
    """The metric numerator / denominator with its 95 % Wilson interval.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927), 209-212. Assumes independent units; clustered units make the interval too narrow.
    """
    if denominator == 0:
        return Metric(name, None, n=0, numerator=0, denominator=0, reason=say("results.no_denominator"))
    from scipy.stats import binomtest  # half a second, and who reads results computes no rate

    interval = binomtest(numerator, denominator).proportion_ci(method="wilson")
    return Metric(
        name,
        numerator / denominator,
        n=denominator,
        numerator=numerator,
        denominator=denominator,
        low=float(interval.low),
        high=float(interval.high),
    )


@dataclass(frozen=True)
class Check:
    """Whether something the figures rest on holds. Its words are the message ``check.<name>``.

    Attributes
    ----------
    warns : bool
        Whether the figures can still be used where it does not hold.
    """

    name: str
    passed: bool
    values: Mapping[str, Any] = field(default_factory=dict)
    warns: bool = False

    @property
    def level(self) -> str:
        """``pass``, ``warn`` or ``fail``."""
        return "pass" if self.passed else "warn" if self.warns else "fail"

    @property
    def detail(self) -> str:
        """The finding of the check in the current language."""
        return say(f"check.{self.name}", **self.values)

    @property
    def action(self) -> str:
        """What to do about it (message ``check.<name>.do``), in the current language; empty if it passed."""
        code = f"check.{self.name}.do"
        return "" if self.passed or not is_message(code) else say(code, **self.values)


@dataclass(frozen=True)
class Finding:
    """A sentence worth the first page: a message code and the figures that fill it."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in the current language."""
        return say(self.code, **self.values)


@dataclass(frozen=True)
class Block:
    """A small table that a notebook adds to the first page of its run, such as a ledger.

    Attributes
    ----------
    code : str
        Message of its title; it also names the block on the page.
    columns : tuple of (code, unit)
        Message of each head, and the unit of the metric dictionary its numbers are written in; an empty unit
        for text and dates.
    rows : tuple of tuples
        Plain values, one for each column; text that is to be read in both languages is what `say` gives.
    note : Finding or None
        One sentence below.
    """

    code: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    note: Finding | None = None

    def __post_init__(self) -> None:
        uneven = sum(1 for row in self.rows if len(row) != len(self.columns))
        if uneven:
            raise ValueError(
                f"block {self.code}: {uneven} of {len(self.rows)} rows have not {len(self.columns)} values"
            )


@dataclass(frozen=True)
class Results:
    """All figures of one notebook; `blocks` are what it adds to the first page of its run."""

    notebook: str
    as_of: date
    metrics: tuple[Metric, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    blocks: tuple[Block, ...] = ()
