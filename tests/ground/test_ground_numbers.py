"""Are numbers written as a reader expects them: separators, units, digits, signs?"""

import re
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.language.numbers import COUNTS, write_number, write_spec

finite = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


def english(value, spec):
    return write_spec(value, spec, "en", "GBP")


@pytest.mark.parametrize(
    ("value", "spec", "en", "zh"),
    [
        (1234567, "integer", "1,234,567", "1,234,567"),
        (2.5, "integer", "2", "2"),
        (1234, "change", "+1,234", "+1,234"),
        (-3.6, "change", "-4", "-4"),
        (-0.4, "change", "0", "0"),
        (1, "days", "1 day", "1 天"),
        (1034.0, "days", "1,034 days", "1,034 天"),
        (0.2654, "percent", "26.5%", "26.5%"),
        (0.2654, "whole_percent", "27%", "27%"),
        (1234.56, "money", "US$1,235", "US$1,235"),
        (12.3, "money", "US$12.30", "US$12.30"),
        (-12.3, "money", "-US$12.30", "-US$12.30"),
        (Decimal("9747747.9340"), "exact_money", "US$9,747,747.934", "US$9,747,747.934"),
        (0.63457, "number", "0.635", "0.635"),
        (63.457, "number", "63.5", "63.5"),
        (9582.43, "number", "9,582", "9,582"),
        (date(2026, 10, 31), "date", "31 October 2026", "2026年10月31日"),
        (date(2026, 10, 31), "month", "October 2026", "2026年10月"),
        ("2026-10-31T00:00:00", "month", "October 2026", "2026年10月"),
    ],
)
def test_a_value_is_written_as_its_language_writes_it(value, spec, en, zh):
    assert (write_spec(value, spec, "en", "USD"), write_spec(value, spec, "zh", "USD")) == (en, zh)


@pytest.mark.parametrize("spec", ["integer", "number", "percent", "money", "exact_money", "date"])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), np.float64("nan")])
def test_what_is_not_known_is_a_dash(value, spec):
    assert english(value, spec) == "–"


@given(finite)
def test_numbers_have_at_most_three_digits_after_leading_zeros(value):
    written = english(value, "number").lstrip("-").replace(",", "")
    if abs(value) < 999.5:
        assert len(written.replace(".", "").lstrip("0")) <= 3


@given(finite)
def test_a_number_read_back_is_the_value_to_three_digits(value):
    read = float(english(value, "number").replace(",", ""))
    # Half of the third digit; above 1,000 whole numbers are written.
    assert read == pytest.approx(value, rel=0.005, abs=1e-300)


@given(st.floats(min_value=-2, max_value=2, allow_nan=False))
def test_zero_has_no_sign(value):
    for spec in ("percent", "whole_percent", "money"):
        written = english(value, spec)
        if not re.search(r"[1-9]", written):
            assert "-" not in written


@given(st.floats(min_value=0, max_value=1e9, allow_nan=False))
def test_pence_stand_in_prices_and_not_in_totals(value):
    written = english(value, "money")
    amount = float(written.removeprefix("£").replace(",", ""))
    assert ("." in written) == (amount < 1_000)


@pytest.mark.parametrize("integer", [5, np.int64(5), np.int32(5)])
def test_whole_numbers_stay_whole_whatever_library_they_come_from(integer):
    assert english(integer, "number") == "5"


@pytest.mark.parametrize("unit", sorted(COUNTS))
def test_counts_are_written_without_decimals(unit):
    assert write_number(1234.0, unit, language="en", currency="EUR") == "1,234"


def test_the_unit_of_the_dictionary_chooses_the_form():
    written = {
        unit: write_number(0.5, unit, language="en", currency="EUR")
        for unit in ("share", "currency", "exact_currency", "ratio")
    }
    assert written == {"share": "50.0%", "currency": "€0.50", "exact_currency": "€0.50", "ratio": "0.500"}


def test_times_of_pandas_are_dates():
    assert english(pd.Timestamp("2026-10-31 12:00"), "date") == "31 October 2026"
