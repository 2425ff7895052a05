"""Notebook 02 on half a million customers: all its cells, figures too, in a process of its own."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.processes import alone
from benchmarks.scale import MIB_PER_GB, folder
from benchmarks.studies import loaded, write_made_buyers

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "02_segmentation.ipynb"
CUSTOMERS, ORDERS = 500_000, 10_000_000
SECONDS_GOAL, MEMORY_GOAL_GB = 90.0, 4.0


def whole_notebook() -> Iterator[str]:
    """Seconds and memory of the cells after the intake, and of the process with its intake."""
    with folder() as path:
        write_made_buyers(path, CUSTOMERS, ORDERS)
        found = alone("segmentation_whole", path, 1)
    assert found is not None
    peak = found.peak_mib / MIB_PER_GB
    met = found.seconds <= SECONDS_GOAL and peak <= MEMORY_GOAL_GB
    yield (
        f"02 on {CUSTOMERS:,} customers, {ORDERS:,} orders: {found} = {peak:.1f} GB after the intake, "
        f"{found.process:.0f} s with it (goal <= {SECONDS_GOAL:g} s, {MEMORY_GOAL_GB:g} GB: "
        f"{'met' if met else 'NOT met'})"
    )


def segmentation_whole(path: Path) -> Callable[[], list[float]]:
    """All cells of the notebook but those of its parameters and its intake."""
    os.environ["XDG_CACHE_HOME"] = str(path / "cache")  # nothing is recalled
    from workbench import show
    from workbench.parameters import SegmentationParameters

    data, p = loaded(path, SegmentationParameters)
    cells = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    code = ["".join(cell["source"]) for cell in cells]
    show.display = lambda *_, **__: None  # drawn, and written nowhere

    def run() -> list[float]:
        known: dict[str, Any] = {"data": data, "p": p}
        for text in [code[0], *code[3:]]:
            exec(text, known)  # the project's own notebook
        return [float(len(known["study"].value))]

    return run


CONTENDERS = {"segmentation_whole": segmentation_whole}
