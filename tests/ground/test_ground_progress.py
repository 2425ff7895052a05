"""Does a run say where it is, in lines for a log and in bars for a terminal?"""

import io
import json
from pathlib import Path

import pytest

from workbench.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "03_churn.ipynb"
    path.write_text(json.dumps({"cells": [{}] * 5}), encoding="utf-8")
    return path


def test_a_log_gets_one_plain_line_at_each_end(notebook):
    log = io.StringIO()
    with Progress([notebook], log) as progress:
        for index in range(5):
            progress.cell("03_churn", index)
        progress.ended("03_churn", None)
    assert log.getvalue() == "03_churn: started\n03_churn: done\n"


def test_a_log_says_why_a_notebook_failed(notebook):
    log = io.StringIO()
    with Progress([notebook], log) as progress:
        progress.cell("03_churn", 0)
        progress.ended("03_churn", "cell 3: ValueError")
    assert log.getvalue() == "03_churn: started\n03_churn: failed: cell 3: ValueError\n"


def test_a_terminal_gets_a_bar_that_counts_the_cells(notebook, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    terminal = Terminal()
    with Progress([notebook], terminal) as progress:
        progress.cell("03_churn", 2)
        assert progress.bars.tasks[0].completed == 2
        progress.ended("03_churn", None)
        assert progress.bars.tasks[0].completed == 5
    assert "03_churn" in terminal.getvalue()
    assert "5/5" in terminal.getvalue()
    assert "started" not in terminal.getvalue()


def test_a_terminal_says_why_a_notebook_failed_and_does_not_pretend_it_came_to_its_end(notebook, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    terminal = Terminal()
    with Progress([notebook], terminal) as progress:
        progress.cell("03_churn", 2)
        progress.ended("03_churn", "cell 3: [ValueError]")
        assert progress.bars.tasks[0].completed == 2
    assert "03_churn: failed: cell 3: [ValueError]" in terminal.getvalue()
