"""The content of environment.yml, made from the lock: conda users get the same versions of the same packages.

Run by `make lock`; a test compares the file with what this module says.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+?)(?: ; (.+?))? \\$", re.MULTILINE)
HEAD = """\
# Made by `make lock` from requirements.lock. Then: pip install --no-deps -e .
name: workbench
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - make
  - pip:
"""


def pins() -> dict[str, str]:
    """Package name → pinned requirement, as the lock has it for Python 3.11."""
    found = {}
    for name, version, marker in PIN.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")):
        if "python_full_version >= '3.12'" not in marker:
            found[name] = f"{name}=={version}" + (f" ; {marker}" if marker else "")
    return found


def direct() -> list[str]:
    """The packages that pyproject.toml asks for by name, those for development included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    return sorted({re.split(r"[\[<>=! ;]", text)[0].lower().replace("_", "-") for text in asked})


def content() -> str:
    """The whole file: what is asked for by name, then what these packages need."""
    known, named = pins(), direct()
    lines = ["      # asked for by name", *(f'      - "{known[name]}"' for name in named)]
    rest = [f'      - "{pin}"' for name, pin in sorted(known.items()) if name not in named]
    return HEAD + "\n".join([*lines, "      # what these need", *rest]) + "\n"


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(content(), encoding="utf-8")
