"""The record of a run: what went in, what ran it, what came out, and the hash of every file."""

import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from workbench.report.outputs import plain_error
from workbench.runner.archive import hashes
from workbench.runner.judge import Verdict
from workbench.runner.plan import PROJECT, Plan

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


def manifest(plan: Plan, verdicts: Sequence[Verdict], *, started_at: datetime, status: str) -> dict[str, Any]:
    """The manifest of a run whose other files are all in its staging folder."""
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": plan.run_id,
        "study": plan.study.study,
        "title": plan.study.title,
        "language": plan.study.language,
        "period": plan.period,
        "as_of": plan.as_of.isoformat(),
        "status": status,
        "started_at": started_at.isoformat(timespec="seconds"),
        "ended_at": plan.clock().isoformat(timespec="seconds"),
        "command": plan.command,
        "parameters": {step.notebook: dict(step.injected) for step in plan.steps},
        "seed": plan.study.seed,
        "inputs": list(plan.inputs),
        "commit": commit(),
        "packages": environment(),
        "notebooks": [
            {
                "name": verdict.notebook,
                "status": "complete" if verdict.succeeded else "failed",
                "reason": None if verdict.reason is None else plain_error(verdict.reason),
                "page": page_name(verdict),
            }
            for verdict in verdicts
        ],
        "files": {name: {"sha256": digest, "bytes": _size(plan.staging / name)}
                  for name, digest in hashes(plan.staging).items()},
    }  # fmt: skip


def page_name(verdict: Verdict) -> str:
    """The page of a notebook, relative to the run; empty if there is none."""
    return f"{verdict.notebook}.html" if verdict.node is not None else ""


def _size(path: Path) -> int:
    return path.stat().st_size
