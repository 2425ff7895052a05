"""Does each notebook wait for those it needs, and does a failure stop these alone?"""

import threading
import time

import pytest

from workbench.parameters import ChurnParameters, ProfilingParameters
from workbench.runner.judge import Verdict
from workbench.runner.order import in_order
from workbench.runner.plan import Step


@pytest.fixture
def planned(plan, tmp_path):
    """A plan of 01 and of three that need it; nothing is executed."""

    def make(*names, jobs=1):
        steps = [
            Step(
                name,
                tmp_path / f"{name}.ipynb",
                ProfilingParameters() if name.startswith("01") else ChurnParameters(),
                {},
                tmp_path,
            )
            for name in names
        ]
        return plan(tmp_path, steps, "run", jobs=jobs)

    return make


def done(step, _):
    return Verdict(step.notebook, None, None)


NAMES = ("01_profiling", "02_segmentation", "03_churn", "04_feedback")


def test_the_first_is_done_before_the_others_begin_side_by_side(planned):
    together, begun = threading.Barrier(2, timeout=5), []

    def work(step, _):
        begun.append(step.notebook)
        if step.notebook in NAMES[1:3]:
            together.wait()  # both are at work at once, or this breaks
        return done(step, _)

    verdicts = in_order(planned(*NAMES, jobs=2), work, stop=lambda: None)
    assert [v.notebook for v in verdicts] == list(NAMES)
    assert begun[0] == "01_profiling"


def test_what_needs_a_failed_notebook_is_not_run(planned):
    ran = []

    def work(step, _):
        ran.append(step.notebook)
        return Verdict(step.notebook, "ValueError: x", None)

    verdicts = in_order(planned(*NAMES), work, stop=lambda: None)
    assert ran == ["01_profiling"]
    assert [v.skipped for v in verdicts] == [False, True, True, True]
    assert verdicts[2].reason == "not run: it needs 01_profiling, which did not succeed"


def test_the_others_go_on_when_one_of_them_fails(planned):
    def work(step, _):
        return Verdict(step.notebook, "ValueError: x" if step.notebook == "02_segmentation" else None, None)

    verdicts = in_order(planned(*NAMES), work, stop=lambda: None)
    assert [v.succeeded for v in verdicts] == [True, False, True, True]


def test_a_need_outside_the_plan_stops_nobody(planned):
    assert [v.succeeded for v in in_order(planned("03_churn"), done, stop=lambda: None)] == [True]


def test_an_interrupt_stops_what_runs_and_begins_nothing_more(planned):
    ran, stopped = [], threading.Event()

    def work(step, stopping):
        ran.append(step.notebook)
        if step.notebook == "02_segmentation":
            raise KeyboardInterrupt
        while step.notebook != "01_profiling" and not stopping.is_set():
            time.sleep(0.01)
        return done(step, stopping)

    with pytest.raises(KeyboardInterrupt):
        in_order(planned(*NAMES, jobs=2), work, stop=stopped.set)
    assert stopped.is_set()
    assert "04_feedback" not in ran
