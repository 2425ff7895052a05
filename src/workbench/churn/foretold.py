"""What the fitted models tell, kept as data: told once of the same rows, it is read again without a model."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from workbench.churn.backtest import Backtest, Scorer, Tested, backtest, tested
from workbench.churn.dataset import Dataset
from workbench.churn.explain import Explanation, explain
from workbench.churn.models import Vector
from workbench.churn.scores import score
from workbench.recall import recall, rows_digest


@dataclass(frozen=True)
class Foretold:
    """What the models say of the held-out rows and of the scored ones.

    Attributes
    ----------
    probability : numpy.ndarray
        Of churn, one per scored row.
    """

    tested: Tested
    probability: Vector
    explanation: Explanation


def foretell(data: Dataset, seed: int, *, keep: bool = False) -> Foretold:
    """Fit, test, score and explain, or recall what came of it.

    Parameters
    ----------
    keep : bool
        Whether the answers are kept for the next time that the same rows come in the same order. No id and no
        feature is kept with them.
    """
    basis = rows_digest(data.labelled, data.scored) if keep else None
    test = None if data.cutoffs is None else data.cutoffs.test
    asked = {"seed": seed, "features": data.features, "rule": [data.rule.feature, data.rule.sign]}
    asked["test"] = test

    @cache
    def fitted() -> Backtest:
        return backtest(data, seed)

    rows = recall("churn.tested", basis, asked, lambda: fitted().tested.rows)
    told = recall("churn.told", basis, asked, lambda: _told(fitted().scorers, data, seed))
    return Foretold(
        tested(data, rows), told["probability"].to_numpy("float64"), _explanation(told, data.features)
    )


def _told(scorers: tuple[Scorer, ...], data: Dataset, seed: int) -> pd.DataFrame:
    """One row per scored row: probability, and its explanation where there is one."""
    probability = score(scorers, data.scored)
    found = explain(scorers, data.scored, probability, data.features, seed)
    explained = pd.DataFrame(
        {"base": found.base, "sampled": found.sample, "contributions": list(found.contributions)},
        index=found.places,
    )
    return pd.DataFrame({"probability": probability}).join(explained)


def _explanation(told: pd.DataFrame, names: tuple[str, ...]) -> Explanation:
    rows = told[told["contributions"].notna()]
    contributions = np.array(rows["contributions"].tolist(), dtype="float64").reshape(-1, len(names))
    sampled = rows["sampled"].to_numpy("bool")
    return Explanation(names, rows.index.to_numpy(), contributions, rows["base"].to_numpy("float64"), sampled)
