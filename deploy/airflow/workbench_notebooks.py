"""Each notebook as a task of its own by Airflow's PapermillOperator: drafts to look at, nothing is published.

Airflow and the notebooks need not share an environment: the kernel `workbench` is the project's own.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.sdk import DAG

PROJECT = Path(os.environ.get("WORKBENCH_PROJECT", "/srv/workbench"))
DRAFTS = os.environ.get("WORKBENCH_DRAFTS", "/var/lib/workbench/drafts")
FIRST = "01_profiling"
OTHERS = ("02_segmentation", "03_churn", "04_feedback")
AS_OF = "{{ (dag_run.run_after.replace(day=1) - macros.timedelta(days=1)).strftime('%Y-%m-%d') }}"


def notebook(name: str) -> PapermillOperator:
    """The task that executes one notebook."""
    return PapermillOperator(
        task_id=name,
        input_nb=str(PROJECT / "notebooks" / f"{name}.ipynb"),
        output_nb=f"{DRAFTS}/{AS_OF}/{name}.ipynb",
        parameters={"source": str(PROJECT / "params" / "sources" / "demo.yml"), "as_of": AS_OF},
        kernel_name="workbench",
        execution_timeout=timedelta(hours=2),
    )


with DAG(
    dag_id="workbench_notebooks",
    description="Customer-value notebooks as drafts",
    schedule="0 5 2 * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["workbench"],
) as dag:
    notebook(FIRST) >> [notebook(name) for name in OTHERS]
