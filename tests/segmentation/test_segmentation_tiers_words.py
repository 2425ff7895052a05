"""What the reader sees of stages and tiers: every word in both languages, every figure with its note."""

import numpy as np
import pandas as pd
import pytest
from tests.segmentation.book_rows import book_of, drawn_book, orders_of

from workbench import language, theme
from workbench.language.dictionary import entries
from workbench.results import Missing
from workbench.segmentation import lifecycle, tiers
from workbench.segmentation.lifecycle.stages import STAGES
from workbench.segmentation.tiers.figures import tier_colours
from workbench.segmentation.tiers.rules import read_rules

RULES = read_rules(None)
COSTS = read_rules(
    {
        "tiers": [
            {"name": "black", "floor": 800, "cost": 20, "en": "Black", "zh": "黑卡"},
            {"name": "red", "floor": 200, "en": "Red", "zh": "红卡"},
            {"name": "base", "en": "Base", "zh": "基础"},
        ]
    }
)
PLOTS = {
    lifecycle.plot_lifecycle: lambda course, _: course.today,
    lifecycle.plot_history: lambda course, _: course,
    lifecycle.plot_thresholds: lambda course, _: course,
    lifecycle.plot_moves: lambda course, _: course.moves,
    lifecycle.plot_ahead: lambda course, _: course.ahead,
    tiers.plot_members: lambda _, standing: standing,
    tiers.plot_ledger: lambda _, standing: standing.ledger,
    tiers.plot_what_if: lambda _, standing: standing,
}


@pytest.fixture(scope="module")
def book():
    return drawn_book(900, seed=6)


@pytest.fixture(scope="module")
def course(book):
    alive = pd.Series(np.linspace(0, 1, len(orders_of(book))))
    category = np.where(np.arange(len(book.customer_id)) % 3 > 0, "tea", "").astype(object)
    return lifecycle.life_course(
        book, orders_of(book), within_days=90, seed=1, p_alive=alive, categories=category
    )


@pytest.fixture(scope="module")
def standing(book):
    earlier = pd.DataFrame({"customer_id": book.customer_id, "tier": "regular"})
    return tiers.tier_standing(book, orders_of(book), RULES, seed=1, earlier=earlier)


@pytest.fixture(scope="module")
def own(book):
    """Tiers by the company's own names, floors and costs."""
    return tiers.tier_standing(book, orders_of(book), COSTS, seed=1)


@pytest.fixture
def shown(monkeypatch):
    """What the notebook would display, as HTML."""
    found = []
    monkeypatch.setattr("workbench.show.display", lambda thing, **_: found.append(thing.data))
    return found


def read(ax):
    note = theme.note_of(ax)
    assert len(note.data) > 0
    assert not any("_" in str(name) for name in note.data.columns)
    return [note.title, note.sentence, note.alt, *map(str, note.data.columns)]


def check_words(words):
    for text in words:
        assert text
        assert not any(mark in text for mark in ("{", "nan", "None", "segmentation."))


@pytest.mark.parametrize(("plot", "part"), PLOTS.items())
def test_figures_carry_a_note_in_the_readers_language(course, standing, plot, part):
    for speech in language.LANGUAGES:
        with language.speaking(speech):
            ax = plot(part(course, standing))
            check_words(read(ax))


def test_the_same_result_is_drawn_with_the_same_bytes(course, standing):
    for plot, result in ((lifecycle.plot_thresholds, course), (tiers.plot_ledger, standing.ledger)):
        assert theme.to_svg(plot(result)) == theme.to_svg(plot(result))


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_tiers_of_a_companys_own_names_are_drawn(own, standing, speech):
    with language.speaking(speech):
        for found in (own, standing):
            check_words(read(tiers.plot_moves(found.moves, rules=found.rules)))
        for plot in (tiers.plot_members, tiers.plot_what_if):
            words = read(plot(own))
            check_words(words)
            assert any({"en": "Red", "zh": "红卡"}[speech] in text for text in words)


