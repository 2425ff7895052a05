"""Which code is at work, as one digest: what was computed by other code is not taken for the same."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
# What makes pages from executed notebooks.
FOR_PAGES = ("report/", "language/messages/en/report.yml", "language/messages/zh/report.yml")
# What neither a kernel reads nor a page shows.
FOR_NEITHER = (
    "runner/",
    "report/site/",
    "store/",
    "demo/",
    "discovery/",
    "linkage/",
    "cli.py",
    "archive_cli.py",
    "card_cli.py",
    "run_cli.py",
    "progress.py",
    "language/messages/en/archive.yml",
    "language/messages/zh/archive.yml",
)
SUFFIXES = frozenset({".py", ".yml", ".txt", ".css", ".j2", ".json"})


@cache
def code_digest() -> str:
    """Of the workbench's files that a kernel may read."""
    return _of_files(name for name in _files() if not name.startswith((*FOR_PAGES, *FOR_NEITHER)))


@cache
def page_code_digest() -> str:
    """Of the files that make pages from executed notebooks."""
    return _of_files(n for n in _files() if n.startswith(FOR_PAGES) and not n.startswith(FOR_NEITHER))


def _files() -> list[str]:
    paths = (path for path in PACKAGE.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    return sorted(path.relative_to(PACKAGE).as_posix() for path in paths)


def _of_files(names: Iterable[str]) -> str:
    whole = hashlib.sha256()
    for name in names:
        whole.update(f"{name}\0".encode())
        whole.update(hashlib.sha256((PACKAGE / name).read_bytes()).digest())
    return whole.hexdigest()
