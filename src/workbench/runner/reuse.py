"""What earlier runs of a study and month have left that serves again, and when there is nothing to do."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from workbench.runner.judge import Verdict
from workbench.runner.keys import page_key
from workbench.runner.plan import Plan, Step


@dataclass(frozen=True)
class Earlier:
    """An earlier run of the study and month, with its folder on this machine's disk."""

    run_id: str
    folder: Path
    manifest: Mapping[str, Any]

    def notebook(self, name: str) -> Mapping[str, Any]:
        """What its manifest says of a notebook; empty if it had none of that name."""
        listed = self.manifest.get("notebooks") or ()
        return next((one for one in listed if one.get("name") == name), {})


def page_keys(plan: Plan, compared_with: Sequence[str]) -> dict[str, str]:
    """The page key of each notebook of the plan; `compared_with` are the earlier months' runs."""
    study = plan.study
    around = [study.study, study.title, study.currency, plan.as_of.isoformat(), plan.languages, compared_with]
    whole = [around, [step.notebook for step in plan.steps]]
    return {step.notebook: page_key(step.path, step.execution, whole) for step in plan.steps}


def is_unchanged(plan: Plan, current: Earlier, pages: Mapping[str, str]) -> bool:
    """Whether the month's report is already what the plan would make of it."""
    there = [str(one.get("name")) for one in current.manifest.get("notebooks") or ()]
    if current.manifest.get("status") != "published" or there != [step.notebook for step in plan.steps]:
        return False
    same = all(current.notebook(name).get("page_key") == key for name, key in pages.items())
    return same and _whole(current, list(current.manifest.get("files", {})))


def reusable(plan: Plan, earlier: Iterable[Earlier]) -> dict[str, Earlier]:
    """For each notebook with nothing new to execute the run, the first of `earlier`, that has executed it."""
    found: dict[str, Earlier] = {}
    for step in plan.steps:
        for run in earlier:
            known = run.notebook(step.notebook)
            same = (known.get("execution") or {}).get("key") == step.execution["key"]
            if same and known.get("status") == "complete" and _whole(run, _files(step.notebook, known)):
                found[step.notebook] = run
                break
    return found


def take_over(plan: Plan, step: Step, run: Earlier) -> Verdict:
    """Bring what `run` has left of the notebook into the staging folder, with today's text between cells."""
    for name in _files(step.notebook, run.notebook(step.notebook)):
        target = plan.staging / name
        if target.suffix == ".ipynb":
            today = grafted(
                nbformat.read(step.path, as_version=4), nbformat.read(run.folder / name, as_version=4)
            )
            nbformat.write(today, target)
        else:
            shutil.copyfile(run.folder / name, target)
    node = nbformat.read(plan.staging / "notebooks" / f"{step.notebook}.ipynb", as_version=4)
    return Verdict(step.notebook, None, node)


def grafted(today: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """`executed` with the text cells of `today`: the code of both is the same, cell by cell."""
    done = iter([cell for cell in executed.cells if cell.cell_type == "code"])
    cells = []
    for cell in today.cells:
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        ran = next(done)
        cells.append(ran)
        if "parameters" in ran.metadata.get("tags", []):  # what was injected stands behind the defaults
            cells.append(next(done))
    whole: NotebookNode = nbformat.from_dict({**executed, "cells": cells})
    return whole


def _files(notebook: str, known: Mapping[str, Any]) -> list[str]:
    """What a run holds of a notebook, beside its pages."""
    notebooks = [f"notebooks/{name}" for name in known.get("executed") or ()]
    names = known.get("tables") or ()
    tables = [f"tables/{name if name.endswith('.csv') else f'{name}.parquet'}" for name in names]
    return [*notebooks, f"results/{notebook}.json", *tables]


def _whole(run: Earlier, names: Sequence[str]) -> bool:
    """Whether the files are there as they were published."""
    promised = run.manifest.get("files") or {}
    return bool(names) and all(
        name in promised and _sha256(run.folder / name) == promised[name].get("sha256") for name in names
    )


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def runs_of_month(month: Path) -> list[Earlier]:
    """The runs in the folder of a study and month that can be read, newest first."""
    found = []
    for folder in sorted((p for p in month.glob("[!.]*") if p.is_dir()), reverse=True):
        content = read_manifest(folder)
        if content is not None:
            found.append(Earlier(folder.name, folder, content))
    return found


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of the run in `folder`, or None if it can not be read."""
    try:
        content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
