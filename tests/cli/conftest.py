"""The real console script, run as a scheduler runs it, in an environment of its own."""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from workbench.cli import main
from workbench.runner import list_runs, verify

SCRIPT = Path(sys.executable).with_name("workbench")
CUSTOMERS = 60  # of the small company: notebook 01 needs no more

PROMISED_METRICS = {
    "01_profiling": "rows_in rows_used rows_quarantined revenue_in revenue_used revenue_excluded customers "
    "gini one_time_buyer_rate",
    "02_segmentation": "purchase_model_log_likelihood holdout_orders_actual holdout_orders_expected "
    "holdout_mae holdout_mae_naive expected_value_total",
    "03_churn": "base_rate auc auc_naive auc_logistic brier calibration_slope top_decile_lift",
    "04_feedback": "n_utterances sentiment_accuracy sentiment_macro_f1 n_topics",
}
PROMISED_COLUMNS = {
    "portrait": "customer_id first_order_at last_order_at days_since_last_order n_orders revenue tags",
    "value": "customer_id recency_score frequency_score monetary_score rfm_segment p_alive expected_orders "
    "expected_value expected_value_low expected_value_high current_value potential_value "
    "relationship_value value_score value_class lifecycle_stage tier cluster",
    "churn": "customer_id churn_probability risk_band value_at_risk reason_1 reason_2 reason_3",
    "feedback": "feedback_id customer_id language sentiment sentiment_score topic aspects",
    "satisfaction": "customer_id n_feedback mean_rating nps_class n_tickets n_complaints open_complaint",
}


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Console:
    """The console script with the environment it runs in."""

    environment: dict[str, str]

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """The command, running, with pipes to its output."""
        return subprocess.Popen(
            [str(SCRIPT), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, *arguments: str | Path) -> Done:
        """The command, ended."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        return Done(process.returncode, out, err)


@pytest.fixture(scope="session")
def console(shared_folder: Path) -> Console:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    own = {
        "XDG_CACHE_HOME": str(shared_folder / "cache"),
        "WORKBENCH_KEY_FILE": str(shared_folder / "pseudonyms.key"),
    }
    return Console(kept | own)


@pytest.fixture
def inside(
    console: Console, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The console script called in this process, which has imported its libraries already."""
    for name in ("XDG_CACHE_HOME", "WORKBENCH_KEY_FILE"):
        monkeypatch.setenv(name, console.environment[name])
    # The script has the name that it is called by, not that of the module this process was started with.
    monkeypatch.setattr(sys.modules["__main__"], "__package__", None, raising=False)

    def call(*arguments: str | Path) -> Done:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["workbench", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capfd.readouterr())

    return call


@pytest.fixture(scope="session")
def company(console: Console, shared_folder: Path) -> Path:
    """The folder of a small demo company with its study file."""
    folder = shared_folder / "company"
    assert console("demo", folder, "--customers", str(CUSTOMERS)).code == 0
    return folder


def write_orders(company: Path, folder: Path) -> Path:
    """The study file of a company that has nothing but the orders of `company`."""
    source = yaml.safe_load((company / "source.yml").read_text(encoding="utf-8"))
    orders = source["tables"]["transactions"]
    text = gzip.decompress((company / orders["from"]).read_bytes())
    (folder / "orders.csv").write_bytes(text)
    tables = {"tables": {"transactions": orders | {"from": "orders.csv"}}}
    (folder / "source.yml").write_text(yaml.safe_dump(tables), encoding="utf-8")
    (folder / "study.yml").write_text((company / "study.yml").read_text("utf-8"), encoding="utf-8")
    return folder / "study.yml"


@pytest.fixture(scope="session")
def quick(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of one table, for tests of how runs go: its notebooks 04 and 03 take the least time."""
    return write_orders(company, tmp_path_factory.mktemp("orders"))


def snapshot_of(archive: Path) -> dict[str, str]:
    """The hash of every file of an archive, but of those in folders that begin with a dot."""
    paths = [path for path in archive.rglob("*") if path.is_file()]
    names = [path.relative_to(archive) for path in paths]
    seen = [name for name in names if not any(part.startswith(".") for part in name.parts[:-1])]
    return {str(name): hashlib.sha256((archive / name).read_bytes()).hexdigest() for name in seen}


@pytest.fixture(scope="session")
def snapshot() -> Callable[[Path], dict[str, str]]:
    return snapshot_of


@dataclass(frozen=True)
class Report:
    """A published run of all notebooks."""

    folder: Path

    def text(self, name: str) -> str:
        """A file of the run."""
        return (self.folder / name).read_text(encoding="utf-8")

    def metrics(self, notebook: str) -> dict[str, dict[str, Any]]:
        """The figures of a notebook by name."""
        listed = json.loads(self.text(f"results/{notebook}.json"))["metrics"]
        return {metric["name"]: metric for metric in listed}

    def value(self, notebook: str, name: str) -> float:
        """A figure that is there."""
        return float(self.metrics(notebook)[name]["value"])

    def table(self, name: str) -> pd.DataFrame:
        """Row-level results."""
        return pd.read_parquet(self.folder / "tables" / f"{name}.parquet")

    def check_promises(self) -> None:
        """Names, columns and pages that other programs and readers rely on are there, whatever the data."""
        for notebook, names in PROMISED_METRICS.items():
            assert set(names.split()) <= self.metrics(notebook).keys(), notebook
        for table, columns in PROMISED_COLUMNS.items():
            assert set(columns.split()) <= set(self.table(table).columns), table
        for page in ("index", *PROMISED_METRICS):
            assert not re.search(r"https?:|//[a-z]", self.text(f"{page}.html")), page
        assert [fault for run in list_runs(self.folder.parents[2]) for fault in verify(run)] == []


@pytest.fixture(scope="session")
def published(console: Console) -> Callable[..., Report]:
    """Run all notebooks of a study into an archive of its own."""

    def report(study: Path, *options: str) -> Report:
        archive = study.parent / "archive"
        done = console("run", study, "--archive", archive, *options)
        assert (done.code, done.err.count("failed")) == (0, 0), done.err
        (manifest,) = archive.glob("*/*/*/manifest.json")
        return Report(manifest.parent)

    return report
