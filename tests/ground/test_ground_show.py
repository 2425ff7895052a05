"""Is what a notebook shows plain, accessible HTML in which no customer's text becomes markup?"""

from types import SimpleNamespace

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from IPython.core.events import EventManager, available_events

from workbench import language, results, show, theme
from workbench.parameters import ChurnParameters
from workbench.results import Check, Metric, Missing

HOSTILE = '<img src=x onerror="alert(1)"> & </td><script>alert(2)</script>'


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, dict]]:
    """What the notebook would display, with its metadata."""
    found: list[tuple[object, dict]] = []
    monkeypatch.setattr(show, "display", lambda thing, metadata=None: found.append((thing, metadata)))
    return found


def parsed(frame: pd.DataFrame, **options) -> BeautifulSoup:
    return BeautifulSoup(show.table_html(frame, **{"caption": "c"} | options), "html.parser")


def cells(soup: BeautifulSoup) -> list[list[str]]:
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in soup.find_all("tr")]


def test_long_text_is_given_the_room_to_be_read():
    texts = {
        "short": ["gold"],
        "words": ["current high · potential low"],
        "prose": ["a formula " * 8],
        "n": [1],
    }
    assert [head.get("class") for head in parsed(pd.DataFrame(texts)).thead.find_all("th")] == [
        None,
        ["words"],
        ["prose"],
        ["number"],
    ]


def test_hostile_text_stays_text_in_cells_heads_and_captions():
    frame = pd.DataFrame({HOSTILE: [HOSTILE], "b": [HOSTILE]})
    soup = parsed(frame, caption=HOSTILE)
    assert soup.find(["img", "script"]) is None
    assert soup.caption.get_text() == HOSTILE
    assert soup.find(role="region")["aria-label"] == HOSTILE
    assert cells(soup) == [[HOSTILE, "b"], [HOSTILE, HOSTILE]]


def test_hostile_text_stays_text_in_sentences_and_reasons(shown):
    show.missing(Missing("missing.table", {"table": HOSTILE, "section": "x"}))
    show.sentence("missing.table", table=HOSTILE, section="x")
    for html, _ in shown:
        soup = BeautifulSoup(html.data, "html.parser")
        assert soup.find(["img", "script"]) is None
        assert HOSTILE in soup.p.get_text()
    assert [BeautifulSoup(h.data, "html.parser").p["class"] for h, _ in shown] == [["missing"], ["sentence"]]


def test_a_table_has_caption_and_scoped_heads_in_a_region_that_scrolls_by_keyboard():
    soup = parsed(pd.DataFrame({"Tag": ["a", "b"], "n": [1, 2]}), caption="Tags")
    region = soup.div
    assert (region["role"], region["tabindex"], region["aria-label"]) == ("region", "0", "Tags")
    assert soup.table.find(recursive=False).name == "caption"
    assert [th["scope"] for th in soup.thead.find_all("th")] == ["col", "col"]
    for row in soup.tbody.find_all("tr"):
        assert [cell.name for cell in row.find_all(recursive=False)] == ["th", "td"]
        assert row.th["scope"] == "row"


def test_numbers_are_aligned_and_texts_are_not():
    soup = parsed(pd.DataFrame({"a": ["x"], "n": [1.5]}))
    assert [th.get("class") for th in soup.thead.find_all("th")] == [None, ["number"]]
    assert soup.td["class"] == ["number"]
    assert soup.tbody.th.get("class") is None


def test_a_long_table_is_cut_and_the_cut_is_said():
    frame = pd.DataFrame({"n": range(1_234)})
    soup = parsed(frame)
    assert len(soup.tbody.find_all("tr")) == show.MAX_ROWS == 60
    assert soup.find("p", class_="cut").get_text() == (
        "60 of 1,234 rows are shown; all rows are in the run's tables."
    )


def test_a_table_that_fits_says_nothing_of_a_cut():
    assert parsed(pd.DataFrame({"n": range(show.MAX_ROWS)})).find("p") is None


def test_cells_are_written_by_their_units():
    frame = pd.DataFrame({"s": [0.2654], "c": [1234.56], "n": [1234], "x": [0.63457], "e": [1.5]})
    units = {"s": "share", "c": "currency", "n": "customers", "e": "exact_currency"}
    assert cells(parsed(frame, units=units))[1] == ["26.5%", "€1,235", "1,234", "0.635", "€1.50"]
    with language.speaking("zh", "CNY"):
        assert cells(parsed(frame, units=units))[1][1] == "¥1,235"


def test_what_is_missing_is_a_dash_in_every_kind_of_column():
    frame = pd.DataFrame(
        {
            "text": pd.Series([None], dtype="str"),
            "float": [float("nan")],
            "integer": pd.array([None], dtype="Int64"),
            "truth": pd.array([None], dtype="boolean"),
            "time": [pd.NaT],
            "object": pd.Series([None], dtype=object),
        }
    )
    assert cells(parsed(frame))[1] == ["–"] * 6


