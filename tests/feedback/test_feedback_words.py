"""What the reader sees: every word in both languages, every figure with its note."""

import re
from pathlib import Path

import pytest

from workbench import feedback as room
from workbench import language, theme
from workbench.feedback import figures, summary, tables
from workbench.feedback.aspects import ASPECTS
from workbench.feedback.labels import CLASSES
from workbench.feedback.satisfaction import NPS_CLASSES
from workbench.language.catalogue import messages
from workbench.language.dictionary import entries
from workbench.results import Missing

PLOTS = {
    "plot_languages": "languages",
    "plot_trust": "measured",
    "plot_trend": "trend",
    "plot_ratings": "ratings",
    "plot_aspects": "",
    "plot_topics": "",
}
HEADS = re.compile(r"feedback\.|check\.(feedback|sentiment)_")


def own(speech: str) -> dict[str, str]:
    return {code: text for code, text in messages(speech).items() if HEADS.match(code)}


def part_of(heard, part):
    return getattr(heard, part) if part else heard


def test_every_code_that_is_said_exists_and_every_message_is_used():
    sources = "".join(path.read_text("utf-8") for path in Path(room.__file__).parent.glob("*.py"))
    notebook = Path(__file__).parents[2] / "notebooks" / "04_feedback.ipynb"
    sources += notebook.read_text("utf-8").replace('\\"', '"')
    sources = re.sub(r'\brecall\(\s*"[^"]*"', "", sources)  # the names of steps are no words for a reader
    said = set(re.findall(r'"(feedback\.[a-z0-9_]+)"', sources))
    assert said - own("en").keys() == set()
    # Codes of these kinds are put together from a kind and a name.
    kinds = "head aspect sentiment nps rule score language axis title alt sentence finding"
    made = tuple(f"feedback.{kind}_" for kind in kinds.split())
    unused = {code for code in own("en") if code.startswith("feedback.") and code not in said}
    assert {code for code in unused if not code.startswith(made)} == set()


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_every_code_has_its_own_name(speech):
    kinds = {"aspect": ASPECTS, "sentiment": CLASSES, "nps": NPS_CLASSES}
    with language.speaking(speech):
        for kind, codes in kinds.items():
            assert len({language.say(f"feedback.{kind}_{code}") for code in codes}) == len(codes)
        names = [tables.language_name(code) for code in ("zh", "en", "de", "und", "other", "pooled")]
    assert names[0] == {"en": "Chinese", "zh": "中文"}[speech]
    assert len(set(names)) == 6


@pytest.mark.parametrize("speech", language.LANGUAGES)
@pytest.mark.parametrize(("plot", "part"), PLOTS.items())
def test_figures_carry_a_note_in_the_readers_language(heard, plot, part, speech):
    with language.speaking(speech):
        ax, again = (getattr(figures, plot)(part_of(heard, part)) for _ in range(2))
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
    why = Missing("feedback.missing_topics", {"least": 10})
    assert getattr(figures, plot)(why) is why


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_without_sentiment_topics_are_drawn_by_volume(utterances, as_canonical, speech):
    from workbench.parameters import FeedbackParameters

    unrated = utterances.assign(rating=float("nan"), nps=float("nan"), label=None)
    with language.speaking(speech):
        heard = room.listen(as_canonical(unrated), FeedbackParameters())
        assert isinstance(heard.measured, Missing)
        for plot in (figures.plot_topics, figures.plot_aspects):
            note = theme.note_of(plot(heard))
            assert "nan" not in note.title + note.sentence + note.data.to_csv()
            assert tables.head("negative") not in note.data.columns


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_checks_and_findings_speak_both_languages(heard, speech):
    with language.speaking(speech):
        words = [c.detail for c in summary.checks(heard)] + [f.text for f in summary.findings(heard)]
    assert len(words) >= 6
    assert not any("{" in text or "nan" in text for text in words)


def test_metric_definitions_stand_in_both_languages(heard):
    for metric in summary.metrics(heard):
        for speech in language.LANGUAGES:
            assert set(entries()[metric.name][speech]) == {"label", "definition"}


def test_small_counts_are_hidden_in_tables(heard):
    few = heard.satisfaction.head(12).assign(nps_class=["promoter"] * 10 + ["detractor"] * 2)
    assert tables.nps_classes(few).iloc[:, 1].tolist() == ["10", "0", "<10"]
    assert tables.nps_classes(few.head(9)).reason == (
        "the net promoter score is left out: there are 9 answers, 10 are needed"
    )
