"""Fixtures that every room's tests may use."""

import fcntl
import os
import shutil
import subprocess
import sys
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
# A machine that does two things at once is slow, not wrong; half of the usual examples.
settings.register_profile("house", deadline=None, max_examples=50)
settings.load_profile("house")
DEMO_CUSTOMERS = 1_000  # enough of them stay and leave for a churn model
SHARED_DATA = Path(__file__).parents[1] / ".." / "shared" / "data"


def _of_spark(path: str) -> bool:
    return "spark" in path or path.endswith("_engines.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker is left alone with it at the end."""
    long = {"browser", "cli", "engines", "notebooks"}
    items.sort(key=lambda item: (not _of_spark(item.path.name), item.path.parent.name not in long))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of a file stay together; files with Spark share a worker, and with it one warm Java machine."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = str(super()._split_scope(nodeid))
            return "spark" if _of_spark(path) else path

    return Scheduling(config, log)


def pytest_sessionfinish() -> None:
    """Stop the servers that tests have shared."""
    engine_fixtures.stop_servers()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public datasets beside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the public datasets are not beside the project (../shared/data)")
    return SHARED_DATA.resolve()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the whole session, the same one for all its workers."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def demo_run(shared_folder: Path) -> Path:
    """The folder of a run of a Chinese demo company with pages in both languages; nobody may change it.

    One worker makes it, as a user does; the others wait.
    """
    company = shared_folder / "demo_company"
    script = Path(sys.executable).with_name("workbench")
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    place = {
        "XDG_CACHE_HOME": shared_folder / "cache",
        "WORKBENCH_KEY_FILE": shared_folder / "pseudonyms.key",
    }
    environment = kept | {name: str(path) for name, path in place.items()}

    def done(*arguments: str | Path) -> str:
        command = [script, *arguments]
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=600
        )
        assert (ended.returncode, ended.stderr.count("failed")) == (0, 0), ended.stderr
        return ended.stdout

    with company.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (company / "archive").exists():
            said = done("demo", company, "--customers", str(DEMO_CUSTOMERS), "--language", "zh")
            study = company / "study.yml"
            assert said == f"1,000 customers written; try: workbench run {study}\n"
            study.write_text(study.read_text("utf-8") + "also_in: [en]\n", encoding="utf-8")
            done("run", study, "--archive", company / "archive")
    (manifest,) = company.glob("archive/*/*/*/manifest.json")
    return manifest.parent


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
