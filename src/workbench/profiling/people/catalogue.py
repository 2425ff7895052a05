"""The tag catalogue (标签体系): tags are declared, each with its words, its rule and who answers for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from workbench.errors import refusal
from workbench.language import Given, say
from workbench.language.catalogue import messages
from workbench.own_yaml import read_own
from workbench.parameters.validation import checked
from workbench.profiling.people.columns import Column, find_column, known_columns

Kind = Literal["rule", "statistic", "preference", "event"]
OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in", "known", "same_as", "differs_from")
OF_NUMBERS = ("lt", "le", "gt", "ge")
OF_COLUMNS = ("same_as", "differs_from")
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Words = Text | dict[Literal["en", "zh"], Text]
Scalar = bool | int | float | str


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Condition(_Declared):
    """One column compared with a value: `of` and exactly one of OPERATORS."""

    of: str
    eq: Scalar | None = None
    ne: Scalar | None = None
    lt: float | None = None
    le: float | None = None
    gt: float | None = None
    ge: float | None = None
    among: list[Scalar] | None = Field(None, alias="in", min_length=1)
    known: bool | None = None
    same_as: str | None = None
    differs_from: str | None = None

    @property
    def operator(self) -> str:
        """The one that is given."""
        return next(name for name in OPERATORS if self._value(name) is not None)

    @property
    def value(self) -> Any:
        """What the column is compared with."""
        return self._value(self.operator)

    def _value(self, operator: str) -> Any:
        return self.among if operator == "in" else getattr(self, operator)

    @model_validator(mode="after")
    def _one_operator(self) -> "Condition":
        given = [name for name in OPERATORS if self._value(name) is not None]
        if len(given) != 1:
            raise ValueError(f"a condition with exactly one of {', '.join(OPERATORS)}")
        return self


class Band(_Declared):
    """A stretch of the customers in the order of a feature: from one percentile up to another."""

    of: str
    start: float = Field(0.0, ge=0, lt=1, alias="from")
    end: float = Field(1.0, gt=0, le=1, alias="to")
    among: tuple[Condition, ...] = Field((), strict=False)

    @model_validator(mode="after")
    def _from_before_to(self) -> "Band":
        if self.start >= self.end:
            raise ValueError("a band whose `from` lies below its `to`")
        return self


class Tag(_Declared):
    """One tag of the catalogue.

    Attributes
    ----------
    kind : str
        ``rule`` (attributes and behaviour), ``statistic`` (band of a feature), ``preference`` (what she
        chooses most) or ``event`` (the first or the last of something).
    all, any : tuple of Condition
        All of the first and, if there are some, one of the second must hold. What is not known holds nothing.
    band : Band or None
        She must also lie in it.
    value : str or None
        The text column whose value the tag carries: ``prefers_category=Storage``. Without a value no tag.
    owner : str
        Who answers for it; a code of the message catalogue or the company's own words.
    refresh : str
        How often it is to be computed again.
    expiry_days : int
        After so many days without that it may no longer be used.
    """

    code: Code
    kind: Kind = "rule"
    group: Text = "own"
    name: Words
    definition: Words
    owner: Text = "own"
    refresh: Literal["daily", "weekly", "monthly"] = "monthly"
    expiry_days: int = Field(31, ge=1, le=3660)
    all: tuple[Condition, ...] = Field((), strict=False)
    any: tuple[Condition, ...] = Field((), strict=False)
    band: Band | None = None
    value: str | None = None

    @property
    def label(self) -> str:
        """Its name in the current language; another language can say it again."""
        return _given(self.name, self.code)

    @property
    def meaning(self) -> str:
        """Its definition in the current language."""
        return _given(self.definition, "")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it is made of, without repetition."""
        conditions = (*self.all, *self.any, *(self.band.among if self.band else ()))
        found = [name for c in conditions for name in (c.of, c.value if c.operator in OF_COLUMNS else None)]
        found += [self.band.of if self.band else None, self.value]
        return tuple(dict.fromkeys(name for name in found if name is not None))

    @property
    def tables(self) -> tuple[str, ...]:
        """The canonical tables it needs."""
        return tuple(dict.fromkeys(column(name).table for name in self.columns))

    @property
    def as_of(self) -> bool:
        """Whether what it said on an earlier day can be computed again."""
        return all(column(name).as_of for name in self.columns)


