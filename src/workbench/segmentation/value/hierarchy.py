"""The hierarchy of customer value and its experts, read from YAML; weights and how far experts agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from workbench.errors import refusal, unknown_name
from workbench.own_yaml import read_own
from workbench.parameters.validation import checked
from workbench.segmentation.value.ahp import (
    Judgements,
    Weights,
    consistency,
    together,
    total_ratio,
    upper_triangle,
    weights,
)

DIMENSIONS = ("current", "potential", "relationship")
# Every indicator that can be computed, by dimension.
INDICATORS = {
    "current": ("margin", "revenue", "frequency", "service_cost"),
    "potential": ("expected_value", "trend", "cross_sell", "wallet"),
    "relationship": ("tenure", "loyalty", "referral", "engagement", "credit"),
}
PROPOSAL, WHERE = "hierarchy.yml", "hierarchy"
PROPOSED_BY = "proposal"  # the expert named there


def _judgement(given: Any) -> Any:
    """A number, or text like 1/3."""
    if isinstance(given, str):
        try:
            return float(Fraction(given))
        except (ValueError, ZeroDivisionError):
            return given
    return given


Judgement = Annotated[float, BeforeValidator(_judgement)] | None
Level = list[Judgement] | list[list[Judgement]]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Expert(_Declared):
    name: str = Field(min_length=1, max_length=60)
    dimensions: Level
    indicators: dict[str, Level]


class _File(_Declared):
    indicators: dict[str, list[str]]
    experts: list[_Expert] = Field(min_length=1)


@dataclass(frozen=True)
class Hierarchy:
    """The dimensions of value, their indicators, and what each expert judged.

    Attributes
    ----------
    indicators : dict
        Dimension → its indicators.
    experts : tuple of str
    dimensions : tuple of Judgements
        One per expert.
    levels : dict
        Dimension → one Judgements per expert.
    """

    indicators: dict[str, tuple[str, ...]]
    experts: tuple[str, ...]
    dimensions: tuple[Judgements, ...]
    levels: dict[str, tuple[Judgements, ...]]


@dataclass(frozen=True)
class Weighed:
    """Weights of the group of experts and their agreement.

    Attributes
    ----------
    upper : Weights
        Of the dimensions.
    lower : dict
        Dimension → Weights of its indicators.
    table : pandas.DataFrame
        ``dimension``, ``indicator``, ``local_weight``, ``global_weight`` of the group, and over the experts
        ``lowest_weight`` and ``highest_weight`` (global).
    by_expert : pandas.DataFrame
        ``expert``, ``level`` (``dimensions`` or a dimension), ``eigenvalue``, ``index``, ``ratio``, ``pair``
        (the judgement that fits least, empty where all agree), ``judged`` and ``fitting``.
    ratio : float
        Consistency ratio of all judgements of the group together.
    """

    upper: Weights
    lower: dict[str, Weights]
    table: pd.DataFrame
    by_expert: pd.DataFrame
    ratio: float


def read_hierarchy(given: Mapping[str, Any] | None = None) -> Hierarchy:
    """The hierarchy as a company has written it, in the form of ``hierarchy.yml``; else the one there.

    Raises
    ------
    WorkbenchError
        If it is malformed, names an unknown dimension or indicator, leaves a dimension without judgements,
        or holds a matrix that is not reciprocal or a judgement off the scale.
    """
    if given:
        return _hierarchy(dict(given), WHERE)
    return _hierarchy(read_own("workbench.segmentation.value", PROPOSAL), PROPOSAL)


def weigh(hierarchy: Hierarchy) -> Weighed:
    """Weights of all experts together: the mean judgements first, then the eigenvector.

    Raises
    ------
    WorkbenchError
        If the judgements of the group contradict each other (CR above 0.10). An expert of several may do so
        alone: `by_expert` tells, for the mean of a group evens out slips.
    """
    upper = weights(together(hierarchy.dimensions))
    lower = {name: weights(together(judged)) for name, judged in hierarchy.levels.items()}
    alone = [
        (consistency(hierarchy.dimensions[i]), {n: consistency(j[i]) for n, j in hierarchy.levels.items()})
        for i in range(len(hierarchy.experts))
    ]
    globals_ = pd.DataFrame([_global(u, lows) for u, lows in alone])
    rows = [
        {"dimension": d, "indicator": i, "local_weight": w, "global_weight": w * upper.by_element[d]}
        for d, level in lower.items()
        for i, w in level.by_element.items()
    ]
    table = pd.DataFrame(rows)
    table["lowest_weight"] = table["indicator"].map(globals_.min())
    table["highest_weight"] = table["indicator"].map(globals_.max())
    by_expert = _by_expert(hierarchy.experts, alone)
    return Weighed(upper, lower, table, by_expert, total_ratio(upper, [lower[d] for d in upper.by_element]))


def _global(upper: Weights, lower: dict[str, Weights]) -> dict[str, float]:
    return {i: w * upper.by_element[d] for d, level in lower.items() for i, w in level.by_element.items()}


def _by_expert(experts: Sequence[str], alone: Sequence[tuple[Weights, dict[str, Weights]]]) -> pd.DataFrame:
    rows = []
    for name, (upper, lower) in zip(experts, alone, strict=True):
        for level, found in {"dimensions": upper, **lower}.items():
            row: dict[str, Any] = {"expert": name, "level": level, "eigenvalue": found.eigenvalue}
            row |= {"index": found.index, "ratio": found.ratio, "pair": (), "judged": None, "fitting": None}
            if (r := found.repair) is not None:
                row |= {"pair": (r.row, r.column), "judged": r.judged, "fitting": r.fitting}
            rows.append(row)
    return pd.DataFrame(rows)


def _hierarchy(content: dict[str, Any], where: str) -> Hierarchy:
    declared = checked(_File, content, where)
    _known(where, "a dimension", declared.indicators, DIMENSIONS, whole=True)
    indicators = {name: tuple(declared.indicators[name]) for name in DIMENSIONS}
    for name, own in indicators.items():
        _known(where, f"an indicator of {name}", own, INDICATORS[name])
        if not own or len(set(own)) < len(own):
            raise refusal(
                where, f"indicators of {name}", "one or more, each once", str(len(own)), "Correct the list."
            )
    names = tuple(expert.name for expert in declared.experts)
    if len(set(names)) < len(names):
        raise refusal(
            where, "the names of experts", "different", f"{len(names)} with repetitions", "Rename one."
        )
    levels: dict[str, tuple[Judgements, ...]] = {}
    for name, own in indicators.items():
        levels[name] = tuple(_level(where, e, name, own) for e in declared.experts)
    top = tuple(_judged(where, e.name, "dimensions", DIMENSIONS, e.dimensions) for e in declared.experts)
    return Hierarchy(indicators, names, top, levels)


def _level(where: str, expert: _Expert, name: str, elements: tuple[str, ...]) -> Judgements:
    _known(where, f"a level judged by {expert.name}", expert.indicators, DIMENSIONS, whole=True)
    return _judged(where, expert.name, name, elements, expert.indicators[name])


def _judged(where: str, expert: str, level: str, elements: tuple[str, ...], given: Level) -> Judgements:
    name = f"{level} by {expert} in {where}"
    given_rows: Any = given  # pydantic lets no mixture of rows and numbers in
    if given and isinstance(given[0], list):
        return upper_triangle(name, elements, given_rows)
    return Judgements(name, elements, tuple(given_rows))


def _known(where: str, what: str, given: Any, names: Sequence[str], *, whole: bool = False) -> None:
    for name in given:
        if name not in names:
            raise unknown_name(where, what, name, names)
    if whole and len(set(given)) < len(names):
        absent = ", ".join(name for name in names if name not in given)
        raise refusal(where, what, f"given for each of {', '.join(names)}", f"none for {absent}", "Add it.")
