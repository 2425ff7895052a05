"""Fixtures that every room's tests may use."""

import shutil
from collections.abc import Callable, Iterator
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


@pytest.fixture
def open_file(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open a file in the browser; what it complains about and asks for is kept in `page.noise`."""
    contexts = []

    def opened(path: Path, width: int = 1280, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.noise = []
        page.on("console", lambda message: page.noise.append(message.text))
        page.on("pageerror", lambda error: page.noise.append(str(error)))
        page.on("dialog", lambda dialog: (page.noise.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or page.noise.append(r.url))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
