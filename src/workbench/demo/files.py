"""The company as files, under its own headers, block by block, with the truth beside them."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest
from pathlib import Path
from typing import Any

import yaml

from workbench.demo.campaigns import WINDOW_DAYS
from workbench.demo.channels import spend_cents, spend_table
from workbench.demo.company import Block, Plan, draw_block
from workbench.demo.control import totals
from workbench.demo.failures import BURST_FIRST
from workbench.demo.laws import laws
from workbench.demo.output import GrowingParquet, table_paths, tables_in
from workbench.demo.population import BLOCK_CUSTOMERS, FIRST_DAY, LAST_DAY, stream
from workbench.demo.source import SOURCE_FILE, STUDY_FILE, source_content, study_content
from workbench.demo.tally import Tally, add

README_FILE, TRUTH_FILE = "README.txt", "truth/truth.json"
TRUTH_TABLE, MEANT_TABLE = "truth/truth.parquet", "truth/feedback.parquet"
Tell = Callable[[int, int], None]  # customers written so far, and in all


def write_files(plan: Plan, folder: Path, arguments: dict[str, Any], tell: Tell | None = None) -> None:
    """Draw the company of `plan` and write all its files into `folder`, which exists and is empty.

    Two blocks are in memory at a time: one that is written, and the next.

    Parameters
    ----------
    arguments : dict
        What the company is made from: version, customers, seed, language. The same arguments give the same
        bytes.
    tell : callable, optional
        Called after each block.
    """
    sums = _write_tables(plan, folder, tell)
    _write_yaml(source_content(plan.words, table_paths(parquet=plan.large)), folder / SOURCE_FILE)
    _write_yaml(study_content(plan.words), folder / STUDY_FILE)
    (folder / README_FILE).write_text(_readme(plan, arguments), encoding="utf-8", newline="\n")
    categories = list(plan.products["category"].unique())
    content = {"demo": arguments, "laws": laws(plan.population, plan.words, categories)} | sums
    content["files"] = checksums(folder)
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    (folder / TRUTH_FILE).write_text(text, encoding="utf-8", newline="\n")


def _write_tables(plan: Plan, folder: Path, tell: Tell | None) -> dict[str, Any]:
    """Write the tables of every block; what they sum up to, as the truth file states it."""
    (folder / "truth").mkdir()
    tally: Tally = {}
    with (
        tables_in(folder, plan.words["headers"], parquet=plan.large) as out,
        GrowingParquet(folder / TRUTH_TABLE) as truth,
        GrowingParquet(folder / MEANT_TABLE) as meant,
    ):
        for number, block in enumerate(_blocks(plan)):
            for name, table in block.tables.items():
                out.write(name, table, number)
            truth.write(block.truth)
            meant.write(block.meant)
            tally = add(tally, block.tally)
            if tell is not None:
                tell(min(plan.customers, (number + 1) * BLOCK_CUSTOMERS), plan.customers)
        cents = spend_cents(tally["registrations"], plan.words["price_level"], stream(plan.seed, "spend"))
        out.write("spend", spend_table(cents, plan.words), 0)
    tally["rows"]["spend"] = cents.size
    return totals(tally, cents)


def _blocks(plan: Plan) -> Iterator[Block]:
    """Every block of the company, in order; while the caller writes one, a thread draws the next.

    Drawing and writing are the work of numpy and of pyarrow, which let other threads run meanwhile.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(draw_block, plan, 0)
        for number in range(1, plan.blocks + 1):
            block = coming.result()
            if number < plan.blocks:
                coming = pool.submit(draw_block, plan, number)
            yield block


def _readme(plan: Plan, arguments: dict[str, Any]) -> str:
    shown = arguments | {
        "first_day": FIRST_DAY,
        "last_day": LAST_DAY,
        "customers": f"{arguments['customers']:,}",
        "block_customers": f"{BLOCK_CUSTOMERS:,}",
        "window_days": WINDOW_DAYS,
        "burst": f"{BURST_FIRST:%Y-%m}",
    }
    return str(plan.words["readme"]).format(**shown)


def _write_yaml(content: dict[str, Any], path: Path) -> None:
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)
    path.write_text(text, encoding="utf-8", newline="\n")


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file below `folder` but the truth file, by path relative to `folder`."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    names = [path.as_posix() for path in files if path.as_posix() != TRUTH_FILE]
    return {name: _sha256(folder / name) for name in names}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
