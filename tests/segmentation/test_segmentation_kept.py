"""Is a base fitted, clustered and tested once, and is what is read again what came of it?"""

import shutil
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.cluster import KMeans

from workbench import results, segmentation
from workbench.parameters import SegmentationParameters
from workbench.recall import folder
from workbench.segmentation.forecast.models import learned
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.cohort_mean import CohortMean
from workbench.segmentation.purchases.gamma_gamma import GammaGamma
from workbench.segmentation.purchases.pareto import ParetoNBD

LIMITS = "workbench.segmentation.forecast.expected_value._outcomes"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def kept(segment, lines, tmp_path_factory):
    """The study of `lines`, and the cache that keeps it."""
    cache = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(cache))
        return segment(lines), cache


@pytest.fixture
def known(kept, own_cache):
    """The study of `lines`; the cache of the test knows it."""
    shutil.copytree(kept[1], own_cache)
    return kept[0]


@pytest.fixture(scope="module")
def segment(as_canonical):
    """Segments order lines as if they had come from a source, whose digest tells their number."""

    def segment(lines, **parameters):
        engine = SimpleNamespace(con="a connection", digest=lambda name: f"{len(lines)} rows of {name}")
        data = replace(as_canonical(lines), engine=engine)
        return segmentation.segment(data, SegmentationParameters(**parameters))

    return segment


def refuse(monkeypatch, *fits):
    def fit(*_, **__):
        raise AssertionError("a model is fitted")

    for name in fits or (BetaGeoNBD, GammaGamma, KMeans, LIMITS):
        monkeypatch.setattr(*((name, fit) if isinstance(name, str) else (name, "fit", fit)))


def test_the_same_base_is_segmented_again_without_a_fit(segment, lines, known, as_canonical, monkeypatch):
    by_hand = segmentation.segment(as_canonical(lines), SegmentationParameters())
    refuse(monkeypatch)
    for study in (by_hand, segment(lines)):
        assert results.dumps(segmentation.results(study)) == results.dumps(segmentation.results(known))
        one, other = study.forecast, known.forecast
        assert_same_model(one.choice.model, other.choice.model)
        assert_same_model(one.spend, other.spend)
        pd.testing.assert_frame_equal(study.value, known.value, check_exact=True)
        assert_equal(study.clusters, known.clusters)
        assert_equal(one.outlook, other.outlook)
        assert_equal(replace(one.holdout, choice=other.holdout.choice), other.holdout)


def assert_same_model(one, other):
    mine, yours = vars(one), vars(other)
    assert {name: type(value) for name, value in mine.items()} == {n: type(v) for n, v in yours.items()}
    np.testing.assert_array_equal(mine["covariance_"], yours["covariance_"])
    assert {k: v for k, v in mine.items() if k != "covariance_"} == {
        k: v for k, v in yours.items() if k != "covariance_"
    }


def assert_equal(one, other):
    for field in fields(one):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if isinstance(first, pd.DataFrame):
            pd.testing.assert_frame_equal(first, second, check_exact=True)
        elif isinstance(first, pd.Series):
            pd.testing.assert_series_equal(first, second, check_exact=True)
        else:
            assert first == second


@pytest.mark.parametrize("fit", [BetaGeoNBD, GammaGamma, KMeans, LIMITS])
def test_one_purchase_more_is_fitted_again(segment, lines, known, fit, monkeypatch):
    refuse(monkeypatch, fit)
    with pytest.raises(AssertionError, match="a model is fitted"):
        segment(pd.concat([lines, lines.head(1).assign(order_id="another", amount=99.0)]))


@pytest.mark.parametrize("fit", [KMeans, LIMITS])
def test_another_seed_draws_and_clusters_again(segment, lines, known, fit, monkeypatch):
    refuse(monkeypatch, fit)
    with pytest.raises(AssertionError, match="a model is fitted"):
        segment(lines, seed=2)


def test_a_shorter_holdout_is_another_test(segment, lines, known, monkeypatch):
    refuse(monkeypatch, BetaGeoNBD)
    with pytest.raises(AssertionError, match="a model is fitted"):
        segment(lines, holdout_days=90)


def test_what_was_learned_comes_back_in_its_own_types():
    rows = pd.DataFrame({"frequency": [0, 1, 2, 5] * 50, "recency": [0.0, 3, 6, 8] * 50, "T": 10.0})
    rows = rows.assign(orders=rows["frequency"] + 1, mean_spend=[10.0, 12, 7, 30] * 50)
    for model in (BetaGeoNBD(leaves_at_once=True), ParetoNBD(), GammaGamma(), CohortMean()):
        for _ in range(2):
            found, fresh = learned(clone(model), rows, keep=True), clone(model).fit(rows)
            if hasattr(fresh, "covariance_"):
                assert_same_model(found, fresh)
            else:
                assert vars(found) == vars(fresh)


class Unsure(BetaGeoNBD):
    """A model whose likelihood does not curve down."""

    def fit(self, X, y=None):
        super().fit(X)
        self.covariance_ = np.full((4, 4), np.nan)
        return self


def test_a_curvature_that_is_not_known_comes_back_as_not_known():
    rows = pd.DataFrame({"frequency": [0, 1, 2, 5] * 50, "recency": [0.0, 3, 6, 8] * 50, "T": 10.0})
    for _ in range(2):
        assert np.isnan(learned(Unsure(), rows, keep=True).covariance_).all()


def test_one_model_is_not_taken_for_another():
    rows = pd.DataFrame({"frequency": [0, 1, 2, 5] * 50, "recency": [0.0, 3, 6, 8] * 50, "T": 10.0})
    one, other = (learned(BetaGeoNBD(leaves_at_once=flag), rows, keep=True) for flag in (False, True))
    assert one.log_likelihood_ != other.log_likelihood_


def test_no_id_of_a_customer_is_kept(lines, known):
    kept = [pd.read_parquet(path) for path in folder().glob("*.parquet")]
    assert kept
    everything = "".join(frame.to_csv() for frame in kept)
    assert not any(name in everything for name in lines["customer_id"].unique())


def test_of_tables_made_by_hand_nothing_is_kept(lines, as_canonical):
    segmentation.segment(as_canonical(lines), SegmentationParameters())
    assert not folder().exists()
