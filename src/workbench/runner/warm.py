"""The supervisor's end of the warm process, and what a notebook's process looks like from here."""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

# Started by its path: as a module of this package it would import the whole runner first, for two seconds.
CHILD = Path(__file__).with_name("child.py")
OFF_VARIABLE = "WORKBENCH_WARM"
UP_SECONDS = 120.0  # many times what the imports take; who is not up by then never will be
END_SECONDS = 5.0


def thread_caps(threads: int) -> dict[str, str]:
    """The environment that keeps the numerical libraries to `threads` threads."""
    return dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))


def base_environment(threads: int) -> dict[str, str]:
    """What every notebook process finds in its environment from its very start."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | thread_caps(threads) | {"PYTHONHASHSEED": "0"}


class Forked:
    """The process of one notebook, a fork of the warm process."""

    def __init__(self, stdin: IO[str], stdout: IO[str], status: IO[str], pid: int) -> None:
        self.stdin, self.stdout, self.pid = stdin, stdout, pid
        self._status, self._code = status, -int(signal.SIGKILL)

    def wait(self) -> int:
        """The exit code when it has ended; as if killed where the warm process is gone and cannot tell."""
        if not self._status.closed:
            with self._status:
                self._code = int(self._status.readline() or self._code)
        return self._code

    def close(self) -> None:
        """Let go of its pipes."""
        for stream in (self.stdin, self.stdout):
            with suppress(OSError):
                stream.close()


class Spawned:
    """The process of one notebook, started anew."""

    def __init__(self, environment: Mapping[str, str], log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=dict(environment),
            start_new_session=True,  # a signal from the terminal reaches the supervisor, which ends the tree
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.stdin, self.stdout, self.pid = self._process.stdin, self._process.stdout, self._process.pid

    def wait(self) -> int:
        """The exit code when it has ended."""
        return self._process.wait()

    def close(self) -> None:
        """Let go of its pipes."""
        for stream in (self.stdin, self.stdout):
            with suppress(OSError):
                stream.close()


class Warm:
    """A process that has imported everything and gives each notebook a fork of itself; a context manager."""

    def __init__(self, process: "subprocess.Popen[bytes]", channel: socket.socket) -> None:
        self._process, self._channel, self._lock = process, channel, threading.Lock()
        self._asked = False

    @classmethod
    def start(cls, *, threads: int, notebooks: Sequence[str] = ()) -> "Warm | None":
        """Start it and return at once; None where the system cannot fork or the user wants no forks.

        Parameters
        ----------
        notebooks : sequence of str
            Those whose libraries are imported beforehand.
        threads : int
            Threads that the numerical libraries may use in every notebook.
        """
        if not hasattr(os, "fork") or sys.platform == "darwin" or os.environ.get(OFF_VARIABLE) == "0":
            return None  # macOS has fork, but its own libraries do not survive it
        ours, theirs = socket.socketpair()
        # Before matplotlib is imported the kernel would set this itself.
        backend = {"MPLBACKEND": os.environ.get("MPLBACKEND", "module://matplotlib_inline.backend_inline")}
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", str(CHILD), "--warm", str(theirs.fileno()), *notebooks],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=base_environment(threads) | backend,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        return cls(process, ours)

    def fork(self, log: IO[bytes]) -> Forked | None:
        """A process for one notebook; None if there is no warm process to give one."""
        (input_end, stdin), (stdout, output_end), (status, status_end) = os.pipe(), os.pipe(), os.pipe()
        try:
            with self._lock:
                self._asked = True
                socket.send_fds(self._channel, [b"n"], [input_end, output_end, log.fileno(), status_end])
        except OSError:
            for end in (stdin, stdout, status):
                os.close(end)
            return None
        finally:
            for end in (input_end, output_end, status_end):
                os.close(end)
        told = os.fdopen(status, "r", encoding="utf-8")
        pid = told.readline().strip() if select.select([told], [], [], UP_SECONDS)[0] else ""
        process = Forked(
            os.fdopen(stdin, "w", encoding="utf-8"),
            os.fdopen(stdout, "r", encoding="utf-8"),
            told,
            int(pid or 0),
        )
        if not pid:
            process.close()
            told.close()
            return None
        return process

    def close(self) -> None:
        """End it, and everything below it; in the midst of its imports if nothing has been asked of it."""
        self._channel.close()
        until = time.monotonic() + (END_SECONDS if self._asked else 0.0)
        while self._process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> "Warm":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
