"""Does progress show a line per notebook in a log, and bars on a terminal?"""

import io
import json
from pathlib import Path

import pytest

from workbench.progress import Progress


class Terminal(io.StringIO):
    """A stream that says of itself that somebody looks at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def notebooks(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "01_profiling.ipynb", tmp_path / "03_churn.ipynb"]
    for path in paths:
        path.write_text(json.dumps({"cells": [{}, {}, {}]}), encoding="utf-8")
    return paths


def told(stream: io.StringIO, notebooks: list[Path]) -> str:
    """What is shown of one notebook that succeeds and one that does not."""
    with Progress(notebooks, stream) as progress:
        for index in range(3):
            progress.cell("01_profiling", index)
        progress.ended("01_profiling", None)
        progress.cell("03_churn", 0)
        progress.ended("03_churn", "ValueError: [3] of 4")
    return stream.getvalue()


def test_a_log_has_one_line_when_a_notebook_begins_and_one_when_it_ends(notebooks):
    assert told(io.StringIO(), notebooks) == (
        "01_profiling: started\n01_profiling: done\n"
        "03_churn: started\n03_churn: failed: ValueError: [3] of 4\n"
    )


def test_a_terminal_shows_bars_and_the_reason_of_a_failure(notebooks, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    shown = told(Terminal(), notebooks)
    assert "started" not in shown
    assert "3/3" in shown
    assert shown.count("03_churn: failed: ValueError: [3] of 4") == 1
