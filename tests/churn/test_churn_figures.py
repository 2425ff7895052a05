"""Every picture has a finding, a sentence, an alt text and its data, in both languages."""

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.axes import Axes

from workbench import churn, language, theme
from workbench.churn import figures, narrative, tables
from workbench.parameters import ChurnParameters
from workbench.results import Missing

PICTURES = {
    figures.plot_rule: "evaluation",
    figures.plot_comparison: "evaluation",
    figures.plot_calibration: "evaluation",
    figures.plot_deciles: "evaluation",
    figures.plot_drivers: "drivers",
    figures.plot_stakes: "bands",
}


@pytest.mark.parametrize("plot", PICTURES, ids=lambda plot: plot.__name__)
@pytest.mark.parametrize("spoken", ["en", "zh"])
@pytest.mark.parametrize("basis", ["foreseen", "contract_study"])
def test_a_picture_says_what_it_shows(
    plot: Callable[..., Any], spoken: str, basis: str, request: pytest.FixtureRequest
) -> None:
    study = request.getfixturevalue(basis)
    with language.speaking(spoken, "EUR"):
        axes = plot(getattr(study, PICTURES[plot]))
        assert isinstance(axes, Axes)
        note = theme.note_of(axes)
        assert all((note.title, note.sentence, note.alt))
        assert not note.data.empty
        assert axes.get_title() == ""  # the page prints it
        svg = theme.to_svg(axes)
    assert ("流失" in svg or "客户" in svg or "风险" in svg or "模型" in svg) is (spoken == "zh")


@pytest.mark.parametrize("plot", PICTURES, ids=lambda plot: plot.__name__)
def test_what_is_missing_is_handed_through(plot: Callable[..., Any]) -> None:
    missing = Missing("churn.missing_basis")
    assert plot(missing) is missing


def test_the_same_study_draws_the_same_bytes(foreseen: churn.Churn) -> None:
    first, second = (theme.to_svg(figures.plot_calibration(foreseen.evaluation)) for _ in range(2))
    assert first == second


def test_tables_count_what_the_study_counted(foreseen: churn.Churn) -> None:
    rows = tables.labelled_rows(foreseen.dataset)
    assert not isinstance(rows, Missing)
    assert not isinstance(foreseen.dataset, Missing)
    assert rows["Customers"].sum() == len(foreseen.dataset.labelled)
    assert rows["Lost"].sum() == foreseen.dataset.labelled["churned"].sum()
    assert rows["Used for"].tolist() == ["training", "training", "training", "held out for the test"]


def test_no_picture_of_reasons_counts_fewer_than_ten_customers(foreseen: churn.Churn) -> None:
    rows = tables.first_reasons(foreseen.causes)
    assert not isinstance(rows, Missing)
    assert rows["Customers"].min() >= 10


def test_the_page_says_who_is_judged_and_how_it_was_tested(
    foreseen: churn.Churn,
    contract_study: churn.Churn,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("workbench.show.display", lambda html: shown.append(html.data))
    for study in (foreseen, contract_study):
        narrative.show_definition(study, ChurnParameters())
        narrative.show_test(study)
        narrative.show_explained(study)
    assert "with an order in the 365 days up to 31 December 2025" in shown[0]
    assert "The test foresees the days after 2 October 2025, to 31 December 2025" in shown[1]
    assert "trained on outcomes known by 2 October 2025" in shown[1]
    assert "Judged are 700 customers of one snapshot" in shown[3]
    assert "Five times a model learns from four fifths" in shown[4]
    assert len(shown) == 6
