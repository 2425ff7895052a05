"""Heavy steps kept as data: what the same code has made of the same rows before is read, not computed again.

A run that fails after its heavy steps comes back to where it was in seconds, and so does an analyst who runs
her notebook again. Nothing of a kernel's state is kept, only frames, in the user's cache folder.
"""

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
from packaging.requirements import Requirement

from workbench.code import code_digest

UNUSED_DAYS = 60  # after these a step is forgotten
SECONDS_PER_DAY = 86_400


def recall(
    step: str, basis: str | None, of: Mapping[str, Any], make: Callable[[], pd.DataFrame]
) -> pd.DataFrame:
    """What `make` gives, from the cache if it was there.

    The frame has passed through Parquet in either case, so that it is the same at the first time and later.
    Its index is not kept.

    Parameters
    ----------
    step : str
        Name of the step.
    basis : str or None
        Digest of the rows it is made from (see `rows_digest`); None computes without the cache.
    of : mapping
        Everything else it depends on, as JSON can hold it, but for the code and the libraries.
    """
    whole_key = [step, basis, of, code_digest(), libraries()]
    key = hashlib.sha256(json.dumps(whole_key, sort_keys=True, default=str).encode())
    path = folder() / f"{key.hexdigest()}.parquet"
    if basis is not None:
        with suppress(OSError, ValueError):  # not there, or damaged: made again
            found = pd.read_parquet(path)
            os.utime(path)
            return found
    whole = io.BytesIO()
    make().to_parquet(whole, index=False)
    if basis is not None:
        with suppress(OSError):  # a full disk costs time, not the run
            _write(path, whole.getvalue())
    return pd.read_parquet(io.BytesIO(whole.getvalue()))


def rows_digest(*frames: pd.DataFrame) -> str:
    """Tells the rows of these frames from any others, to be the basis of a step that is made from them.

    Values, their order, and the names and types of the columns count; the index does not.
    """
    whole = hashlib.sha256()
    for frame in frames:
        columns = [[str(name), str(kind)] for name, kind in frame.dtypes.items()]
        whole.update(json.dumps([len(frame), columns]).encode())
        for _, column in frame.items():
            whole.update(pd.util.hash_pandas_object(column, index=False).to_numpy().tobytes())
    return whole.hexdigest()


@cache
def libraries() -> tuple[str, ...]:
    """The installed versions of the packages that the workbench asks for: another one may fit otherwise."""
    found = set()
    with suppress(PackageNotFoundError):  # run from a folder that was not installed
        for name in {Requirement(text).name for text in requires("workbench") or ()}:
            with suppress(PackageNotFoundError):  # an extra that is not there
                found.add(f"{name} {version(name)}")
    return tuple(sorted(found))


def folder() -> Path:
    """Where steps are kept; it holds rows of customers, under pseudonyms, and is nobody else's to read."""
    return platformdirs.user_cache_path("workbench") / "steps"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)
    oldest = path.stat().st_mtime - UNUSED_DAYS * SECONDS_PER_DAY
    for other in path.parent.iterdir():
        with suppress(OSError):  # another run may have removed it
            if other.stat().st_mtime < oldest:
                other.unlink()
