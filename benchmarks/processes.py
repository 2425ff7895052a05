"""Contenders measured in processes of their own, so that the memory of one is not counted for another."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from statistics import median
from time import perf_counter

CONTENDERS, TOLD = "benchmarks.contenders", "told"


@dataclass(frozen=True)
class Measured:
    """Median seconds of a contender, the most memory it held (MiB), and what it found.

    Attributes
    ----------
    process : float
        Seconds from the start of its process to the end of its first run, as one who waits has it.
    """

    seconds: float
    peak_mib: float
    found: tuple[float, ...]
    process: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.peak_mib:,.0f} MiB"


def in_turn(contenders: Mapping[str, int], folder: Path, rounds: int = 3) -> dict[str, Measured]:
    """Each contender in turn, `rounds` times, so that a machine that slows down slows all.

    Parameters
    ----------
    contenders : mapping of str to int
        How often each runs in its process. Of several runs the first is not counted: it loads libraries.

    Returns
    -------
    dict
        Medians over the rounds; contenders that cannot be imported are left out.

    Raises
    ------
    AssertionError
        If two contenders found different totals.
    """
    runs: dict[str, list[Measured]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, times in contenders.items():
            measured = alone(name, folder, times)
            if measured is not None:
                runs[name].append(measured)
    found = {name: _median(measured) for name, measured in runs.items() if measured}
    must_agree(list(found.values()))
    return found


def in_step(contenders: Sequence[tuple[str, Path]], rounds: int) -> list[Measured]:
    """Contenders in processes of their own that wait for each other: run by run in turn, after one more run.

    What slows the machine for seconds then slows one run of each, and the ratio of two figures holds.
    """
    started = [_waiting(name, folder) for name, folder in contenders]
    for _ in range(rounds):
        for process, _ in started:
            _one_run(process)
    measured = []
    for process, whole in started:
        answer = json.loads(process.communicate()[0])
        seconds = median(answer["seconds"][1:])
        measured.append(Measured(seconds, answer["peak_mib"], tuple(answer["found"]), whole))
    return measured


def _waiting(name: str, folder: Path) -> "tuple[subprocess.Popen[str], float]":
    """A contender that has run once and waits, and the seconds from its start to there."""
    begin = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", CONTENDERS, name, str(folder), TOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(),
    )
    _one_run(process)
    return process, perf_counter() - begin


def _one_run(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "done\n", "a contender has ended; run it alone to see why"


def alone(
    name: str, folder: Path, times: int, *, module: str = CONTENDERS, python: str = sys.executable
) -> Measured | None:
    """One contender in a new process; None if it lacks a library.

    Parameters
    ----------
    python : str
        The interpreter, of another environment where the contender's libraries do not go with ours.
    """
    command = [python, "-W", "ignore", "-m", module, name, str(folder), str(times)]
    begin = perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False)
    if done.returncode and "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    answer = json.loads(done.stdout.splitlines()[-1])
    later = answer["seconds"][1:]
    process = perf_counter() - begin - sum(later)
    seconds = median(later or answer["seconds"])
    return Measured(seconds, answer["peak_mib"], tuple(answer["found"]), process)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONWARNINGS": "ignore"}


def _median(runs: Sequence[Measured]) -> Measured:
    peak = max(run.peak_mib for run in runs)
    seconds, process = (median(getattr(run, name) for run in runs) for name in ("seconds", "process"))
    return Measured(seconds, peak, runs[0].found, process)


def must_agree(runs: Sequence[Measured]) -> None:
    """Assert that all contenders have found the same totals."""
    for run in runs[1:]:
        # Sums of doubles over many rows, in another order.
        alike = [isclose(a, b, rel_tol=1e-9) for a, b in zip(run.found, runs[0].found, strict=True)]
        assert all(alike), (run.found, runs[0].found)
