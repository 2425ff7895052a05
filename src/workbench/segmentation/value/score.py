"""Customer value in three dimensions: what a customer brings now, may bring, and how close the bond is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import refusal
from workbench.segmentation.value.hierarchy import DIMENSIONS, Weighed, read_hierarchy, weigh
from workbench.segmentation.value.indicators import Indicators
from workbench.segmentation.value.objective import Objective, blended, objective
from workbench.segmentation.value.scaling import normalised

# Grade → share of customers ranked above which it ends: A 20 %, B the next 30 %, C the rest.
GRADE_ENDS = {"A": 0.2, "B": 0.5, "C": 1.0}
LEVELS = ("high", "low")
CLASSES = tuple(f"{c}-{p}-{r}" for c in LEVELS for p in LEVELS for r in LEVELS)
DIGITS = 10  # equal customers must stay equal through sums of floats
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ValueScore:
    """Scores, classes and grades, and the weights behind them.

    Attributes
    ----------
    scores : pandas.DataFrame
        ``current_value``, ``potential_value``, ``relationship_value``, ``value_score`` (0 to 100),
        ``value_class`` (current-potential-relationship, each high or low) and ``value_grade`` (A, B, C).
    weights : pandas.DataFrame
        ``dimension``, ``indicator``, ``local_weight`` and ``global_weight`` as judged, ``lowest_weight`` and
        ``highest_weight`` over the experts, ``weight_used`` (global, 0 where the indicator is left out).
    ratio : float
        Consistency ratio of all judgements together.
    medians : dict
        Dimension's score → value above which a customer counts as high.
    grade_floors : dict
        Grade → lowest value score in it.
    objective : Objective
        Entropy and CRITIC weights beside those of judgement.
    weighed : Weighed
        The judgements' weights and every expert's agreement.
    ahp_share : float
        θ of the blend that was used; 1 for judgement alone.
    points : pandas.DataFrame
        The indicators from 0 to 1 that the weights were put on.
    """

    scores: pd.DataFrame
    weights: pd.DataFrame
    ratio: float
    medians: dict[str, float]
    grade_floors: dict[str, float]
    objective: Objective
    weighed: Weighed
    ahp_share: float
    points: pd.DataFrame

    @property
    def n_experts(self) -> int:
        """How many experts judged."""
        return int(self.weighed.by_expert["expert"].nunique())


def value_score(
    indicators: Indicators | pd.DataFrame,
    weighed: Weighed | None = None,
    *,
    ahp_share: float = 1.0,
    scale: Literal["rank", "min_max"] = "rank",
) -> ValueScore:
    """Score customers by the indicators given; those without data leave their weight to their dimension.

    Parameters
    ----------
    indicators : Indicators or pandas.DataFrame
        Raw values, a column per indicator; each dimension needs at least one.
    weighed : Weighed, optional
        Without it the weights of the project's own proposal.
    ahp_share : float
        θ: share of judgement in the weights, the rest is entropy's. The default 1 is judgement alone: what is
        valuable is for the company to say, and data weights follow what varies.
    scale : {"rank", "min_max"}
        See `normalised`.

    Raises
    ------
    WorkbenchError
        If a dimension has no indicator.
    """
    raw = indicators.values if isinstance(indicators, Indicators) else indicators
    weighed = weigh(read_hierarchy()) if weighed is None else weighed
    table = _weights_used(weighed, set(raw.columns))
    used = table.set_index("indicator")["weight_used"].loc[lambda w: w > 0]
    points = normalised(raw[list(used.index)], method=scale)
    beside = objective(normalised(raw[list(used.index)], method="min_max"), used)
    if ahp_share < 1:
        table["weight_used"] = table["indicator"].map(blended(beside.table, ahp_share)).fillna(0.0)
    scores = score_frame(points, table)
    dimensions = scores[[f"{name}_value" for name in DIMENSIONS]]
    floors = scores.groupby("value_grade")["value_score"].min()
    medians = _named(dimensions.median())
    return ValueScore(
        scores, table, weighed.ratio, medians, _named(floors), beside, weighed, ahp_share, points
    )


def score_frame(points: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """The `scores` of a `ValueScore` from indicators from 0 to 1 and a table with ``weight_used``."""
    by_dimension = dimension_scores(points, weights)
    shares = weights.groupby("dimension")["weight_used"].sum()
    scores = pd.DataFrame(by_dimension, index=points.index)
    parts = np.column_stack([by_dimension[f"{name}_value"] for name in DIMENSIONS])
    scores["value_score"] = (parts @ shares.reindex(list(DIMENSIONS)).to_numpy()).round(DIGITS)
    code = class_codes(by_dimension)
    scores["value_class"] = pd.Series(np.array(CLASSES, dtype=object)[code], index=points.index, dtype="str")
    return scores.assign(value_grade=grades(scores["value_score"]))


def dimension_scores(points: pd.DataFrame, weights: pd.DataFrame) -> dict[str, Floats]:
    """``<dimension>_value`` (0 to 100) → score of every customer, the weights rescaled within dimensions."""
    found = {}
    for name in DIMENSIONS:
        own = weights.loc[weights["dimension"].eq(name) & (weights["weight_used"] > 0)]
        share = own["weight_used"].to_numpy() / own["weight_used"].sum()
        found[f"{name}_value"] = (100 * points[own["indicator"]].to_numpy() @ share).round(DIGITS)
    return found


def class_codes(by_dimension: dict[str, Floats]) -> npt.NDArray[np.int64]:
    """Position in CLASSES: a dimension above its median is high."""
    code = np.zeros(len(next(iter(by_dimension.values()))), dtype=np.int64)
    for values in by_dimension.values():
        code = 2 * code + (values <= np.median(values))
    return code


def grades(score: pd.Series) -> pd.Series:
    """A, B or C by the share of customers with a strictly higher score, so that equals share a grade."""
    names = np.array(list(GRADE_ENDS), dtype=object)
    return pd.Series(names[grade_codes(score.to_numpy())], index=score.index, dtype="str")


def grade_codes(score: Floats) -> npt.NDArray[np.int64]:
    """Position in GRADE_ENDS."""
    code = np.zeros(len(score), dtype=np.int64)
    for end in list(GRADE_ENDS.values())[:-1] if len(score) else []:
        # Fewer than `end` of all stand higher: not below the k-th highest score. 0.2 × 35 is no 7.000000001.
        k = int(np.ceil(round(end * len(score), 6)))
        code += score < np.partition(score, len(score) - k)[len(score) - k]
    return code


def _named(values: "pd.Series[float]") -> dict[str, float]:
    return {str(name): float(value) for name, value in values.items()}


def bare_dimensions(weighed: Weighed, known: set[str]) -> list[str]:
    """Dimensions of which no indicator with a weight is known."""
    table = weighed.table
    kept = table["local_weight"].where(table["indicator"].isin(known), 0.0)
    whole = kept.groupby(table["dimension"]).sum()
    return [str(name) for name in DIMENSIONS if whole.get(name, 0.0) == 0]


def _weights_used(weighed: Weighed, known: set[str]) -> pd.DataFrame:
    table = weighed.table
    kept = table["local_weight"].where(table["indicator"].isin(known), 0.0)
    whole = kept.groupby(table["dimension"]).transform("sum")
    if without := bare_dimensions(weighed, known):
        bare = ", ".join(without)
        raise refusal("value score", "the indicators", "one or more of each dimension", f"none of {bare}",
                      "Map a table that tells one, or judge others in the hierarchy.")  # fmt: skip
    return table.assign(weight_used=kept / whole * table["dimension"].map(weighed.upper.by_element))
