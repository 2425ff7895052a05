"""Does a run whose notebook fails end with 1, say why once, and leave a page?"""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.run

# The console script, told of another folder of notebooks.
PROGRAM = """\
import pathlib, sys
from workbench.runner import plan
plan.NOTEBOOKS = pathlib.Path(sys.argv.pop(1))
from workbench.cli import main
main()
"""


def test_a_failed_notebook_is_told_once_and_has_its_page(console, quick, tmp_path):
    cells = [
        new_code_cell("months = 24", metadata={"tags": ["parameters"]}),
        new_code_cell("raise ValueError('no orders')"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, tmp_path / "01_profiling.ipynb")
    archive = tmp_path / "archive"
    arguments = [
        "run",
        quick,
        "--notebooks",
        "01",
        "--archive",
        archive,
        "--as-of",
        "2026-10",
    ]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path, *arguments],
        env=console.environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    (folder,) = (path for path in (archive / "demo" / "2026-10").iterdir() if path.is_dir())
    assert not (folder.parent / "current.json").exists()
    assert done.returncode == 1
    assert done.stderr == "01_profiling: started\n01_profiling: failed: ValueError: no orders\n"
    assert done.stdout == f"{folder / 'index.html'}\n"
    assert "ValueError: no orders" in (folder / "01_profiling.html").read_text("utf-8")
