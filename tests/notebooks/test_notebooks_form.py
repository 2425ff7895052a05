"""Are the notebooks thin, clean and in both languages, as a reviewer of a change expects them?"""

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from workbench.parameters import MODELS

FOLDER = Path(__file__).parents[2] / "notebooks"
MOST_LINES, MOST_LINES_IN_A_CELL = 120, 12
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


@pytest.fixture(params=sorted(MODELS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def node(name: str) -> NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code(node: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in node.cells if cell.cell_type == "code"]


def literals(source: str) -> dict[str, Any]:
    """Names and values of a cell that holds nothing but assignments of literals."""
    return {
        ast.unparse(statement.targets[0]): ast.literal_eval(statement.value)
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign)
    }


def test_it_is_committed_without_outputs(node):
    nbformat.validate(node)
    assert (node.nbformat, node.nbformat_minor) == (4, 5)
    assert dict(node.metadata.kernelspec) == KERNEL
    for cell in code(node):
        assert (cell.outputs, cell.execution_count) == ([], None)


def test_its_cells_keep_their_names(name, node):
    room = name.split("_")[1]
    ids = [cell.id for cell in node.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(rf"{room}-\d\d", cell_id) for cell_id in ids)


def test_it_is_thin(node):
    lines = [[line for line in cell.source.splitlines() if line.strip()] for cell in code(node)]
    assert sum(map(len, lines)) <= MOST_LINES
    # The parameters cell is a list with a line for each, however many there are.
    rest = [
        own
        for cell, own in zip(code(node), lines, strict=True)
        if "parameters" not in cell.metadata.get("tags", [])
    ]
    assert max(map(len, rest)) <= MOST_LINES_IN_A_CELL
    logic = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try)
    assert not [n for cell in code(node) for n in ast.walk(ast.parse(cell.source)) if isinstance(n, logic)]


def test_its_parameters_are_the_models(name, node):
    tagged = [cell for cell in code(node) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    fields = MODELS[name].model_fields
    written = literals(tagged[0].source)
    assert list(written) == list(fields)
    assert {n: str(v) if n == "source" else v for n, v in written.items()} == {
        n: str(f.default) if n == "source" else f.get_default(call_default_factory=True)
        for n, f in fields.items()
    }


def test_every_word_stands_in_both_languages(node):
    spoken = [cell for cell in node.cells if cell.cell_type == "markdown"]
    pairs = list(zip(spoken[::2], spoken[1::2], strict=True))
    for english, chinese in pairs:
        assert (english.metadata.tags, chinese.metadata.tags) == (["lang-en"], ["lang-zh"])
        # The same headings at the same depth, the Chinese ones in Chinese.
        depths = [re.findall(r"^#+", cell.source, re.M) for cell in (english, chinese)]
        assert depths[0] == depths[1]
        assert re.search(r"[\u4e00-\u9fff]", chinese.source)
        assert not re.search(r"[\u4e00-\u9fff]", english.source)
    assert pairs[0][0].source.startswith("# ")
    assert sum(len(re.findall(r"^# ", cell.source, re.M)) for cell in spoken) == 2


def test_it_tells_its_limits_and_hands_on_at_the_end(node):
    assert code(node)[-1].source.rstrip().splitlines()[-1].endswith(")")
    assert "results.save(" in code(node)[-1].source
    headings = [c.source.splitlines()[0] for c in node.cells if "lang-en" in c.metadata.get("tags", [])]
    assert headings[-1] == "## Limits"
