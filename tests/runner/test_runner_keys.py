"""Does a key change with everything that outputs or pages follow from, and with nothing else?"""

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from workbench import code
from workbench.runner import keys
from workbench.runner.reuse import grafted

INPUTS = [{"table": "transactions", "name": "orders.csv", "rows": 3, "sha256": "aa"}]


@pytest.fixture
def key(notebook, tmp_path):
    path = notebook(tmp_path / "03_churn.ipynb", "x = 1", "x")

    def made(**changed):
        given = {"parameters": {"months": 12}, "inputs": INPUTS, "languages": ("en",)} | changed
        given = {"source": {"tables": {}}, "pseudonyms": "key"} | given
        return keys.execution_key(path, **given)

    made.path = path
    return made


CHANGES = {
    "a parameter": {"parameters": {"months": 13}},
    "the rows": {"inputs": [INPUTS[0] | {"sha256": "bb"}]},
    "a further language": {"languages": ("en", "zh")},
    "the meaning of a column": {"source": {"tables": {"transactions": {}}}},
    "the key of the pseudonyms": {"pseudonyms": "another"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_outputs_follow_from_changes_the_key(key, change):
    assert key(**CHANGES[change])["key"] != key()["key"]


def test_the_place_of_a_file_changes_nothing(key):
    assert key(inputs=[INPUTS[0] | {"name": "moved/orders.csv"}]) == key()


def test_text_between_the_cells_changes_the_page_and_not_the_outputs(key):
    before, page = key(), keys.page_key(key.path, key(), [])
    edited = nbformat.read(key.path, as_version=4)
    edited.cells.insert(0, new_markdown_cell("# Another title", id="title"))
    nbformat.write(edited, key.path)
    assert key() == before
    assert keys.page_key(key.path, key(), []) != page


def test_a_cell_of_code_changes_the_outputs(key):
    before = key()
    edited = nbformat.read(key.path, as_version=4)
    edited.cells[-1].source = "x + 1"
    nbformat.write(edited, key.path)
    assert key()["key"] != before["key"]


def test_a_report_to_compare_with_changes_the_page(key):
    assert keys.page_key(key.path, key(), ["run 1"]) != keys.page_key(key.path, key(), ["run 2"])


def test_code_that_kernels_read_and_code_of_pages_are_told_apart(tmp_path, monkeypatch):
    for name in ("features/orders.py", "report/page.py", "runner/run.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(code, "PACKAGE", tmp_path)

    def digests():
        return code.code_digest.__wrapped__(), code.page_code_digest.__wrapped__()

    computed, shown = digests()
    (tmp_path / "runner/run.py").write_text("two")
    assert digests() == (computed, shown)
    (tmp_path / "report/page.py").write_text("two")
    assert digests()[0] == computed
    assert digests()[1] != shown
    (tmp_path / "features/orders.py").write_text("two")
    assert digests()[0] != computed


def test_an_executed_notebook_takes_today_s_text(notebook, tmp_path):
    today = nbformat.read(notebook(tmp_path / "today.ipynb", "x = 1", "x"), as_version=4)
    executed = nbformat.from_dict(today)
    injected = nbformat.v4.new_code_cell("months = 12", metadata={"tags": ["injected-parameters"]})
    executed.cells.insert(1, injected)
    executed.cells[-1].outputs = [nbformat.v4.new_output("stream", text="1")]
    executed.cells.insert(0, new_markdown_cell("# Old"))
    today.cells.insert(0, new_markdown_cell("# New"))
    found = grafted(today, executed)
    assert [cell.source for cell in found.cells] == ["# New", "months = 24", "months = 12", "x = 1", "x"]
    assert found.cells[-1].outputs[0].text == "1"
