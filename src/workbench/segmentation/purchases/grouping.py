"""Equal customers are computed once: distinct rows of a few columns, and how many customers share each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]


def distinct(columns: Sequence[Floats]) -> tuple[list[Floats], Positions]:
    """The distinct rows of `columns` in the order of their content, and the place of each given row there."""
    key, levels = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        codes, values = _numbered(column)
        if levels * len(values) >= 2**62:  # numbered anew, so that no product of levels can overflow
            key, seen = _numbered(key)
            levels = len(seen)
        key, levels = key * len(values) + codes, levels * len(values)
    which, rows = _numbered(key)
    first = np.empty(len(rows), dtype=np.intp)
    first[which[::-1]] = np.arange(len(key))[::-1]
    return [column[first] for column in columns], which


def weighted(columns: Sequence[Floats]) -> tuple[list[Floats], Floats]:
    """The distinct rows of `columns`, and how many rows each of them stands for."""
    values, which = distinct(columns)
    return values, np.bincount(which).astype(np.float64)


def thinned(columns: Sequence[Floats], weight: Floats, most: int) -> tuple[list[Floats], Floats]:
    """About `most` of the rows, evenly over their order, with their weights."""
    step = -(-len(weight) // most)
    return [column[::step] for column in columns], weight[::step]


def _numbered(values: npt.NDArray[Any]) -> tuple[Positions, npt.NDArray[Any]]:
    """Number of each value among the sorted distinct ones. Hashing first: few values are sorted, not all."""
    codes, found = pd.factorize(values)
    order = np.argsort(found)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    return place[codes], np.asarray(found)[order]
