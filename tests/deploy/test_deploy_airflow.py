"""Are the Airflow samples DAGs that Airflow loads, built as promised? `make test-airflow` runs this."""

import os
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="Airflow lives in an environment of its own: make test-airflow")
from airflow.dag_processing.dagbag import DagBag

ROOT = Path(__file__).parents[2]
NOTEBOOKS = {path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}


@pytest.fixture(scope="module")
def bag():
    return DagBag(dag_folder=str(ROOT / "deploy" / "airflow"))


def test_both_files_are_imported_without_an_error(bag):
    assert bag.import_errors == {}
    assert set(bag.dags) == {"workbench_monthly", "workbench_notebooks"}


def test_the_command_runs_once_at_a_time_and_is_verified(bag):
    dag = bag.dags["workbench_monthly"]
    assert (dag.max_active_runs, dag.catchup) == (1, False)
    assert dag.task_dict["run"].downstream_task_ids == {"verify"}
    assert dag.task_dict["run"].bash_command.startswith('.venv/bin/workbench run "$STUDY" --as-of ')
    assert dag.task_dict["run"].retries == 2


def test_every_notebook_is_a_task_that_waits_for_the_first(bag):
    dag = bag.dags["workbench_notebooks"]
    assert set(dag.task_dict) == NOTEBOOKS
    assert dag.task_dict["01_profiling"].downstream_task_ids == NOTEBOOKS - {"01_profiling"}
    for name, task in dag.task_dict.items():
        assert Path(task.input_nb).name == f"{name}.ipynb"
        assert set(task.parameters) == {"source", "as_of"}
        assert task.kernel_name == "workbench"


def test_the_month_is_the_one_before_the_run(bag):
    from airflow.sdk.execution_time import macros
    from jinja2 import Environment
    from pendulum import datetime

    text = bag.dags["workbench_notebooks"].task_dict["03_churn"].parameters["as_of"]
    ran = type("DagRun", (), {"run_after": datetime(2026, 3, 2, 5)})()
    assert Environment().from_string(text).render(dag_run=ran, macros=macros) == "2026-02-28"


assert os.environ.get("AIRFLOW_HOME"), "Airflow would write into the user's home"
