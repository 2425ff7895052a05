"""The monthly report by the workbench's own command: one task, which keeps every promise of the archive."""

import os
from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

PROJECT = os.environ.get("WORKBENCH_PROJECT", "/srv/workbench")
# The last day of the month before the one in which the run is due.
AS_OF = (
    "{{ params.as_of or (dag_run.run_after.replace(day=1) - macros.timedelta(days=1)).strftime('%Y-%m-%d') }}"
)

with DAG(
    dag_id="workbench_monthly",
    description="Customer-value report of a study, month by month",
    schedule="0 6 2 * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,  # the second run of a study and month would find the lock taken
    params={
        "study": Param("params/demo.yml", type="string", description="Study file, below the project"),
        "as_of": Param("", type="string", description="Last day seen; empty: end of the month before"),
    },
    tags=["workbench"],
) as dag:
    run = BashOperator(
        task_id="run",
        bash_command=f'.venv/bin/workbench run "$STUDY" --as-of "{AS_OF}" --log json',
        cwd=PROJECT,
        # Through the environment: a study's name never becomes a part of the command.
        env={"STUDY": "{{ params.study }}"},
        append_env=True,
        execution_timeout=timedelta(hours=4),
        retries=2,  # an unchanged run is done at once, a failed one takes over what has succeeded
        retry_delay=timedelta(minutes=15),
    )
    verify = BashOperator(task_id="verify", bash_command=".venv/bin/workbench archive verify", cwd=PROJECT)
    run >> verify
