"""Does a run whose notebook fails end with 1, say why once, and leave a page?"""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from workbench.runner import plan

pytestmark = pytest.mark.run


def test_a_failed_notebook_is_told_once_and_has_its_page(inside, quick, tmp_path, monkeypatch):
    cells = [
        new_code_cell("months = 24", metadata={"tags": ["parameters"]}),
        new_code_cell("raise ValueError('no orders')"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, tmp_path / "01_profiling.ipynb")
    archive = tmp_path / "archive"
    monkeypatch.setattr(plan, "NOTEBOOKS", tmp_path)
    done = inside("run", quick, "--notebooks", "01", "--archive", archive, "--as-of", "2026-10")
    (folder,) = (path for path in (archive / "demo" / "2026-10").iterdir() if path.is_dir())
    assert not (folder.parent / "current.json").exists()
    assert done.code == 1
    assert done.err == "01_profiling: started\n01_profiling: failed: ValueError: no orders\n"
    assert done.out == f"{folder / 'index.html'}\n"
    assert "ValueError: no orders" in (folder / "01_profiling.html").read_text("utf-8")
