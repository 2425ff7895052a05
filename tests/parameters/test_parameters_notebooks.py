"""Do notebooks say the parameters of their models, hold them as literals, and stay thin?"""

import ast
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from workbench import parameters
from workbench.parameters import MODELS, NotebookParameters, collect

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_CODE_LINES, MOST_CELL_LINES = 120, 12  # design.md, section 7
LOGIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While)
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells_of(path: Path, kind: str) -> list[dict[str, Any]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == kind]


def source_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def tags_of(cell: dict[str, Any]) -> list[str]:
    return list(cell["metadata"].get("tags", []))


def parameters_of(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in cells_of(path, "code") if "parameters" in tags_of(cell)]


def test_every_notebook_has_a_model_and_every_model_a_notebook():
    assert {path.stem for path in NOTEBOOKS} == set(MODELS)


@every_notebook
def test_one_cell_holds_the_parameters(path):
    assert len(parameters_of(path)) == 1


@every_notebook
def test_the_parameters_are_literals_with_the_names_defaults_and_order_of_the_model(path):
    written = {}
    for statement in ast.parse(source_of(parameters_of(path)[0])).body:
        assert isinstance(statement, ast.Assign), ast.unparse(statement)
        assert [type(target) for target in statement.targets] == [ast.Name]
        written[statement.targets[0].id] = ast.literal_eval(statement.value)
    defaults = MODELS[path.stem]().model_dump(mode="json")
    assert list(written.items()) == list(defaults.items())


@every_notebook
def test_parameters_come_before_what_reads_them(path):
    code = cells_of(path, "code")
    place = code.index(parameters_of(path)[0])
    before = [ast.parse(source_of(cell)) for cell in code[:place]]
    assert all(isinstance(s, ast.Import | ast.ImportFrom) for tree in before for s in tree.body)
    read = "".join(source_of(cell) for cell in code[place + 1 :])
    assert f"collect(parameters.{MODELS[path.stem].__name__}, globals())" in read


@every_notebook
def test_no_function_class_or_loop_stands_in_a_notebook(path):
    found = [
        ast.unparse(node).splitlines()[0]
        for cell in cells_of(path, "code")
        for node in ast.walk(ast.parse(source_of(cell)))
        if isinstance(node, LOGIC)
    ]
    assert found == []


@every_notebook
def test_a_notebook_is_short(path):
    lengths = [len([x for x in source_of(c).splitlines() if x.strip()]) for c in cells_of(path, "code")]
    assert sum(lengths) <= MOST_CODE_LINES
    # The parameters cell is a list with a line for each, however many there are.
    lists = [cell in parameters_of(path) for cell in cells_of(path, "code")]
    assert max(n for n, is_list in zip(lengths, lists, strict=True) if not is_list) <= MOST_CELL_LINES


@every_notebook
def test_a_notebook_is_committed_without_outputs(path):
    for cell in cells_of(path, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@every_notebook
def test_every_text_stands_in_both_languages_beside_each_other(path):
    texts = cells_of(path, "markdown")
    assert [tags_of(cell) for cell in texts] == [["lang-en"], ["lang-zh"]] * (len(texts) // 2)
    for english, chinese in zip(texts[::2], texts[1::2], strict=True):
        shape = [re.findall(r"^#+ ", source_of(cell), re.M) for cell in (english, chinese)]
        assert shape[0] == shape[1]  # the same headings
        assert not re.search(r"[\u3400-\u9fff]", source_of(english))
        assert re.search(r"[\u3400-\u9fff]", source_of(chinese))


@every_notebook
def test_chinese_texts_have_chinese_punctuation(path):
    half_width = re.compile(r"[\u3400-\u9fff] ?[,;:!?()]|[,;:!?()] ?[\u3400-\u9fff]")
    texts = [source_of(cell) for cell in cells_of(path, "markdown") if tags_of(cell) == ["lang-zh"]]
    assert [text for text in texts if half_width.search(text)] == []


@every_notebook
def test_texts_of_both_languages_are_neighbours(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for place, cell in enumerate(cells):
        if tags_of(cell) == ["lang-en"]:
            assert tags_of(cells[place + 1]) == ["lang-zh"]


@every_notebook
def test_a_notebook_begins_with_its_question_and_ends_with_what_it_hands_on(path):
    first, last = cells_of(path, "markdown")[0], cells_of(path, "code")[-1]
    assert re.match(r"# .*\?\n", source_of(first))
    assert "results.save(" in source_of(last)
    titles = [line for c in cells_of(path, "markdown") for line in re.findall(r"^# .*", source_of(c), re.M)]
    assert len(titles) == 2  # one in each language


@every_notebook
def test_a_notebook_says_its_limits(path):
    assert "## Limits" in "".join(source_of(cell) for cell in cells_of(path, "markdown"))


@every_notebook
def test_cells_have_ids_that_stay(path):
    ids = [cell["id"] for kind in ("markdown", "code") for cell in cells_of(path, kind)]
    assert len(set(ids)) == len(ids)
    name = path.stem.split("_", 1)[1]
    assert all(re.fullmatch(rf"{name}-\d+[a-z]?", id_) for id_ in ids)


@pytest.mark.parametrize("notebook", MODELS)
def test_every_parameter_has_a_meaning_a_default_and_bounds(notebook):
    for name, field in MODELS[notebook].model_fields.items():
        assert field.description, name
        assert not field.is_required(), name
        if field.annotation in (int, float) and name != "seed":
            assert len(field.metadata) == 2, f"{name} has no range"


@pytest.mark.parametrize("notebook", MODELS)
def test_parameters_of_all_notebooks_begin_with_the_same_names(notebook):
    shared = list(NotebookParameters.model_fields)
    assert list(MODELS[notebook].model_fields)[: len(shared)] == shared


def test_parameters_are_collected_from_a_notebook_s_variables():
    variables = {"as_of": "2026-10-31", "horizon_days": 60, "pd": object(), "_": 3}
    p = collect(parameters.ChurnParameters, variables)
    assert (p.as_of, p.horizon_days, p.active_days) == (date(2026, 10, 31), 60, 365)


MISTAKES = {
    "as_of must be a date YYYY-MM-DD; got '2011-02-30'. Correct the value.": {"as_of": "2011-02-30"},
    "as_of must be a date YYYY-MM-DD; got '31.10.2026'. Correct the value.": {"as_of": "31.10.2026"},
    "as_of must be a date YYYY-MM-DD; got 20261031. Correct the value.": {"as_of": 20261031},
    "timezone must be an IANA time zone (did you mean Asia/Shanghai?); got 'Asia/Shangai'. "
    "Correct the value.": {"timezone": "Asia/Shangai"},
    "horizon_days must be less than or equal to 730; got 9999. Correct the value.": {"horizon_days": 9999},
    "language must be 'en' or 'zh'; got 'fr'. Correct the value.": {"language": "fr"},
}


@pytest.mark.parametrize(("message", "variables"), MISTAKES.items())
def test_a_variable_that_breaks_a_rule_is_refused(refused, message, variables):
    assert refused(collect, parameters.ChurnParameters, variables) == f"parameters: {message}"
