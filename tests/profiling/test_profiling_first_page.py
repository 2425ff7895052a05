"""Does the first page of 01 say what a manager asks first, and each thing once?"""

import pytest
from bs4 import BeautifulSoup

from workbench import language, show
from workbench.profiling import told
from workbench.profiling.base import figures
from workbench.results import Check, Finding, Missing

TRUST = ("trust_finding_drift", "trust_finding_late")
BASE = (
    "finding_one_time",
    "base_finding_region",
    "finding_concentration",
    "base_finding_gaps",
    "finding_month_up",
)


def found(*names):
    return [Finding(f"profiling.{name}") for name in names]


def test_trust_comes_first_then_the_month_then_the_customers():
    chosen = told.first_page(found(*BASE, *TRUST))
    assert [finding.code.removeprefix("profiling.") for finding in chosen] == [
        "trust_finding_late",
        "trust_finding_drift",
        "finding_month_up",
        "finding_concentration",
        "finding_one_time",
        "base_finding_gaps",
    ]


def test_what_has_no_place_of_its_own_stands_last_in_the_order_in_which_it_was_found():
    chosen = told.first_page(found("base_finding_region", "base_finding_channel", "finding_one_time"))
    assert [finding.code for finding in chosen] == [
        "profiling.finding_one_time",
        "profiling.base_finding_region",
        "profiling.base_finding_channel",
    ]


@pytest.mark.parametrize("name", told.ORDER)
def test_every_finding_with_a_place_has_its_words(name):
    assert all(f"profiling.{name}" in language.catalogue.messages(one) for one in language.LANGUAGES)


def test_a_study_of_contracts_tells_of_their_fees_and_their_ends(contracts):
    codes = [finding.code for finding in contracts.results.findings]
    assert codes == ["profiling.trust_finding_sound", "profiling.base_finding_contracts"]


def test_a_reason_of_several_pictures_is_said_once(monkeypatch, contracts):
    shown = []
    monkeypatch.setattr(show, "display", lambda part, **_: shown.append(part.data))
    base = contracts.base
    show.figures(
        figures.plot_customers(base.months),
        figures.plot_growth(base.growth),
        Missing("results.no_denominator"),
    )
    assert [BeautifulSoup(part, "html.parser").get_text() for part in shown] == [
        base.months.reason,
        "no unit to count",
    ]


def test_a_folded_table_that_is_missing_keeps_its_reason_folded(monkeypatch):
    shown = []
    monkeypatch.setattr(show, "display", lambda part, **_: shown.append(part.data))
    show.table(Missing("results.no_denominator"), caption="Heads", folded=True)
    details = BeautifulSoup(shown[0], "html.parser").details
    assert (details.summary.get_text(), details.p.get_text()) == ("Heads", "no unit to count")


def checks(*levels):
    values = {"pass": {}, "warn": {"passed": False, "warns": True}, "fail": {"passed": False}}
    rows = {"rows": 1, "table": "orders"}
    return [Check("rows_are_there", **({"passed": True} | values[level]), values=rows) for level in levels]


@pytest.mark.parametrize(
    ("levels", "english", "chinese"),
    [
        (
            ("pass", "pass"),
            "This month's data can be trusted: all 2 checks of the data pass.",
            "本月数据可信：2 项数据检查全部通过。",
        ),
        (
            ("pass", "warn", "warn"),
            "This month's data can be used with care: 2 of 3 checks of the data warn, none fails. "
            "First of all: ",
            "本月数据可谨慎使用：3 项数据检查中有 2 项警告，无一不通过。首先请注意：",
        ),
        (
            ("warn", "fail", "pass"),
            "This month's data can not be trusted yet: 1 of 3 checks of the data fail. First of all: ",
            "本月数据尚不可信：3 项数据检查中有 1 项不通过。首先请处理：",
        ),
    ],
)
def test_the_verdict_is_that_of_the_worst_check(levels, english, chinese):
    given = checks(*levels)
    verdict = told.verdict(given)
    for one, words in (("en", english), ("zh", chinese)):
        with language.catalogue.speaking(one):
            worst = given[1].detail if "warn" in levels or "fail" in levels else ""
            assert verdict.text == words + worst
