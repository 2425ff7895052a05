"""Are the values of a column seen for what they are?"""

import math

import pandas as pd
import pytest

from workbench.discovery.fit import fits
from workbench.discovery.values import facts_of


def seen(*values):
    return facts_of(pd.Series(values, dtype=object))


@pytest.mark.parametrize(
    "values",
    [
        ("2024-01-31", "2024-02-01 10:00:00"),
        ("31/01/2024", "01/02/2024 10:00"),
        ("2024年1月31日", "2024年2月1日 10:00"),
        ("31 Jan 2024", "Feb 1, 2024"),
        ("2024/1/31", "2024.2.1"),
        ("20240131", "20240201"),
        ("1511544070", "1511561733"),
        ("1511544070000", "1511561733000"),
        (pd.Timestamp("2024-01-31"), pd.NaT),
    ],
)
def test_times_in_every_writing(values):
    facts = seen(*values)
    assert facts.time == pytest.approx(1)  # a sum of shares
    assert fits("time", facts) > 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.50", 1234.5),
        ("1.234,50", 1234.5),
        ("￥12.00", 12),
        ("12元", 12),
        ("-3", -3),
        ("(3.5)", -3.5),
        ("1,234", 1234),
        ("0,99", 0.99),
        ("1e3", 1000),
        ("$ 5", 5),
    ],
)
def test_numbers_with_marks_and_signs(text, number):
    facts = seen(text)
    assert facts.number == 1
    assert facts.low == facts.high == number


@pytest.mark.parametrize("text", ["12a", "A12", "1.2.3.4", "twelve", "2024-01-31"])
def test_what_is_no_number(text):
    assert seen(text).number == 0


def test_blanks_of_all_kinds_are_not_filled():
    facts = seen("a", "", "  ", None, math.nan, "NULL", "n/a")
    assert facts.filled == pytest.approx(1 / 7)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("13812345678", "+86 13912345678"), "phone number"),
        (("a.b@example.org", "c@example.com"), "e-mail address"),
        (("11010519491231002X", "110105194912310021"), "identity number"),
        (("0000001", "0000002"), ""),
    ],
)
def test_personal_data_are_known_by_their_values(values, kind):
    assert seen(*values).personal == kind


def test_a_rating_is_no_amount_of_seconds():
    assert fits("rating", seen("1", "5", "4")) == 1
    assert fits("rating", seen("881250949", "891717742")) == 0


def test_an_empty_column_contradicts_nothing():
    assert 0 < fits("money", seen(None, "")) < 1
