"""What the reader sees: every word in both languages, every figure with its note."""

from dataclasses import replace
from operator import attrgetter

import pytest

from workbench import language, segmentation, theme
from workbench.language.dictionary import entries
from workbench.parameters import SegmentationParameters
from workbench.results import Missing
from workbench.segmentation import forecast, layers, lifecycle, value
from workbench.segmentation.forecast.outlook import ALIVE_EDGES, ONE_PURCHASE
from workbench.segmentation.layers.scheme import CLASSES as RFM_CLASSES
from workbench.segmentation.layers.scheme import MEASURES, SEGMENTS
from workbench.segmentation.layers.trials import ALGORITHMS
from workbench.segmentation.lifecycle.stages import STAGES
from workbench.segmentation.value.hierarchy import DIMENSIONS, INDICATORS
from workbench.segmentation.value.score import CLASSES
from workbench.segmentation.wording import named

PLOTS = {
    layers.plot_segments: "layers",
    layers.plot_classes: "layers",
    layers.plot_cells: "layers",
    layers.plot_clusters: "clusters",
    layers.plot_cluster_choice: "clusters",
    lifecycle.plot_lifecycle: "course.today",
    forecast.plot_totals: "totals",
    forecast.plot_holdout: "forecast.holdout",
    forecast.plot_alive: "forecast.outlook",
    value.plot_weights: "worth.score",
}
SHOWS = {
    layers.show_segments: "layers",
    lifecycle.show_stages: "course.today",
    value.show_classes: "classes",
    layers.show_rfm_classes: "layers",
    layers.show_limits: "layers",
    layers.show_clusters: "clusters",
}


@pytest.fixture(scope="module")
def study(lines, as_canonical):
    return segmentation.segment(as_canonical(lines), SegmentationParameters())


@pytest.fixture
def shown(monkeypatch):
    """What the notebook would display, as HTML."""
    found = []
    monkeypatch.setattr("workbench.show.display", lambda thing, **_: found.append(thing.data))
    return found


def test_every_code_has_a_name_in_both_languages():
    codes = {
        "segment": SEGMENTS,
        "rfm_class": RFM_CLASSES,
        "strategy": (*SEGMENTS, *RFM_CLASSES),
        "measure": MEASURES,
        "algorithm": ALGORITHMS,
        "stage": STAGES,
        "tier": ("diamond", "gold", "silver", "regular"),
        "band": [*(f"{100 * edge:.0f}" for edge in ALIVE_EDGES[:-1]), ONE_PURCHASE],
        "dimension": DIMENSIONS,
        "indicator": [i for level in INDICATORS.values() for i in level],
        "value_class": CLASSES,
    }
    for speech in language.LANGUAGES:
        with language.speaking(speech):
            for kind, names in codes.items():
                words = [named(kind, name) for name in names]
                assert len(set(words)) == len(words)


@pytest.mark.parametrize("speech", language.LANGUAGES)
@pytest.mark.parametrize(("plot", "part"), PLOTS.items())
def test_figures_carry_a_note_in_the_readers_language(study, plot, part, speech):
    with language.speaking(speech):
        ax, again = (plot(attrgetter(part)(study)) for _ in range(2))
        note = theme.note_of(ax)
        assert theme.to_svg(ax) == theme.to_svg(again)
    for words in (note.title, note.sentence, note.alt):
        assert words
        assert "{" not in words
        assert "nan" not in words
    assert len(note.data) > 0
    assert not any("_" in str(name) for name in note.data.columns)


@pytest.mark.parametrize("plot", PLOTS)
def test_a_missing_part_is_handed_through(plot):
    why = Missing("segmentation.no_orders")
    assert plot(why) is why


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_tables_show_names_and_units(study, shown, speech):
    with language.speaking(speech, "CNY"):
        for show, part in SHOWS.items():
            show(attrgetter(part)(study))
        forecast.show_parameters(study.forecast)
        forecast.show_ladder(study.forecast.choice)
        forecast.show_contenders(study.forecast.holdout, study.forecast.choice)
    assert sum("<table>" in html for html in shown) == len(SHOWS) + 6  # three of strategies among them
    assert "champions" not in "".join(shown)


def test_tables_under_a_figure_leave_the_reason_to_it(shown):
    why = Missing("segmentation.no_orders")
    for show in SHOWS:
        show(why)
    forecast.show_contenders(why, why)
    assert shown == []


@pytest.mark.parametrize(("then", "told"), [("nbd", True), (None, False)])
def test_a_test_of_another_model_than_todays_says_so(study, shown, then, told):
    test, today = study.forecast.holdout, study.forecast.choice
    before = replace(test.choice, name=then or today.name)
    forecast.show_contenders(replace(test, choice=before), today)
    assert ("the data carried NBD (nobody leaves); today they carry" in "".join(shown)) is told


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_checks_and_findings_speak_both_languages(study, speech):
    with language.speaking(speech):
        outcome = segmentation.results(study)
        words = [c.detail for c in outcome.checks] + [f.text for f in outcome.findings]
    assert len(words) >= 10
    assert not any("{" in text for text in words)


def test_metric_definitions_stand_in_both_languages(study):
    for metric in segmentation.results(study).metrics:
        entry = entries()[metric.name]
        for speech in language.LANGUAGES:
            assert set(entry[speech]) == {"label", "definition"}


def test_a_figure_draws_no_sums_of_a_handful_of_customers(study):
    shares = study.layers.by_segment.assign(customers=3)
    few = replace(study.layers, by_segment=shares)
    data = theme.note_of(layers.plot_segments(few)).data
    assert data["Revenue"].isna().all()
