"""The engine keeps to its memory; what does not fit there is private, and gone with its process."""

import os
import stat
import subprocess
import tempfile

import pandas as pd
import pytest

from workbench.errors import WorkbenchError
from workbench.sources import engines

ORDERS = pd.DataFrame({"id": "amy", "day": "2024-05-01", "paid": "10"}, index=range(20_000))


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


def test_a_memory_that_is_no_size(monkeypatch):
    monkeypatch.setenv("WORKBENCH_MEMORY", "plenty")
    with pytest.raises(WorkbenchError) as refusal:
        engines.scratch()
    assert str(refusal.value) == (
        "WORKBENCH_MEMORY: the value must be a size such as 4GB; got ParserException. Correct the variable."
    )


def test_what_does_not_fit_is_written_where_nobody_else_reads_and_does_not_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = subprocess.Popen(["true"])
    dead.wait()
    engines.scratch()
    (private,) = tmp_path.iterdir()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    left = private / f"{engines.SPILLED}{dead.pid}"
    others = [
        private / f"{engines.SPILLED}{os.getppid()}",
        private / f"{engines.SPILLED}b-{dead.pid}",
    ]
    for folder in (left, *others):
        folder.mkdir()
    con = engines.scratch()
    assert not left.exists()
    assert all(folder.exists() for folder in others)
    con.raw_sql("SET memory_limit = '20MB'")
    con.raw_sql("CREATE TABLE large AS SELECT hash(range) AS h FROM range(5_000_000)")
    assert any((private / f"{engines.SPILLED}{os.getpid()}").iterdir())
    con.disconnect()
    assert not (private / f"{engines.SPILLED}{os.getpid()}").exists()
    private.chmod(0o755)
    engines.scratch()
    assert len(list(tmp_path.iterdir())) == 2


def test_many_columns_are_allowed_more_unless_the_user_has_said_how_much(monkeypatch):
    engine = engines.Engine("duckdb", engines.scratch())
    limit = "SELECT current_setting('memory_limit')"
    for columns, allowed in ((100, "488.2 MiB"), (2_000, "2.3 GiB")):  # 512 MB, and 1 MB for each
        engine.widen(columns)
        assert engine.rows(limit) == [(allowed,)]
    monkeypatch.setenv("WORKBENCH_MEMORY", "1GiB")
    engine = engines.Engine("duckdb", engines.scratch())
    engine.widen(2_000)
    assert engine.rows(limit) == [("1.0 GiB",)]
