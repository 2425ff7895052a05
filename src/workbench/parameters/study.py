"""The study file: what is asked, of which source, in which language."""

from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from workbench.errors import nearest, refusal, unknown_name
from workbench.parameters.notebooks import MODELS, NotebookParameters
from workbench.parameters.validation import checked, read_yaml

COMMON = frozenset(NotebookParameters.model_fields)


class Study(BaseModel):
    """A study as its file says it. `path` is the file; `source` is resolved against it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)
    title: str = Field(min_length=1, max_length=200)
    language: Literal["en", "zh"] = "en"
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$")
    timezone: str = "UTC"
    source: Path
    identify: bool = False
    seed: int = Field(1, ge=0)
    notebooks: dict[str, dict[str, Any]] = Field(min_length=1)
    path: Path = Field(Path(), exclude=True)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            near = nearest(value, available_timezones())
            raise ValueError(f"an IANA time zone{f' (did you mean {near}?)' if near else ''}")
        return str(ZoneInfo(value))

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
        for key in own:
            if key in COMMON:
                names = sorted(set(model.model_fields) - COMMON)
                raise unknown_name(where, f"{prefix}.{key} (the study's own key)", key, names)
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
    study = checked(Study, content | {"path": path}, str(path))
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
    if not isinstance(sections, dict) or notebook not in sections:
        raise unknown_name("--set", "the notebook", notebook, sections or ())
    sections[notebook] = (sections[notebook] or {}) | {name: yaml.safe_load(text)}
