"""Why a customer is at risk, in words: the features that push the risk up, with the customer's own values."""

import math

import numpy as np
import pandas as pd

from workbench import features
from workbench.churn.dataset import ATTRIBUTE
from workbench.churn.explain import Explanation
from workbench.churn.models import Vector
from workbench.language import current, say
from workbench.language.catalogue import messages

RANKS = (1, 2, 3)  # reasons a customer gets
# Features that tell a reader the same thing in other words: only the strongest of a theme becomes a reason.
THEMES = {
    **dict.fromkeys(
        ["days_since_last_order", "spend_trend"]
        + [f"{what}_{days}d" for what in ("n_orders", "revenue") for days in features.WINDOWS],
        "silence",
    ),
    **dict.fromkeys(["n_orders", "n_order_days", "mean_gap_days", "last_gap_days"], "habit"),
    **dict.fromkeys(["revenue", "mean_order_value"], "spending"),
    **dict.fromkeys(["n_products", "n_categories", "n_channels"], "breadth"),
    **dict.fromkeys(["days_since_first_order", "days_since_registration"], "age"),
}


def reasons(explanation: Explanation, scored: pd.DataFrame) -> pd.DataFrame:
    """The features that push each explained row's risk up most, first to third, one of each theme.

    Returns
    -------
    pandas.DataFrame
        cause_1 … cause_3 (feature names) and reason_1 … reason_3 (spoken with the customer's own value), one
        row per scored row; empty text where fewer push up, or where the row was not explained.
    """
    spoken: dict[tuple[str, float | str | None], str] = {}
    columns = {f"{part}_{rank}": [""] * len(scored) for part in ("cause", "reason") for rank in RANKS}
    values = {name: scored[name].astype("object").where(scored[name].notna(), None).tolist()
              for name in explanation.features}  # fmt: skip
    for place, contributions in zip(explanation.places, explanation.contributions, strict=True):
        for rank, name in zip(RANKS, causes_of(contributions, explanation.features), strict=False):
            key = (name, values[name][place])
            if key not in spoken:
                spoken[key] = reason_text(*key)
            columns[f"cause_{rank}"][place], columns[f"reason_{rank}"][place] = name, spoken[key]
    return pd.DataFrame(columns, dtype="str")


def causes_of(contributions: Vector, names: tuple[str, ...]) -> list[str]:
    """The features with the largest positive contributions, at most one of each theme."""
    found: dict[str, str] = {}
    for position in np.argsort(-contributions, kind="stable"):
        if contributions[position] <= 0 or len(found) == len(RANKS):
            break
        name = names[position]
        found.setdefault(THEMES.get(name, name), name)
    return list(found.values())


def reason_text(feature: str, value: float | str | None) -> str:
    """A feature and a customer's value of it as a phrase in the current language.

    The catalogue may hold further phrasings of a feature under ``.none`` (no value), ``.zero`` and ``.one``.
    """
    if feature.startswith(ATTRIBUTE):
        return _attribute_text(feature, value)
    code = f"churn.reason.{feature}"
    special = "none" if value is None else "zero" if value == 0 else "one" if value == 1 else None
    if special and f"{code}.{special}" in messages(current().language):
        return say(f"{code}.{special}")
    if feature == "spend_trend" and isinstance(value, float):
        value = math.exp(value)  # the feature is a logarithm
    return say(code, value=value)


def _attribute_text(feature: str, value: float | str | None) -> str:
    name = feature.removeprefix(ATTRIBUTE)
    if value is None:
        return say("churn.reason.attribute.none", feature=name)
    if isinstance(value, str):
        return say("churn.reason.attribute", feature=name, value=value)
    shown = int(value) if float(value).is_integer() else value
    return say("churn.reason.attribute_number", feature=name, value=shown)


def feature_label(feature: str) -> str:
    """The name of a feature in the current language; a company's own column keeps its own."""
    if feature.startswith(ATTRIBUTE):
        return feature.removeprefix(ATTRIBUTE)
    return say(f"churn.feature.{feature}")
