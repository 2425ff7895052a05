"""The warm process: imports once what every notebook imports, then forks itself for each notebook.

Starting Python, papermill, a kernel and the libraries takes longer than most notebooks; a fork takes
milliseconds. Nothing here starts a thread or an event loop, which a fork would tear in two.
"""

import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from workbench.runner.one_notebook import forked
from workbench.runner.processes import adopt_orphans, die_with_parent, end_below

# By their names: the runner knows topics only inside a kernel, and this is where kernels come from.
COMMON = (
    *("papermill", "nbclient", "ipykernel.kernelapp", "workbench.runner.engine", "workbench.runner.client"),
    *("numpy", "pandas", "pyarrow.parquet", "duckdb", "ibis", "ibis.backends.duckdb", "scipy.stats"),
    *("matplotlib.figure", "matplotlib_inline", "seaborn"),
    *("workbench.parameters", "workbench.results", "workbench.show", "workbench.sources"),
)
LEARNING = ("sklearn.ensemble", "sklearn.linear_model")
OWN = {
    "01_profiling": ("workbench.profiling", "workbench.profiling.figures", "workbench.profiling.tables"),
    "02_segmentation": (
        *LEARNING,
        "workbench.segmentation",
    ),
    "03_churn": (
        *(*LEARNING, "lightgbm", "shap", "workbench.churn", "workbench.churn.figures"),
        *("workbench.churn.narrative", "workbench.churn.tables"),
    ),
    "04_feedback": (
        *(*LEARNING, "workbench.feedback", "workbench.feedback.figures", "workbench.feedback.summary"),
        "workbench.feedback.tables",
    ),
}
# What a request brings: the notebook's standard input, output and error, and where its end is told.
DESCRIPTORS = 4


def serve(descriptor: int, notebooks: Sequence[str]) -> None:
    """Answer requests on a socket until its other end is closed; then end everything below.

    Only what `notebooks` need is imported beforehand; another one would import the rest itself.
    """
    channel = socket.socket(fileno=descriptor)
    supervisor = os.getppid()
    for name in dict.fromkeys([*COMMON, *(own for each in notebooks for own in OWN.get(each, ()))]):
        with suppress(Exception):  # the notebook that needs it will say so
            importlib.import_module(name)
        if os.getppid() != supervisor:
            return
    adopt_orphans()
    gc.collect()
    gc.freeze()  # what is here is never garbage: a fork need not look at it, and so shares it
    _answer(channel)
    end_below()


def _answer(channel: socket.socket) -> None:
    woken, wakes = socket.socketpair()
    for end in (woken, wakes):
        end.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    watched: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(channel, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                woken.recv(4096)
                _tell_ends(watched)
            if channel in ready:
                asked, given, _, _ = socket.recv_fds(channel, 1, DESCRIPTORS)
                if not asked:
                    return
                _begin(given, watched, (channel, woken, wakes))


def _begin(given: list[int], watched: dict[int, int], own: tuple[socket.socket, ...]) -> None:
    """Fork; here remember whom to tell of the end."""
    *streams, status = given
    pid = os.fork()
    if pid == 0:
        _be_notebook(streams, [status, *watched.values()], own)
    for stream in streams:
        os.close(stream)
    watched[pid] = status
    _write(status, pid)


def _be_notebook(streams: list[int], others: list[int], own: tuple[socket.socket, ...]) -> None:
    code = 1
    try:
        die_with_parent()
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        for other in others:
            os.close(other)
        for end in own:
            end.close()
        forked()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _tell_ends(watched: dict[int, int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in watched:  # others are orphans that came here
            told = watched.pop(pid)
            _write(told, os.waitstatus_to_exitcode(status))
            os.close(told)


def _write(status: int, number: int) -> None:
    with suppress(BrokenPipeError):  # nobody wants to know any more
        os.write(status, f"{number}\n".encode())
