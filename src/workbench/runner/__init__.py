"""Plan, execute, judge, publish: from a checked study to a run in the archive."""

from workbench.runner.archive import ArchiveRun, list_runs, verify
from workbench.runner.plan import Plan, Step, make_plan
from workbench.runner.run import Outcome, run

__all__ = ["ArchiveRun", "Outcome", "Plan", "Step", "list_runs", "make_plan", "run", "verify"]
