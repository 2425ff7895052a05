"""The words of the room: headers of customers files, stopgaps of forms, short forms in addresses."""

from functools import cache
from typing import Any

from workbench.own_yaml import read_own


@cache
def words() -> dict[str, Any]:
    """What ``words.yml`` holds."""
    content: dict[str, Any] = read_own("workbench.linkage", "words.yml")
    return content


def headers(field: str) -> list[list[str]]:
    """The headers by which `field` is recognised, the likeliest first; several are parts to join."""
    return [choice.split(" + ") for choice in words()["headers"][field]]


def fillers(kind: str) -> list[str]:
    """The stopgaps of a kind: ``words``, ``boxes``, ``domains`` or ``phones``."""
    return [str(word) for word in words()["fillers"][kind]]
