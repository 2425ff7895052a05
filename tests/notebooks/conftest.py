"""The notebooks as an analyst opens them: on the demo company, with nothing edited."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def environment(shared_folder: Path) -> dict[str, str]:
    """An environment whose cache, with the demo company in it, all workers of the session share."""
    # A test that runs pytest is not one of the outer session's workers.
    outer = ("PYTEST_", "COV_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(outer) and k != "PYTHONDONTWRITEBYTECODE"}
    own = {
        "XDG_CACHE_HOME": str(shared_folder / "cache"),
        "WORKBENCH_KEY_FILE": str(shared_folder / "pseudonyms.key"),
        "OMP_NUM_THREADS": "1",
    }
    return kept | own


@pytest.fixture(scope="session")
def python(environment: dict[str, str]) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run a module of this Python, from the project's root if no other folder is given."""

    def run(
        module: str, *arguments: str | Path, folder: Path = PROJECT
    ) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", module, *map(str, arguments)]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600
        )

    return run
