"""The real console script, run as a scheduler runs it, in an environment of its own."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).with_name("workbench")
CUSTOMERS = 60  # of the quick company: notebook 01 needs no more


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Console:
    """The console script with the environment it runs in."""

    environment: dict[str, str]

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """The command, running, with pipes to its output."""
        return subprocess.Popen(
            [str(SCRIPT), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, *arguments: str | Path) -> Done:
        """The command, ended."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        return Done(process.returncode, out, err)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the whole session, the same one for all its workers."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def console(shared_folder: Path) -> Console:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    own = {
        "XDG_CACHE_HOME": str(shared_folder / "cache"),
        "WORKBENCH_KEY_FILE": str(shared_folder / "pseudonyms.key"),
    }
    return Console(kept | own)


@pytest.fixture(scope="session")
def company(console: Console, shared_folder: Path) -> Path:
    """The folder of a small demo company with its study file."""
    folder = shared_folder / "company"
    assert console("demo", folder, "--customers", str(CUSTOMERS)).code == 0
    return folder


def snapshot_of(archive: Path) -> dict[str, str]:
    """The hash of every file of an archive, but of those in folders that begin with a dot."""
    paths = [path for path in archive.rglob("*") if path.is_file()]
    names = [path.relative_to(archive) for path in paths]
    seen = [name for name in names if not any(part.startswith(".") for part in name.parts[:-1])]
    return {str(name): hashlib.sha256((archive / name).read_bytes()).hexdigest() for name in seen}


@pytest.fixture(scope="session")
def snapshot() -> Callable[[Path], dict[str, str]]:
    return snapshot_of


def run_of(archive: Path) -> Path:
    """The folder of the only run in an archive."""
    (manifest,) = archive.glob("*/*/*/manifest.json")
    return manifest.parent


@pytest.fixture(scope="session")
def only_run() -> Callable[[Path], Path]:
    return run_of


def lines_of(text: str) -> Sequence[str]:
    return text.splitlines()
