"""One run from lock to index."""

import os
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError, refusal
from workbench.runner.archive import ARCHIVE_LOCK, bring_study, claim, current_run, recover
from workbench.runner.comparing import comparing
from workbench.runner.events import Sink
from workbench.runner.execute import Execution, execute
from workbench.runner.judge import Verdict, judge
from workbench.runner.manifest import Record
from workbench.runner.order import in_order
from workbench.runner.pages import earlier_months
from workbench.runner.plan import Plan, Step
from workbench.runner.processes import end_run
from workbench.runner.publish import compose, publish
from workbench.runner.reuse import (
    Earlier,
    is_unchanged,
    page_keys,
    read_manifest,
    reusable,
    runs_of_month,
    take_over,
)
from workbench.runner.warm import Warm
from workbench.store import Locked

EXIT_FAILED, EXIT_LOCKED = 1, 3


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes
    ----------
    index : Path
        The first page of the run, or of the report that was there already.
    state : str
        ``published``, ``failed``, ``held`` (the pages broke a rule) or ``unchanged`` (nothing to publish).
    """

    index: Path | str
    verdicts: tuple[Verdict, ...]
    state: str = "published"

    @property
    def exit_code(self) -> int:
        """0 if the month has its report, else 1."""
        return 0 if self.state in ("published", "unchanged") else EXIT_FAILED


def run(plan: Plan, *, tell: Sink, warm: Warm | None = None) -> Outcome:
    """Execute, judge and publish a plan, or find that its report is there already.

    Parameters
    ----------
    tell : callable
        Called with each event: see `events`.
    warm : Warm, optional
        Where the notebooks' processes come from.

    Raises
    ------
    WorkbenchError
        With exit code 3 if another run of this study and month is under way; with exit code 2 if the
        archive's folder cannot be written to.
    """
    plan.store.prepare()
    try:
        with plan.store.lock(f"{plan.study.study}-{plan.period}", wait=False):
            return _locked_run(plan, tell, warm)
    except Locked as held:
        where = f"{plan.study.study}, {plan.period}"
        got = f"one that another run holds{f' ({held})' if str(held) else ''}"
        message = refusal(where, "the lock", "free", got, "Wait for that run to end.")
        raise WorkbenchError(str(message), exit_code=EXIT_LOCKED) from None


def _locked_run(plan: Plan, tell: Sink, warm: Warm | None) -> Outcome:
    started_at = plan.clock()
    try:
        # One lock around both: a run that recovers meanwhile would take a folder without its owner for dead.
        with plan.store.lock(ARCHIVE_LOCK, wait=True):
            recover(plan.store)
            claim(plan.staging)
        bring_study(plan.store, plan.study.study, plan.period)
        months = earlier_months(plan)
        plan = comparing(plan, months)
        pages = page_keys(plan, [folder.name for folder in months])
        earlier = [] if plan.fresh else runs_of_month(plan.place.parent)
        current = next((run for run in earlier if run.run_id == current_run(plan.place.parent)), None)
        if current is not None and is_unchanged(plan, current, pages):
            page = current.folder / "index.html"
            index = plan.store.where(str(page.relative_to(plan.archive))) if plan.url else page
            tell({"event": "unchanged", "run_id": current.run_id, "index": str(index)})
            return Outcome(index, (), "unchanged")
        tell({"event": "started", "notebooks": [step.notebook for step in plan.steps]})
        for part in ("notebooks", "results", "tables"):
            (plan.staging / part).mkdir()
        reuse = reusable(plan, earlier)
        verdicts, costs = _execute_all(plan, tell, reuse, warm)
        tell({"event": "stage", "stage": "rendering"})
        last_month = read_manifest(months[-1]) if months else None
        state = compose(plan, verdicts, Record(started_at, pages, reuse, costs, last_month))
        publish(plan, tell)
    finally:  # after publishing there is nothing left here; after an interrupt there must not be
        shutil.rmtree(plan.staging, ignore_errors=True)
    reasons = {v.notebook: v.reason for v in verdicts if not v.succeeded}
    tell({"event": state, "index": str(plan.first_page), "reasons": reasons})
    return Outcome(plan.first_page, verdicts, state)


def _execute_all(
    plan: Plan, tell: Sink, reuse: Mapping[str, Earlier], warm: Warm | None
) -> tuple[tuple[Verdict, ...], Mapping[str, Execution]]:
    """The verdict on each notebook, and what each one that was executed has cost."""
    threads, costs = max(1, (os.cpu_count() or 1) // plan.jobs), dict[str, Execution]()

    def _work(step: Step, stopping: threading.Event) -> Verdict:
        name = step.notebook
        if name in reuse:
            tell({"event": "notebook", "notebook": name, "state": "reused", "from": reuse[name].run_id})
            return take_over(plan, step, reuse[name])
        tell({"event": "notebook", "notebook": name, "state": "started"})
        costs[name] = execute(
            step,
            plan.staging,
            threads=threads,
            tell=lambda notebook, cell: tell({"event": "cell", "notebook": notebook, **cell}),
            stopping=stopping,
            warm=warm,
            languages=plan.languages,
        )
        return judge(name, costs[name], plan.staging / "results" / f"{name}.json")

    def _judged(step: Step, stopping: threading.Event) -> Verdict:
        verdict = _work(step, stopping)
        if not stopping.is_set():
            tell({"event": "judged", "notebook": step.notebook, "reason": verdict.reason})
        return verdict

    return in_order(plan, _judged, stop=lambda: end_run(plan.staging)), costs
