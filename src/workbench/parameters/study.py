"""The study file: what is asked, of which source, in which language."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from workbench.errors import refusal, unknown_name
from workbench.parameters.notebooks import MODELS, NotebookParameters, Zone
from workbench.parameters.validation import checked, checked_file, read_yaml

COMMON = frozenset(NotebookParameters.model_fields)


class Study(BaseModel):
    """A study as its file says it. `path` is the file; `source` is resolved against it.

    `also_in` names further languages in which the pages are wanted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)
    title: str = Field(min_length=1, max_length=200)
    language: Literal["en", "zh"] = "en"
    also_in: tuple[Literal["en", "zh"], ...] = ()
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$")
    timezone: Zone = "UTC"
    source: Path
    identify: bool = False
    seed: int = Field(1, ge=0)
    notebooks: dict[str, dict[str, Any]] = Field(min_length=1)
    path: Path = Field(Path(), exclude=True)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the pages, the main one first."""
        return tuple(dict.fromkeys((self.language, *self.also_in)))

    @property
    def source_path(self) -> Path:
        """The source file."""
        return (self.path.parent / self.source).resolve()

    def parameters_of(self, notebook: str, as_of: Any) -> NotebookParameters:
        """The checked parameters of one notebook of the study.

        Raises
        ------
        WorkbenchError
            If the notebook's section has an unknown key, a wrong type or a value out of range.
        """
        own = self.notebooks[notebook] or {}
        model = MODELS[notebook]
        where, prefix = str(self.path), f"notebooks.{notebook}"
        names = set(model.model_fields) - COMMON
        for key in own:
            if key not in names:
                whose = " (the study's own key)" if key in COMMON else ""
                raise unknown_name(where, f"{prefix}.{key}{whose}", str(key), names)
        shared = {name: getattr(self, name) for name in COMMON & set(Study.model_fields)}
        content = own | shared | {"source": self.source_path, "as_of": as_of}
        return checked(model, content, where, prefix)


def read_study(path: Path, overrides: tuple[str, ...] = ()) -> Study:
    """The study that `path` holds, with ``notebook.parameter=value`` overrides laid over it.

    Raises
    ------
    WorkbenchError
        If the file or an override breaks a rule. Nothing was run then.
    """
    content = read_yaml(path, "study")
    for override in overrides:
        _lay_over(content, override)
    if isinstance(content.get("notebooks"), dict):
        for name, own in content["notebooks"].items():
            if name not in MODELS:
                raise unknown_name(str(path), f"notebooks.{name}", str(name), MODELS)
            content["notebooks"][name] = own or {}
    study = checked_file(Study, content, path)
    for notebook in study.notebooks:
        study.parameters_of(notebook, None)
    return study


def _lay_over(content: dict[str, Any], override: str) -> None:
    """Set ``notebook.parameter`` in `content`; the value is read as YAML, so that types stay types."""
    key, equals, text = override.partition("=")
    notebook, dot, name = key.partition(".")
    if not (equals and dot and name):
        rule = "notebook.parameter=value"
        raise refusal("--set", "an override", rule, f"'{override}'", "As in 03_churn.horizon_days=60.")
    sections = content.get("notebooks")
    if not isinstance(sections, dict):
        return  # the file is refused for it
    if notebook not in sections:
        raise unknown_name("--set", "the notebook", notebook, map(str, sections))
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        hint = "As in 03_churn.horizon_days=60."
        raise refusal("--set", f"the value of {key}", "written as in YAML", f"'{text}'", hint) from None
    own = sections[notebook] or {}
    if isinstance(own, dict):
        sections[notebook] = own | {name: value}
