"""A company's files in every form, and the study that reads them. Keys and caches are the tests' own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from workbench import sources
from workbench.errors import WorkbenchError
from workbench.parameters import ProfilingParameters
from workbench.sources import Canonical

ORDERS = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}


@pytest.fixture(scope="session", autouse=True)
def _own_key_and_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    place = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_KEY_FILE", str(place / "pseudonyms.key"))
        patch.setenv("XDG_CACHE_HOME", str(place / "cache"))
        yield


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write files and the source file that maps them: returns the source file.

    `files` by name: text, bytes, or a frame, which becomes what its ending says. `tables` as in the source
    file; by default ``transactions`` from the first file by the columns id, day, paid.
    """

    def written(files: dict[str, Any], tables: dict[str, Any] | None = None, **top: Any) -> Path:
        folder = tmp_path_factory.mktemp("company")
        for name, content in files.items():
            _write(folder / name, content)
        mapped = tables or {"transactions": {"from": next(iter(files)), "columns": ORDERS}}
        path = folder / "source.yml"
        path.write_text(yaml.safe_dump(top | {"tables": mapped}, sort_keys=False, allow_unicode=True))
        return path

    return written


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif path.suffix == ".xlsx":
        content.to_excel(path, index=False)
    elif path.suffix == ".parquet":
        content.to_parquet(path, index=False)
    else:
        content.to_csv(path, index=False)


@pytest.fixture(scope="session")
def load() -> Callable[..., Canonical]:
    """The canonical tables of a source file, with ids as they are unless `identify` is False."""

    def loaded(source: Path, **given: Any) -> Canonical:
        return sources.load(ProfilingParameters(source=source, **({"identify": True} | given)))

    return loaded


@pytest.fixture(scope="session")
def rows(load: Callable[..., Canonical]) -> Callable[..., pd.DataFrame]:
    """The used rows of one table of a source file."""

    def of(source: Path, table: str = "transactions", **given: Any) -> pd.DataFrame:
        return load(source, **given).get(table).to_pandas()

    return of


@pytest.fixture(scope="session")
def refused(load: Callable[..., Canonical]) -> Callable[..., str]:
    """The message of the refusal of a source file, without the file's own name before it."""

    def message(source: Path, **given: Any) -> str:
        with pytest.raises(WorkbenchError) as error:
            load(source, **given)
        assert error.value.exit_code == 2
        # What the engine said may quote a customer's row: a page of a failed notebook would print it.
        assert error.value.__cause__ is None
        where, _, rest = str(error.value).partition(": ")
        assert where == str(source)
        return rest

    return message
