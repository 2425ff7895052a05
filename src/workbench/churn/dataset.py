"""What the models see, the same for both bases: labelled rows, rows to score, feature columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from workbench.churn.labels import Cutoffs
from workbench.results import Missing

# With fewer of either class the interval of an AUC is wider than the range a model could move in.
FEWEST_OF_A_CLASS = 50
ATTRIBUTE = "attribute: "  # keeps a company's own column apart from a feature of the same name

Basis = Literal["orders", "subscriptions"]


@dataclass(frozen=True)
class Rule:
    """The naive rule: one feature, and whether more of it means more risk (+1) or less (-1)."""

    feature: str
    sign: int


@dataclass(frozen=True)
class Dataset:
    """Rows for the models. Rows are sorted by content, so that no figure depends on the order of ids.

    Attributes
    ----------
    labelled : pandas.DataFrame
        customer_id, cutoff (date; None without dates), churned (bool), and the columns `features`.
    scored : pandas.DataFrame
        customer_id, churned (bool: already left), yearly_value (money a year; NaN if unknown), `features`.
    cutoffs : Cutoffs or None
        None: no dates, the rows of `labelled` and `scored` are the same and the test is a cross-validation.
    left_out : int
        Customers who are neither active nor at risk: gone too long.
    """

    basis: Basis
    as_of: date
    horizon_days: int
    labelled: pd.DataFrame
    scored: pd.DataFrame
    features: tuple[str, ...]
    rule: Rule
    cutoffs: Cutoffs | None
    left_out: int

    @property
    def test_rows(self) -> pd.Series:
        """Which labelled rows belong to the test cut-off; all of them without cut-offs."""
        if self.cutoffs is None:
            return pd.Series(True, index=self.labelled.index)
        return self.labelled["cutoff"] == self.cutoffs.test


def tidy(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """`frame` with each column of `names` as float, or as text (None where blank).

    Text that is a number in every cell that is not blank becomes a number: an export that writes a blank for
    "no bill yet" must not turn an amount into a thousand categories.
    """
    return frame.assign(**{name: _number_or_text(frame[name]) for name in names})


def _number_or_text(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column):  # booleans too
        return column.astype("float64")
    text = column.astype("object").map(lambda cell: str(cell).strip(), na_action="ignore")
    text = text.where(text.notna() & (text != ""), None)
    numbers = pd.to_numeric(text, errors="coerce")
    return numbers.astype("float64") if numbers.notna().equals(text.notna()) else text


def telling(frame: pd.DataFrame, names: Sequence[str]) -> tuple[str, ...]:
    """Those of `names` that take more than one value in `frame`: a constant tells nothing."""
    return tuple(name for name in names if frame[name].nunique(dropna=False) > 1)


def by_content(frame: pd.DataFrame, first: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """The columns `first`, `names` and customer_id, sorted in this order: ids only break ties."""
    keys = [*first, *names, "customer_id"]
    return frame[keys].sort_values(keys, ignore_index=True)


def too_few(labelled: pd.DataFrame) -> Missing | None:
    """Why `labelled` can not carry a model, if it can not: fewer than FEWEST_OF_A_CLASS of either class."""
    churned = int(labelled["churned"].sum())
    values = {"n": len(labelled), "churned": churned, "needed": FEWEST_OF_A_CLASS}
    if min(churned, len(labelled) - churned) < FEWEST_OF_A_CLASS:
        return Missing("churn.missing_class", values)
    return None
