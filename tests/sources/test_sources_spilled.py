"""What does not fit into memory is private, and gone with its process."""

import os
import stat
import subprocess
import tempfile

from workbench.sources import engines


def test_what_does_not_fit_is_written_where_nobody_else_reads_and_does_not_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = subprocess.Popen(["true"])
    dead.wait()
    engines.scratch()
    (private,) = tmp_path.iterdir()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    left = private / f"{engines.SPILLED}{dead.pid}"
    others = [private / f"{engines.SPILLED}{os.getppid()}", private / f"spilled-elsewhere-{dead.pid}"]
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
