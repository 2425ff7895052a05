"""The YAML files that come with the workbench: word lists, messages, catalogues."""

from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml


def read_own(package: str, name: str) -> Any:
    """What the file `name` beside the modules of `package` holds."""
    return _content(resources.files(package) / name)


def read_own_folder(package: str, *names: str) -> dict[str, Any]:
    """The mappings of all files in a folder of `package`, as one."""
    found: dict[str, Any] = {}
    for file in sorted(resources.files(package).joinpath(*names).iterdir(), key=lambda f: f.name):
        found |= _content(file)
    return found


def _content(file: Traversable) -> Any:
    # libyaml reads a language's messages in a tenth of the time; the lines of its errors, which users need
    # for files of their own, are nobody's concern here.
    return yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