def test_truths_times_and_days_are_written_as_words_and_dates():
    frame = pd.DataFrame({"t": [True], "f": [False], "at": [pd.Timestamp("2026-10-31 12:00")]})
    assert cells(parsed(frame))[1] == ["yes", "no", "2026-10-31"]
    with language.speaking("zh"):
        assert cells(parsed(frame))[1][:2] == ["是", "否"]


def test_an_empty_table_keeps_its_heads():
    assert cells(parsed(pd.DataFrame({"a": [], "b": []}))) == [["a", "b"]]


def test_a_figure_comes_with_finding_alt_text_sentence_and_data(shown):
    ax = theme.new_axes()
    data = pd.DataFrame({"Month": ["2026-10"], "Revenue": [5.0]})
    show.figure(theme.finish(ax, title="Up <5 %", sentence="It rose & fell", alt="Bars", data=data))
    (title, _), (picture, metadata), (sentence, _), (details, _) = shown
    assert title.data == '<p class="finding">Up &lt;5 %</p>'
    assert metadata == {"image/svg+xml": {"alt": "Bars"}}
    assert picture.data.startswith("<svg")
    assert sentence.data == '<p class="sentence">It rose &amp; fell</p>'
    soup = BeautifulSoup(details.data, "html.parser")
    assert soup.details.summary.get_text() == "The data behind this picture"
    assert soup.caption.get_text() == "Up <5 %"
    assert cells(soup) == [["Month", "Revenue"], ["2026-10", "5.00"]]


def test_what_is_missing_shows_its_line_in_place_of_figure_and_table(shown):
    why = Missing("results.no_denominator")
    show.figure(why)
    show.table(why, caption="c")
    assert [html.data for html, _ in shown] == ['<p class="missing">no unit to count</p>'] * 2


def test_metrics_are_shown_with_label_interval_and_n_or_with_their_reason(shown):
    show.metrics(
        (
            results.rate("one_time_buyer_rate", 81, 263),
            Metric("rows_in", 1234567),
            Metric("revenue_in", None, reason="no table"),
        )
    )
    soup = BeautifulSoup(shown[0][0].data, "html.parser")
    assert cells(soup) == [
        ["Metric", "Value", "95% interval", "n"],
        ["One-time buyers", "30.8%", "25.5% – 36.6%", "263"],
        ["Rows in", "1,234,567", "", ""],
        ["Revenue in", "no table", "", ""],
    ]


def test_metrics_that_are_missing_for_one_reason_stand_in_one_row(shown):
    names = ("revenue_in", "rows_in", "gini", "one_time_buyer_rate")
    show.metrics((*(Metric(name, None, reason="no table") for name in names), Metric("rows_in", 5)))
    soup = BeautifulSoup(shown[0][0].data, "html.parser")
    assert cells(soup)[1:] == [["Rows in", "5", "", ""], ["4 further figures", "no table", "", ""]]


def test_a_reason_is_given_once_in_a_cell(shown, monkeypatch):
    # The count stands still while cells are executed again to be said in another language.
    shell = SimpleNamespace(execution_count=7)
    shell.events = EventManager(shell, available_events)
    monkeypatch.setattr(show, "get_ipython", lambda: shell)
    for reasons in ("aba", "aa"):
        shell.events.trigger("pre_run_cell", None)
        for reason in reasons:
            show.missing(SimpleNamespace(reason=reason))
    assert [thing.data for thing, _ in shown] == [f'<p class="missing">{x}</p>' for x in "aba"]


def test_checks_are_shown_in_words_and_not_by_colour(shown):
    values = {"bad": 3, "rows": 1000, "limit": 0.005}
    bad, doubtful = (
        Check("few_quarantined", False, values),
        Check("few_quarantined", False, values, warns=True),
    )
    show.checks((Check("few_quarantined", True, values), doubtful, bad))
    rows = cells(BeautifulSoup(shown[0][0].data, "html.parser"))
    assert [row[0] for row in rows] == ["Check", "not passed", "warning", "passed"]


def test_a_notebook_speaks_the_language_it_is_asked_for():
    show.speak(ChurnParameters(language="zh", currency="CNY"))
    assert (language.current().language, language.current().currency) == ("zh", "CNY")


def test_a_second_language_is_spoken_with_the_same_currency_and_says_messages_again(shown):
    language.use("en", "CNY")
    table = pd.DataFrame({"what": pd.Series([language.say("report.none"), "as it is"], dtype=object)})
    show.speak_in("zh")
    assert (language.current().language, language.current().currency) == ("zh", "CNY")
    assert [row[0] for row in cells(parsed(table))[1:]] == ["无", "as it is"]
    show.metrics((Metric("gini", None, reason=Missing("results.not_defined").reason),))
    assert "依现有数据无法定义" in shown[0][0].data
