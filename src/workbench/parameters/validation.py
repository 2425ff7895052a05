"""YAML in, frozen model out; whatever breaks a rule becomes one refusal that names file, key and rule."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from workbench.errors import WorkbenchError, refusal, unknown_name

Model = TypeVar("Model", bound=BaseModel)
# pydantic's words where they do not follow "must be", by the type of the error.
RULES = {
    "dict_type": "a mapping of names to values",
    "too_short": "filled: {min_length} entry or more",
    "string_too_short": "text of {min_length} character or more",
    "string_too_long": "text of {max_length} characters or fewer",
    "string_pattern_mismatch": "text that fits the pattern {pattern}",
}
DATE_RULE = "a date YYYY-MM-DD"


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML's own rule is that the last of two equal keys wins silently: here it is refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        # A merge (`<<: *others`) is no key of its own, and what it brings may be overwritten.
        own = [key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        keys = [self.construct_object(key, deep=deep) for key in own]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(
                    f"the key '{key}' stands twice (line {node.start_mark.line + 1} and below)"
                )
        return super().construct_mapping(node, deep)


def _date(loader: _UniqueKeyLoader, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        line = node.start_mark.line + 1
        raise yaml.YAMLError(f"'{node.value}', which is no date (line {line})") from None


_UniqueKeyLoader.add_constructor("tag:yaml.org,2002:timestamp", _date)


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


def checked_file(model: type[Model], content: dict[str, Any], path: Path) -> Model:
    """The `content` of the file `path` as a `model`, whose field `path` is the file and no key in it.

    Raises
    ------
    WorkbenchError
        For the first thing that breaks a rule.
    """
    if "path" in content:
        raise unknown_name(str(path), "path", "path", _names_at(model, ()))
    return checked(model, content | {"path": path}, str(path))


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
        # A key that is missing is often the misspelled one, which says more.
        details = sorted(error.errors(include_url=False), key=lambda d: d["type"] != "extra_forbidden")
        key = ".".join([prefix] * bool(prefix) + _written_place(content, details[0]))
        raise _refused(model, details[0], where, key, others=len(details) - 1) from None


def _refused(
    model: type[BaseModel], detail: ErrorDetails, where: str, key: str, *, others: int
) -> WorkbenchError:
    more = f" ({others} more to mend in this file.)" if others else ""
    if detail["type"] == "extra_forbidden":
        names = _names_at(model, detail["loc"][:-1])
        return WorkbenchError(str(unknown_name(where, key, str(detail["loc"][-1]), names)) + more)
    if detail["type"] == "missing":
        return refusal(where, key, "given", "nothing", f"Add the key.{more}")
    return refusal(where, key or "the file", _rule(detail), _given(detail), f"Correct the value.{more}")


def _rule(detail: ErrorDetails) -> str:
    if detail["type"].startswith("date"):
        return DATE_RULE
    if detail["type"] in RULES:
        return RULES[detail["type"]].format(**detail.get("ctx", {}))
    return detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")


def _given(detail: ErrorDetails) -> str:
    """The value, or of a mapping the keys."""
    given = detail["input"]
    if not isinstance(given, dict):
        return repr(given)
    keys = [str(key) for key in given if key != "path"]
    return f"a mapping of {', '.join(keys)}" if keys else "an empty mapping"


def _written_place(content: Any, detail: ErrorDetails) -> list[str]:
    """The path to the value as it is written in the file, without pydantic's names for kinds of values."""
    place: list[str] = []
    for part in detail["loc"]:
        written = isinstance(content, dict) and part in content
        if not written and detail["type"] != "missing":
            break
        place.append(str(part))
        content = content[part] if written else None
    return place


def _names_at(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The keys that exist at `place` inside `model`, as they are written in the file."""
    for part in place:
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        if field is None:
            continue  # a name chosen by the user, such as a table's
        inner = _inner_model(field.annotation)
        model = inner if inner is not None else model
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in getattr(annotation, "__args__", ()) if (m := _inner_model(a))), None)