@pytest.mark.parametrize("plot", PLOTS)
def test_a_missing_part_is_handed_through(plot):
    why = Missing("segmentation.no_orders")
    assert plot(why) is why


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_tables_show_names_and_units(course, standing, own, shown, speech):
    with language.speaking(speech, "CNY"):
        lifecycle.show_stages(course.today)
        lifecycle.show_categories(course)
        lifecycle.show_moves(course.moves)
        lifecycle.show_backtest(course.ahead)
        lifecycle.show_signals(course.signals)
        lifecycle.show_potential(course.potential)
        tiers.show_tiers(standing)
        tiers.show_moves(standing.moves, standing.rules)
        tiers.show_moves(standing.since_report, standing.rules)
        tiers.show_ledger(standing.ledger)
        tiers.show_what_if(standing)
        tiers.show_tiers(own)
    html = "".join(shown)
    assert html.count("<table>") == 11
    codes = [f">{code}<" for code in (*STAGES, *standing.rules.names, "refunds_only", "at_risk")]
    assert not any(mark in html for mark in ("segmentation.", "nan", "{", *codes))


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_metrics_checks_findings_and_the_block_speak_both_languages(course, standing, speech):
    with language.speaking(speech):
        for room, result in ((lifecycle, course), (tiers, standing)):
            metrics = room.told.metrics(result)
            names = [metric.name for metric in metrics]
            assert len(set(names)) == len(names)
            check_words([entries()[name][speech]["label"] for name in names])
            check_words([m.reason for m in metrics if m.value is None])
            check_words([check.detail for check in room.told.checks(result)])
            check_words([check.action for check in room.told.checks(result) if not check.passed])
            check_words([finding.text for finding in room.told.findings(result)])
        (block,) = tiers.told.blocks(standing)
        check_words([row[0] for row in block.rows] + [block.note.text])
        assert sum(row[2] for row in block.rows[:-1]) == pytest.approx(block.rows[-1][2])


def test_metrics_of_a_missing_part_are_the_same_with_its_reason(course, standing):
    why = Missing("segmentation.no_orders")
    for room, result in ((lifecycle, course), (tiers, standing)):
        names = [metric.name for metric in room.told.metrics(result)]
        missing = room.told.metrics(why)
        assert [metric.name for metric in missing] == names
        assert {metric.reason for metric in missing} == {why.reason}
        assert room.told.checks(why) == room.told.findings(why) == ()
    assert tiers.told.blocks(why) == ()


def test_every_check_that_warns_says_what_to_do_in_both_languages():
    names = [
        "lifecycle_lost_stay_away", "lifecycle_thresholds_settled", "lifecycle_forecast_beats_naive",
        "tiers_ledger_balances", "tiers_window_whole", "tiers_floors_settled", "tiers_stable",
        "tiers_certain",
    ]  # fmt: skip
    for speech in language.LANGUAGES:
        with language.speaking(speech):
            assert all(language.is_message(f"check.{name}.do") for name in names)


def test_names_that_a_company_gives_are_said_in_the_readers_language():
    for speech, word in (("en", "Black"), ("zh", "黑卡")):
        with language.speaking(speech):
            assert COSTS.tier("black").word == word
    with language.speaking("zh"):
        assert [RULES.tier(name).word for name in RULES.names[::-1]] == ["钻石", "金", "银", "普通"]


def test_tiers_and_stages_have_colours_of_their_own():
    assert len(set(tier_colours(RULES).values())) == len(RULES.names)
    assert len(set(map(str, tier_colours(COSTS).values()))) == len(COSTS.names)
    assert len({theme.STAGE_COLOURS[stage] for stage in STAGES}) == len(STAGES)


def test_a_base_without_gaps_or_value_says_why(shown):
    nobody = book_of([])
    why = lifecycle.life_course(nobody, orders_of(nobody), within_days=90, seed=1)
    assert why.code == "segmentation.few_gaps"
    lifecycle.show_categories(why)
    lifecycle.show_backtest(why)
    tiers.show_tiers(why)
    assert shown == []  # the figure above has said it
