"""Where an archive lies: a folder of this machine, or any place that fsspec has a URL for."""

import re
from pathlib import Path

from workbench.store.contract import LOCKS, MANIFEST, STAGING, Locked, Store
from workbench.store.local import LocalStore
from workbench.store.remote import RemoteStore

# A path with a URL in it has lost one of the two slashes; one letter and a colon are a drive of Windows.
_URL = re.compile(r"([a-z][a-z0-9+.-]+):/+(.+)")

__all__ = ["LOCKS", "MANIFEST", "STAGING", "LocalStore", "Locked", "RemoteStore", "Store", "open_store"]


def open_store(place: "str | Path | Store") -> Store:
    """The store of an archive, given by its folder or its URL; a store is returned as it is.

    Raises
    ------
    WorkbenchError
        When it is first used, if the URL is of a kind that is not known here.
    """
    if not isinstance(place, str | Path):
        return place
    url = _URL.fullmatch(str(place))
    if url and url[1] == "file":
        place = f"/{url[2]}"
    elif url:
        return RemoteStore(f"{url[1]}://{url[2]}")
    return LocalStore(Path(place).expanduser().resolve())
