"""Does a run's first page tell first what weighs most, and say in time what not to trust?"""

import dataclasses
from datetime import date

import pytest

from workbench import report
from workbench.language import catalogue, dictionary, say, speaking
from workbench.report.doubts import decisions, doubts, findings
from workbench.report.summary import shown_block
from workbench.results import Block, Check, Finding, Metric, Results

AS_OF = date(2026, 10, 31)
ENTRY = {"unit": "share", "better": "higher"}


@pytest.fixture(autouse=True)
def _more_words(monkeypatch):
    messages = {
        "t.plain": "Plain {n:integer}.",
        "t.money": "Money {m:money}.",
        "t.block": "Ledger",
        "t.what": "What",
        "t.amount": "Amount",
        "t.note": "Sum {m:money}.",
    }
    chinese = messages | {
        "t.block": "台账",
        "t.what": "事项",
        "t.amount": "金额",
        "t.note": "合计 {m:money}。",
    }
    spoken = {"en": catalogue.messages("en") | messages, "zh": catalogue.messages("zh") | chinese}
    monkeypatch.setattr(catalogue, "messages", lambda language: spoken[language])
    named = {
        name: ENTRY | {x: {"label": name.upper(), "definition": "d"} for x in ("en", "zh")}
        for name in ("t_hit", "t_hit_naive")
    }
    entries = dictionary.entries() | named
    monkeypatch.setattr(dictionary, "entries", lambda: entries)
    monkeypatch.setattr("workbench.report.doubts.entries", lambda: entries)


def page(name, **parts):
    link = report.PageLink(name, f"Page {name}", f"{name}.html")
    return report.RunPage(link, Results(name, AS_OF, **parts), sections={"t.money": "stakes"})


def test_findings_with_money_come_first_by_their_amount_then_every_notebook_gets_its_turn():
    one = page(
        "a", findings=(*(Finding("t.plain", {"n": n}) for n in (1, 2, 3)), Finding("t.money", {"m": 5}))
    )
    two = page("b", findings=(Finding("t.plain", {"n": 4}), Finding("t.money", {"m": 900})))
    told = findings([one, two])
    assert [t.text for t in told] == ["Money €900.00.", "Money €5.00.", "Plain 1.", "Plain 4.", "Plain 2."]
    assert [t.href for t in told[:3]] == ["b.html#stakes", "a.html#stakes", "a.html"]


def test_decisions_are_no_findings_and_keep_their_order():
    asked = page("a", findings=(Finding("decide.t", {"n": 2}), Finding("t.plain", {"n": 1})))
    assert [t.text for t in findings([asked])] == ["Plain 1."]
    assert [t.text for t in decisions([asked])] == ["Call 2 customers."]


def test_doubts_begin_with_failed_checks_and_end_with_wide_intervals():
    reason = say("missing.table", table="tickets", section="service")
    first = page(
        "a",
        metrics=(
            Metric("t_hit", 0.62, low=0.58, high=0.66),
            Metric("t_hit_naive", 0.6),
            Metric("t_revenue", None, reason=reason),
            Metric("t_auc", None, reason=reason),
        ),
    )
    second = page("b", checks=(Check("t_sound", True), Check("t_broken", False, {"x": 0.5})))
    assert [(t.label, t.text, t.href) for t in doubts([first, second])] == [
        ("Not passed:", "Slope is 0.500.", "b.html#at-a-glance"),
        (
            "Not computed:",
            "Revenue and 1 more – no “tickets” table is mapped; left out: service.",
            "a.html#metric-t_revenue",
        ),
        (
            "Uncertain:",
            "T_HIT is 62.0% (95% interval 58.0% to 66.0%), the naive rule has 60.0%:"
            " the model is not shown to be better.",
            "a.html#metric-t_hit",
        ),
        (
            "Uncertain:",
            "T_HIT is 62.0%, and could as well be anything from 58.0% to 66.0% (95% interval).",
            "a.html#metric-t_hit",
        ),
    ]


@pytest.mark.parametrize(
    ("value", "naive", "doubted"),
    [
        ({"value": 0.7, "low": 0.65, "high": 0.75}, 0.6, False),
        ({"value": 0.7}, 0.7, True),
        ({"value": None, "reason": "r"}, 0.7, False),
    ],
)
def test_a_model_is_doubted_that_is_not_better_than_its_naive_rule(value, naive, doubted):
    metrics = (Metric("t_hit", **value), Metric("t_hit_naive", naive))
    told = [t.text for t in doubts([page("a", metrics=metrics)])]
    assert any("naive rule" in text for text in told) == doubted


def test_there_are_never_more_than_five_of_a_kind():
    many = page(
        "a",
        checks=tuple(Check("t_broken", False, {"x": x / 10}) for x in range(9)),
        findings=tuple(Finding("t.plain", {"n": n}) for n in range(9)),
    )
    assert len(doubts([many])) == len(findings([many])) == 5


LEDGER = Block(
    "t.block",
    (("t.what", ""), ("t.amount", "currency")),
    ((say("report.none"), 1_200.0), ("plain", None)),
    Finding("t.note", {"m": 1_200.0}),
)


def test_a_block_is_shown_in_the_language_of_the_page():
    english = shown_block(LEDGER)
    assert (english.anchor, english.title, english.heads) == ("block-t-block", "Ledger", ("What", "Amount"))
    assert (english.rows, english.numbers) == ((("none", "€1,200"), ("plain", "–")), (1,))
    with speaking("zh", "CNY"):
        chinese = shown_block(LEDGER)
    assert (chinese.anchor, chinese.title, chinese.note) == ("block-t-block", "台账", "合计 ¥1,200。")
    assert chinese.rows == (("无", "¥1,200"), ("plain", "–"))


def test_a_block_appears_on_the_first_page_as_soon_as_a_notebook_hands_it_on(run, october):
    link = report.PageLink("05_new", "A new one", "05_new.html")
    plain = report.render_run_index(report.IndexContext(run, [report.RunPage(link, october)]))
    with_block = dataclasses.replace(october, blocks=(LEDGER,))
    html = report.render_run_index(report.IndexContext(run, [report.RunPage(link, with_block)]))
    assert "Ledger" not in plain
    assert 'id="block-t-block"' in html
    assert "Sum €1,200." in html
    assert report.faults(html) == []
