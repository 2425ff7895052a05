"""One contender in a process of its own: `python -m benchmarks.contenders NAME FOLDER` prints its cost."""

import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.made_data import AS_OF, CUT_OFFS, MEMORY_LIMIT
from benchmarks.processes import TOLD
from benchmarks.studies import loaded

END = datetime(AS_OF.year, AS_OF.month, AS_OF.day) + timedelta(days=1)
SUMMARY = f"""
    SELECT customer_id, count(*) - 1 AS frequency, max(day) - min(day) AS recency,
        DATE '{AS_OF}' - min(day) AS age, (sum(amount) / count(*))::DOUBLE AS mean_value
    FROM (
        SELECT customer_id, ordered_at::DATE AS day, sum(amount) AS amount FROM {{lines}}
        WHERE amount >= 0 AND ordered_at < TIMESTAMP '{END}' GROUP BY ALL
    ) GROUP BY customer_id ORDER BY customer_id
"""
KIB_PER_MIB = 1024
RUN_MEMORY = "3GB"  # of DuckDB; the names of five million customers take Python another


def summary(days: Any, customers: Any) -> list[float]:
    """Frequency, recency, age and mean value from the project's days of purchase, range by range."""
    found = [0.0] * 5
    for each in customers:
        own = each.of(days)
        by_customer = own.group_by("customer_id").agg(
            first=own.day.min(), last=own.day.max(), orders=own.count(), spent=own.amount.sum()
        )
        table = by_customer.order_by("customer_id").to_pyarrow()
        first, last = (table[name].cast("date32").cast("int32").to_numpy() for name in ("first", "last"))
        orders, spent = table["orders"].to_numpy(), table["spent"].to_numpy()
        age = (AS_OF - date(1970, 1, 1)).days - first
        part = totals(orders - 1, last - first, age, spent / orders)
        found = [whole + more for whole, more in zip(found, part, strict=True)]
    return found


def ours(folder: Path) -> Callable[[], list[float]]:
    """By the expressions of the project, for every engine."""
    import ibis

    from workbench.features import CustomerRange, purchase_days

    con = ibis.duckdb.connect(memory_limit=MEMORY_LIMIT, temp_directory=str(folder))
    lines = con.read_parquet(folder / "transactions.parquet")

    def run() -> list[float]:
        return summary(purchase_days(lines, AS_OF), [CustomerRange()])

    return run


def kept(folder: Path) -> Callable[[], list[float]]:
    """The same in a run: read through the intake, asked for one range of customers after the other."""
    import os

    from workbench.features import customer_ranges, purchase_days
    from workbench.sources.engine_errors import MEMORY_VARIABLE

    os.environ[MEMORY_VARIABLE] = RUN_MEMORY
    data, _ = loaded(folder)
    lines = data.get("transactions")

    def run() -> list[float]:
        return summary(purchase_days(lines, AS_OF), customer_ranges({"transactions": lines}))

    return run


def duckdb(folder: Path) -> Callable[[], list[float]]:
    """The query that one would write by hand."""
    import duckdb

    con = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(folder)})
    query = SUMMARY.format(lines=f"'{folder / 'transactions.parquet'}'")

    def run() -> list[float]:
        found = con.execute(query).df()
        return totals(*(found[name] for name in ("frequency", "recency", "age", "mean_value")))

    return run


def floor(folder: Path) -> Callable[[], list[float]]:
    """The least that any summary does: one count of lines for each customer."""
    import duckdb

    con = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(folder)})
    inner = f"SELECT count(*) AS n FROM '{folder / 'transactions.parquet'}' GROUP BY customer_id"

    def run() -> list[float]:
        return [float(n) for n in con.execute(f"SELECT count(*), sum(n) FROM ({inner})").fetchall()[0]]

    return run


def polars(folder: Path) -> Callable[[], list[float]]:
    """Lazy and streaming."""
    import polars as pl

    def run() -> list[float]:
        lines = pl.scan_parquet(folder / "transactions.parquet")
        lines = lines.filter((pl.col("ordered_at") < END) & (pl.col("amount") >= 0))
        day = pl.col("ordered_at").dt.date().alias("day")
        days = lines.group_by("customer_id", day).agg(pl.col("amount").sum())
        first, last = pl.col("day").min(), pl.col("day").max()
        found = (
            days.group_by("customer_id")
            .agg(
                frequency=pl.len() - 1,
                recency=(last - first).dt.total_days(),
                age=(pl.lit(AS_OF) - first).dt.total_days(),
                mean_value=pl.col("amount").sum().cast(pl.Float64) / pl.len(),
            )
            .sort("customer_id")
            .collect(engine="streaming")
        )
        return totals(*(found[name] for name in ("frequency", "recency", "age", "mean_value")))

    return run


