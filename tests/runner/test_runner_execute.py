"""Does every way in which a notebook can end come out right, in processes that were forked or started anew?

The rows of papermill's failure matrix, on notebooks so small that a kernel is the only thing that takes time.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from workbench.runner import Step
from workbench.runner.execute import Execution, execute
from workbench.runner.judge import Verdict, judge
from workbench.runner.limits import Limits
from workbench.runner.processes import processes_of
from workbench.runner.warm import Warm

pytestmark = pytest.mark.run

KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
# PyDLL keeps the interpreter's lock during the call: the kernel can answer nobody.
HOLDS_THE_LOCK = "import ctypes\nctypes.PyDLL(None).sleep(600)"
TIGHT = Limits(cell_seconds=1.5, notebook_seconds=60.0)
FAILURES: dict[str, tuple[str, str]] = {
    "raises": ("raise ValueError('no dates')", "ValueError: no dates"),
    "fails_in_a_shell": ("%%bash\nexit 4", "CalledProcessError: Command .* returned non-zero exit status 4."),
    "exits_with_3": ("import sys\nsys.exit(3)", "SystemExit: 3"),
    "exits_with_0": ("import sys\nsys.exit(0)", "SystemExit: 0"),
    "is_killed": (
        KILLED,
        r"DeadKernelError: the kernel was killed \(SIGKILL\), probably out of memory, in cell 3 of 4; "
        r"it held [\d,]+ MiB at most",
    ),
    "ends_itself": (
        "import os\nos._exit(7)",
        r"DeadKernelError: the kernel ended itself with exit code 7 in cell 3 of 4; "
        r"it held [\d,]+ MiB at most",
    ),
    "sleeps": ("import time\ntime.sleep(600)", "CellTimeoutError: cell 3 of 4 did not end within 2 s"),
    "holds_the_lock": (HOLDS_THE_LOCK, "CellTimeoutError: cell 3 of 4 did not end within 2 s"),
}


@dataclass(frozen=True)
class Room:
    """A staging folder, and where processes come from."""

    staging: Path
    warm: Warm | None
    told: list[tuple[str, Mapping[str, Any]]]

    def execute(self, step: Step, **options: Any) -> tuple[Execution, Verdict]:
        """Execute and judge one notebook."""
        given = {"threads": 1, "tell": lambda *told: self.told.append(told), "warm": self.warm}
        execution = execute(step, self.staging, **given, **options)
        mark = self.staging / "results" / f"{step.notebook}.json"
        return execution, judge(step.notebook, execution, mark)

    @property
    def log(self) -> str:
        """The log of the run."""
        return (self.staging / "run.log").read_text("utf-8")


def make_room(staging: Path, warm: Warm | None) -> Room:
    for part in ("notebooks", "results", "tables"):
        (staging / part).mkdir(parents=True)
    return Room(staging, warm, [])


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    made = Warm.start(threads=1)
    if made is None:
        pytest.skip("this system cannot fork")
    with made:
        yield made


@pytest.fixture
def room(tmp_path: Path, warm: Warm) -> Room:
    """Where notebooks are forked."""
    return make_room(tmp_path / "archive" / ".staging" / "20261101T060000Z-aaaaaa", warm)


@pytest.fixture(params=["forked", "spawned"])
def either(request: pytest.FixtureRequest, tmp_path: Path, warm: Warm) -> Room:
    """Where notebooks are forked, and where they are started anew."""
    return make_room(tmp_path / "staging", warm if request.param == "forked" else None)


def text_of(execution: Execution) -> str:
    """All text that the cells of an executed notebook show."""
    cells = nbformat.read(execution.output, as_version=4).cells
    return "".join(o.get("text", "") for c in cells if c.cell_type == "code" for o in c.outputs)


@pytest.mark.parametrize("name", FAILURES)
def test_a_notebook_that_fails_is_told_by_its_reason_and_leaves_no_process(
    either: Room, tmp_path: Path, step: Callable[..., Step], hand_over: str, name: str
):
    source, reason = FAILURES[name]
    execution, verdict = either.execute(step(tmp_path, name, source, hand_over), limits=TIGHT)
    assert verdict.reason is not None
    assert re.fullmatch(reason, verdict.reason)
    assert execution.exit_code == 1
    assert processes_of(either.staging) == []
    error = verdict.node.cells[2].outputs[-1]  # so that the page of the notebook ends with it
    assert error.output_type == "error"
    assert not (either.staging / "results" / f"{name}.json").exists()


def test_a_kernel_killed_in_the_last_cell_after_handing_on_is_a_failure(
    room: Room, tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    _, verdict = room.execute(step(tmp_path, "killed_last", hand_over, KILLED))
    assert (room.staging / "results" / "killed_last.json").is_file()
    assert verdict.reason.startswith("DeadKernelError: the kernel was killed (SIGKILL)")
    assert "in cell 4 of 4" in verdict.reason


def test_a_cell_that_announces_its_error_fails_all_the_same(
    room: Room, tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    made = step(tmp_path, "announced", "1 / 0", hand_over)
    node = nbformat.read(made.path, as_version=4)
    node.cells[1].metadata["tags"] = ["raises-exception"]
    nbformat.write(node, made.path)
    _, verdict = room.execute(made)
    assert verdict.reason == "ZeroDivisionError: division by zero"


def test_the_deadline_of_the_whole_notebook_holds_over_many_short_cells(
    room: Room, tmp_path: Path, step: Callable[..., Step]
):
    many = ["import time\ntime.sleep(1)"] * 9
    begin = time.monotonic()
    _, verdict = room.execute(step(tmp_path, "slow", *many), limits=Limits(notebook_seconds=4.0))
    told = r"NotebookTimeoutError: the notebook did not end within 4 s; cell \d of 11 was at work"
    assert re.fullmatch(told, verdict.reason)
    assert time.monotonic() - begin < 15.0


def test_a_process_that_misses_its_own_deadline_is_ended_from_outside(
    room: Room, tmp_path: Path, step: Callable[..., Step], monkeypatch: pytest.MonkeyPatch
):
    # By name: the package has a function of the name of a module.
    monkeypatch.setattr("workbench.runner.execute.LATE_SECONDS", -57.0)
    execution, verdict = room.execute(step(tmp_path, "endless", HOLDS_THE_LOCK), limits=Limits(60.0, 60.0))
    assert execution.timed_out
    assert verdict.reason.startswith("the notebook did not end before its deadline")
    assert processes_of(room.staging) == []


def test_what_a_kernel_has_started_ends_with_it_even_in_a_session_of_its_own(
    either: Room, tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    sleeper = (
        "import os, pathlib, subprocess\n"
        "shell = subprocess.Popen(['sh', '-c', 'sleep 600 & echo $! > pid'], start_new_session=True)\n"
        "shell.wait()\n"  # nobody's child now
        "if os.fork() == 0:\n"
        "    os.setsid(); pathlib.Path('forked').write_text(str(os.getpid()))\n"
        "    import time; time.sleep(600)"
    )
    _, verdict = either.execute(step(tmp_path, "parent", sleeper, hand_over))
    assert verdict.reason is None
    pids = [int((tmp_path / name).read_text()) for name in ("pid", "forked")]
    assert [pid for pid in pids if lives(pid)] == []


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_connection_and_sockets_are_private_and_gone_at_the_end(
    either: Room, tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    look = (
        "import json, os, pathlib\n"
        "from ipykernel.connect import get_connection_file\n"
        "file = pathlib.Path(get_connection_file())\n"
        "info = json.loads(file.read_text())\n"
        "mode = lambda path: oct(os.stat(path).st_mode & 0o777)\n"
        "print(info['transport'], mode(file.parent), mode(os.path.dirname(info['ip'])), info['ip'])"
    )
    execution, verdict = either.execute(step(tmp_path, "looks", look, hand_over))
    assert verdict.reason is None
    transport, around, sockets, place = text_of(execution).split()
    assert (transport, around, sockets) == ("ipc", "0o700", "0o700")
    assert not Path(place).parent.exists()
    assert not list((either.staging / ".scratch").glob("*.json"))


def test_standard_error_goes_to_the_log_and_is_counted(
    room: Room, tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    complain = (
        "import sys, warnings\nprint('one')\nprint('two\\n  more of two', file=sys.stderr)\nprint('three')"
    )
    execution, verdict = room.execute(step(tmp_path, "complains", complain, hand_over))
    assert verdict.reason is None
    assert text_of(execution) == "one\nthree\n"
    assert verdict.node.cells[2].metadata["workbench"] == {"warnings": 1}
    assert "two\n  more of two\n" in room.log


def test_too_much_text_is_cut_with_a_notice_and_stands_in_the_log(
    room: Room, tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    talk = "for line in range(1000):\n    print(f'line {line:4}')"
    execution, verdict = room.execute(
        step(tmp_path, "talks", talk, hand_over), limits=Limits(output_characters=1_000)
    )
    assert verdict.reason is None
    assert text_of(execution) == "".join(f"line {line:4}\n" for line in range(100))
    notice = verdict.node.cells[2].outputs[-1].data["text/plain"]
    assert notice == "The output of this cell was cut after 1,000 characters; the run's log holds all of it."
    assert "".join(f"line {line:4}\n" for line in range(1000)) in room.log


def test_a_process_tells_where_it_stands_and_what_it_took(
    room: Room, tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    made = step(tmp_path, "staged", "block = bytearray(b'1') * 300_000_000", hand_over)
    node = nbformat.read(made.path, as_version=4)
    for language, title in (("en", "How many?"), ("zh", "多少？")):
        heading = nbformat.v4.new_markdown_cell(
            f"## {title}\n\nText.", metadata={"tags": [f"lang-{language}"]}
        )
        node.cells.insert(1, heading)
    nbformat.write(node, made.path)
    execution, verdict = room.execute(made)
    assert verdict.reason is None
    seen = [(told["index"], told["of"], told["stage"]) for _, told in room.told]
    assert seen == [(0, 6, ""), (1, 6, ""), (4, 6, "How many?"), (5, 6, "How many?")]
    assert execution.peak_mib > 300_000_000 / 2**20
    assert 0 < execution.seconds < 60


def test_a_notebook_is_said_in_another_language_without_being_computed_again(
    room: Room, tmp_path: Path, step: Callable[..., Step]
):
    made = step(
        tmp_path,
        "spoken",
        "from workbench import results, show\nfrom workbench.language import say\ncomputed = []",
        "computed.append(1)",
        "print(len(computed), say('show.level_pass'))",
        "import datetime\n"
        "print(say('show.level_fail'))\n"
        "results.save(results.Results('spoken', datetime.date(2026, 10, 31)), {})",
    )
    execution, verdict = room.execute(made, languages=["en", "zh"])
    assert verdict.reason is None
    said = {"en": text_of(execution)}
    assert execution.translations.keys() == {"zh"}
    again = verdict.translations["zh"]
    said["zh"] = "".join(o.text for c in again.cells if c.cell_type == "code" for o in c.outputs)
    assert said == {"en": "1 passed\nnot passed\n", "zh": "1 通过\n未通过\n"}
    assert [c.source for c in again.cells] == [c.source for c in verdict.node.cells]
    counts = [[c.execution_count for c in node.cells] for node in (verdict.node, again)]
    assert counts[0] == counts[1]
    assert [told["index"] for _, told in room.told if told.get("language") == "zh"] == [4, 5]


def test_a_failure_in_the_other_language_is_a_failure(
    room: Room, tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    fragile = (
        "from workbench.language import current\nprint(current().language)\nassert current().language == 'en'"
    )
    execution, verdict = room.execute(step(tmp_path, "fragile", hand_over, fragile), languages=["zh"])
    assert execution.exit_code == 1
    assert verdict.reason == "in zh: AssertionError: "


def test_forked_and_spawned_processes_leave_the_same_bytes(
    warm: Warm, tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    draw = (
        "import seaborn, pandas\nfrom workbench import show, theme\n"
        "ax = theme.new_axes(None)\nseaborn.lineplot(x=[1, 2, 3], y=[1, 4, 9], ax=ax)\n"
        "print(theme.to_svg(ax))\nprint(hash('text'))"
    )
    left = []
    for number, source in enumerate((warm, None)):
        execution, verdict = make_room(tmp_path / str(number), source).execute(
            step(tmp_path, "draws", draw, hand_over)
        )
        assert verdict.reason is None
        left.append(execution.output.read_bytes())
    assert left[0] == left[1]


def test_without_its_warm_process_a_notebook_starts_anew(
    tmp_path: Path, step: Callable[..., Step], hand_over: str
):
    made = Warm.start(threads=1)
    if made is None:
        pytest.skip("this system cannot fork")
    made.close()
    _, verdict = make_room(tmp_path / "staging", made).execute(step(tmp_path, "anew", hand_over))
    assert verdict.reason is None


def test_forks_can_be_forbidden(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKBENCH_WARM", "0")
    assert Warm.start(threads=1) is None
    assert os.environ["WORKBENCH_WARM"] == "0"
