"""Customers as points: features on one scale, on which a few very large customers do not decide."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Points = npt.NDArray[np.float64]
# What clusters are made of, as far as the columns are there. `spend_trend` can be asked for, but is left out:
# it is 0 for all who were silent in both of its windows, so that clusters on it tell again who bought lately.
FEATURES = ("days_since_last_order", "n_orders", "revenue", "mean_order_value")
SKEWED = ("n_orders", "revenue", "mean_order_value")
WINSOR = (0.01, 0.99)  # shares beyond which a value counts as the value at that share
IQR_OF_NORMAL = 1.349  # interquartile range of the normal distribution, in standard deviations


@dataclass(frozen=True)
class CustomerPoints:
    """Customers in the order of their content, so that neither ids nor the order of rows can change a result.

    Attributes
    ----------
    measured : pandas.DataFrame
        The features as they are, in the order of content, with the index of the customers.
    scaled : ndarray
        One row for each of `measured`, one column for each of `features`: 0 is the median of the base, 1 a
        robust standard deviation above it.
    features : tuple of str
        Those that vary.
    left_out : tuple of str
        Those that do not.
    distinct : int
        Number of different rows of `measured`.
    """

    measured: pd.DataFrame
    scaled: Points
    features: tuple[str, ...]
    left_out: tuple[str, ...]
    distinct: int


def customer_points(orders: pd.DataFrame, features: tuple[str, ...] = FEATURES) -> CustomerPoints:
    """Scale those of `features` that `orders` has.

    Counts and money are taken as log(1 + x), 0 for what is below 0, because their long tails would make the
    distances; then all are winsorised, because one customer must not move a centre; then the median is taken
    off, and the interquartile range, as a standard deviation, is made 1. Where the range is 0, as of the
    orders where most customers have one, the standard deviation takes its place.
    """
    there = [name for name in features if name in orders.columns]
    measured = orders[there].sort_values(there)
    changed = np.diff(measured.to_numpy(dtype=np.float64), axis=0).any(axis=1)
    distinct = int(changed.sum()) + bool(len(measured))
    varies = [name for name in there if measured[name].nunique() > 1]
    scaled = [_scaled(measured[name]) for name in varies]
    known = [(name, column) for name, column in zip(varies, scaled, strict=True) if column is not None]
    kept = tuple(name for name, _ in known)
    left_out = tuple(name for name in there if name not in kept)
    rows = np.column_stack([column for _, column in known]) if known else np.empty((len(measured), 0))
    return CustomerPoints(measured, rows, kept, left_out, distinct)


def _scaled(values: pd.Series) -> Points | None:
    """None where the winsorised values no longer vary."""
    x = values.to_numpy(dtype=np.float64)
    x = np.log1p(np.maximum(x, 0)) if values.name in SKEWED else x
    x = np.clip(x, *np.quantile(x, WINSOR))
    low, middle, high = np.quantile(x, [0.25, 0.5, 0.75])
    scale = (high - low) / IQR_OF_NORMAL or float(x.std())
    return np.asarray((x - middle) / scale) if scale > 0 else None
