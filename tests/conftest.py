"""Fixtures that every room's tests may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench import language

SHARED_DATA = Path(__file__).parents[1] / ".." / "shared" / "data"


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
