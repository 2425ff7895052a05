"""What notebooks read of the last earlier report: tables by name, and what tells them from others."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workbench.runner.keys import digest
from workbench.runner.plan import Plan, Step


def comparing(plan: Plan, months: Sequence[Path]) -> Plan:
    """`plan` with the tables that its notebooks compare with: those of the last of the reports `months`.

    Their content is a part of what the outputs follow from: a notebook is executed again if it has changed.
    """
    if not months:
        return plan
    folder = months[-1] / "tables"
    wanted = {name for step in plan.steps for name in step.parameters.compares}
    plan.store.bring([(folder / f"{name}.parquet").relative_to(plan.archive).as_posix() for name in wanted])
    return replace(plan, steps=tuple(_with(step, folder) for step in plan.steps))


def _with(step: Step, folder: Path) -> Step:
    paths = [folder / f"{name}.parquet" for name in step.parameters.compares]
    found = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()}
    if not found:
        return step
    parts = {**step.execution, "earlier": digest(found)}
    del parts["key"]
    return replace(step, earlier=folder, execution=parts | {"key": digest(parts)})
