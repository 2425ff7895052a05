"""Independent pieces of work at the same time, on threads of one process."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


def side_by_side(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """What both return, computed at the same time; `first` stays on the thread that asks.

    Worth it where both mostly work on large arrays, for NumPy lets go of the interpreter's lock there. Both
    speak the language of who asks. Neither may depend on what the other does, and only one may ask an engine:
    a connection serves one thread.

    Raises
    ------
    Exception
        What either raises, once both have ended; of two that of `first`.
    """
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(copy_context().run, second)
        found = first()
    return found, other.result()
