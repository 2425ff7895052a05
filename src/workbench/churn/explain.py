"""What drives the risk: SHAP values of the boosted trees."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.churn.backtest import Scorer
from workbench.churn.models import Vector

MOST_EXPLAINED = 20_000  # rows; exact SHAP values cost about half a millisecond a row
SAMPLE = 2_000
DIRECTION_FROM = 0.3  # rank correlation of value and contribution below which no direction is named


@dataclass(frozen=True)
class Explanation:
    """SHAP values of scored rows, in log odds.

    Attributes
    ----------
    places : numpy.ndarray
        Positions of the explained rows among the scored ones.
    contributions : numpy.ndarray
        Explained rows × features; with `base` they add up to the row's log odds of churn.
    sample : numpy.ndarray
        Which explained rows stand for all customers in the picture of the drivers.
    """

    features: tuple[str, ...]
    places: NDArray[np.int64]
    contributions: NDArray[np.float64]
    base: Vector
    sample: NDArray[np.bool_]


def explain(
    scorers: tuple[Scorer, ...],
    scored: pd.DataFrame,
    probability: Vector,
    names: tuple[str, ...],
    seed: int,
) -> Explanation:
    """Explain all scored rows up to MOST_EXPLAINED, beyond that those of highest probability and a sample.

    Source: S. M. Lundberg et al., "From local explanations to global understanding with explainable AI for
    trees", Nature Machine Intelligence 2 (2020), 56-67 (TreeSHAP, path-dependent). Features that move
    together share their credit.
    """
    n = len(scored)
    sampled = np.random.default_rng(seed).permutation(n)[:SAMPLE]
    riskiest = np.argsort(-probability, kind="stable")[:MOST_EXPLAINED]
    places = np.union1d(sampled, riskiest)
    contributions, base = np.zeros((len(places), len(names))), np.zeros(len(places))
    for scorer in scorers:
        own = np.isin(places, scorer.places)
        contributions[own], base[own] = contributions_of(scorer, scored.iloc[places[own]])
    return Explanation(names, places, contributions, base, np.isin(places, sampled))


def contributions_of(scorer: Scorer, rows: pd.DataFrame) -> tuple[NDArray[np.float64], float]:
    """SHAP values of `rows` and their common base, in log odds after recalibration."""
    with warnings.catch_warnings():
        # At import a progress bar looks for Jupyter widgets; at each call it is said that the shape of the
        # answer once differed between versions. Neither is for the reader of a page.
        warnings.filterwarnings("ignore", message="IProgress not found")
        warnings.filterwarnings("ignore", message="LightGBM binary classifier", category=UserWarning)
        from shap import TreeExplainer

        model = scorer.model
        explainer = TreeExplainer(model.booster_)
        values = explainer.shap_values(model.encoder_.transform(rows))
    base = np.ravel(explainer.expected_value)[-1]
    return model.slope_ * np.asarray(values), float(model.intercept_ + model.slope_ * base)


def drivers(explanation: Explanation, scored: pd.DataFrame) -> pd.DataFrame:
    """The features by how far they move the risk, over the sample.

    Returns
    -------
    pandas.DataFrame
        feature, mean_abs (mean |SHAP|, log odds), share (of the sum over features), direction (+1 more means
        more risk, -1 less, 0 neither), riskiest (of text, the level that raises the risk most; else "").
    """
    contributions = explanation.contributions[explanation.sample]
    rows = scored.iloc[explanation.places[explanation.sample]]
    size = np.abs(contributions).mean(axis=0)
    frame = pd.DataFrame({"feature": explanation.features, "mean_abs": size, "share": size / size.sum()})
    ways = [_way(rows[name], contributions[:, place]) for place, name in enumerate(explanation.features)]
    frame[["direction", "riskiest"]] = pd.DataFrame(ways, columns=["direction", "riskiest"])
    return frame.sort_values(["mean_abs", "feature"], ascending=[False, True], ignore_index=True)


def _way(values: pd.Series, contribution: Vector) -> tuple[int, str]:
    if not pd.api.types.is_numeric_dtype(values):
        means = pd.Series(contribution, index=values.index).groupby(values).mean()
        return 0, str(means.idxmax()) if len(means) else ""
    known = values.notna().to_numpy()
    ranks = values[known].rank().to_numpy(), pd.Series(contribution[known]).rank().to_numpy()
    if min(np.ptp(rank) if len(rank) else 0 for rank in ranks) == 0:
        return 0, ""
    correlation = float(np.corrcoef(*ranks)[0, 1])
    return int(np.sign(correlation)) if abs(correlation) >= DIRECTION_FROM else 0, ""
