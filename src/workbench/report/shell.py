"""The frame of every page: templates that escape, one style sheet, a policy that lets nothing in."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from workbench.language import say, speaking
from workbench.report.context import Run
from workbench.report.wording import month_name, say_if_known

TEMPLATES = Path(__file__).parent / "templates"
# Nothing is loaded and nothing runs: a page that is mailed or opened from a disk stays what it was.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
LANG_ATTRIBUTES = {"en": "en", "zh": "zh-Hans"}
OWN_NAMES = {"en": "English", "zh": "中文"}  # what a language calls itself: a reader looks for that word


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.tests["decision"] = lambda code: code.startswith("decide.")
    environment.globals |= {"say": say, "state": state_word, "month": month_name, "text": asset}
    environment.globals |= {"lang_tag": LANG_ATTRIBUTES.__getitem__, "own_name": OWN_NAMES.__getitem__}
    return environment


def render(template: str, run: Run, **values: Any) -> str:
    """A page of `run`, in its language."""
    with speaking(run.language, run.currency):
        shared = {
            "run": run,
            "lang": LANG_ATTRIBUTES[run.language],
            "policy": POLICY,
            "print_line": print_line(run),
        }
        return _environment().get_template(template).render(shared | values)


def render_alone(template: str, **values: Any) -> str:
    """A page that belongs to no run."""
    return _environment().get_template(template).render(**values)


def asset(name: str) -> Markup:
    """A file beside the templates, to be inlined as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def state_word(status: str) -> str:
    """`status` in words; a status that has none is printed as it is."""
    return say_if_known(f"report.state_{status}") or status


def print_line(run: Run) -> Markup:
    """What stands at the foot of each printed page, as it may stand inside a CSS string."""
    line = f"{run.study} · {run.period} · {run.run_id}"
    return Markup(re.sub(r"[^\w .:·+-]", "_", line))


def write_page(path: Path, html: str) -> None:
    """Write a page so that a reader meets the old one or the new one, never half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(html, encoding="utf-8")
    part.replace(path)
