"""YAML in, frozen model out; whatever breaks a rule becomes one refusal that names file, key and rule."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from workbench.errors import WorkbenchError, refusal, unknown_name

Model = TypeVar("Model", bound=BaseModel)


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML's own rule is that the last of two equal keys wins silently: here it is refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(
                    f"the key '{key}' stands twice (line {node.start_mark.line + 1} and below)"
                )
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, kind: str) -> dict[str, Any]:
    """The mapping that a YAML file holds.

    Raises
    ------
    WorkbenchError
        If the file is missing, is no YAML, or holds no mapping.
    """
    if not path.is_file():
        there = sorted(p.name for p in path.parent.glob("*.yml")) if path.parent.is_dir() else []
        hint = f"In that folder there are: {', '.join(there)}." if there else "Check the path."
        raise refusal(str(path), f"the {kind} file", "a file that exists", "no such file", hint)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _UniqueKeyLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise refusal(
            str(path), f"the {kind} file", "valid YAML in UTF-8", reason, "Mend the file."
        ) from None
    if not isinstance(content, dict):
        got = type(content).__name__
        raise refusal(
            str(path), f"the {kind} file", "a mapping of keys to values", got, "See the user guide."
        )
    return content


def checked(model: type[Model], content: dict[str, Any], where: str, prefix: str = "") -> Model:
    """`content` as a `model`.

    Raises
    ------
    WorkbenchError
        For the first thing that breaks a rule; the message counts the others.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise _refused(model, details[0], where, prefix, others=len(details) - 1) from None


def _refused(
    model: type[BaseModel], detail: ErrorDetails, where: str, prefix: str, *, others: int
) -> WorkbenchError:
    key = ".".join([prefix] * bool(prefix) + [str(part) for part in detail["loc"]])
    more = f" ({others} more to mend in this file.)" if others else ""
    if detail["type"] == "extra_forbidden":
        names = _names_at(model, detail["loc"][:-1])
        return WorkbenchError(str(unknown_name(where, key, str(detail["loc"][-1]), names)) + more)
    if detail["type"] == "missing":
        return refusal(where, key, "given", "nothing", f"Add the key.{more}")
    rule = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return refusal(where, key or "the file", rule, repr(detail["input"]), f"Correct the value.{more}")


def _names_at(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The keys that exist at `place` inside `model`, as they are written in the file."""
    for part in place:
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        if field is None:
            continue  # a name chosen by the user, such as a table's
        inner = _inner_model(field.annotation)
        model = inner if inner is not None else model
    return [field.alias or name for name, field in model.model_fields.items()]


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in getattr(annotation, "__args__", ()) if (m := _inner_model(a))), None)
