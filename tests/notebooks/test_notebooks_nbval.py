"""Does every cell of every notebook run, one after the other, on the demo company?

nbval runs in a process of its own for each notebook: shared out over the workers of this session, the cells
of one notebook would meet different kernels.
"""

from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.run

PROJECT = Path(__file__).parents[2]
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
# A dead kernel is noticed only when a cell's time is over.
OPTIONS = ("--nbval-lax", "--nbval-cell-timeout=300", "-p", "no:cacheprovider", "-p", "no:xdist", "-q")


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == [
        "01_profiling",
        "02_segmentation",
        "03_churn",
        "04_feedback",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(python, path):
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code" and c.source.strip()]
    done = python("pytest", *OPTIONS, "-o", "addopts=", path)
    assert done.returncode == 0, done.stdout[-4_000:]
    assert f"{len(cells)} passed" in done.stdout
