"""Does a run say where it is, in lines for a log and in bars for a terminal?"""

import io

import pytest

from workbench.progress import Progress, counted

STARTED = {"event": "started", "notebooks": ["01_profiling", "02_segmentation", "03_churn"]}


class Terminal(io.StringIO):
    """A stream that says of itself that somebody looks at it."""

    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO) -> str:
    """What is shown of a notebook that succeeds, one that is taken over and one that fails."""
    with Progress(stream) as progress:
        progress(STARTED)
        progress({"event": "notebook", "notebook": "01_profiling", "state": "started"})
        for index in range(3):
            cell = {"event": "cell", "notebook": "01_profiling", "index": index, "of": 3}
            progress(cell | {"stage": "Can the data be trusted?"})
        progress({"event": "judged", "notebook": "01_profiling", "reason": None})
        progress({"event": "notebook", "notebook": "02_segmentation", "state": "reused", "from": "r1"})
        progress({"event": "judged", "notebook": "02_segmentation", "reason": None})
        progress({"event": "notebook", "notebook": "03_churn", "state": "started"})
        progress({"event": "judged", "notebook": "03_churn", "reason": "ValueError: [3] of 4"})
        progress({"event": "stage", "stage": "publishing"})
        progress({"event": "failed", "index": "index.html", "reasons": {}})
    return stream.getvalue()


def test_a_log_gets_one_plain_line_at_each_end():
    assert told(io.StringIO()) == (
        "01_profiling: started\n"
        "01_profiling: done\n"
        "02_segmentation: nothing changed, taken over from r1\n"
        "02_segmentation: done\n"
        "03_churn: started\n"
        "03_churn: failed: ValueError: [3] of 4\n"
    )


def test_a_terminal_gets_bars_and_the_reason_of_a_failure(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    shown = told(Terminal())
    assert "started" not in shown
    assert "3/3" in shown
    assert shown.count("03_churn: failed: ValueError: [3] of 4") == 1


def test_a_bar_names_the_section_that_is_worked_on():
    with Progress(Terminal()) as progress:
        progress(STARTED)
        cell = {"event": "cell", "notebook": "03_churn", "index": 2, "of": 9}
        progress(cell | {"stage": "Who will leave, and how sure is that?"})
        task = progress.bars.tasks[2]
        assert (task.completed, task.total) == (2, 9)
        assert task.description == "03_churn  Who will leave, and how sure is that?"


@pytest.mark.parametrize(("total", "lines"), [(2_000, "customers: 1,000 of 2,000\n"), (1_000, "")])
def test_what_is_counted_is_told_on_the_way_and_not_at_the_end(total, lines):
    stream = io.StringIO()
    with counted("customers", total, stream) as tell:
        tell(1_000, total)
    assert stream.getvalue() == lines