def pandas(folder: Path) -> Callable[[], list[float]]:
    """Only the three columns that are needed."""
    import pandas as pd

    def run() -> list[float]:
        columns = ["customer_id", "ordered_at", "amount"]
        lines = pd.read_parquet(folder / "transactions.parquet", columns=columns)
        lines["amount"] = lines["amount"].astype("float64")
        lines = lines[(lines["ordered_at"] < END) & (lines["amount"] >= 0)]
        day = lines["ordered_at"].dt.normalize().rename("day")
        days = lines.groupby(["customer_id", day], sort=False)["amount"].sum().reset_index()
        found = days.groupby("customer_id").agg(
            first=("day", "min"), last=("day", "max"), orders=("day", "size"), spent=("amount", "sum")
        )
        recency, age = (
            (found["last"] - found["first"]).dt.days,
            (pd.Timestamp(AS_OF) - found["first"]).dt.days,
        )
        return totals(found["orders"] - 1, recency, age, found["spent"] / found["orders"])

    return run


def spark(folder: Path) -> Callable[[], list[float]]:
    """The query written by hand; the session is there before the clock runs."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    settings = {
        "spark.driver.memory": "4g",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder),
        "spark.local.dir": str(folder),
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    session.read.parquet(str(folder / "transactions.parquet")).createOrReplaceTempView("lines")
    query = SUMMARY.format(lines="lines").replace("max(day) - min(day)", "datediff(max(day), min(day))")
    query = query.replace(f"DATE '{AS_OF}' - min(day)", f"datediff(DATE '{AS_OF}', min(day))")
    query = query.replace("::DATE", "::date").replace(
        "GROUP BY ALL", "GROUP BY customer_id, ordered_at::date"
    )

    def run() -> list[float]:
        found = session.sql(query).toArrow().to_pandas()
        return totals(*(found[name] for name in ("frequency", "recency", "age", "mean_value")))

    return run


def six_at_once(folder: Path) -> Callable[[], list[float]]:
    """Every feature at six cut-offs, as the profiling notebook asks for two."""
    return _features(folder, [CUT_OFFS])


def six_separately(folder: Path) -> Callable[[], list[float]]:
    """The same features for one cut-off after the other."""
    return _features(folder, [[cut] for cut in CUT_OFFS])


def _features(folder: Path, queries: Sequence[Sequence[date]]) -> Callable[[], list[float]]:
    """Of tables read through the intake, one range of customers after the other."""
    import os

    import pyarrow.compute as pc

    from workbench.features import as_of_features, customer_ranges, dictionary
    from workbench.sources.engine_errors import MEMORY_VARIABLE

    os.environ[MEMORY_VARIABLE] = RUN_MEMORY
    data, _ = loaded(folder)
    tables = {name: data.get(name) for name in data.tables}
    names = [entry.name for entry in dictionary()]

    def run() -> list[float]:
        sums = [0.0] * (len(names) + 1)
        for cut_offs in queries:
            for each in customer_ranges(tables):
                part = {name: each.of(table) for name, table in tables.items()}
                found = as_of_features(part, cut_offs).to_pyarrow()
                sums[0] += found.num_rows
                for place, name in enumerate(names, 1):
                    sums[place] += float(pc.sum(found[name]).as_py() or 0)
        return sums

    return run


def totals(frequency: Any, recency: Any, age: Any, mean_value: Any) -> list[float]:
    """What every contender must find alike."""
    return [float(len(frequency)), *(float(column.sum()) for column in (frequency, recency, age, mean_value))]


def peak_mib() -> float:
    """The most memory this process has held, and a Java machine that it has started.

    From /proc: `resource.getrusage` would count what the process that started this one held at that moment.
    """
    import psutil

    own = psutil.Process()
    return sum(_peak_of(process.pid) for process in (own, *own.children(recursive=True)))


def _peak_of(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    peak = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return float(peak[0]) / KIB_PER_MIB if peak else 0.0


CONTENDERS = {
    function.__name__: function
    for function in (ours, kept, duckdb, floor, polars, pandas, spark, six_at_once, six_separately)
}


def main(name: str, folder: str, rounds: str) -> None:
    """Prepare, run as often as told, print the seconds of each run, the peak of memory and the totals.

    With ``told`` for the rounds it runs once for each line on standard input, and says so with a line.
    """
    from benchmarks import profiles, segmentation_page

    run = (CONTENDERS | profiles.CONTENDERS | segmentation_page.CONTENDERS)[name](Path(folder))
    seconds, found = [], []
    for _ in sys.stdin if rounds == TOLD else range(int(rounds)):
        begin = perf_counter()
        found = run()
        seconds.append(perf_counter() - begin)
        if rounds == TOLD:
            sys.stdout.write("done\n")
            sys.stdout.flush()
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mib": peak_mib(), "found": found}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
