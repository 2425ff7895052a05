"""Are cells refused that would hide a failure, and no others?"""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from workbench.runner.lint import RefusedCell, refused_cells

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SHELL = "runs a shell command, whose failure nobody would see"


@pytest.mark.parametrize(
    "source",
    [
        "!false",
        "x = 1\n  !ls",
        "files = !ls",
        "a, b = !ls",
        "%system ls",
        "%sx ls",
        "get_ipython().system('ls')",
    ],
)
def test_a_shell_command_is_refused(source: str):
    notebook = new_notebook(cells=[new_markdown_cell("# Title"), new_code_cell(source)])
    assert refused_cells(notebook) == [RefusedCell(2, SHELL)]


@pytest.mark.parametrize("source", ["%%bash\nexit 4", "%%sh\nls", "%%script perl\n1", "%%!\nls"])
def test_a_shell_script_is_refused(source: str):
    notebook = new_notebook(cells=[new_code_cell(source)])
    assert refused_cells(notebook) == [RefusedCell(1, "is a shell script")]


def test_a_cell_that_may_fail_is_refused():
    cell = new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
    assert refused_cells(new_notebook(cells=[cell])) == [RefusedCell(1, "is tagged raises-exception")]


@pytest.mark.parametrize(
    "source",
    ["x != y", "x = (1\n  != 2)", "print('!false')", "text = '''\n!ls\n'''", "%matplotlib inline", "# !ls"],
)
def test_other_code_is_not(source: str):
    assert refused_cells(new_notebook(cells=[new_code_cell(source), new_markdown_cell("!ls")])) == []


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_our_own_notebooks_have_none(path: Path):
    assert refused_cells(nbformat.read(path, as_version=4)) == []
