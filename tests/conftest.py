"""Fixtures that every room's tests may use."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests import engine_fixtures

from workbench import language

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
settings.register_profile("house", deadline=None)  # a machine that does two things at once is slow, not wrong
settings.load_profile("house")
SHARED_DATA = Path(__file__).parents[1] / ".." / "shared" / "data"


def pytest_sessionfinish() -> None:
    """Stop the servers that tests have shared."""
    engine_fixtures.stop_servers()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public datasets beside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the public datasets are not beside the project (../shared/data)")
    return SHARED_DATA.resolve()


@pytest.fixture(autouse=True)
def _speaks_english() -> Iterator[None]:
    """Every test begins in English and leaves no other language behind."""
    with language.speaking("en", "EUR"):
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium: one of a session, since playwright can be started only once in a process."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium on the path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
