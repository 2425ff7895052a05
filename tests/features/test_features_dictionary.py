"""Does the feature dictionary name every feature, in both languages, and nothing else?"""

import re
from dataclasses import FrozenInstanceError, fields
from datetime import date

import pytest

from workbench import features
from workbench.sources.canonical import TABLES

HAN = re.compile(r"[一-鿿]")


def test_the_dictionary_holds_the_columns_of_the_features():
    columns = features.as_of_features({}, [date(2024, 6, 30)]).columns
    assert list(columns) == ["customer_id", "as_of", *(entry.name for entry in features.dictionary())]


def test_there_are_at_least_forty_features():
    assert len(features.dictionary()) >= 40


@pytest.mark.parametrize("entry", features.dictionary(), ids=lambda entry: entry.name)
def test_every_entry_is_filled_in_both_languages(entry):
    assert all(getattr(entry, field.name).strip() for field in fields(entry))
    assert entry.en.endswith(".")
    assert not HAN.search(entry.en)
    assert entry.zh.endswith("。")
    assert HAN.search(entry.zh)
    assert entry.kind in ("count", "sum", "measure")
    assert entry.table in TABLES


@pytest.mark.parametrize("entry", features.dictionary(), ids=lambda entry: entry.name)
def test_a_window_stands_in_the_name_in_both_definitions_and_in_its_field(entry):
    named = re.search(r"_(\d+)d$", entry.name)
    if named:
        assert entry.window == named[1]
        assert f"last {named[1]} days" in entry.en
        assert f"最近 {named[1]} 天" in entry.zh


def test_an_entry_can_not_be_changed():
    with pytest.raises(FrozenInstanceError):
        features.dictionary()[0].unit = "days"


def test_counts_are_whole_numbers_and_zero_where_nothing_is_seen():
    entry = next(entry for entry in features.dictionary() if entry.name == "n_orders")
    assert (entry.type, entry.zero_if_none) == ("int64", True)
    entry = next(entry for entry in features.dictionary() if entry.name == "mean_gap_days")
    assert (entry.type, entry.zero_if_none) == ("float64", False)
