"""The record of a run: what went in, what ran it, what came out, and the hash of every file."""

import csv
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from packaging.requirements import Requirement

from workbench.language import definition_version, metric_entry, speaking
from workbench.report.outputs import plain_error
from workbench.results import Finding, Results, loads
from workbench.runner.execute import Execution
from workbench.runner.judge import Verdict
from workbench.runner.plan import PROJECT, Plan, Step
from workbench.runner.reuse import Earlier
from workbench.runner.runs import hashes

SCHEMA_VERSION = 1


def environment() -> dict[str, str]:
    """The installed versions of the packages that the workbench itself asks for, and of Python."""
    found = {"python": platform.python_version(), "workbench": version("workbench")}
    for text in requires("workbench") or ():
        name = Requirement(text).name
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return dict(sorted(found.items()))


def commit() -> str:
    """The commit of the code, with ``+`` if files were changed since; empty outside a git checkout."""
    try:
        head = _git("rev-parse", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@dataclass(frozen=True)
class Record:
    """What the supervisor knows of a run beside its plan.

    Attributes
    ----------
    pages : mapping
        Page keys by notebook.
    reuse : mapping
        The earlier runs that have executed notebooks of this one.
    costs : mapping
        What each notebook that was executed has cost.
    last_month : mapping, optional
        The manifest of the study's last report before this month.
    """

    started_at: datetime
    pages: Mapping[str, str]
    reuse: Mapping[str, Earlier]
    costs: Mapping[str, Execution] = field(default_factory=dict)
    last_month: Mapping[str, Any] | None = None


def manifest(plan: Plan, verdicts: Sequence[Verdict], *, status: str, record: Record) -> dict[str, Any]:
    """The manifest of a run but for the list of its files."""
    found = [done for v in verdicts if (done := read_results(plan.staging, v.notebook)) is not None]
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": plan.run_id,
        "study": plan.study.study,
        "title": plan.study.title,
        "language": plan.study.language,
        "languages": list(plan.languages),
        "period": plan.period,
        "as_of": plan.as_of.isoformat(),
        "status": status,
        "started_at": record.started_at.isoformat(timespec="seconds"),
        "ended_at": plan.clock().isoformat(timespec="seconds"),
        "command": plan.command,
        "parameters": {step.notebook: dict(step.injected) for step in plan.steps},
        "seed": plan.study.seed,
        "inputs": list(plan.inputs),
        "commit": commit(),
        "packages": environment(),
        "notebooks": [
            _notebook(plan, step, verdict, record) for step, verdict in zip(plan.steps, verdicts, strict=True)
        ],
        "figures": [
            {"notebook": r.notebook, "name": m.name, "value": m.value, "unit": metric_entry(m.name).unit}
            for r in found
            for m in r.metrics
        ],
        "findings": [
            {"notebook": r.notebook, "code": f.code, "text": _in_all(plan, f)}
            for r in found
            for f in r.findings
        ],
        "checks": {
            "passed": sum(check.passed for r in found for check in r.checks),
            "of": sum(len(r.checks) for r in found),
        },
        "definitions": {m.name: definition_version(m.name) for r in found for m in r.metrics},
    }


def files(staging: Path) -> dict[str, dict[str, Any]]:
    """Hash and size of every file of a run but its manifest; of a table its rows too."""
    found: dict[str, dict[str, Any]] = {}
    for name, digest in hashes(staging).items():
        found[name] = {"sha256": digest, "bytes": (staging / name).stat().st_size}
        if name.startswith("tables/"):
            found[name]["rows"] = table_rows(staging / name)
    return found


def table_rows(path: Path) -> int:
    """Rows of a table that a notebook has handed on, Parquet or CSV (without its head)."""
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _notebook(plan: Plan, step: Step, verdict: Verdict, record: Record) -> dict[str, Any]:
    """What the manifest says of one notebook."""
    name, status = verdict.notebook, "skipped" if verdict.skipped else "failed"
    told: dict[str, Any] = {
        "name": name,
        "status": "complete" if verdict.succeeded else status,
        "reason": None if verdict.reason is None else plain_error(verdict.reason),
        "page": page_name(verdict),
        "execution": dict(step.execution),
        "page_key": record.pages[name],
        "executed": sorted(path.name for path in (plan.staging / "notebooks").glob(f"{name}*.ipynb")),
        "tables": sorted(_tables(plan.staging, name)),
    }
    if name in record.reuse:
        earlier = record.reuse[name]
        return told | {"executed_in": earlier.notebook(name).get("executed_in") or earlier.run_id}
    cost = record.costs.get(name)
    return told | ({} if cost is None else {"seconds": round(cost.seconds, 1), "peak_mib": cost.peak_mib})


def _tables(staging: Path, notebook: str) -> list[str]:
    """The tables that the notebook has handed on."""
    try:
        content = json.loads((staging / "results" / f"{notebook}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return list(content.get("tables") or ())


def _in_all(plan: Plan, finding: Finding) -> dict[str, str]:
    """The sentence of `finding` in each language of the run."""
    texts = {}
    for language in plan.languages:
        with speaking(language, plan.study.currency):
            texts[language] = finding.text
    return texts


def page_name(verdict: Verdict) -> str:
    """The page of a notebook, relative to the run; empty if there is none."""
    return f"{verdict.notebook}.html" if verdict.node is not None else ""


def read_results(folder: Path, notebook: str) -> Results | None:
    """A notebook's figures, or None if it has none or an older version wrote metrics we no longer know."""
    try:
        return loads((folder / "results" / f"{notebook}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
