"""Does a run that is killed at any moment leave the archive as it was, and does the next one clear up?"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tests.cli.conftest import Console

from workbench.runner import list_runs, verify

pytestmark = pytest.mark.run

Moment = Callable[[psutil.Process, Path], bool]
SECONDS_TO_A_MOMENT = 120.0
SECONDS_TO_VANISH = 5.0
MARK = "WORKBENCH_TEST_MARK"  # in the environment of the run, and so of everything that it starts


def staged(archive: Path, pattern: str) -> list[Path]:
    """Files of the run that is being built."""
    return list((archive / ".staging").glob(f"*/{pattern}"))


def during_intake(process: psutil.Process, archive: Path) -> bool:
    return any("duckdb" in mapped.path for mapped in process.memory_maps())


def at_kernel_start(process: psutil.Process, archive: Path) -> bool:
    return bool(staged(archive, ".scratch/*.json"))


def in_the_middle_of_a_notebook(process: psutil.Process, archive: Path) -> bool:
    return any('"execution_count": 2' in path.read_text("utf-8") for path in staged(archive, "notebooks/04*"))


def between_two_notebooks(process: psutil.Process, archive: Path) -> bool:
    return bool(staged(archive, "results/03*")) and not staged(archive, ".scratch/*.json")


def while_publishing(process: psutil.Process, archive: Path) -> bool:
    return bool(staged(archive, "04_feedback.html"))


def wait_for(moment: Moment, pid: int, archive: Path) -> None:
    process, until = psutil.Process(pid), time.monotonic() + SECONDS_TO_A_MOMENT
    while time.monotonic() < until:
        if moment(process, archive):
            return
        time.sleep(0.005)
    raise AssertionError(f"the moment {moment.__name__} did not come")


def started_for(archive: Path) -> list[psutil.Process]:
    """The processes that a run into `archive` has started: all that descend from it, forks too."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(archive) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def vanished(archive: Path) -> bool:
    until = time.monotonic() + SECONDS_TO_VANISH
    while started_for(archive) and time.monotonic() < until:
        time.sleep(0.05)
    return not started_for(archive)


@pytest.fixture(scope="module")
def archive(console, quick, tmp_path_factory) -> Path:
    """An archive with one run."""
    folder = tmp_path_factory.mktemp("killed") / "archive"
    assert console("run", quick, "--notebooks", "04", "--archive", folder).code == 0
    return folder


@pytest.fixture
def kill(console, quick, archive) -> Callable[..., None]:
    """Begin a run and kill it at a moment."""

    def killed(moment: Moment, notebooks: str = "04") -> None:
        marked = Console(console.environment | {MARK: str(archive)})
        options = ("--notebooks", notebooks, "--fresh", "--archive", archive)
        process = marked.start("run", quick, *options)
        wait_for(moment, process.pid, archive)
        process.kill()
        process.communicate()

    return killed


@pytest.mark.parametrize(
    ("moment", "notebooks"),
    [
        (during_intake, "04"),
        (at_kernel_start, "04"),
        (in_the_middle_of_a_notebook, "04"),
        (between_two_notebooks, "03,04"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_killed_run_leaves_the_archive_as_it_was_and_no_process(archive, snapshot, kill, moment, notebooks):
    before = snapshot(archive)
    kill(moment, notebooks)
    assert vanished(archive)
    assert snapshot(archive) == before
    # What the run before it has left is gone already.
    assert len(list((archive / ".staging").iterdir())) <= 1


def test_a_run_killed_while_publishing_is_there_whole_or_not_at_all_and_the_next_run_clears_up(
    console, quick, archive, snapshot, kill
):
    before, month = snapshot(archive), archive / "demo" / "2026-10"
    kill(while_publishing)
    assert vanished(archive)
    assert [name for name in before if "/202" in name and snapshot(archive).get(name) != before[name]] == []
    assert [fault for run in list_runs(archive) for fault in verify(run)] == []

    options = ("--notebooks", "04", "--fresh", "--archive", archive)
    done = console("run", quick, *options)
    assert done.code == 0
    assert list((archive / ".staging").iterdir()) == []
    current = json.loads((month / "current.json").read_text("utf-8"))["run"]
    assert done.out.endswith(f"{month / current / 'index.html'}\n")
    assert [fault for run in list_runs(archive) for fault in verify(run)] == []
