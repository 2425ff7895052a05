"""The rules that turn scores into names: eleven segments and eight classes, each combination named once."""

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from workbench.errors import refusal
from workbench.own_yaml import read_own
from workbench.parameters.validation import checked

FILE = "rfm.yml"
LEVELS = 5
MEASURES = ("recency", "frequency", "monetary")
# In the order a table has them: the best first, then by what there is to lose.
SEGMENTS = (
    "champions", "loyal", "potential_loyal", "recent", "promising", "attention", "about_to_sleep",
    "at_risk", "cannot_lose", "hibernating", "lost",
)  # fmt: skip
CLASSES = (
    "key_value", "key_develop", "key_keep", "key_win_back",
    "general_value", "general_develop", "general_keep", "general_win_back",
)  # fmt: skip

Segment = Literal[
    "champions", "loyal", "potential_loyal", "recent", "promising", "attention", "about_to_sleep",
    "at_risk", "cannot_lose", "hibernating", "lost",
]  # fmt: skip
Level = Annotated[int, Field(ge=1, le=LEVELS)]
Side = Literal["high", "low"]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Rule(_Declared):
    """A block of cells and its segment; both ends of a range belong to it."""

    segment: Segment
    recency: Annotated[list[Level], Field(min_length=2, max_length=2)]
    value: Annotated[list[Level], Field(min_length=2, max_length=2)]

    def cells(self) -> list[tuple[int, int]]:
        """Its (recency, value) pairs; none where a range runs backwards."""
        (r_low, r_high), (v_low, v_high) = self.recency, self.value
        return list(product(range(r_low, r_high + 1), range(v_low, v_high + 1)))


class Pattern(_Declared):
    """On which side of the mean the three scores of a class are."""

    recency: Side
    frequency: Side
    monetary: Side


class Scheme(_Declared):
    """Both schemes, as the file has them."""

    segments: list[Rule]
    classes: dict[str, Pattern]

    def grid(self) -> npt.NDArray[np.object_]:
        """The segment of each cell: rows are recency levels 1 to 5, columns value levels 1 to 5."""
        named = np.full((LEVELS, LEVELS), "", dtype=object)
        for rule in self.segments:
            for r, v in rule.cells():
                named[r - 1, v - 1] = rule.segment
        return named


def read_scheme(content: Mapping[str, Any], where: str) -> Scheme:
    """`content` as a scheme in which each combination has exactly one name.

    Raises
    ------
    WorkbenchError
        If a key or value breaks a rule, a cell of the segments has no rule or two, or a pattern of the
        classes is missing or stands twice.
    """
    scheme = checked(Scheme, dict(content), where)
    _each_cell_once(scheme, where)
    _each_pattern_once(scheme, where)
    return scheme


def _each_cell_once(scheme: Scheme, where: str) -> None:
    rule = f"rules that name each of the {LEVELS**2} cells exactly once"
    named: dict[tuple[int, int], str] = {}
    for declared in scheme.segments:
        for cell in declared.cells():
            if cell in named:
                got = f"{named[cell]} and {declared.segment} for {_cell(cell)}"
                raise refusal(where, "segments", rule, got, "Take the cell out of one of the two rules.")
            named[cell] = declared.segment
    levels = range(1, LEVELS + 1)
    gaps = [cell for cell in product(levels, levels) if cell not in named]
    if gaps:
        got = f"none for {_cell(gaps[0])}"
        more = f" {len(gaps) - 1} more cells have none." if len(gaps) > 1 else ""
        raise refusal(where, "segments", rule, got, f"Add the cell to a rule.{more}")


def _cell(cell: tuple[int, int]) -> str:
    return f"recency {cell[0]}, value {cell[1]}"


def _each_pattern_once(scheme: Scheme, where: str) -> None:
    if set(scheme.classes) != set(CLASSES):
        odd = sorted(set(scheme.classes) ^ set(CLASSES))
        rule = f"the classes {', '.join(CLASSES)}"
        raise refusal(where, "classes", rule, f"{odd[0]} too many or missing", "Correct the names.")
    seen: dict[tuple[str, ...], str] = {}
    for name, pattern in scheme.classes.items():
        sides = tuple(getattr(pattern, measure) for measure in MEASURES)
        if sides in seen:
            got = f"{seen[sides]} and {name} for {', '.join(sides)}"
            rule = "classes that name each of the 8 patterns exactly once"
            raise refusal(where, "classes", rule, got, "Correct one of the two.")
        seen[sides] = name


@cache
def own_scheme() -> Scheme:
    """The scheme that every study gets."""
    return read_scheme(read_own("workbench.segmentation.layers", FILE), FILE)


def level(score: pd.Series, groups: int) -> pd.Series:
    """The level 1 to 5 that the middle of a score's step lies in; with five groups the score itself."""
    middle, whole = LEVELS * (2 * score - 1), 2 * groups
    return -(-middle // whole)


def value_level(frequency: pd.Series, monetary: pd.Series) -> pd.Series:
    """The mean of two levels; a half is not given, so that a top name needs both."""
    return (frequency + monetary) // 2


def segments_of(scores: pd.DataFrame, groups: int) -> pd.DataFrame:
    """The cell of each row of scores and its name.

    Returns
    -------
    pandas.DataFrame
        ``recency_level`` and ``value_level`` (1 to 5) and ``segment``, on the index of `scores`.
    """
    r, f, m = (level(scores[f"{name}_score"], groups) for name in MEASURES)
    value = value_level(f, m)
    names = own_scheme().grid()[r.to_numpy() - 1, value.to_numpy() - 1]
    return pd.DataFrame({"recency_level": r, "value_level": value, "segment": names}, index=scores.index)


def classes_of(scores: pd.DataFrame) -> pd.Series:
    """The class of each row of scores: each score strictly above its mean over all rows, or not.

    The mean is the split that the Chinese literature on RFM uses. It depends on the base: a customer can
    change class because others did. Where all scores are equal, nobody is above the mean.
    """
    high = [_above_mean(scores[f"{name}_score"]) for name in MEASURES]
    place = sum(side.astype("int64") * 2**bit for bit, side in enumerate(high))
    names = np.full(2 ** len(MEASURES), "", dtype=object)
    for name, pattern in own_scheme().classes.items():
        sides = [getattr(pattern, measure) == "high" for measure in MEASURES]
        names[sum(side * 2**bit for bit, side in enumerate(sides))] = name
    return pd.Series(names[np.asarray(place)], index=scores.index, name="rfm_class")


def _above_mean(score: pd.Series) -> pd.Series:
    return score * len(score) > int(score.sum())  # in whole numbers: no rounding decides
