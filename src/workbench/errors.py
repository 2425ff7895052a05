"""The one family of errors a user sees, and the one sentence form they take."""

import difflib
from collections.abc import Iterable


class WorkbenchError(Exception):
    """Something the user can put right. The command line prints it without a traceback.

    Attributes
    ----------
    exit_code : int
        What the process ends with: 1 a notebook failed, 2 parameters or data refused, 3 locked.
    """

    def __init__(self, message: str, *, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def refusal(where: str, what: str, rule: str, got: str, next_step: str) -> WorkbenchError:
    """The error for parameters or data that break a rule.

    `got` holds a parameter's value or a count, never a value out of a customer's row.

    Returns
    -------
    WorkbenchError
        With the message ``<where>: <what> must be <rule>; got <got>. <next step>`` and exit code 2.
    """
    return WorkbenchError(f"{where}: {what} must be {rule}; got {got}. {next_step}")


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The valid name closest to `name`, upper and lower case being the same, or None if none is close."""
    by_folded = {valid.casefold(): valid for valid in names}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def unknown_name(where: str, what: str, got: str, names: Iterable[str]) -> WorkbenchError:
    """The refusal of a name that does not exist, with the names that do and the nearest of them."""
    valid = sorted(names)
    near = nearest(got, valid)
    hint = f"Did you mean '{near}'?" if near else "Use one of these names."
    return refusal(where, what, f"one of {', '.join(valid)}", f"'{got}'", hint)
