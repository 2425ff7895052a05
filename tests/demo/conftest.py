"""The company in both languages, made and written once for all tests of the room."""

from pathlib import Path

import pandas as pd
import pytest

from workbench import demo
from workbench.demo import files, vocabulary
from workbench.demo.company import Company, make_company

CUSTOMERS = 3_000
SEED = 7


@pytest.fixture(scope="session", params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def company(language: str) -> Company:
    return make_company(CUSTOMERS, SEED, language)


@pytest.fixture(scope="session")
def folder(language: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company as files."""
    path = tmp_path_factory.mktemp("demo") / language
    demo.write_company(path, customers=CUSTOMERS, seed=SEED, language=language)
    return path


@pytest.fixture(scope="session")
def tables(folder: Path, language: str) -> dict[str, pd.DataFrame]:
    """The files read back as text, under canonical column names."""
    headers = vocabulary.words(language)["headers"]
    return {
        name: pd.read_csv(folder / file, dtype="str", keep_default_na=False).rename(
            columns={own: canonical for canonical, own in headers[name].items()}
        )
        for name, file in files.TABLE_FILES.items()
    }


@pytest.fixture(scope="session")
def valid(tables: dict[str, pd.DataFrame], language: str) -> pd.DataFrame:
    """The order lines that remain after the source file's filter and the schema: amounts and times typed."""
    lines = tables["transactions"]
    lines = lines[lines["channel"] != vocabulary.words(language)["test_channel"]]
    times = pd.to_datetime(lines["ordered_at"], format=files.TIMES, errors="coerce")
    lines = lines.assign(ordered_at=times, amount=lines["amount"].astype(float))
    return lines[times.notna() & (lines["customer_id"] != "")]
