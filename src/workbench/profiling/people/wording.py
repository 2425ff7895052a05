"""What columns and values of people are called in the current language."""

from typing import Any

from workbench.language import say
from workbench.language.catalogue import messages
from workbench.profiling.people.catalogue import Tag


def column_label(name: str) -> str:
    """The name of a column that customers are told apart by; a company's own attribute keeps its own."""
    plain = name.replace("__", ".")
    code = f"profiling.people_column_{plain.replace('.', '_')}"
    return say(code) if code in messages("en") else plain.partition(".")[2] or plain


def value_label(column: str, value: Any) -> str:
    """A value of a text column: parts of the day have names, data are as they are."""
    return say(f"profiling.people_part_{value}") if column == "top_day_part" else str(value)


def trait_label(column: str, value: str) -> str:
    """``Region: North``; a message, which another language says again."""
    return say("profiling.people_trait", column=column_label(column), value=value_label(column, value))


def spoken_tag(tag: Tag, value: str | None = None) -> str:
    """The name of a tag, with the value that it carries."""
    if value is None or tag.value is None:
        return tag.label
    return say("profiling.people_trait", column=tag.label, value=value_label(tag.value, value))
