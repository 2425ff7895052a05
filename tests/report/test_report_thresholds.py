"""Are the thresholds that a page prints those that the code judges by?"""

import importlib

import pytest

from workbench import language
from workbench.parameters import MODELS
from workbench.report import thresholds


@pytest.mark.parametrize("name", thresholds.registry())
def test_the_printed_value_is_the_constant_of_the_module(name):
    place = thresholds.registry()[name]["constant"]
    file, _, constant = place.partition(":")
    module = importlib.import_module("workbench." + file.removesuffix(".py").replace("/", "."))
    assert thresholds.constant(place) == getattr(module, constant)


def test_every_entry_is_whole_and_belongs_to_a_notebook():
    for name, entry in thresholds.registry().items():
        assert entry.keys() == {"notebook", "constant", "unit", "en", "zh"}, name
        assert entry["notebook"] in MODELS
        assert name.startswith(entry["notebook"].split("_")[1] + "_")


def test_the_version_changes_with_the_value_and_not_with_the_language(monkeypatch):
    before = {t.name: t.version for t in thresholds.thresholds("03_churn")}
    with language.speaking("zh"):
        assert {t.name: t.version for t in thresholds.thresholds("03_churn")} == before
    monkeypatch.setattr(thresholds, "constant", lambda place: 0.123)
    after = {t.name: t.version for t in thresholds.thresholds("03_churn")}
    assert all(after[name] != before[name] for name in before)


def test_a_constant_that_is_not_there_is_no_silent_gap():
    with pytest.raises(KeyError):
        thresholds.constant("churn/summary.py:NO_SUCH_LIMIT")
