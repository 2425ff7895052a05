"""Studies for profiling: CDNOW, a small shop with known lines, a company with contracts only."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from workbench import language, profiling, sources
from workbench.parameters import ProfilingParameters
from workbench.profiling import Profile

# as of 2024-06-30: `amy` buys every month but April, `bob` once and long ago, `cat` returns half of it,
# `dan` only returns, `eve` buys after the day.
ORDERS = """\
who,day,paid,no,kind
amy,2024-01-15,100,1,web
amy,2024-02-10,100,2,web
amy,2024-03-05,100,3,shop
amy,2024-05-20,100,4,web
amy,2024-06-30 23:00:00,300,5,web
bob,2023-11-02,40,1,shop
cat,2024-06-01,200,1,web
cat,2024-06-10,-100,1,web
dan,2024-06-02,-10,1,web
eve,2024-07-01,500,1,web
"""
COLUMNS = {"customer_id": "who", "ordered_at": "day", "amount": "paid", "order_id": "no", "channel": "kind"}
Study = Callable[..., Profile]


@pytest.fixture(scope="session", autouse=True)
def _own_key_and_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    place = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_KEY_FILE", str(place / "pseudonyms.key"))
        patch.setenv("XDG_CACHE_HOME", str(place / "cache"))
        yield


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Profile the tables (name → CSV text or frame, columns), with parameters of the notebook."""

    def profiled(tables: dict[str, tuple[Any, dict[str, str]]], top: Any = None, **given: Any) -> Profile:
        folder = tmp_path_factory.mktemp("study")
        mapped = {}
        for name, (content, columns) in tables.items():
            text = content if isinstance(content, str) else content.to_csv(index=False)
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
            mapped[name] = {"from": f"{name}.csv", "columns": columns}
        path = folder / "source.yml"
        path.write_text(yaml.safe_dump({"max_bad_rows": 1, "tables": mapped} | (top or {}), sort_keys=False))
        p = ProfilingParameters(source=path, **({"identify": True} | given))
        with language.speaking(p.language, p.currency):
            return profiling.profile(sources.load(p), p)

    return profiled


@pytest.fixture(scope="session")
def shop(study: Study) -> Profile:
    return study({"transactions": (ORDERS, COLUMNS)}, as_of="2024-06-30")


@pytest.fixture(scope="session")
def contracts(study: Study) -> Profile:
    text = "id,gone,plan,fee\nb,no,x,10\na,yes,y,20\nc,no,x,30\na,no,x,5\n"
    columns = {"customer_id": "id", "churned": "gone", "monthly_fee": "fee"}
    return study({"subscriptions": (text, columns)}, as_of="2024-06-30")


@pytest.fixture(scope="session")
def cdnow(study: Study, shared_data: Path) -> Profile:
    """All 23,570 customers of CDNOW, to the end of June 1998; a day of a customer is an order."""
    path = shared_data / "cdnow" / "CDNOW_master.txt"
    lines = pd.read_csv(path, sep=r"\s+", dtype={"customer_id": "str"})
    lines["date"] = pd.to_datetime(lines["date"].astype(str), format="%Y%m%d")
    columns = {"customer_id": "customer_id", "ordered_at": "date", "amount": "dollar_value"}
    return study({"transactions": (lines, columns)}, as_of="1998-06-30")


@pytest.fixture
def metric() -> Callable[[Profile, str], Any]:
    """One metric of a profile by its name."""

    def named(profile: Profile, name: str) -> Any:
        return next(m for m in profile.results.metrics if m.name == name)

    return named