@dataclass(frozen=True)
class _Place:
    """Where a declaration stands, for the refusal."""

    where: str
    attributes: frozenset[str] | None

    def column(self, name: str, key: str) -> Column:
        """The column called `name`; a name that is none is refused, with the nearest ones, under `key`."""
        found = find_column(name, self.attributes)
        if found is None:
            near = get_close_matches(name, {*known_columns(), *(self.attributes or ())}, n=3, cutoff=0.6)
            hint = f"Did you mean {' or '.join(near)}?" if near else "See the dictionary of features."
            raise refusal(self.where, key, "a feature, a preference or an attribute", f"'{name}'", hint)
        return found


@cache
def own_catalogue() -> tuple[Tag, ...]:
    """The tags that every study gets."""
    declared = read_own("workbench.profiling.people", "catalogue.yml")
    return tuple(_read(tag, "catalogue.yml") for tag in declared)


def read_catalogue(
    own: Sequence[Mapping[str, Any]] = (), attributes: Iterable[str] | None = None, where: str = "tags"
) -> tuple[Tag, ...]:
    """The tags that every study gets and those that a study declares itself.

    Parameters
    ----------
    own : sequence of mapping
        Declarations as in ``catalogue.yml``. `name` and `definition` may be one text for both languages. A
        declaration with the code of a tag that is already there takes its place.
    attributes : iterable of str, optional
        The company's own attributes as ``<table>.<attribute>``; without them any such name is accepted, and a
        tag on one that the data do not have is not computed.
    where : str
        What a refusal names as the place.

    Raises
    ------
    WorkbenchError
        For the first declaration that breaks a rule.
    """
    known = None if attributes is None else frozenset(attributes)
    found = {tag.code: tag for tag in own_catalogue()}
    given: set[str] = set()
    for number, declared in enumerate(own, start=1):
        place = f"{where}[{number}]"
        tag = _read(declared, place, known)
        if tag.code in given:
            raise refusal(where, f"code '{tag.code}'", "declared once", "it twice", "Rename one of them.")
        given.add(tag.code)
        found[tag.code] = tag
    return tuple(found.values())


def column(name: str) -> Column:
    """The column called `name`, of a tag that was read."""
    found = find_column(name)
    if found is None:
        raise KeyError(name)
    return found


def named(kind: str, code: str) -> str:
    """A group or an owner in the current language; the company's own words stay as they are."""
    message = f"profiling.people_{kind}_{code}"
    return say(message) if message in messages("en") else code


def _given(words: Words, default: str) -> str:
    return (
        words
        if isinstance(words, str)
        else Given({str(k): text for k, text in words.items()}, next(iter(words.values()), default))
    )


def _read(declared: Any, where: str, attributes: frozenset[str] | None = None) -> Tag:
    if not isinstance(declared, Mapping):
        got = type(declared).__name__
        raise refusal(where, "the tag", "a mapping of keys to values", got, "See the tag catalogue.")
    tag = checked(Tag, dict(declared), where)
    place = _Place(where, attributes)
    if not (tag.all or tag.any or tag.band or tag.value):
        raise refusal(where, "the tag", "made of all, any, band or value", "none of them", "Add a condition.")
    for key in ("all", "any"):
        for condition in getattr(tag, key):
            _check(condition, key, place)
    if tag.band is not None:
        _must_be("number", place.column(tag.band.of, "band.of"), "band.of", where)
        for condition in tag.band.among:
            _check(condition, "band.among", place)
    if tag.value is not None:
        _must_be("text", place.column(tag.value, "value"), "value", where)
    return tag


def _check(condition: Condition, key: str, place: _Place) -> None:
    of = place.column(condition.of, f"{key}.of")
    if condition.operator in OF_NUMBERS:
        _must_be("number", of, f"{key}.of", place.where)
    elif condition.operator in OF_COLUMNS:
        other = place.column(condition.value, f"{key}.{condition.operator}")
        _must_be(of.type, other, f"{key}.{condition.operator}", place.where)
    elif condition.operator != "known":
        for value in condition.value if condition.operator == "in" else [condition.value]:
            _must_hold(of, value, f"{key}.{condition.operator}", place.where)


def _must_be(kind: str | None, found: Column, key: str, where: str) -> None:
    if kind is not None and found.type is not None and found.type != kind:
        rule, got = f"a column of {kind}s", f"'{found.name}', a column of {found.type}s"
        raise refusal(where, key, rule, got, "Choose another column.")


def _must_hold(found: Column, value: Scalar, key: str, where: str) -> None:
    """A column of numbers is compared with a number, one of texts with a text."""
    kind = "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    if found.type is not None and found.type != kind:
        rule, got = f"a {found.type}, as '{found.name}' is", f"a {kind}"
        raise refusal(where, key, rule, got, "Correct the value.")
