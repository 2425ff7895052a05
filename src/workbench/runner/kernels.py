"""Kernels that only their own process can reach: sockets in a private folder, and kernels made by a fork.

A kernel on TCP ports can be read by everybody on the machine who finds the ports; a socket file in a folder
with mode 0700 by its owner alone.
"""

import os
import secrets
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.connect import write_connection_file
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from workbench.runner.processes import die_with_parent, note

CHANNELS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class ForkedKernel:
    """A kernel that is a fork of this process, with as much of ``subprocess.Popen`` as Jupyter wants."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative where a signal ended the kernel; None while it lives."""
        return self._reap(os.WNOHANG)

    def wait(self) -> int | None:
        """The same, when it has ended."""
        return self._reap(0)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the kernel has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)

    def _reap(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


class ForkedProvisioner(LocalProvisioner):
    """Gives Jupyter the kernel that is there already, instead of starting one."""

    kernel: ForkedKernel

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Nothing to prepare."""
        return {"cmd": []}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """The kernel's connection, as its manager has read it from the file."""
        self.process = self.kernel  # type: ignore[assignment]
        self.pid = self.pgid = self.kernel.pid  # it leads a session of its own
        assert self.parent is not None
        return self.parent.get_connection_info()


def manager(kernel_name: str, connection: Path, sockets: Path) -> AsyncKernelManager:
    """The manager of a kernel yet to be started that talks through `sockets`."""
    made = AsyncKernelManager(kernel_name=kernel_name)
    made.connection_file = str(connection)
    if os.name == "posix":  # Windows has no such sockets: ports it is
        made.transport, made.ip = "ipc", str(sockets / "k")
    return made


def manager_of(kernel: ForkedKernel, kernel_name: str, connection: Path) -> AsyncKernelManager:
    """The manager of a kernel that was made by `fork`."""
    made = AsyncKernelManager(kernel_name=kernel_name)
    made.load_connection_file(str(connection))
    made.connection_file = str(connection)
    made.kernel_id = connection.stem
    provisioner = ForkedProvisioner(kernel_id=made.kernel_id, kernel_spec=made.kernel_spec, parent=made)
    provisioner.kernel = kernel
    made.provisioner = provisioner
    return made


def fork(connection: Path, sockets: Path, pids: Path, folder: Path) -> ForkedKernel:
    """Fork this process, which must not have threads yet, into a kernel that works in `folder`.

    What is imported here is imported there: the kernel is ready at once. Its process id is noted in `pids`.
    """
    ports: dict[str, Any] = {channel: number for number, channel in enumerate(CHANNELS, start=1)}
    key = secrets.token_hex(16).encode()
    write_connection_file(str(connection), ip=str(sockets / "k"), key=key, transport="ipc", **ports)
    supervisor = os.getpid()
    pid = os.fork()
    if pid:
        return ForkedKernel(pid)
    try:
        die_with_parent()
        os.setsid()
        note(pids)
        os.chdir(folder)
        _be_kernel(connection, supervisor)
    finally:
        os._exit(1)


def _be_kernel(connection: Path, parent: int) -> None:
    """What ``python -m ipykernel_launcher -f connection`` does, in a process with its imports behind it."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Every fork would else draw the same numbers as its sisters where a notebook gives no seed.
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    arguments = ["-f", str(connection), "--HistoryManager.hist_file=:memory:"]
    sys.argv = ["ipykernel_launcher", *arguments]
    from ipykernel import kernelapp

    kernelapp.launch_new_instance(argv=arguments, parent_handle=parent)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
