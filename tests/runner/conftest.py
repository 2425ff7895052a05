"""Studies, plans and notebooks so small that a kernel is the only thing that takes time."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from workbench.parameters import ProfilingParameters, Study, read_study
from workbench.runner import Plan, Step

AS_OF = date(2026, 10, 31)
# What `results.save` would leave, written without importing the workbench into the kernel.
HAND_OVER = """\
import json, os, pathlib
out = pathlib.Path(os.environ["WORKBENCH_OUT"]) / "results" / "{name}.json"
out.write_text(json.dumps(
    {{"notebook": "{name}", "as_of": "2026-10-31", "metrics": [], "checks": [], "findings": []}}))
"""


def write_notebook(path: Path, *sources: str, tagged: int = 1) -> Path:
    """A notebook of code cells behind `tagged` cells with the tag `parameters`."""
    cells = [new_code_cell("months = 24", metadata={"tags": ["parameters"]}) for _ in range(tagged)]
    cells += [new_code_cell(source) for source in sources]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def make_step(folder: Path, name: str, *sources: str) -> Step:
    """A step with a notebook of its own; ``HAND_OVER`` among the sources hands on its results."""
    written = [source.format(name=name) if source == HAND_OVER else source for source in sources]
    path = write_notebook(folder / "notebooks" / f"{name}.ipynb", *written)
    injected = {"months": 12, "source": "source.yml"}
    return Step(name, path, ProfilingParameters(), injected, folder, execution={"key": name})


def make_study(folder: Path) -> Study:
    """A study of two notebooks, in a folder of its own."""
    content = {
        "study": "tiny",
        "title": "Tiny company",
        "source": "source.yml",
        "notebooks": {"01_profiling": {}, "03_churn": {"horizon_days": 60}},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yml").write_text(json.dumps(content), encoding="utf-8")
    columns = {"customer_id": "a", "ordered_at": "b", "amount": "c"}
    tables = {"transactions": {"from": "orders.csv", "columns": columns}}
    (folder / "source.yml").write_text(json.dumps({"tables": tables}), encoding="utf-8")
    return read_study(folder / "study.yml")


def plan_of(folder: Path, steps: Sequence[Step], run_id: str, *, jobs: int = 1) -> Plan:
    """A plan of `steps` into the archive beside them."""
    study, archive = make_study(folder), folder / "archive"
    return Plan(study, AS_OF, archive, run_id, tuple(steps), (), lambda: datetime.now(UTC), jobs)


@pytest.fixture(scope="session")
def hand_over() -> str:
    return HAND_OVER


@pytest.fixture(scope="session")
def notebook() -> Callable[..., Path]:
    return write_notebook


@pytest.fixture(scope="session")
def step() -> Callable[..., Step]:
    return make_step


@pytest.fixture(scope="session")
def plan() -> Callable[..., Plan]:
    return plan_of


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return make_study(tmp_path / "study")
