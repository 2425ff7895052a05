"""An archive behind a URL that fsspec knows, such as ``s3://bucket/reports``.

Single files are written by one request and are whole or not there. A folder can not be renamed: a run's
manifest is written last, and a run without one is not there. A lock is an object with a lease: a holder that
stands still for longer than the lease loses it, which a lock of an operating system would not let happen.
"""

import hashlib
import json
import os
import platform
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

import platformdirs
import psutil

from workbench.errors import refusal
from workbench.store.contract import LOCKS, MANIFEST, STAGING, Locked, pieces

LEASE_SECONDS = 120.0
POLL_SECONDS = 0.5
ATTEMPTS = 20  # of a change that others make at the same time
LARGEST_PIECE = 1 << 23


class RemoteStore:
    """A folder behind a URL. Staging lies in this user's cache folder, one folder for each archive."""

    renames = False

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    @property
    def shown(self) -> str:
        """The URL without a user or a password that it may hold."""
        scheme, mark, rest = self.url.partition("://")
        place, slash, path = rest.partition("/")
        return f"{scheme}{mark}{place.rpartition('@')[2]}{slash}{path}"

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        import fsspec

        try:
            # Listings are never taken from memory: another machine may have published meanwhile.
            files, path = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
        except ImportError as error:
            got = str(error).rstrip(".")
            raise refusal(self.shown, "the archive", "of a kind this machine knows", got, "") from None
        except ValueError:
            hint = "Give a folder, or a URL such as s3://bucket/reports."
            scheme = f"'{self.shown.partition('://')[0]}://'"
            raise refusal(self.shown, "the archive", "a URL that fsspec knows", scheme, hint) from None
        return files, str(path).rstrip("/")

    @property
    def _files(self) -> Any:
        return self._opened[0]

    def _path(self, name: str) -> str:
        return f"{self._opened[1]}/{name}".rstrip("/")

    @property
    def staging(self) -> Path:
        """Folder of this machine in which runs are built."""
        return self.local / STAGING

    @property
    def local(self) -> Path:
        """Folder of this machine with copies of what runs need of the archive; it may be deleted any time."""
        digest = hashlib.sha256(self.url.encode()).hexdigest()[:16]
        return platformdirs.user_cache_path("workbench") / "archives" / digest

    def where(self, name: str = "") -> str:
        """The URL of `name`."""
        return f"{self.shown}/{name}".rstrip("/")

    def prepare(self) -> None:
        """See whether the store answers and lets us write."""
        files, probe = self._files, self._path(f"{LOCKS}/probe-{uuid.uuid4().hex}")
        try:
            files.pipe_file(probe, b"")
            files.rm_file(probe)
        except Exception as error:  # each kind of store has its own
            got = type(error).__name__
            rule = "a place one can write to"
            hint = "Check that it exists, the credentials, and AWS_ENDPOINT_URL for a store of your own."
            raise refusal(self.shown, "the archive", rule, got, hint) from None

    def is_there(self) -> bool:
        """Whether anything lies under the URL."""
        files = self._files
        try:
            return bool(files.ls(self._path(""), detail=False))
        except FileNotFoundError:
            return False
        except Exception as error:
            got = type(error).__name__
            raise refusal(self.shown, "the archive", "a place one can read", got, "Check the URL.") from None

    def read(self, name: str) -> bytes:
        """The content of a file."""
        return cast(bytes, self._files.cat_file(self._path(name)))

    def read_many(self, names: Sequence[str]) -> dict[str, bytes]:
        """The contents of those files that are there, asked for at the same time."""
        paths = {self._path(name): name for name in names}
        if not paths:
            return {}
        found = self._files.cat(list(paths), on_error="omit")
        found = found if isinstance(found, dict) else {next(iter(paths)): found}
        return {paths[path]: content for path, content in found.items() if path in paths}

    def bring(self, names: Iterable[str], *, anew: bool = False) -> None:
        """Copy the files that are there; with `anew` a copy of one that is gone is removed."""
        wanted = [name for name in names if anew or not (self.local / name).is_file()]
        found = self.read_many(wanted)
        for name in wanted:
            path = self.local / name
            if name in found:
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
                part.write_bytes(found[name])
                part.replace(path)
            elif anew:
                path.unlink(missing_ok=True)

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file to read from."""
        return cast(AbstractContextManager[BinaryIO], self._files.open(self._path(name), "rb"))

    def write_whole(self, name: str, content: str | Iterable[bytes]) -> None:
        """One request, or for a large file one upload in parts that is seen when it is complete."""
        with self._files.open(self._path(name), "wb", block_size=LARGEST_PIECE) as file:
            for piece in pieces(content):
                file.write(piece)

    def append_line(self, name: str, line: str) -> None:
        """Read, add, and write on the condition that nobody has written in between."""
        for _ in range(ATTEMPTS):
            before, tag = self._tagged(name)
            torn = b"\n" if before and not before.endswith(b"\n") else b""
            if self._put_if(name, (before or b"") + torn + f"{line}\n".encode(), tag):
                return
        raise Locked(f"{name} is being written by others all the time")

    def folders(self, name: str = "") -> list[str]:
        """The folders in a folder, but those that begin with a dot."""
        return self._children(name, "directory")

    def names(self, name: str = "") -> list[str]:
        """The files in a folder, but those that begin with a dot."""
        return self._children(name, "file")

    def _children(self, name: str, kind: str) -> list[str]:
        try:
            listed = self._files.ls(self._path(name), detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return []
        found = (e["name"].rstrip("/").rsplit("/", 1)[-1] for e in listed if e["type"] == kind)
        return sorted(child for child in found if child and child[0] != ".")

    def files(self, name: str) -> dict[str, int]:
        """Every file below a folder with its size."""
        folder = self._path(name)
        found = self._files.find(folder, detail=True)
        return {path.removeprefix(folder).lstrip("/"): int(about["size"]) for path, about in found.items()}

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return bool(self._files.isfile(self._path(name)))

    def remove(self, name: str) -> None:
        """Remove a file."""
        with suppress(FileNotFoundError):
            self._files.rm_file(self._path(name))

    def remove_folder(self, name: str) -> None:
        """Remove every file below a folder."""
        for file in self.files(name):
            self.remove(f"{name}/{file}")

    def publish(self, staging: Path, place: str) -> None:
        """Write every file, the manifest last: from then on the run is there."""
        built = sorted(path for path in staging.rglob("*") if path.is_file())
        names = [path.relative_to(staging).as_posix() for path in built]
        others = [n for n in names if n != MANIFEST]
        self._files.put([str(staging / n) for n in others], [self._path(f"{place}/{n}") for n in others])
        self._files.put_file(str(staging / MANIFEST), self._path(f"{place}/{MANIFEST}"))
        kept = self.local / place  # the next run compares itself with this one
        kept.parent.mkdir(parents=True, exist_ok=True)
        staging.rename(kept)

    def sweep(self) -> None:
        """Nothing: a file whose writing was broken off is not there."""

    @contextmanager
    def lock(self, name: str, *, wait: bool) -> Iterator[None]:
        """An object that only one can make; it says who holds it, and is renewed as long as that lives."""
        place, token = f"{LOCKS}/{name}.json", uuid.uuid4().hex
        while not self._acquire(place, token):
            if not wait:
                raise Locked(self._holder(place))
            time.sleep(POLL_SECONDS)
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(place, token, done), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()
            if _json(self._tagged(place)[0]).get("token") == token:
                self.remove(place)

    def _acquire(self, place: str, token: str) -> bool:
        held, tag = self._tagged(place)
        if held is not None and not _is_over(_json(held)):
            return False
        return self._put_if(place, _ticket(token), tag)

    def _renew(self, place: str, token: str, done: threading.Event) -> None:
        while not done.wait(LEASE_SECONDS / 4):
            with suppress(Exception):  # a network that is away for a moment: the next time is soon enough
                held, tag = self._tagged(place)
                if _json(held).get("token") == token:
                    self._put_if(place, _ticket(token), tag)

    def _holder(self, place: str) -> str:
        holder = _json(self._tagged(place)[0])
        return f"process {holder.get('pid', '?')} on {holder.get('host', '?')}"

    def _tagged(self, name: str) -> tuple[bytes | None, str | None]:
        """A file's content and the tag of exactly that content; None for what is not there."""
        path = self._path(name)
        for _ in range(ATTEMPTS):
            try:
                tag = self._files.info(path).get("ETag")
                content = self._files.cat_file(path)
                if tag == self._files.info(path).get("ETag"):
                    return content, tag
            except FileNotFoundError:
                return None, None
        raise Locked(f"{name} is being written by others all the time")

    def _put_if(self, name: str, content: bytes, tag: str | None) -> bool:
        """Write on the condition that the file still has `tag`, or is not there. Whether it was written."""
        path = self._path(name)
        try:
            if tag is None and not self._files.exists(path):
                self._files.pipe_file(path, content, mode="create")
            elif tag is not None and hasattr(self._files, "call_s3"):
                bucket, key, _ = self._files.split_path(path)
                self._files.call_s3("put_object", Bucket=bucket, Key=key, Body=content, IfMatch=tag)
            else:  # a store without conditions: two who write at the very same moment are not told apart
                self._files.pipe_file(path, content)
        except OSError as error:
            if isinstance(error, FileExistsError) or "pre-condition" in str(error).lower():
                return False
            raise
        return True


def _ticket(token: str) -> bytes:
    # The clock measures the lease alone; no figure depends on it.
    holder = {"token": token, "pid": os.getpid(), "host": platform.node(), "at": time.time()}
    return json.dumps(holder | {"lease_seconds": LEASE_SECONDS}).encode()


def _is_over(holder: dict[str, Any]) -> bool:
    """Whether the lease has run out, or the holder was a process of this machine that is gone."""
    try:
        if time.time() > float(holder["at"]) + float(holder["lease_seconds"]):
            return True
        return bool(holder["host"] == platform.node() and not psutil.pid_exists(int(holder["pid"])))
    except (KeyError, TypeError, ValueError):
        return True


def _json(content: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
