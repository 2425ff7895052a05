"""Plan, execute, judge, publish: from a checked study to a run in the archive.

What is named here is imported when it is asked for: the process that warms up for the notebooks is started
before the rest of the room is read.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.runner.plan import Plan, Step, make_plan
    from workbench.runner.running import Outcome, run
    from workbench.runner.runs import ArchiveRun, list_runs, verify

__all__ = ["ArchiveRun", "Outcome", "Plan", "Step", "list_runs", "make_plan", "run", "verify"]
_HOMES = {
    "ArchiveRun": "runs",
    "list_runs": "runs",
    "verify": "runs",
    "Outcome": "running",
    "run": "running",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    found = getattr(import_module(f"workbench.runner.{_HOMES.get(name, 'plan')}"), name)
    globals()[name] = found
    return found
