"""Can nobody come between two steps of a run that belong together?"""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from workbench.runner import Plan, run, running
from workbench.runner.publish import _undisturbed


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def told(request: pytest.FixtureRequest) -> Iterator[list[int]]:
    """The signals that the program is told of."""
    numbers: list[int] = []
    before = signal.signal(request.param, lambda number, _frame: numbers.append(number))
    yield numbers
    signal.signal(request.param, before)


def test_a_signal_waits_until_a_run_is_wholly_published(request, told):
    number = request.node.callspec.params["told"]
    with _undisturbed():
        signal.raise_signal(number)
        assert told == []
    assert told == [number]
    signal.raise_signal(number)
    assert told == [number, number]


def test_no_other_run_can_recover_before_a_staging_folder_has_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plan: Callable[..., Plan]
):
    def claim(staging: Path) -> None:
        # A run of another study that starts now has to wait here before it looks for dead runs.
        with pytest.raises(Timeout):
            FileLock(tmp_path / "archive" / ".locks" / "archive.lock").acquire(timeout=0)
        raise InterruptedError

    monkeypatch.setattr(running, "claim", claim)
    with pytest.raises(InterruptedError):
        run(plan(tmp_path, [], "20261101T060000Z-aaaaaa"), tell=lambda _: None)
    assert not (tmp_path / "archive" / ".staging").exists()
