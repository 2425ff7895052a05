"""What a reader sees of the value room: figures, tables, checks and findings in both languages."""

from datetime import timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench import language, theme
from workbench.language.catalogue import messages
from workbench.language.dictionary import entries
from workbench.results import Missing
from workbench.segmentation import value
from workbench.segmentation.book import purchase_book
from workbench.segmentation.value import telecom
from workbench.segmentation.value.groups import by_class
from workbench.segmentation.value.hierarchy import INDICATORS
from workbench.segmentation.value.indicators import UNIT_OF
from workbench.segmentation.value.score import CLASSES
from workbench.segmentation.value.telecom.telecom_value import CELLS

PLOTS = (value.plot_weights, value.plot_classes, value.plot_sensitivity, value.plot_backtest)
WHY = Missing("segmentation.no_orders")


@pytest.fixture(scope="module")
def found(lines, as_canonical):
    data = as_canonical(lines)
    table = data.get("transactions")
    book = purchase_book(table, data.as_of)
    # No models are needed here: what they would foresee stands in for them.
    n = len(book.customer_id)
    chance = np.linspace(0.1, 0.9, n)
    expected = pd.DataFrame({"expected_value": 100 * chance, "p_purchase": chance})
    room = value.customer_value({"transactions": table}, book, book.customer_id, expected=expected)
    return room, by_class(room.score.scores, expected, CLASSES)


@pytest.fixture(scope="module")
def contract_value(as_canonical):
    rng = np.random.default_rng(1)
    n, day = 900, as_canonical(None).as_of
    has = rng.random(n) < 0.5
    start = pd.Timestamp(day) - pd.to_timedelta(rng.integers(200, 900, n), unit="D")
    left = rng.random(n) < np.where(has, 0.3, 0.1)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{i:04d}" for i in range(n)],
            "started_at": start,
            "ended_at": pd.Series(pd.Timestamp(day) - timedelta(days=20)).repeat(n).where(left).to_numpy(),
            "monthly_fee": 20 + 10.0 * has + rng.normal(0, 0.2, n),
            "insured": np.where(has, "是", "否"),
        }
    )
    absent = {"churned": ibis.null("boolean"), "observed_at": ibis.null("timestamp")}
    table = ibis.memtable(frame).mutate(**absent, tenure_months=ibis.null("float64"))
    return telecom.telecom_value(table, ["insured"], day)


@pytest.fixture
def shown(monkeypatch):
    """What the notebook would display, as HTML."""
    pieces = []
    monkeypatch.setattr("workbench.show.display", lambda thing, **_: pieces.append(thing.data))
    return pieces


def drawn(found, contract_value):
    room, classes = found
    of_room = (room.score, classes, room.sensitivity, room.backtest)
    axes = [plot(part) for plot, part in zip(PLOTS, of_room, strict=True)]
    axes.append(value.plot_classes(classes.drop(columns=["expected_value", "value_share"])))
    return [*axes, telecom.plot_cube(contract_value), telecom.plot_services(contract_value)]


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_figures_carry_a_note_in_the_readers_language(found, contract_value, speech):
    with language.speaking(speech):
        for ax in drawn(found, contract_value):
            note = theme.note_of(ax)
            for words in (note.title, note.sentence, note.alt):
                assert words
                assert "{" not in words
                assert "nan" not in words
            assert len(note.data) > 0
            assert not any("_" in str(name) for name in note.data.columns)


def test_the_same_figure_has_the_same_bytes(found, contract_value):
    for plot, part in ((value.plot_sensitivity, found[0].sensitivity), (telecom.plot_cube, contract_value)):
        assert theme.to_svg(plot(part)) == theme.to_svg(plot(part))


def test_a_missing_part_is_handed_through(shown):
    for plot in (*PLOTS, telecom.plot_cube, telecom.plot_services):
        assert plot(WHY) is WHY
    shows = (value.show_indicators, value.show_experts, value.show_sensitivity, value.show_backtest)
    shows += (value.show_blends, value.show_classes, telecom.show_cells, telecom.show_services)
    for show in shows:
        show(WHY)
    assert shown == []  # the figure above has said why
    assert {m.value for m in (*value.told.metrics(WHY), *telecom.told.metrics(WHY))} == {None}
    assert value.told.checks(WHY) == telecom.told.checks(WHY) == ()
    assert value.told.findings(WHY, WHY) == telecom.told.findings(WHY) == ()


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_tables_show_names_and_no_codes(found, contract_value, shown, speech):
    room, classes = found
    with language.speaking(speech, "CNY"):
        value.show_indicators(room.indicators)
        value.show_experts(room.score.weighed)
        value.show_sensitivity(room.sensitivity)
        value.show_backtest(room.backtest)
        value.show_blends(room.blends)
        value.show_classes(classes)
        telecom.show_cells(contract_value)
        telecom.show_services(contract_value)
    html = "".join(shown)
    assert html.count("<table>") == 9  # one of strategies
    for code in ("service_cost", "high-high-high", "value_", "segmentation."):
        assert code not in html


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_checks_findings_and_metrics_speak_both_languages(found, contract_value, speech):
    room, classes = found
    with language.speaking(speech):
        checks = (*value.told.checks(room), *telecom.told.checks(contract_value))
        words = [check.detail for check in checks]
        words += [
            f.text for f in (*value.told.findings(room, classes), *telecom.told.findings(contract_value))
        ]
        for metric in (*value.told.metrics(room), *telecom.told.metrics(contract_value)):
            assert set(entries()[metric.name][speech]) == {"label", "definition"}
        for check in checks:
            assert f"check.{check.name}.do" in messages(speech)
    assert len(words) >= 10
    assert not any("{" in text for text in words)


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_every_class_cell_and_indicator_has_its_words(speech):
    known = messages(speech)
    for code in CLASSES:
        assert f"segmentation.value_strategy_{code}" in known
    for code in CELLS:
        assert f"segmentation.telecom_strategy_{code}" in known
    for name in (name for level in INDICATORS.values() for name in level):
        assert f"segmentation.value_formula_{name}" in known
        assert f"segmentation.value_unit_{UNIT_OF[name]}" in known


def test_where_the_score_is_not_better_the_page_says_to_use_revenue(found):
    room, classes = found
    codes = [f.code for f in value.told.findings(room, classes)]
    better = room.backtest.better("ahp")
    assert ("segmentation.finding_value_tested" in codes) == better
    assert ("decide.use_revenue" in codes) == (not better)
    check = next(c for c in value.told.checks(room) if c.name == "value_weights_beat_revenue")
    assert check.level == ("pass" if better else "warn")


def test_a_class_of_a_handful_shows_its_count_alone(found):
    _, classes = found
    few = classes.assign(customers=[3, *classes["customers"].iloc[1:]])
    data = theme.note_of(value.plot_classes(few)).data
    assert data["Expected value"].isna().iloc[0]
    assert data["Expected value"].notna().iloc[1]
