"""Single words and texts as YAML: bare where every reader agrees, else in single quotes."""

import re

import yaml

BARE = re.compile(r"[A-Za-z_][\w .*/()+<>=%',|-]*", re.ASCII)


def value(text: str) -> str:
    """`text` as a value."""
    return text if BARE.fullmatch(text) and text == text.strip() and _same(text) else quote(text)


def key(text: str) -> str:
    """`text` as a key or as an entry of a list in brackets."""
    return text if re.fullmatch(r"[A-Za-z_]\w*", text, re.ASCII) and _same(text) else quote(text)


def quote(text: str) -> str:
    """`text` in single quotes; line breaks, which a name may hold, in double ones."""
    if any(ord(c) < ord(" ") for c in text):
        return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10_000).strip()
    return "'" + text.replace("'", "''") + "'"


def remark(text: str) -> str:
    """`text` as it may stand behind a #: on one line."""
    return " ".join(text.split())


def _same(text: str) -> bool:
    """Whether YAML reads the bare `text` as itself: `no` and `null` are read as something else."""
    return bool(yaml.safe_load(text) == text)
