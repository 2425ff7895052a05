"""The company in both languages, drawn and written once for all tests of the room."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench import demo
from workbench.demo import vocabulary
from workbench.demo.company import Block, Plan, draw_block
from workbench.demo.ledger import SHIPPING_PRODUCT
from workbench.demo.output import table_paths

CUSTOMERS = 3_000
SEED = 7
MANY = 40_000  # enough members to see effects of some per cent


@pytest.fixture(scope="session", params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def plan(language: str) -> Plan:
    return Plan(CUSTOMERS, SEED, language)


@pytest.fixture(scope="session")
def company(plan: Plan) -> Block:
    return draw_block(plan, 0)


@pytest.fixture(scope="session")
def folder(language: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company as files."""
    path = tmp_path_factory.mktemp("demo") / language
    demo.write_company(path, customers=CUSTOMERS, seed=SEED, language=language)
    return path


@pytest.fixture(scope="session")
def truth(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "truth/truth.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def members(folder: Path) -> pd.DataFrame:
    """What is true of each member."""
    return pd.read_parquet(folder / "truth/truth.parquet").set_index("customer_id")


@pytest.fixture(scope="session")
def meant(folder: Path) -> pd.DataFrame:
    """What was meant by each row of the feedback."""
    return pd.read_parquet(folder / "truth/feedback.parquet")


@pytest.fixture(scope="session")
def tables(folder: Path, language: str) -> dict[str, pd.DataFrame]:
    """The files read back as text, under canonical column names."""
    headers = vocabulary.words(language)["headers"]
    return {
        name: pd.read_csv(folder / file, dtype="str", keep_default_na=False).rename(
            columns={own: canonical for canonical, own in headers[name].items()}
        )
        for name, file in table_paths(parquet=False).items()
    }


@pytest.fixture(scope="session")
def valid(tables: dict[str, pd.DataFrame], language: str) -> pd.DataFrame:
    """The order lines that the rules and the schema leave, typed, under the members' own numbers."""
    own = vocabulary.words(language)
    lines = tables["transactions"]
    times = pd.to_datetime(lines["ordered_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    lines = lines.assign(ordered_at=times, amount=lines["amount"].astype(float))
    kept = (lines["channel"] != own["test_channel"]) & (lines["status"] != own["order_statuses"][1])
    kept &= (lines["product_id"] != SHIPPING_PRODUCT) & (lines["amount"] != 0)
    kept &= times.notna() & (lines["customer_id"] != "") & ~lines["customer_id"].str.startswith("S")
    canonical = tables["identities"].set_index("id")["canonical_id"]
    lines = lines[kept]
    return lines.assign(customer_id=lines["customer_id"].map(canonical).fillna(lines["customer_id"]))


@pytest.fixture(scope="session")
def many() -> Block:
    """A company large enough for effects of some per cent."""
    return draw_block(Plan(MANY, 1, "en"), 0)
