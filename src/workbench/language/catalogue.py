"""Message catalogues: one folder per language, one file per topic, one code per message.

A message is a format string. Besides Python's own format specs it knows ``integer``, ``number``,
``percent``, ``whole_percent``, ``money``, ``exact_money``,
``date`` and ``month``: ``"{share:percent} of {revenue:money}"``.
"""

import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from workbench.errors import unknown_name
from workbench.language.numbers import SPECS, write_spec
from workbench.own_yaml import read_own_folder

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Speech:
    """The language words are spoken in and the currency money is written in."""

    language: str = "en"
    currency: str = "EUR"


_speech: ContextVar[Speech] = ContextVar("speech", default=Speech())  # noqa: B039  frozen, so shareable


def use(language: str, currency: str = "EUR") -> None:
    """Speak `language` from here on, in this process (a notebook's kernel speaks one language)."""
    if language not in LANGUAGES:
        raise unknown_name("language", "the language", language, LANGUAGES)
    _speech.set(Speech(language, currency))


@contextmanager
def speaking(language: str, currency: str = "EUR") -> Iterator[None]:
    """Speak `language` inside the ``with`` block."""
    before = _speech.get()
    use(language, currency)
    try:
        yield
    finally:
        _speech.set(before)


def current() -> Speech:
    """The language and currency in force."""
    return _speech.get()


@cache
def messages(language: str) -> dict[str, str]:
    """All messages of a language by code."""
    return read_own_folder("workbench.language", "messages", language)


def is_message(code: str) -> bool:
    """Whether the catalogues have this code."""
    return code in messages(current().language)


class Said(str):
    """A message as it was said; it remembers its code and values, so that it can be said in any language.

    Wherever text is expected it is text. What is made of it (a part, a join) remembers nothing.
    """

    code: str
    values: Mapping[str, Any]

    def __new__(cls, text: str, code: str, values: Mapping[str, Any]) -> "Said":
        said = super().__new__(cls, text)
        said.code, said.values = code, values
        return said

    def __getnewargs__(self) -> tuple[str, str, Mapping[str, Any]]:  # type: ignore[override]  # for pickle
        return str(self), self.code, self.values


class Given(str):
    """Words that a user has given in several languages, as they are in the one in force when made."""

    texts: Mapping[str, str]

    def __new__(cls, texts: Mapping[str, str], default: str) -> "Given":
        given = super().__new__(cls, texts.get(current().language, default))
        given.texts = {"": default, **texts}
        return given

    def __getnewargs__(self) -> tuple[Mapping[str, str], str]:  # type: ignore[override]  # for pickle
        return self.texts, self.texts[""]


def again(text: Any) -> Any:
    """`text` said once more, in the language now in force; what knows no other language stays as it is.

    So does a message whose code is no longer in the catalogue: an old run said it.
    """
    if isinstance(text, Given):
        return Given(text.texts, text.texts[""])
    if not isinstance(text, Said) or text.code not in messages(current().language):
        return text
    return say(text.code, **text.values)


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec in SPECS:
            speech = current()
            return write_spec(value, format_spec, speech.language, speech.currency)
        return str(super().format_field(value, format_spec))


def say(code: str, /, **values: Any) -> str:
    """The message `code` in the current language, with `values` filled in.

    Returns
    -------
    str
        A `Said`. Values that are messages themselves are said again in the current language.

    Raises
    ------
    KeyError
        If the catalogue has no such code: a programming error, which a test over all codes finds.
    """
    spoken = {name: again(value) for name, value in values.items()}
    return Said(_Formatter().vformat(messages(current().language)[code], (), spoken), code, values)
