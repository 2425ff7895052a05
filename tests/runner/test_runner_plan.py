"""Is everything that can be wrong with a run refused before a kernel starts?"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.parameters import Study, read_study
from workbench.runner import Plan, make_plan
from workbench.runner import plan as planning

AS_OF = date(2026, 10, 31)


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notebook: Callable[..., Path]) -> Path:
    """A folder with the notebooks of the study, in the place of the project's."""
    folder = tmp_path / "notebooks"
    for name in ("01_profiling", "03_churn"):
        notebook(folder / f"{name}.ipynb", "1 + 1")
    monkeypatch.setattr(planning, "NOTEBOOKS", folder)
    return folder


def planned(study: Study, *only: str, overrides: tuple[str, ...] = ()) -> Plan:
    """The plan of `study`, made at a fixed time."""
    return make_plan(
        study,
        AS_OF,
        archive=study.path.parent / "archive",
        inputs=[],
        clock=lambda: datetime(2026, 11, 1, 6, 3, 12, tzinfo=UTC),
        only=only,
        overrides=overrides,
    )


def refused(study: Study, *only: str) -> str:
    with pytest.raises(WorkbenchError) as caught:
        planned(study, *only)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_every_notebook_of_the_study_is_a_step_in_the_order_of_work(study, notebooks):
    steps = planned(study).steps
    assert [step.notebook for step in steps] == ["01_profiling", "03_churn"]
    assert steps[1].injected["horizon_days"] == 60
    assert steps[1].injected["as_of"] == "2026-10-31"


def test_no_path_of_this_machine_is_injected(study, notebooks):
    for step in planned(study).steps:
        assert step.injected["source"] == "source.yml"
        assert step.working_folder == study.path.parent.resolve()
        assert not [v for v in step.injected.values() if isinstance(v, str) and "/" in v]


@pytest.mark.parametrize("name", ["03", "03_churn"])
def test_a_notebook_is_chosen_by_its_number_or_its_name(study, notebooks, name):
    assert [step.notebook for step in planned(study, name).steps] == ["03_churn"]


def test_a_notebook_chosen_twice_runs_once(study, notebooks):
    assert [step.notebook for step in planned(study, "03", "01", "03_churn").steps] == [
        "01_profiling",
        "03_churn",
    ]


def test_an_unknown_notebook_is_refused_with_the_nearest_name(study, notebooks):
    assert refused(study, "03_chrun") == (
        f"{study.path}: the notebook must be one of 01_profiling, 03_churn; got '03_chrun'. "
        "Did you mean '03_churn'?"
    )


@pytest.mark.parametrize("tagged", [0, 2])
def test_a_lost_or_doubled_parameters_tag_is_refused(study, notebooks, notebook, tagged):
    path = notebook(notebooks / "03_churn.ipynb", "1 + 1", tagged=tagged)
    assert refused(study) == (
        f"{path}: the notebook must be exactly one cell tagged `parameters`; got {tagged} of them. "
        "Tag the cell again."
    )


def test_a_missing_notebook_is_refused(study, notebooks):
    (notebooks / "01_profiling.ipynb").unlink()
    assert refused(study) == (
        f"{notebooks / '01_profiling.ipynb'}: the notebook must be a file that exists; got no such file. "
        "Run from a checkout of the project."
    )


def test_a_notebook_with_marks_of_a_merge_is_refused(study, notebooks):
    path = notebooks / "01_profiling.ipynb"
    path.write_text("<<<<<<< ours\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert refused(study) == (
        f"{path}: the file must be a notebook in Jupyter's format; got something else. Restore it from git."
    )


def test_the_record_names_the_whole_command(study, notebooks):
    made = planned(study, "03", overrides=("03_churn.basis=orders", "03_churn.high_risk=0.1"))
    assert made.command == (
        "workbench run study.yml --as-of 2026-10-31 --notebooks 03 "
        "--set 03_churn.basis=orders --set 03_churn.high_risk=0.1"
    )


def test_a_study_of_the_project_is_named_from_the_projects_root(study, notebooks):
    own = read_study(planning.PROJECT / "params" / "demo.yml")
    made = Plan(own, AS_OF, Path("reports"), "run", (), (), lambda: datetime.now(UTC))
    assert made.command == "workbench run params/demo.yml --as-of 2026-10-31"


def test_a_run_is_named_by_its_time_and_stands_under_study_and_month(study, notebooks):
    made, other = planned(study), planned(study)
    assert made.run_id.startswith("20261101T060312Z-")
    assert made.run_id != other.run_id
    assert made.place == study.path.parent.resolve() / "archive" / "tiny" / "2026-10" / made.run_id
    assert made.staging.parent.name == ".staging"
