"""The engine keeps to its memory; what does not fit there is private, and gone with its process."""

import ctypes
import os
import stat
import subprocess
import sys
import tempfile

import pandas as pd
import pytest

from workbench.errors import WorkbenchError
from workbench.sources import embedded, engines, intake

ORDERS = pd.DataFrame({"id": "amy", "day": "2024-05-01", "paid": "10"}, index=range(20_000))
TWO_TABLES = {
    "transactions": {
        "from": "orders.csv",
        "columns": {"customer_id": "id", "ordered_at": "day", "amount": "paid"},
    },
    "events": {"from": "more.csv", "columns": {"customer_id": "id", "occurred_at": "day", "event": "paid"}},
}


def test_the_memory_that_the_engine_may_take_is_said_by_a_variable(company, load, monkeypatch):
    source = company({"orders.csv": ORDERS})
    limit = "SELECT current_setting('memory_limit')"
    assert load(source).engine.rows(limit) == [("488.2 MiB",)]  # 512 MB
    monkeypatch.setenv("WORKBENCH_MEMORY", "2GiB")
    assert load(source).engine.rows(limit) == [("2.0 GiB",)]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tables_that_do_not_fit_are_no_fault_of_the_file(company, refused, ending, monkeypatch):
    source = company({f"orders.{ending}": ORDERS})
    monkeypatch.setenv("WORKBENCH_MEMORY", "1MB")
    assert refused(source) == (
        "the memory that DuckDB may take must be enough for the tables; got OutOfMemoryException. "
        "Allow more (export WORKBENCH_MEMORY=4GB); the disk of TMPDIR takes what does not fit."
    )


FULL = """
import resource, sys
from pathlib import Path
from workbench import sources
from workbench.errors import WorkbenchError
from workbench.parameters import ProfilingParameters
from workbench.sources import intake
intake.LARGE_BYTES = 1
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # as a disk that is full
try:
    sources.load(ProfilingParameters(source=Path(sys.argv[1]), identify=True))
except WorkbenchError as refusal:
    print(refusal, end="")
"""


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_disk_that_is_full_is_no_fault_of_the_file(company, ending):
    rows = 250_000  # more than DuckDB gathers before it writes
    orders = pd.DataFrame({"id": [f"customer {i}" for i in range(rows)], "day": "2024-05-01", "paid": "10"})
    source = company({f"orders.{ending}": orders})
    done = subprocess.run([sys.executable, "-c", FULL, source], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (
        f"{source}: the disk of TMPDIR must be large enough for what DuckDB keeps there; got IOException. "
        "Free some of it, or name another folder (export TMPDIR=/large/folder).",
        "",
    )


def test_a_memory_that_is_no_size(monkeypatch):
    monkeypatch.setenv("WORKBENCH_MEMORY", "plenty")
    with pytest.raises(WorkbenchError) as refusal:
        embedded.scratch()
    assert str(refusal.value) == (
        "WORKBENCH_MEMORY: the value must be a size such as 4GB; got ParserException. Correct the variable."
    )


def test_what_does_not_fit_is_written_where_nobody_else_reads_and_does_not_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = subprocess.Popen(["true"])
    dead.wait()
    embedded.scratch()
    (private,) = tmp_path.iterdir()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    left = private / f"{embedded.SPILLED}{dead.pid}"
    others = [
        private / f"{embedded.SPILLED}{os.getppid()}",
        private / f"{embedded.SPILLED}b-{dead.pid}",
    ]
    for folder in (left, *others):
        folder.mkdir()
    con = embedded.scratch()
    assert not left.exists()
    assert all(folder.exists() for folder in others)
    con.raw_sql("SET memory_limit = '20MB'")
    con.raw_sql("CREATE TABLE large AS SELECT hash(range) AS h FROM range(5_000_000)")
    assert any((private / f"{embedded.SPILLED}{os.getpid()}").iterdir())
    con.disconnect()
    assert not (private / f"{embedded.SPILLED}{os.getpid()}").exists()
    private.chmod(0o755)
    embedded.scratch()
    assert len(list(tmp_path.iterdir())) == 2


def test_many_columns_are_allowed_more_unless_the_user_has_said_how_much(monkeypatch):
    engine = engines.Engine("duckdb", embedded.scratch())
    limit = "SELECT current_setting('memory_limit')"
    for columns, allowed in ((100, "488.2 MiB"), (2_000, "2.3 GiB")):  # 512 MB, and 1 MB for each
        engine.widen(columns)
        assert engine.rows(limit) == [(allowed,)]
    monkeypatch.setenv("WORKBENCH_MEMORY", "1GiB")
    engine = engines.Engine("duckdb", embedded.scratch())
    engine.widen(2_000)
    assert engine.rows(limit) == [("1.0 GiB",)]


def test_tables_of_large_files_are_kept_on_disk_where_no_name_leads_to_them(
    company, load, rows, tmp_path, monkeypatch
):
    orders = pd.DataFrame({"id": ["amy", "bob", None], "day": "2024-05-01", "paid": ["10", "x", "3.5"]})
    source = company({"orders.csv": orders, "more.csv": orders}, TWO_TABLES, max_bad_rows=1)
    expected = [rows(source, table) for table in ("transactions", "events")]
    monkeypatch.setattr(intake, "LARGE_BYTES", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = load(source)
    for table, frame in zip(("transactions", "events"), expected, strict=True):
        pd.testing.assert_frame_equal(found.get(table).to_pandas(), frame)
    held = found.engine.rows("SELECT path FROM duckdb_databases() WHERE database_name = 'kept_on_disk'")
    assert len(held) == 1
    (private,) = tmp_path.iterdir()
    assert list(private.iterdir()) == []
    assert found.engine.rows("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'raw%'") == [(0,)]
    reasons = ["missing:customer_id", "missing:customer_id", "unreadable:amount"]
    assert sorted(found.quarantined()["reason"]) == reasons


FREED = """
import ctypes, psutil
from workbench.sources import give_back
held = [bytes(1_000) for _ in range(200_000)]
keep = held[::1_000]  # on nearly every page of them something stays in use: nothing is given back by itself
del held
before = psutil.Process().memory_info().rss
give_back()
print(before - psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc keeps what is freed")
def test_memory_that_was_freed_is_handed_back():
    done = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True)
    handed_back = int(done.stdout)
    assert handed_back > 100_000_000  # of the 200 MB: what stays in use keeps some pages


def test_another_c_library_is_left_alone(monkeypatch):
    asked = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name: asked.append(name))  # one without malloc_trim
    embedded.give_back()
    assert asked == [None]
