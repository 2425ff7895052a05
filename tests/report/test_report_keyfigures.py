"""Does a tile say the right change, and only what the figures bear?"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import language
from workbench.report import EarlierPage, Past
from workbench.report.keyfigures import change_in_words, key_figure, key_figures, round_robin
from workbench.report.sparkline import sparkline
from workbench.results import Metric, Results


def september(*metrics):
    return Results("n", date(2026, 9, 30), metrics=metrics)


@pytest.mark.parametrize(
    ("name", "value", "before", "words", "tone"),
    [
        ("t_rate", 0.243, 0.231, "+1.2 percentage points on Sept 2026: worse", "bad"),
        ("t_rate", 0.2, 0.25, "−5.0 percentage points on Sept 2026: better", "good"),
        ("t_auc", 0.812, 0.8, "+0.012 on Sept 2026: better", "good"),
        ("t_revenue", 90_000.0, 100_000.0, "−10.0% on Sept 2026: worse", "bad"),
        ("t_revenue", 500.0, 0.0, "+€500.00 on Sept 2026: better", "good"),
        ("t_orders", 1_100, 1_000, "+10.0% on Sept 2026", "even"),
        ("t_orders", 1_000, 1_000, "about the same as in Sept 2026", "even"),
        ("t_orders", 100_001, 100_000, "about the same as in Sept 2026", "even"),
        ("t_auc", 0.8121, 0.8119, "about the same as in Sept 2026", "even"),
    ],
)
def test_a_change_has_a_sign_a_unit_and_a_verdict_in_words(name, value, before, words, tone):
    assert change_in_words(Metric(name, value), september(Metric(name, before))) == (words, tone)


def test_a_change_inside_the_interval_is_neither_better_nor_worse():
    now = Metric("t_rate", 0.243, low=0.22, high=0.26)
    words, tone = change_in_words(now, september(Metric("t_rate", 0.231)))
    assert (words, tone) == ("+1.2 percentage points on Sept 2026, inside the 95% interval", "even")


def test_without_an_earlier_figure_the_tile_says_so():
    now = Metric("t_rate", 0.2)
    assert change_in_words(now, None)[0] == "no earlier month to compare with"
    gone = september(Metric("t_rate", None, reason="none"))
    assert change_in_words(now, gone)[0] == "no figure for Sept 2026 to compare with"
    assert change_in_words(now, september())[0] == "no figure for Sept 2026 to compare with"


def test_a_chinese_tile_reads_chinese():
    with language.speaking("zh", "CNY"):
        metric = Metric("t_rate", 0.243, n=8_211, low=0.24, high=0.25)
        tile = key_figure(metric, september(metric), Past(september(Metric("t_rate", 0.231))))
    assert [change.words for change in tile.changes] == ["较2026年9月 +1.2 个百分点，变差"]
    assert tile.interval == "95% 置信区间 24.0% 至 25.0%"


def test_one_tile_stands_for_all_figures_missing_for_the_same_reason():
    missing = [Metric(name, None, reason="no orders") for name in ("t_auc", "t_rate", "t_revenue")]
    shown = key_figures(september(missing[0], Metric("t_orders", 5), *missing[1:]))
    assert [(tile.value, tile.reason) for tile in shown] == [(None, "no orders"), ("5", "")]


def test_a_tile_that_could_not_be_computed_gives_its_reason_and_no_change(october):
    tile = key_figures(october, Past(october))[1]
    assert (tile.value, tile.reason, tile.changes, tile.line) == (None, "too few customers", (), "")


def test_a_tile_shows_last_month_and_last_year_each_with_a_link_to_the_same_figure():
    year_ago = Results("n", date(2025, 10, 31), metrics=(Metric("t_auc", 0.7),))
    pages = [EarlierPage("../../2026-09/b/n.html", frozenset({"figure-t_auc"})), EarlierPage("old.html")]
    past = Past(september(Metric("t_auc", 0.8)), (), year_ago, *pages)
    now = Metric("t_auc", 0.75)
    tile = key_figure(now, Results("n", date(2026, 10, 31), (now,)), past)
    assert [(c.words, c.tone, c.href) for c in tile.changes] == [
        ("−0.050 on Sept 2026: worse", "bad", "../../2026-09/b/n.html#figure-t_auc"),
        ("+0.050 on Oct 2025: better", "good", "old.html"),
    ]
    assert tile.definition == "#metric-t_auc"


def test_a_figure_that_was_no_tile_is_linked_to_its_definition():
    assert EarlierPage("n.html", frozenset({"metric-t_auc"})).at("t_auc") == "n.html#metric-t_auc"


def test_tiles_on_the_first_page_of_a_run_lead_to_definitions_on_the_notebook_s(october):
    assert key_figures(october, page="03_churn.html")[0].definition == "03_churn.html#metric-t_rate"


def test_negative_values_carry_a_minus_sign():
    metric = Metric("t_revenue", -1_500.0)
    assert key_figure(metric, september(metric)).value == "−€1,500"


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_sign_of_a_change_is_the_sign_of_the_difference(value, before):
    words, tone = change_in_words(Metric("t_rate", value), september(Metric("t_rate", before)))
    if words[0] in "+−":
        assert (words[0] == "+") == (value > before)
        assert tone == ("bad" if value > before else "good")
    else:
        assert abs(value - before) < 0.001  # both are written with one decimal of a per cent


def test_every_notebook_gets_its_turn_among_eight_tiles(october):
    many = key_figures(october) * 4
    few = key_figures(october)[:1]
    chosen = round_robin([many, [], few])
    assert len(chosen) == 8
    assert chosen[-1] is few[0]


def test_the_small_line_has_gaps_where_months_are_missing():
    months = {date(2026, month, 28): 0.1 * month for month in (1, 2, 5, 6)}
    line = sparkline(months, "t_rate")
    assert line.count("<polyline") == 2
    assert 'aria-label="Last 6 months, lowest 10.0%, highest 60.0%, now 60.0%"' in line


def test_the_small_line_needs_three_values_and_shows_twelve_months():
    assert sparkline({date(2026, 1, 31): 1.0, date(2026, 2, 28): 2.0}, "t_auc") == ""
    years = {date(2024 + k // 12, k % 12 + 1, 1): float(k) for k in range(30)}
    assert 'aria-label="Last 12 months' in sparkline(years, "t_auc")
