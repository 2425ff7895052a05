"""Does a run that is asked to stop end at once, with one line, and leave nothing behind?"""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.run

MESSAGE = "interrupted: nothing of an unfinished run is left\n"
SECONDS_TO_A_MOMENT = 120.0
SECONDS_TO_END = 20.0  # twice what a scheduler waits before it kills: tests run side by side


def has_begun(archive: Path) -> bool:
    """Whether a notebook of the run is being executed."""
    notebooks = (archive / ".staging").glob("*/notebooks/*.ipynb")
    return any('"execution_count": 2' in path.read_text("utf-8") for path in notebooks)


def lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_asked_to_stop_takes_everything_with_it(
    console, quick, tmp_path, snapshot, number, code
):
    archive = tmp_path / "archive"
    process = console.start("run", quick, "--notebooks", "03,04", "--archive", archive)
    until = time.monotonic() + SECONDS_TO_A_MOMENT
    while not has_begun(archive) and time.monotonic() < until:
        time.sleep(0.01)
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    process.send_signal(number)  # somebody in a hurry
    out, err = process.communicate(timeout=SECONDS_TO_END)
    assert process.returncode == code
    assert err == f"03_churn: started\n{MESSAGE}"
    assert out == "as of 2026-10-31: the last complete month\n"
    assert len(below) >= 2  # papermill's process and the kernel
    assert not [child for child in below if lives(child)]
    assert snapshot(archive) == {}
    assert list((archive / ".staging").iterdir()) == []


def test_a_run_that_is_stopped_while_it_reads_has_written_nothing(console, quick, tmp_path):
    archive = tmp_path / "archive"
    process = console.start("run", quick, "--archive", archive)
    watched, until = psutil.Process(process.pid), time.monotonic() + SECONDS_TO_A_MOMENT
    while time.monotonic() < until and not any("duckdb" in m.path for m in watched.memory_maps()):
        time.sleep(0.01)
    process.terminate()
    out, err = process.communicate(timeout=SECONDS_TO_END)
    assert (process.returncode, out, err) == (143, "", MESSAGE)
    assert not archive.exists()


WHOLE = "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\nprint('loaded')\n"
DROPPED = """
import os, signal, time
class Gone:
    def __del__(self):  # what is raised in here is dropped
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(10): pass
def body():
    Gone()
    time.sleep(60)
    print('went on')
"""
TIDY = """
import os, signal, time
def body():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    finally:
        time.sleep(0.5)  # ten tries to stop the program would come in between
        print('tidied')
"""


@pytest.mark.parametrize(
    ("module", "call", "out"),
    [
        (WHOLE, "lambda: __import__('stopped_here')", "loaded\n"),
        (DROPPED, None, ""),
        (TIDY, None, "tidied\n"),
    ],
    ids=["a module is loaded whole", "a dropped exception comes again", "clearing up is not disturbed"],
)
def test_where_a_signal_comes_the_program_ends_in_order(module, call, out, tmp_path):
    (tmp_path / "stopped_here.py").write_text(module, encoding="utf-8")
    called = call or "__import__('stopped_here').body"
    text = f"import sys; sys.path.insert(0, '.'); from workbench import cli; cli.app = {called}; cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.returncode, done.stdout) == (143, out)
    assert done.stderr.endswith(MESSAGE)
