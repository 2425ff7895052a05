"""Can nobody come between the rename of a run and the pointer to it?"""

import signal
from collections.abc import Iterator

import pytest

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
