"""Bytes of a file to the last one: decompressed on the way, refused where they end too early."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench.errors import WorkbenchError, refusal

CHUNK_BYTES = 1 << 20
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def broken(
    path: Path, rule: str, got: str, hint: str = "Mend the file or export it again."
) -> WorkbenchError:
    """The refusal of a file."""
    return refusal(str(path), "the file", rule, got, hint)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The bytes of a file, decompressed if they are gzip or Zstandard, whatever the file is called.

    Raises
    ------
    WorkbenchError
        If the file can not be read, or ends before its compression does.
    """
    try:
        with path.open("rb") as raw:
            magic = raw.read(4)
            raw.seek(0)
            if magic.startswith(GZIP_MAGIC):
                yield gzip.GzipFile(fileobj=raw)
            elif magic == ZSTD_MAGIC:
                yield pa.CompressedInputStream(pa.PythonFile(raw), "zstd")
            elif path.suffix.lower() in (".gz", ".zst") and magic:
                raise broken(
                    path, "compressed as its name says", "other bytes", "Rename it, or pack it again."
                )
            else:
                yield raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _cut_off(path, error) from None
    except OSError as error:
        if error.errno is None:  # of Arrow's stream, not of the system
            raise _cut_off(path, error) from None
        raise unopened(path, error) from None


def unopened(path: Path, error: OSError) -> WorkbenchError:
    """The refusal of a file that the system does not give."""
    got = "a folder" if isinstance(error, IsADirectoryError) else (error.strerror or "an error").lower()
    return broken(path, "one that can be read", got, "Check the path and its permissions.")


def _cut_off(path: Path, error: Exception) -> WorkbenchError:
    cut = isinstance(error, EOFError) or "runcated" in str(error)
    got = "one that ends in the middle" if cut else "damaged bytes"
    return broken(path, "whole as it was packed", got, "Copy it again.")


def chunks(path: Path) -> Iterator[bytes]:
    """The decompressed bytes of a file in pieces."""
    with opened(path) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield bytes(chunk)


def compression(path: Path) -> str:
    """The engine's name of the compression of a file: ``gzip``, ``zstd`` or ``none``."""
    with path.open("rb") as raw:
        magic = raw.read(4)
    return "gzip" if magic.startswith(GZIP_MAGIC) else "zstd" if magic == ZSTD_MAGIC else "none"
