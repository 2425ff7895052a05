"""Does papermill know our engine, by hand too, and do notebooks run with papermill's own as before?"""

import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import nbformat
import pytest

from workbench.runner.engine import WorkbenchEngine
from workbench.runner.saving import write

pytestmark = pytest.mark.run

PAPERMILL = Path(sys.executable).with_name("papermill")


def papermill(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """papermill's own command, ended."""
    command = [PAPERMILL, "--no-progress-bar", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_papermill_finds_the_engine_by_its_name():
    (found,) = entry_points(group="papermill.engine", name="workbench")
    assert found.load() is WorkbenchEngine


LOOK = """\
import json
from ipykernel.connect import get_connection_info
info = json.loads(get_connection_info())
print(months, info["transport"], info["ip"])"""


@pytest.mark.parametrize(("engine", "transport"), [("workbench", "ipc"), ("nbclient", "tcp")])
def test_a_notebook_runs_by_hand_with_either_engine(
    tmp_path: Path, notebook: Callable[..., Path], engine: str, transport: str
):
    source, output = notebook(tmp_path / "in.ipynb", LOOK), tmp_path / "out.ipynb"
    done = papermill("--engine", engine, source, output, "-p", "months", "12")
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(output, as_version=4).cells
    assert [cell.execution_count for cell in cells] == [1, 2, 3]
    months, seen, place = cells[2].outputs[0].text.split()
    assert (months, seen) == ("12", transport)
    assert not Path(place).parent.exists() or transport == "tcp"


def test_two_runs_by_hand_leave_the_same_bytes_without_times_and_paths(
    tmp_path: Path, notebook: Callable[..., Path]
):
    source = notebook(tmp_path / "in.ipynb", "print(months)")
    outputs = [tmp_path / f"{number}.ipynb" for number in range(2)]
    for output in outputs:
        assert papermill("--engine", "workbench", source, output, "-p", "months", "12").returncode == 0
    first, second = (output.read_bytes() for output in outputs)
    assert first == second
    assert str(tmp_path).encode() not in first


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import sys\nsys.exit(0)", "SystemExit: 0"),
        ("import time\ntime.sleep(600)", "CellTimeoutError: cell 2 of 2 did not end within 2 s"),
    ],
)
def test_a_failure_by_hand_ends_with_1_and_stands_in_the_notebook(
    tmp_path: Path, notebook: Callable[..., Path], source: str, reason: str
):
    made, output = notebook(tmp_path / "in.ipynb", source), tmp_path / "out.ipynb"
    done = papermill("--engine", "workbench", "--execution-timeout", "2", made, output)
    assert done.returncode == 1
    assert reason in done.stderr
    written = nbformat.read(output, as_version=4)
    errors = [
        o for c in written.cells if c.cell_type == "code" for o in c.outputs if o.output_type == "error"
    ]
    assert len(errors) == 1


def test_a_notebook_killed_while_it_is_written_is_the_old_one_or_the_new_one(
    tmp_path: Path, notebook: Callable[..., Path]
):
    path = notebook(tmp_path / "big.ipynb", f"text = {'x' * 5_000_000!r}")
    size = path.stat().st_size
    program = (
        "import sys, nbformat\n"
        "from workbench.runner.saving import write\n"
        "node = nbformat.read(sys.argv[1], as_version=4)\n"
        "print(flush=True)\n"
        "while True: write(node, sys.argv[1])"
    )
    for wait in (0.02, 0.07):
        command = [sys.executable, "-c", program, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(wait)
            process.kill()
        assert abs(path.stat().st_size - size) < 10  # 0 with papermill's way of writing
        nbformat.read(path, as_version=4)


def test_what_papermill_can_write_to_is_left_to_papermill(capsys: pytest.CaptureFixture[str]):
    with pytest.warns(UserWarning, match="extension"):
        write(nbformat.v4.new_notebook(), "-")
    assert '"nbformat": 4' in capsys.readouterr().out
