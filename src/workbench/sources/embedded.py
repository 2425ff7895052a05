"""DuckDB within the process: its memory, and the private folder for what does not fit there."""

import ctypes
import os
import platform
import secrets
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import ibis
import psutil
import pyarrow as pa

from workbench.sources.engine_errors import MEMORY_VARIABLE, refused

# Of DuckDB; Python's part of ten million order lines takes as much again.
MEMORY_MB = 512
SPILLED = f"spilled-{platform.node()}-"  # and the process: another machine may share the folder


def scratch() -> Any:
    """An empty DuckDB in memory. It spills into a folder of its own and downloads no extension.

    It holds at most what the environment variable WORKBENCH_MEMORY says (``4GB``), else MEMORY_MB.
    """
    # Without a folder named, the engine would spill what memory can not hold into the working folder.
    folder = _private_folder() / f"{SPILLED}{os.getpid()}"
    limit = os.environ.get(MEMORY_VARIABLE) or f"{MEMORY_MB}MB"
    with refused(MEMORY_VARIABLE, "the value", "a size such as 4GB", "Correct the variable."):
        con = ibis.duckdb.connect(temp_directory=str(folder), memory_limit=limit)
    con.raw_sql("SET autoinstall_known_extensions = false")
    con.raw_sql("ATTACH ':memory:' AS kept (COMPRESS)")
    con.raw_sql("USE kept")
    return con


def keep_on_disk(con: Any) -> None:
    """From here on the connection keeps its tables in a private file, compressed as they are written."""
    path = _private_folder() / f"{SPILLED}{os.getpid()}.{secrets.token_hex(4)}"
    quoted = str(path).replace("'", "''")
    con.raw_sql(f"ATTACH '{quoted}' AS kept_on_disk (RECOVERY_MODE no_wal_writes)")
    con.raw_sql("USE kept_on_disk")
    with suppress(PermissionError):  # of Windows, where the next process removes it
        path.unlink()  # the open file stays until the process ends, however it ends


def give_back() -> None:
    """Hand freed memory back to the system, after a step that has held much.

    Arrow and the C library keep what the engine's threads have freed: of ten million order lines 400 MB.
    """
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:  # glibc's own; others give back by themselves
        trim(0)


def _private_folder() -> Path:
    """Where what does not fit into memory is written: nobody else may read customers' rows there.

    What a process that was killed has left there is removed.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0  # as on Windows, where each user has a TMP
    folder = Path(tempfile.gettempdir()) / f"workbench-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or stat.S_IMODE(found.st_mode) & 0o077:
        return Path(tempfile.mkdtemp(prefix="workbench-"))
    for left in folder.glob(f"{SPILLED}*"):
        process = left.name.removeprefix(SPILLED).partition(".")[0]
        if not process.isdigit() or psutil.pid_exists(int(process)):
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
    return folder
