"""One run from lock to index."""

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.errors import WorkbenchError, refusal
from workbench.runner.archive import LOCKS, claim, recover
from workbench.runner.execute import Tell, execute
from workbench.runner.judge import Verdict, judge
from workbench.runner.order import in_order
from workbench.runner.plan import Plan, Step
from workbench.runner.processes import end_run
from workbench.runner.publish import publish

EXIT_FAILED, EXIT_LOCKED = 1, 3


@dataclass(frozen=True)
class Outcome:
    """What came of a run; `index` is its first page."""

    index: Path
    verdicts: tuple[Verdict, ...]

    @property
    def exit_code(self) -> int:
        """0 if every notebook succeeded, else 1."""
        return 0 if all(verdict.succeeded for verdict in self.verdicts) else EXIT_FAILED


def run(plan: Plan, *, tell: Tell, judged: Callable[[Verdict], None]) -> Outcome:
    """Execute, judge and publish a plan.

    Parameters
    ----------
    tell : callable
        Called when a cell begins, with the notebook's name and the cell's index.
    judged : callable
        Called with the verdict on each notebook as soon as there is one.

    Raises
    ------
    WorkbenchError
        With exit code 3 if another run of this study and month is under way; with exit code 2 if the
        archive's folder cannot be written to.
    """
    locks = _locks(plan.archive)
    try:
        with FileLock(locks / f"{plan.study.study}-{plan.period}.lock", timeout=0):
            return _locked_run(plan, tell, judged)
    except Timeout:
        where = f"{plan.study.study}, {plan.period}"
        message = refusal(
            where, "the lock", "free", "one that another run holds", "Wait for that run to end."
        )
        raise WorkbenchError(str(message), exit_code=EXIT_LOCKED) from None


def _locks(archive: Path) -> Path:
    """The folder of the locks, made where there is none."""
    try:
        (archive / LOCKS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        got = error.strerror or type(error).__name__
        rule = "a folder one can write to"
        raise refusal(str(archive), "the archive", rule, got, "Choose another folder.") from None
    return archive / LOCKS


def _locked_run(plan: Plan, tell: Tell, judged: Callable[[Verdict], None]) -> Outcome:
    started_at = plan.clock()
    try:
        # One lock around both: a run that recovers meanwhile would take a folder without its owner for dead.
        with FileLock(plan.archive / LOCKS / "archive.lock"):
            recover(plan.archive)
            claim(plan.staging)
        for part in ("notebooks", "results", "tables"):
            (plan.staging / part).mkdir()
        verdicts = _execute_all(plan, tell, judged)
        with FileLock(plan.archive / LOCKS / "archive.lock"):
            return Outcome(publish(plan, verdicts, started_at), verdicts)
    finally:  # after publishing there is nothing left here; after an interrupt there must not be
        shutil.rmtree(plan.staging, ignore_errors=True)


def _execute_all(plan: Plan, tell: Tell, judged: Callable[[Verdict], None]) -> tuple[Verdict, ...]:
    threads = max(1, (os.cpu_count() or 1) // plan.jobs)

    def _work(step: Step, stopping: threading.Event) -> Verdict:
        execution = execute(step, plan.staging, threads=threads, tell=tell, stopping=stopping)
        verdict = judge(step.notebook, execution, plan.staging / "results" / f"{step.notebook}.json")
        if not stopping.is_set():
            judged(verdict)
        return verdict

    return in_order(plan, _work, stop=lambda: end_run(plan.staging))
