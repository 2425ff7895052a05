"""Notebook 01 beside `SUMMARIZE` and ydata-profiling, on the same lines."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.made_data import MEMORY_LIMIT
from benchmarks.processes import Measured, alone, in_step
from benchmarks.studies import loaded, write_made, write_source

SUMMARIZE_GOAL, YDATA_GOAL = 2.0, 1 / 4
MEMORY_GOAL_GB, GROWTH_GOAL = 2.0, 10.0
MIB_PER_GB = 1e9 / 2**20
ROUNDS = 9
LAST_DAY = date(2011, 12, 9)  # of Online Retail
PUBLIC = Path(__file__).parents[2] / "shared" / "data" / "online_retail" / "online_retail.csv.gz"
RETAIL = {
    "customer_id": "coalesce(CustomerID, 'none')",  # so that no line is left out
    "order_id": "InvoiceNo",
    "ordered_at": "InvoiceDate",
    "amount": "Quantity * UnitPrice",
    "quantity": "Quantity",
    "product_id": "StockCode",
    "product_name": "Description",
}


def profiles(folder: Path, rivals: str | None, sizes: tuple[int, ...]) -> Iterator[str]:
    """Our column profile and our whole 01, on Online Retail where it is there and on made lines."""
    cases = [("Online Retail", online_retail)] if PUBLIC.is_file() else []
    cases += [(f"{size:,} lines", _made(size)) for size in sizes]
    for number, (name, write) in enumerate(cases):
        path = folder / str(number)
        path.mkdir()
        write(path)
        yield from _beside(name, path, rivals)
    if len(sizes) > 1:
        ends = [folder / str(len(cases) - len(sizes)), folder / str(len(cases) - 1)]
        yield _growth(sizes, in_step([("profile_whole", path) for path in ends], 1))


def _growth(sizes: tuple[int, ...], ends: list[Measured]) -> str:
    few, many = ends
    ratio = many.seconds / few.seconds
    spoken = f"all of 01, {sizes[-1]:,} lines {many}, {sizes[0]:,} lines {few}"
    return f"{spoken}: {ratio:.1f} times as long{_met(ratio, GROWTH_GOAL)}"


def _beside(name: str, path: Path, rivals: str | None) -> Iterator[str]:
    columns, summary = in_step([("profile_columns", path), ("summarize", path)], ROUNDS)
    whole = _once("profile_whole", path)
    peak = whole.peak_mib / MIB_PER_GB
    yield f"01 on {name}: columns, correlations, drift, checks {columns}"
    yield f"  all of it {whole} = {peak:.1f} GB{_met(peak, MEMORY_GOAL_GB)}"
    ratio = columns.seconds / summary.seconds
    met = _met(ratio, SUMMARIZE_GOAL)
    yield f"  SUMMARIZE of the table in memory {summary}; our columns over it {ratio:.2f}{met}"
    ydata = None if rivals is None else alone("ydata", path, 1, module="benchmarks.ydata", python=rivals)
    if ydata is None:
        yield "  ydata-profiling, minimal: not installed, left out"
    else:
        ratio = columns.seconds / ydata.seconds
        yield f"  ydata-profiling, minimal {ydata}; our columns over it {ratio:.2f}{_met(ratio, YDATA_GOAL)}"


def _once(name: str, path: Path) -> Measured:
    """As a notebook has it: one run, which holds nothing of a run before."""
    found = alone(name, path, 1)
    assert found is not None
    return found


def _met(figure: float, goal: float) -> str:
    return f" (goal <= {goal:g}: {'met' if figure <= goal else 'NOT met'})"


def online_retail(folder: Path) -> None:
    """The public lines, as they come."""
    types = "types = {'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR', 'CustomerID': 'VARCHAR'}"
    duckdb.sql(f"COPY (FROM read_csv('{PUBLIC}', {types})) TO '{folder / 'transactions.parquet'}'")
    lines = {"columns": RETAIL, "attributes": ["UnitPrice", "Country"]}
    write_source(folder, {"transactions": lines}, LAST_DAY)


def _made(lines: int) -> Callable[[Path], None]:
    return lambda folder: write_made(folder, lines)


def profile_columns(folder: Path) -> Callable[[], list[float]]:
    """The columns with correlations, outliers, feeds, drift against themselves, and checks."""
    from workbench.profiling import trust

    data, _ = loaded(folder)
    bins = trust.examine(data).bins

    def run() -> list[float]:
        found = trust.examine(data, bins)
        return [float(len(found.columns.profile)), float(len(trust.told.checks(data, found)))]

    return run


def profile_whole(folder: Path) -> Callable[[], list[float]]:
    """All that notebook 01 computes."""
    from workbench import profiling

    data, p = loaded(folder)

    def run() -> list[float]:
        return [float(len(profiling.profile(data, p).portrait))]

    return run


def summarize(folder: Path) -> Callable[[], list[float]]:
    """DuckDB's own summary of the lines in memory."""
    con = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(folder)})
    con.execute(f"CREATE TABLE lines AS FROM '{folder / 'transactions.parquet'}'")

    def run() -> list[float]:
        return [float(len(con.execute("SUMMARIZE lines").fetchall()))]

    return run


CONTENDERS = {function.__name__: function for function in (profile_columns, profile_whole, summarize)}
