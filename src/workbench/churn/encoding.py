"""From feature columns to the matrix that models learn from."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEWEST_OF_A_LEVEL = 20  # rarer levels of a text column are one level "other"


class Encoder:
    """Turns feature columns into one matrix: numbers as they are, text as the number of its level.

    Attributes
    ----------
    levels_ : dict of str to list of str
        By text column, the levels with at least FEWEST_OF_A_LEVEL training rows; all others share the next
        number. Blank is NaN.
    """

    def __init__(self, features: Sequence[str]) -> None:
        self.features = features

    def fit(self, frame: pd.DataFrame) -> Self:
        """Learn the levels of the text columns of `frame`."""
        self.levels_: dict[str, list[str]] = {}
        for name in self.features:
            if not pd.api.types.is_numeric_dtype(frame[name]):
                counts = frame[name].value_counts()
                self.levels_[name] = sorted(counts.index[counts >= FEWEST_OF_A_LEVEL])
        return self

    @property
    def text_positions(self) -> list[int]:
        """Which columns of the matrix are text."""
        return [place for place, name in enumerate(self.features) if name in self.levels_]

    def transform(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """The matrix, rows × features."""
        columns = [
            self._numbers(frame[name], self.levels_[name]) if name in self.levels_ else frame[name]
            for name in self.features
        ]
        return np.column_stack([column.to_numpy("float64") for column in columns])

    @staticmethod
    def _numbers(column: pd.Series, levels: list[str]) -> pd.Series:
        codes = pd.Series(
            pd.Categorical(column, categories=levels).codes, index=column.index, dtype="float64"
        )
        return codes.where(codes >= 0, float(len(levels))).where(column.notna())
