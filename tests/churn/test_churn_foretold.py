"""Are the models fitted once for the same rows, and is what is read again what they said?"""

import shutil
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench import churn
from workbench.churn.backtest import backtest
from workbench.churn.dataset import Dataset
from workbench.churn.explain import explain
from workbench.churn.foretold import Foretold, foretell
from workbench.churn.models import BoostedTrees, LogisticModel, NaiveRule
from workbench.churn.scores import score
from workbench.parameters import ChurnParameters
from workbench.recall import folder
from workbench.results import Results, dumps


@pytest.fixture(scope="module")
def dataset(contract_study: churn.Churn) -> Dataset:
    """The 700 contracts, whose test is a cross-validation."""
    assert isinstance(contract_study.dataset, Dataset)
    return contract_study.dataset


@pytest.fixture(scope="module")
def kept(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Foretold, Path]:
    """What is told of the contracts, and the cache that keeps it."""
    cache = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(cache))
        return foretell(dataset, 1, keep=True), cache


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def told(kept: tuple[Foretold, Path], own_cache: Path) -> Foretold:
    """What is told of the contracts; the cache of the test knows it."""
    shutil.copytree(kept[1], own_cache)
    return kept[0]


def refuse_to_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(*_: Any) -> None:
        raise AssertionError("a model is fitted")

    for model in (BoostedTrees, LogisticModel, NaiveRule):
        monkeypatch.setattr(model, "fit", fit)


def assert_equal(first: Foretold, second: Foretold) -> None:
    pd.testing.assert_frame_equal(first.tested.rows, second.tested.rows, check_exact=True)
    np.testing.assert_array_equal(first.tested.rule_values, second.tested.rule_values)
    np.testing.assert_array_equal(first.probability, second.probability)
    for field in fields(first.explanation):
        one, other = (getattr(told.explanation, field.name) for told in (first, second))
        np.testing.assert_array_equal(one, other)
        assert np.asarray(one).dtype == np.asarray(other).dtype


def test_the_same_rows_are_told_again_without_a_fit(
    dataset: Dataset, told: Foretold, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_fit(monkeypatch)
    assert_equal(told, foretell(dataset, 1, keep=True))


@pytest.mark.parametrize("most", [20_000, 200])
def test_what_is_told_is_what_the_models_say(
    dataset: Dataset, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where only some of the rows are explained."""
    monkeypatch.setattr("workbench.churn.explain.MOST_EXPLAINED", most)
    monkeypatch.setattr("workbench.churn.explain.SAMPLE", 100)
    fitted = backtest(dataset, 1)
    probability = score(fitted.scorers, dataset.scored)
    explanation = explain(fitted.scorers, dataset.scored, probability, dataset.features, 1)
    assert (len(explanation.places) == len(dataset.scored)) == (most > 700)
    assert_equal(Foretold(fitted.tested, probability, explanation), foretell(dataset, 1, keep=True))


def one_label_turned(data: Dataset) -> Dataset:
    churned = data.labelled["churned"].to_numpy().copy()
    churned[5] = not churned[5]
    return replace(data, labelled=data.labelled.assign(churned=churned))


@pytest.mark.parametrize(
    ("changed", "seed"),
    [
        (one_label_turned, 1),
        (lambda data: replace(data, labelled=data.labelled[::-1].reset_index(drop=True)), 1),
        (lambda data: replace(data, scored=data.scored.assign(monthly_fee=1.0)), 1),
        (lambda data: replace(data, features=data.features[1:]), 1),
        (lambda data: replace(data, rule=replace(data.rule, sign=1)), 1),
        (lambda data: data, 2),
    ],
    ids=["a label", "the order of rows", "a scored value", "the features", "the rule", "the seed"],
)
def test_what_is_not_the_same_is_fitted_again(
    changed: Any, seed: int, dataset: Dataset, told: Foretold, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_fit(monkeypatch)
    with pytest.raises(AssertionError, match="a model is fitted"):
        foretell(changed(dataset), seed, keep=True)


def test_neither_an_id_nor_a_feature_is_kept(told: Foretold) -> None:
    kept = [pd.read_parquet(path) for path in folder().glob("*.parquet")]
    assert {frozenset(frame.columns) for frame in kept} == {
        frozenset({"churned", "fold", "trees", "logistic", "naive", "rule"}),
        frozenset({"probability", "base", "sampled", "contributions"}),
    }


def test_a_whole_study_comes_back_without_a_fit(
    make: SimpleNamespace, small_orders: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make.canonical(transactions=small_orders)
    loaded = replace(data, engine=SimpleNamespace(con="a connection", digest=lambda name: f"rows of {name}"))
    first = churn.foresee(loaded, ChurnParameters())
    by_hand = churn.foresee(data, ChurnParameters())
    refuse_to_fit(monkeypatch)
    again = churn.foresee(loaded, ChurnParameters())
    for study in (by_hand, again):
        pd.testing.assert_frame_equal(study.table, first.table, check_exact=True)
        assert written(study) == written(first)


def test_of_tables_made_by_hand_nothing_is_kept(make: SimpleNamespace, contracts: pd.DataFrame) -> None:
    churn.foresee(make.canonical(subscriptions=contracts), ChurnParameters())
    assert not folder().exists()


def written(study: churn.Churn) -> str:
    assert isinstance(study.dataset, Dataset)
    results = Results("03_churn", study.dataset.as_of, study.metrics, study.checks, study.findings)
    return dumps(results)
