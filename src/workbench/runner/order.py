"""In which order the notebooks of a run are worked on, and which of them are not run at all."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from workbench.runner.judge import Verdict
from workbench.runner.plan import Plan, Step

Work = Callable[[Step, threading.Event], Verdict]


def in_order(plan: Plan, work: Work, *, stop: Callable[[], None]) -> tuple[Verdict, ...]:
    """A verdict on each notebook of `plan`, in its order; none begins before those that it needs are done.

    A notebook whose need has failed is skipped; the others go on. Needs that are not part of the plan are
    taken as met: who asks for one notebook alone gets it.

    Parameters
    ----------
    work : callable
        Runs one notebook, in a thread; the event is set when the run is being stopped.
    stop : callable
        Ends what is running, when the run is interrupted.
    """
    stopping = threading.Event()
    verdicts: dict[str, Verdict] = {}
    with ThreadPoolExecutor(max_workers=plan.jobs) as pool:
        running: dict[Future[Verdict], str] = {}
        try:
            while len(verdicts) < len(plan.steps):
                _skip(plan, verdicts)
                for step in _ready(plan, verdicts, set(running.values())):
                    running[pool.submit(work, step, stopping)] = step.notebook
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    verdicts[running.pop(future)] = future.result()
        except BaseException:  # an interrupt: the notebooks under way end with us, the others do not begin
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            stop()
            raise
    return tuple(verdicts[step.notebook] for step in plan.steps)


def _needs(plan: Plan, step: Step) -> list[str]:
    planned = {each.notebook for each in plan.steps}
    return [name for name in step.parameters.needs if name in planned]


def _ready(plan: Plan, verdicts: Mapping[str, Verdict], running: set[str]) -> list[Step]:
    waiting = [s for s in plan.steps if s.notebook not in verdicts and s.notebook not in running]
    return [step for step in waiting if all(need in verdicts for need in _needs(plan, step))]


def _skip(plan: Plan, verdicts: dict[str, Verdict]) -> None:
    """Give the verdict on every notebook that can not run any more, those that need it included."""
    for step in plan.steps:  # a need stands before what needs it
        failed = [n for n in _needs(plan, step) if n in verdicts and not verdicts[n].succeeded]
        if failed and step.notebook not in verdicts:
            reason = f"not run: it needs {failed[0]}, which did not succeed"
            verdicts[step.notebook] = Verdict(step.notebook, reason, None, skipped=True)
