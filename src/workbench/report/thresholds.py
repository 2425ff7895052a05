"""The limits by which notebooks judge: each stands in the code once, and is read from there."""

import ast
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import workbench
from workbench.language import current
from workbench.own_yaml import read_own_folder
from workbench.report.wording import in_unit

PACKAGE = Path(workbench.__file__).parent
VERSION_LENGTH = 8  # hexadecimal digits: two versions of one limit will not share them


@dataclass(frozen=True)
class Threshold:
    """One limit in the current language; `version` changes whenever its value or its definition does."""

    name: str
    value: str
    definition: str
    version: str


def thresholds(notebook: str) -> list[Threshold]:
    """The limits that `notebook` judges by, in the order of their registry."""
    return [_threshold(name, entry) for name, entry in registry().items() if entry["notebook"] == notebook]


@cache
def registry() -> dict[str, dict[str, Any]]:
    """All entries as written, by name: notebook, constant (``folder/module.py:NAME``), unit, en, zh."""
    return read_own_folder("workbench.language", "thresholds")


@cache
def constant(place: str) -> Any:
    """The value of a constant of the code, read from its text: the report imports no topic.

    Raises
    ------
    KeyError
        If the module has no such constant that is a literal; a test over the registry finds it.
    """
    file, _, name = place.partition(":")
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found = _bound(target, node.value)
                if name in found:
                    return ast.literal_eval(found[name])
    raise KeyError(place)


def _bound(target: ast.expr, value: ast.expr) -> dict[str, ast.expr]:
    """Name → expression of one assignment, of ``a, b = 1, 2`` for both."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return {t.id: v for t, v in zip(target.elts, value.elts, strict=True) if isinstance(t, ast.Name)}
    return {}


def _threshold(name: str, entry: dict[str, Any]) -> Threshold:
    value = constant(entry["constant"])
    told = json.dumps([value, entry["unit"], entry["en"], entry["zh"]], ensure_ascii=False)
    version = hashlib.sha256(told.encode()).hexdigest()[:VERSION_LENGTH]
    return Threshold(name, in_unit(value, entry["unit"]), entry[current().language], version)
