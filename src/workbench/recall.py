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
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs

from workbench.code import code_digest

UNUSED_DAYS = 60  # after these a step is forgotten
SECONDS_PER_DAY = 86_400


def recall(
    step: str, basis: str | None, of: Mapping[str, Any], make: Callable[[], pd.DataFrame]
) -> pd.DataFrame:
    """What `make` gives, from the cache if it was there.

    The frame has passed through Parquet in either case, so that it is the same at the first time and later.

    Parameters
    ----------
    step : str
        Name of the step.
    basis : str or None
        Digest of the rows it is made from; None computes without the cache.
    of : mapping
        Everything else it depends on, as JSON can hold it.
    """
    key = hashlib.sha256(json.dumps([step, basis, of, code_digest()], sort_keys=True, default=str).encode())
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
