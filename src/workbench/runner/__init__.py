"""Plan, execute, judge, publish: from a checked study to a run in the archive.

What is named here is imported when it is asked for: the process that warms up for the notebooks is started
before the rest of the room is read.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from workbench.runner.plan import Plan, Step, make_plan
    from workbench.runner.running import Outcome, run
    from workbench.runner.runs import ArchiveRun, list_runs, verify

# jsonschema, which Jupyter's libraries import, compiles a grammar of web addresses for more than a second if
# it can import this package. No notebook's schema asks for the form of a web address.
cast(dict[str, Any], sys.modules).setdefault("rfc3987_syntax", None)

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
