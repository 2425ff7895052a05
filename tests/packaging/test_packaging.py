"""The lock, the conda environment and the tree hold what they promise."""

import importlib.util
import re
import subprocess
from pathlib import Path

import ibis
import pytest

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location(
    "environment_file", Path(__file__).with_name("environment_file.py")
)
assert spec is not None
assert spec.loader is not None
environment_file = importlib.util.module_from_spec(spec)
spec.loader.exec_module(environment_file)

TRACKED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
).stdout.splitlines()
TEXTS = [
    n for n in TRACKED if Path(n).suffix in {".py", ".md", ".yml", ".toml", ".lock", ".ipynb", ".j2", ".css"}
]


def test_the_lock_names_no_registry_and_hashes_every_package() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_conda_users_get_the_locked_versions() -> None:
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == environment_file.content()


def test_every_package_asked_for_is_in_the_lock_and_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for name in environment_file.direct():
        assert name in environment_file.pins()
        typed = name.startswith("types-") or name.endswith("-stubs")
        assert typed or re.search(rf"\b{re.escape(name)}\b", reasons), f"{name} has no reason"


def test_ibis_works_with_the_pinned_duckdb_and_sqlglot() -> None:
    # The operations that newer duckdb or sqlglot releases break under Ibis 12.
    con = ibis.duckdb.connect()
    con.create_table("t", ibis.memtable({"a": [1, 2]}))
    con.create_table("t", ibis.memtable({"a": [1, 2, 3]}), overwrite=True)
    assert "t" in con.list_tables()
    assert con.sql("SELECT sum(a) AS s FROM t").execute().s[0] == 6
    con.drop_table("t")
    assert "t" not in con.list_tables()


@pytest.mark.skipif(not TRACKED, reason="not a git checkout")
@pytest.mark.parametrize("pattern", [r"(?<![\w./:-])/(home|root|work|Users|mnt)/\w", r"\bTODO\b|\bFIXME\b"])
def test_no_file_carries_a_path_of_a_machine_or_unfinished_work(pattern: str) -> None:
    own = Path(__file__).relative_to(ROOT).as_posix()
    found = [n for n in TEXTS if n != own and re.search(pattern, (ROOT / n).read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.skipif(not TRACKED, reason="not a git checkout")
def test_no_data_and_no_outputs_are_committed() -> None:
    assert [n for n in TRACKED if Path(n).suffix in {".csv", ".gz", ".parquet", ".xlsx"}] == []
    assert [n for n in TRACKED if n.startswith("reports/")] == ["reports/README.md"]


def test_only_figures_and_the_theme_draw() -> None:
    source = ROOT / "src" / "workbench"
    drawing = re.compile(r"^\s*(?:import|from) (?:matplotlib|seaborn)", re.MULTILINE)
    found = [path for path in source.rglob("*.py") if drawing.search(path.read_text(encoding="utf-8"))]
    assert {path.name for path in found} <= {"figures.py", "theme.py"}
