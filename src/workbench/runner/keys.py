"""What a notebook's outputs and its page follow from, each as one digest.

Of two runs with the same execution key the later one has nothing to execute; with the same page keys it has
nothing to publish. What the user changes for the eye alone (words of the pages, templates, text between the
cells) is in the page key only.
"""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import nbformat

from workbench.code import code_digest, page_code_digest


def execution_key(
    notebook: Path,
    parameters: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
    languages: Sequence[str],
    *,
    source: Mapping[str, Any],
    pseudonyms: str,
) -> dict[str, str]:
    """The parts of an execution key by name, and ``key``, the digest of all.

    Parameters
    ----------
    parameters : mapping
        As they are injected.
    inputs : sequence of mappings
        What went in, by content: see `sources.describe_inputs`. Their names on disk do not count.
    languages : sequence of str
        In which the notebook shows what it has computed.
    source : mapping
        The source file: what its columns mean and which rows count.
    pseudonyms : str
        Fingerprint of the key that customers' ids are hidden with.
    """
    cells = [(c.cell_type, c.source) for c in _cells(notebook) if c.cell_type == "code"]
    parts = {
        "notebook": digest(cells),
        "parameters": digest(dict(parameters)),
        "inputs": digest(sorted(json.dumps(_content(one), sort_keys=True) for one in inputs)),
        "source": digest(source),
        "languages": digest(list(languages)),
        "pseudonyms": pseudonyms,
        "code": code_digest(),
        "packages": packages_digest(),
    }
    return parts | {"key": digest(parts)}


def page_key(notebook: Path, execution: Mapping[str, str], around: Any) -> str:
    """The digest of all that the page of a notebook follows from.

    Parameters
    ----------
    around : JSON value
        What the page tells beside the notebook: title, earlier reports it compares with.
    """
    return digest([execution["key"], [c.source for c in _cells(notebook)], page_code_digest(), around])


def _content(described: Mapping[str, Any]) -> list[Any]:
    return [described["table"], described.get("sha256") or described.get("digest"), described.get("rows")]


def _cells(notebook: Path) -> list[Any]:
    return list(nbformat.read(notebook, as_version=4).cells)


def digest(value: Any) -> str:
    """The SHA-256 of a JSON value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def packages_digest() -> str:
    """Of the names and versions of all installed packages, and of Python's."""
    found = sorted({f"{one.metadata['Name']}=={one.version}".lower() for one in distributions()})
    return digest([platform.python_version(), found])
