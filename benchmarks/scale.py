"""Features at scale: beside rivals, many cut-offs beside one, and how time grows with the rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import log10
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.made_data import CUT_OFFS, write_lines
from benchmarks.processes import Measured, in_step, in_turn, must_agree
from benchmarks.studies import write_made, write_made_company

MIB_PER_GB = 1e9 / 2**20
# Goals: our time over the rival's for the first three, over six times one cut-off for the fourth.
SQL_GOAL, POLARS_GOAL, PANDAS_GOAL, CUT_OFFS_GOAL = 1.1, 1.0, 1 / 4, 0.4
GROWTH_GOAL, MEMORY_GOAL_GB = 1.0, 5.0
HUNDRED_MILLION = 100_000_000
ROUNDS, STEPS = 3, 5  # after one that is not counted; of growth, and of the order summary
QUICK = ("ours", "duckdb", "polars")
RIVALS = {
    "duckdb": "hand-written DuckDB SQL",
    "polars": "polars, lazy and streaming",
    "spark": "Spark, local[2]",
}
GROWN = RIVALS | {
    "ours": "ours of the file",
    "floor": "a bare count per customer",
    "process": "a run's process with its intake",
}


def order_summary(lines: int) -> Iterator[str]:
    """Frequency, recency, age and mean value of every customer, ours beside four rivals."""
    with folder() as path:
        write_lines(path, lines)
        # What differs by a few per cent is run in step; the slow ones, far behind, one after the other.
        quick = in_step([(name, path) for name in QUICK], STEPS)
        found = dict(zip(QUICK, quick, strict=True)) | in_turn({"pandas": 1, "spark": 2}, path)
    must_agree(list(found.values()))
    ours = found["ours"]
    yield f"order summary, {lines:,} lines: ours {ours}"
    goals = {"duckdb": SQL_GOAL, "polars": POLARS_GOAL, "pandas": PANDAS_GOAL, "spark": None}
    for name, goal in goals.items():
        rival, called = found.get(name), RIVALS.get(name, name)
        if rival is None:
            yield f"  {called}: not installed, left out"
        else:
            yield f"  {called} {rival}; ours over it {_against(ours, rival, goal)}"


def many_cut_offs(lines: int) -> Iterator[str]:
    """Every feature at six cut-offs at once, beside one cut-off after the other, as a run has it.

    Read through the intake, then one range of customers after the other, on both sides.
    """
    with folder() as path:
        write_made_company(path, lines)
        # Once each: either takes minutes, beside which what the first run loads is nothing.
        found = in_turn({"six_at_once": 1, "six_separately": 1}, path, rounds=1)
    once, each = found["six_at_once"], found["six_separately"]
    yield f"all features, {lines:,} lines and the other tables, {len(CUT_OFFS)} cut-offs: at once {once}"
    yield f"  one by one {each}; at once over one by one {_against(once, each, CUT_OFFS_GOAL)}"


def growth(sizes: list[int]) -> Iterator[str]:
    """Our order summary on more and more lines and customers: the exponent of time in rows.

    As a run has it: read through the intake, which keeps the lines in the order of their customers, then
    asked for one range of customers after the other. Beside it the whole process with that intake, and
    queries of the file: ours, one written by hand, polars, and a bare count of lines per customer; groups of
    all customers at once outgrow the processor's caches.
    """
    with folder() as path:
        found = _grown(path, sizes)
    for lines, measured in zip(sizes, found, strict=True):
        kept, ours = measured["kept"], measured["ours"]
        yield f"order summary in a run, {lines:,} lines: {kept}{_memory(lines, kept)}"
        yield f"  with its process, from the file and its intake on: {kept.process:.1f} s"
        yield f"  of the file: {ours}{_memory(lines, ours)}"
    spans = [*pairwise(range(len(sizes))), *([(0, len(sizes) - 1)] if len(sizes) > 2 else [])]
    for few, many in spans:
        times = [_times(found[place]) for place in (few, many)]
        steps = log10(sizes[many] / sizes[few])
        exponents = {name: log10(times[1][name] / times[0][name]) / steps for name in times[0]}
        run = exponents.pop("kept")
        others = ", ".join(f"{GROWN[name]} {exponent:.2f}" for name, exponent in exponents.items())
        span = f"{sizes[few]:,} to {sizes[many]:,} lines"
        yield f"  exponent from {span}: in a run {run:.2f}{_met(run, GROWTH_GOAL)}; {others}"


def _times(measured: dict[str, Measured]) -> dict[str, float]:
    return {name: one.seconds for name, one in measured.items()} | {"process": measured["kept"].process}


def _grown(path: Path, sizes: Sequence[int]) -> list[dict[str, Measured]]:
    """Each contender on all sizes, run by run in turn: a machine that slows down slows all."""
    places = [path / str(lines) for lines in sizes]
    for place, lines in zip(places, sizes, strict=True):
        place.mkdir()
        write_made(place, lines)
    found = {
        name: in_step([(name, place) for place in places], ROUNDS)
        for name in ("kept", "ours", "duckdb", "polars", "floor")
    }
    return [{name: each[number] for name, each in found.items()} for number in range(len(sizes))]


def _memory(lines: int, measured: Measured) -> str:
    if lines < HUNDRED_MILLION:
        return ""
    peak = measured.peak_mib / MIB_PER_GB
    return f" = {peak:.1f} GB{_met(peak, MEMORY_GOAL_GB)}"


def _against(ours: Measured, rival: Measured, goal: float | None) -> str:
    ratio = ours.seconds / rival.seconds
    return f"{ratio:.2f}" + ("" if goal is None else _met(ratio, goal))


def _met(figure: float, goal: float) -> str:
    return f" (goal <= {goal:g}: {'met' if figure <= goal else 'NOT met'})"


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder, gone afterwards."""
    with TemporaryDirectory(prefix="workbench-bench-") as name:
        yield Path(name)
