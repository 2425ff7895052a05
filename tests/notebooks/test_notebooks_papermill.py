"""Does plain papermill run a notebook, with the parameters an analyst would give, and hand on its results?"""

import json
import shutil
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.run

PROJECT = Path(__file__).parents[2]
AS_OF = "2026-09-30"
GIVEN = ("-p", "source", "params/sources/demo.yml", "-p", "as_of", AS_OF)


def test_plain_papermill_runs_a_notebook(python, environment, tmp_path):
    output = tmp_path / "out.ipynb"
    done = python("papermill", "--no-progress-bar", "notebooks/04_feedback.ipynb", output, *GIVEN)
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(output, as_version=4).cells
    assert not [cell for cell in cells if cell.cell_type == "code" and cell.execution_count is None]
    # Outside a run the figures are drafts in the analyst's cache.
    draft = Path(environment["XDG_CACHE_HOME"]) / "workbench" / "draft" / "results" / "04_feedback.json"
    assert json.loads(draft.read_text("utf-8"))["as_of"] == AS_OF


def test_a_copy_in_a_folder_of_its_own_runs_as_jupyterlab_s_scheduler_runs_it(python, tmp_path):
    shutil.copy(PROJECT / "notebooks/04_feedback.ipynb", tmp_path)
    options = ("--to", "notebook", "--execute", "--output", "out.ipynb")
    done = python("nbconvert", "04_feedback.ipynb", *options, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells
    assert not [cell for cell in cells if cell.cell_type == "code" and cell.execution_count is None]
