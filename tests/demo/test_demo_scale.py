"""Large companies: blocks that need no other block, Parquet that says what CSV says, memory that stays."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench import demo, parameters, sources
from workbench.demo import company, files
from workbench.demo.company import Plan, draw_block
from workbench.demo.ledger import TIMES_AS_TEXT
from workbench.demo.output import table_paths, tables_in
from workbench.demo.population import LAST_DAY

SMALL_BLOCK = 400


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of so few members that a company of a thousand has several."""
    for module in (company, files):
        monkeypatch.setattr(module, "BLOCK_CUSTOMERS", SMALL_BLOCK)


@pytest.mark.usefixtures("small_blocks")
def test_a_block_is_the_same_in_any_order_of_drawing() -> None:
    plan = Plan(1_000, 5, "en")
    forwards = [draw_block(plan, number) for number in range(3)]
    backwards = [draw_block(Plan(1_000, 5, "en"), number) for number in (2, 1, 0)][::-1]
    for one, other in zip(forwards, backwards, strict=True):
        assert one.truth.equals(other.truth)
        assert one.meant.equals(other.meant)
        assert all(table.equals(other.tables[name]) for name, table in one.tables.items())
    assert [len(block.truth) for block in forwards] == [400, 400, 200]


@pytest.mark.usefixtures("small_blocks")
def test_a_company_of_several_blocks_is_read_as_one(tmp_path: Path, language: str) -> None:
    source = demo.write_company(tmp_path / "shop", customers=1_000, seed=5, language=language)
    assert {path.name for path in (source.parent / "events").iterdir()} == {"part-00000.parquet"}
    assert not list(source.parent.glob("*.csv*"))
    truth = json.loads((source.parent / "truth/truth.json").read_text(encoding="utf-8"))
    data = sources.load(parameters.ProfilingParameters(source=source, as_of=LAST_DAY))
    control = truth["control"]["transactions"]
    whole = data.totals["transactions"].whole
    assert (whole.rows["in"], whole.rows["used"]) == (control["rows"], control["used"]["rows"])
    assert float(whole.revenue["used"]) == control["used"]["revenue"]
    assert whole.customers["used"] == truth["counts"]["buyers"]
    for name, column in (("transactions", 0), ("tickets", 0), ("feedback", 0), ("customers", 0)):
        ids = pq.read_table(source.parent / name).column(column)
        assert name == "transactions" or ids.to_pandas().is_unique
    people = pd.read_parquet(source.parent / "truth/truth.parquet")
    assert people["customer_id"].is_monotonic_increasing
    assert len(people) == 1_000


@pytest.mark.usefixtures("small_blocks")
def test_a_company_of_several_blocks_is_written_twice_alike(tmp_path: Path) -> None:
    # One block is drawn while the one before is written.
    first, second = (demo.write_company(tmp_path / name, customers=1_000, seed=5) for name in ("a", "b"))
    assert files.checksums(first.parent) == files.checksums(second.parent)


def test_no_word_stands_twice_in_a_dictionary(language: str) -> None:
    # Parquet would hold the column word by word, at several times the size.
    for table in draw_block(Plan(400, 2, language), 0).tables.values():
        packed = [column for column in table.columns if pa.types.is_dictionary(column.type)]
        dictionaries = [column.chunk(0).dictionary for column in packed]
        assert all(len(words.unique()) == len(words) for words in dictionaries)


def test_parquet_says_what_csv_says(tmp_path: Path, language: str) -> None:
    plan = Plan(600, 2, language)
    block = draw_block(plan, 0)
    places = {parquet: tmp_path / f"{parquet=}" for parquet in (False, True)}
    for parquet, place in places.items():
        place.mkdir()
        with tables_in(place, plan.words["headers"], parquet=parquet) as out:
            for name, table in block.tables.items():
                out.write(name, table, 0)
    for name, table in block.tables.items():
        text = pd.read_csv(
            places[False] / table_paths(parquet=False)[name], dtype="str", keep_default_na=False
        )
        typed = pq.read_table(places[True] / name).to_pandas()
        assert list(text.columns) == list(typed.columns)
        if TIMES_AS_TEXT in table.column_names:  # a typed column has nothing where the text is no time
            header = plan.words["headers"][name]["ordered_at"]
            none = ~text[header].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
            assert (typed[header].isna() == none).all()
            text.loc[none, header] = ""
        for column in text.columns:
            assert list(text[column]) == [_written(value) for value in typed[column]], (name, column)


def _written(value: object) -> str:
    """A value of a Parquet file as it stands in a CSV file."""
    if pd.isna(value):
        return ""
    if isinstance(value, float):  # whole numbers with gaps
        return f"{value:.0f}"
    return str(value)


def test_memory_does_not_grow_with_the_company(tmp_path: Path) -> None:
    program = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from workbench import demo\n"
        # Not ru_maxrss, which begins with the peak of the process that started this one.
        "status = Path('/proc/self/status')\n"
        "peak = lambda *_: print(int(re.search(r'VmHWM:\\s+(\\d+)', status.read_text())[1]) // 1024)\n"
        "demo.write_company(Path(sys.argv[1]), customers=200_000, tell=peak)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "shop")], capture_output=True, text=True, check=True
    )
    peaks = [int(line) for line in done.stdout.split()]  # MiB after each block of 50,000
    assert len(peaks) == 4
    # A block needs some 250 MiB beside the 150 of the interpreter and its libraries.
    assert peaks[-1] < 700
    assert peaks[-1] < 1.25 * peaks[1]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("seed", range(4))
def test_a_last_block_of_one_member_is_drawn_like_any_other(seed: int) -> None:
    # With one of these seeds or another the member is fake, or has never ordered.
    block = draw_block(Plan(SMALL_BLOCK + 1, seed, "en"), 1)
    assert len(block.truth) == len(block.tables["customers"]) == 1
    assert len(block.tables["transactions"]) >= block.tally["counts"]["orders"]
