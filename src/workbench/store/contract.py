"""What an archive asks of the place it lies in. Names are relative to the archive, with slashes."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

STAGING, LOCKS = ".staging", ".locks"
MANIFEST = "manifest.json"


class Locked(Exception):  # noqa: N818  a state, not a fault
    """Somebody else holds the lock; the message says who, where that is known."""


class Store(Protocol):
    """A place for an archive.

    Attributes
    ----------
    local : Path
        Folder on this machine in which the archive lies, or copies of those of its files that a run needs.
    staging : Path
        Folder on this machine in which runs are built.
    renames : bool
        Whether a whole folder becomes visible by one rename. Where it does not, the manifest is written last,
        and a run without one counts as not there.
    """

    @property
    def local(self) -> Path: ...

    @property
    def staging(self) -> Path: ...

    @property
    def renames(self) -> bool: ...

    def where(self, name: str = "") -> str:
        """The path or URL of `name`, as a user would type it."""

    def prepare(self) -> None:
        """Make the archive's folder; a WorkbenchError with exit code 2 if it can not be written to."""

    def is_there(self) -> bool:
        """Whether anything has been archived here."""

    def read(self, name: str) -> bytes:
        """The content of a file; FileNotFoundError if there is none."""

    def read_many(self, names: Sequence[str]) -> dict[str, bytes]:
        """The contents of those of the files that are there."""

    def bring(self, names: Iterable[str], *, anew: bool = False) -> None:
        """Have copies of the files under `local`: of those not there yet, or of all of them `anew`."""

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file to read from, piece by piece."""

    def write_whole(self, name: str, content: str | Iterable[bytes]) -> None:
        """Write a file so that a reader, or a crash, sees the old content or the new, never a part."""

    def append_line(self, name: str, line: str) -> None:
        """Add a line to a file, whole or not at all, whoever else is adding one."""

    def folders(self, name: str = "") -> list[str]:
        """The names of the folders in a folder, sorted, without those that begin with a dot."""

    def names(self, name: str = "") -> list[str]:
        """The names of the files in a folder, sorted, without those that begin with a dot."""

    def files(self, name: str) -> dict[str, int]:
        """Every file below a folder, by its name relative to that folder, with its size in bytes."""

    def exists(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens if there is none."""

    def remove_folder(self, name: str) -> None:
        """Remove a folder with everything in it."""

    def publish(self, staging: Path, place: str) -> None:
        """Make the run built in `staging` visible at `place`, as a whole."""

    def lock(self, name: str, *, wait: bool) -> AbstractContextManager[None]:
        """Held within; Locked is raised where another holds it and `wait` is false."""

    def sweep(self) -> None:
        """Remove half-written files that a killed process has left."""


def pieces(content: str | Iterable[bytes]) -> Iterator[bytes]:
    """`content` as it is written, piece by piece."""
    if isinstance(content, str):
        yield content.encode("utf-8")
    else:
        yield from content
