"""An archive in a folder of this machine, or of a disk it has mounted."""

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from workbench.errors import refusal
from workbench.store.contract import LOCKS, STAGING, Locked, pieces

# Files that are being written lie here: one folder to sweep, on the same disk, so that a rename is one step.
PARTS = ".parts"
ADDING = "adding"  # name of the lock of who adds a line


@dataclass(frozen=True)
class LocalStore:
    """A folder. What is written is on the disk before it is visible, and visible by one rename."""

    root: Path

    @property
    def local(self) -> Path:
        """The folder itself."""
        return self.root

    @property
    def staging(self) -> Path:
        """Folder in which runs are built: inside the archive, since a rename does not cross disks."""
        return self.root / STAGING

    @property
    def renames(self) -> bool:
        """True: a folder becomes visible by one rename."""
        return True

    def where(self, name: str = "") -> str:
        """The absolute path of `name`."""
        return str(self.root / name)

    def prepare(self) -> None:
        """Make the folder."""
        try:
            (self.root / LOCKS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            got = error.strerror or type(error).__name__
            rule = "a folder one can write to"
            raise refusal(str(self.root), "the archive", rule, got, "Choose another folder.") from None

    def is_there(self) -> bool:
        """Whether the folder exists."""
        return self.root.is_dir()

    def read(self, name: str) -> bytes:
        """The content of a file."""
        return (self.root / name).read_bytes()

    def read_many(self, names: Sequence[str]) -> dict[str, bytes]:
        """The contents of those files that are there."""
        found = {}
        for name in names:
            with suppress(OSError):
                found[name] = self.read(name)
        return found

    def bring(self, names: Iterable[str], *, anew: bool = False) -> None:
        """Nothing: the files are here."""

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file to read from."""
        return (self.root / name).open("rb")

    def write_whole(self, name: str, content: str | Iterable[bytes]) -> None:
        """Write beside, have it on the disk, rename."""
        part = self.root / PARTS / f"{uuid.uuid4().hex}.part"
        path = self.root / name
        for folder in (part.parent, path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            for piece in pieces(content):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        sync(path.parent)

    def append_line(self, name: str, line: str) -> None:
        """One write, by one writer at a time; after a line that a crash has cut short a new line begins."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # While another one writes, the last byte of the file may be the middle of a line.
        with self.lock(ADDING, wait=True), path.open("ab") as file:
            torn = b"\n" if _last_byte(path) not in (b"", b"\n") else b""
            file.write(torn + f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        sync(path.parent)

    def folders(self, name: str = "") -> list[str]:
        """The folders in a folder, but those that begin with a dot."""
        return self._children(name, files=False)

    def names(self, name: str = "") -> list[str]:
        """The files in a folder, but those that begin with a dot."""
        return self._children(name, files=True)

    def _children(self, name: str, *, files: bool) -> list[str]:
        try:
            with os.scandir(self.root / name) as found:
                return sorted(e.name for e in found if e.name[0] != "." and e.is_dir() != files)
        except (FileNotFoundError, NotADirectoryError):
            return []

    def files(self, name: str) -> dict[str, int]:
        """Every file below a folder with its size."""
        folder = self.root / name
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths}

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.root / name).is_file()

    def remove(self, name: str) -> None:
        """Remove a file."""
        with suppress(FileNotFoundError):
            os.unlink(self.root / name)

    def remove_folder(self, name: str) -> None:
        """Remove a folder with its content."""
        shutil.rmtree(self.root / name, ignore_errors=True)

    def publish(self, staging: Path, place: str) -> None:
        """One rename, after every file and every name is on the disk."""
        sync(*staging.rglob("*"), staging)
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        os.rename(staging, path)
        sync(path.parent)

    @contextmanager
    def lock(self, name: str, *, wait: bool) -> Iterator[None]:
        """A lock of the operating system: it is free as soon as its holder is gone, however that ended."""
        self.prepare()
        try:
            with FileLock(self.root / LOCKS / f"{name}.lock", timeout=-1 if wait else 0):
                yield
        except Timeout:
            raise Locked from None

    def sweep(self) -> None:
        """Remove what lies among the parts; only who holds the archive's lock may do so."""
        for part in (self.root / PARTS).glob("*"):
            part.unlink(missing_ok=True)


def sync(*paths: Path) -> None:
    """Have the operating system put files, or the names in a folder, onto the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _last_byte(path: Path) -> bytes:
    """The last byte of a file; nothing where there is none."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return b""
        file.seek(-1, os.SEEK_END)
        return file.read(1)
