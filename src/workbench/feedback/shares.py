"""Shares with their intervals: by language, by month, by topic, by aspect."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Z_95 = 1.959964  # two-sided 95 % quantile of the normal distribution
MIN_CELL = 10  # cell size rule: a group of fewer utterances is not shown
OTHER = "other"


@dataclass(frozen=True)
class Split:
    """Utterances by group.

    Attributes
    ----------
    groups : pandas.DataFrame
        One row per group of at least MIN_CELL utterances. group; n (utterances); share, share_low, share_high
        (of all utterances that could be in a group); n_judged (with a sentiment); n_negative, n_positive;
        negative, negative_low, negative_high and positive, positive_low, positive_high (shares of n_judged).
    n_left_out : int
        Utterances in groups that are too small to show.
    """

    groups: pd.DataFrame
    n_left_out: int


def wilson(numerator: ArrayLike, denominator: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ends of the 95 % Wilson interval; NaN where the denominator is 0.

    Source: E. B. Wilson, JASA 22 (1927), 209-212, the closed form.
    """
    n = np.asarray(denominator, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(numerator, dtype=float) / n
        middle = (share + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
        half = Z_95 / (1 + Z_95**2 / n) * np.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n**2))
        # Rounding must not put a share of 0 or 1 outside its own interval.
        return np.minimum(middle - half, share).clip(0, 1), np.maximum(middle + half, share).clip(0, 1)


def with_interval(frame: pd.DataFrame, name: str, numerator: str, denominator: str | int) -> pd.DataFrame:
    """`frame` with the columns `name`, `name`_low and `name`_high: a share of two of its columns."""
    below = frame[denominator] if isinstance(denominator, str) else pd.Series(denominator, frame.index)
    low, high = wilson(frame[numerator], below)
    share = frame[numerator] / below.where(below > 0)
    found = {name: share.astype(float), f"{name}_low": low, f"{name}_high": high}
    return pd.concat([frame, pd.DataFrame(found, index=frame.index)], axis=1)


def split(groups: pd.Series, sentiment: pd.Series, *, total: int | None = None) -> Split:
    """Volume and sentiment by group, largest group first.

    Parameters
    ----------
    groups : pandas.Series
        The group of each utterance; missing for none. An utterance may stand in several rows.
    sentiment : pandas.Series
        In the same rows.
    total : int, optional
        What `share` is a share of; all rows with a group if not given.
    """
    rows = pd.DataFrame({"group": groups.to_numpy(), "sentiment": sentiment.to_numpy()}).dropna(
        subset="group"
    )
    counted = (
        rows.assign(negative=rows["sentiment"] == "negative", positive=rows["sentiment"] == "positive")
        .groupby("group")
        .agg(
            n=("group", "size"),
            n_judged=("sentiment", "count"),
            n_negative=("negative", "sum"),
            n_positive=("positive", "sum"),
        )
        .reset_index()
        .sort_values(["n", "group"], ascending=[False, True], ignore_index=True)
    )
    counted = with_interval(counted, "share", "n", len(rows) if total is None else total)
    counted = with_interval(counted, "negative", "n_negative", "n_judged")
    counted = with_interval(counted, "positive", "n_positive", "n_judged")
    large = counted["n"] >= MIN_CELL
    return Split(counted[large].reset_index(drop=True), int(counted.loc[~large, "n"].sum()))
