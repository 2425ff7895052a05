"""What the purchase and spend models accept: columns named, numeric, without gaps."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import refusal

Floats = npt.NDArray[np.float64]


def numeric_columns(X: pd.DataFrame, columns: Iterable[str], where: str) -> list[Floats]:
    """The named columns of `X` as float64, in the order named.

    Raises
    ------
    WorkbenchError
        If a column is absent, holds something else than numbers, holds a missing or infinite value, or
        there is no row.
    """
    names = list(columns)
    for name in names:
        if name not in X.columns:
            next_step = f"Give a frame with the columns {', '.join(names)}."
            raise refusal(where, name, "a column of the frame", f"the columns {_listed(X)}", next_step)
        if not pd.api.types.is_numeric_dtype(X[name]) or pd.api.types.is_bool_dtype(X[name]):
            raise refusal(where, name, "numeric", f"the type {X[name].dtype}", "Convert the column.")
    if X.empty:
        rule = "at least one row long"
        raise refusal(where, "the frame", rule, "0 rows", "Give at least one customer.")
    found = [X[name].to_numpy(np.float64, na_value=np.nan) for name in names]
    if not all(np.isfinite(column).all() for column in found):
        broken = np.any([~np.isfinite(column) for column in found], axis=0)
        refuse_where(broken, where, "every value", "a finite number")
    return found


def refuse_where(broken: npt.NDArray[np.bool_], where: str, what: str, rule: str) -> None:
    """Refuse when any row is marked in `broken`, with the number of such rows.

    Raises
    ------
    WorkbenchError
        If any row is marked.
    """
    if broken.any():
        got = f"{int(broken.sum())} of {len(broken)} rows that are not"
        raise refusal(where, what, rule, got, "Correct or leave out these rows.")


def _listed(X: pd.DataFrame) -> str:
    return ", ".join(str(name) for name in X.columns) or "(none)"
