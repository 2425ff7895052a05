"""The test: train on what was known, foresee what came, keep the answers out of sight."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.churn.dataset import Dataset
from workbench.churn.models import BoostedTrees, LogisticModel, NaiveRule, Vector

MAIN = "trees"
MODELS = (MAIN, "logistic", "naive")
RULE = "rule"  # column of the naive rule's score
FOLDS = 5
# More rows than this teach trees of this size nothing new; a random part of them is learned from.
MOST_TRAINED = 200_000


@dataclass(frozen=True)
class Tested:
    """Held-out rows with what each model foretold for them.

    Attributes
    ----------
    rows : pandas.DataFrame
        churned, fold, one column of probabilities per model of MODELS, and RULE.
    rule_values : numpy.ndarray
        The rule's feature itself, in its unit; NaN where missing.
    """

    rows: pd.DataFrame
    rule_values: Vector


@dataclass(frozen=True)
class Scorer:
    """A fitted main model and the positions of the scored rows it speaks for."""

    model: BoostedTrees
    places: NDArray[np.int64]


@dataclass(frozen=True)
class Backtest:
    """The test, and the models that score today's customers."""

    tested: Tested
    scorers: tuple[Scorer, ...]


def backtest(data: Dataset, seed: int) -> Backtest:
    """Out of time where there are cut-offs, else by cross-validation.

    Out of time, the models of the test are trained on the earlier cut-offs; the model that scores is fitted
    again on all labelled cut-offs. In a cross-validation each customer is scored by the model of the fold
    that did not see the customer's label: a model that saw it would call everybody still here safe.
    """
    if data.cutoffs is None:
        return _cross_validated(data, seed)
    test = data.test_rows.to_numpy()
    rows, _ = _foretell(data, ~test, test, seed)
    known = _learned_from(data, np.ones(len(test), dtype="bool"), seed)
    final = BoostedTrees(data.features, seed).fit(known, known["churned"].to_numpy("bool"))
    everyone = Scorer(final, np.arange(len(data.scored)))
    return Backtest(tested(data, rows), (everyone,))


def tested(data: Dataset, rows: pd.DataFrame) -> Tested:
    """What was foretold for the test rows of `data`; `rows` are in their order, whatever their index."""
    test = data.test_rows.to_numpy()
    return Tested(rows.set_axis(data.labelled.index[test]), _rule_values(data, test))


def _cross_validated(data: Dataset, seed: int) -> Backtest:
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    rows, scorers = [], []
    for number, (_, outside) in enumerate(folds.split(data.labelled, data.labelled["churned"])):
        held_out = np.zeros(len(data.labelled), dtype="bool")
        held_out[outside] = True
        told, trees = _foretell(data, ~held_out, held_out, seed)
        rows.append(told.assign(fold=number))
        scorers.append(Scorer(trees, outside))
    return Backtest(tested(data, pd.concat(rows).sort_index()), tuple(scorers))


def _foretell(
    data: Dataset, training: NDArray[np.bool_], held_out: NDArray[np.bool_], seed: int
) -> tuple[pd.DataFrame, BoostedTrees]:
    """What the models, fitted on `training`, foretell for `held_out`; and the fitted trees."""
    known, unknown = _learned_from(data, training, seed), data.labelled[held_out]
    label = known["churned"].to_numpy("bool")
    trees = BoostedTrees(data.features, seed).fit(known, label)
    logistic = LogisticModel(data.features).fit(known, label)
    naive = NaiveRule(data.rule).fit(known, label)
    columns = {
        "churned": unknown["churned"].to_numpy("bool"),
        "fold": 0,
        MAIN: trees.predict_probability(unknown),
        "logistic": logistic.predict_probability(unknown),
        "naive": naive.predict_probability(unknown),
        RULE: naive.score(unknown),
    }
    return pd.DataFrame(columns, index=unknown.index), trees


def _learned_from(data: Dataset, training: NDArray[np.bool_], seed: int) -> pd.DataFrame:
    """The rows of `training`, or MOST_TRAINED of them at random."""
    rows = np.flatnonzero(training)
    if len(rows) > MOST_TRAINED:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_TRAINED, replace=False))
    return data.labelled.iloc[rows]


def _rule_values(data: Dataset, rows: NDArray[np.bool_]) -> Vector:
    if data.rule.feature not in data.features:
        return np.full(int(rows.sum()), np.nan)
    return data.labelled.loc[rows, data.rule.feature].to_numpy("float64")
