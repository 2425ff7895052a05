"""The feature dictionary (特征口径): what each as-of feature is, in both languages, and its unit."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from workbench.own_yaml import read_own

Kind = Literal["count", "sum", "measure"]


@dataclass(frozen=True)
class Feature:
    """One feature.

    Attributes
    ----------
    kind : str
        ``count`` (whole number, 0 where nothing is seen), ``sum`` (0 where nothing is seen) or ``measure``
        (NULL where nothing is seen).
    unit : str
        For example ``orders``, ``currency``, ``days``, ``share``.
    table : str
        The canonical table that it is made from.
    window : str
        ``all`` (everything up to the cut-off) or the number of last days, the cut-off's day included.
    en, zh : str
        Its definition.
    """

    name: str
    kind: Kind
    unit: str
    table: str
    window: str
    en: str
    zh: str

    @property
    def type(self) -> str:
        """The type of its column."""
        return "int64" if self.kind == "count" else "float64"

    @property
    def zero_if_none(self) -> bool:
        """Whether a customer without rows in the table has 0, not NULL."""
        return self.kind != "measure"


@cache
def dictionary() -> tuple[Feature, ...]:
    """Every as-of feature, in the order of the columns of `as_of_features`."""
    return tuple(
        Feature(
            name, entry["kind"], entry["unit"], entry["table"], str(entry["window"]), entry["en"], entry["zh"]
        )
        for name, entry in read_own("workbench.features", "dictionary.yml").items()
    )
