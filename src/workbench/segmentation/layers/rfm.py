"""Recency, frequency, monetary: named layers of the base, by eleven segments and by eight classes."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from workbench.segmentation.book import UNITS
from workbench.segmentation.layers.scheme import (
    CLASSES,
    LEVELS,
    SEGMENTS,
    classes_of,
    own_scheme,
    segments_of,
)
from workbench.segmentation.layers.scores import Edges, Method, rfm_scores


@dataclass(frozen=True)
class Layers:
    """The base in RFM layers.

    Attributes
    ----------
    scores : pandas.DataFrame
        ``recency_score``, ``frequency_score``, ``monetary_score`` (1 to `groups`, higher is better),
        ``rfm_segment`` (of SEGMENTS) and ``rfm_class`` (of CLASSES), on the index of the customers.
    by_segment : pandas.DataFrame
        In the order of SEGMENTS, those that occur: ``segment``, ``customers``, ``customer_share``,
        ``revenue``, ``revenue_share``, ``median_days_since_last_order``, ``mean_orders``.
    by_class : pandas.DataFrame
        The same of the classes, in the order of CLASSES, with ``rfm_class`` for ``segment``.
    by_cell : pandas.DataFrame
        All cells of the segments: ``recency_level`` and ``value_level`` (1 to 5), ``segment``, ``customers``,
        ``customer_share``.
    limits : pandas.DataFrame
        What each score takes, as `rfm_scores` gives it.
    groups : int
    method : str
        ``quantile``, ``fixed`` or ``natural``.
    """

    scores: pd.DataFrame
    by_segment: pd.DataFrame
    by_class: pd.DataFrame
    by_cell: pd.DataFrame
    limits: pd.DataFrame
    groups: int
    method: Method


def rfm_layers(
    orders: pd.DataFrame, groups: int, *, method: Method = "quantile", edges: Edges | None = None
) -> Layers:
    """Score and layer customers by ``days_since_last_order``, ``n_orders`` and ``revenue``.

    `rfm_scores` says how customers are scored, and what `edges` are.
    """
    scores, limits, groups = rfm_scores(orders, groups, method, edges)
    cells = segments_of(scores, groups)
    scores["rfm_segment"], scores["rfm_class"] = cells["segment"], classes_of(scores)
    by_segment = _by_name(orders, scores["rfm_segment"].rename("segment"), SEGMENTS)
    by_class = _by_name(orders, scores["rfm_class"], CLASSES)
    return Layers(scores, by_segment, by_class, _by_cell(cells), limits, groups, method)


def _by_name(orders: pd.DataFrame, names: pd.Series, order: tuple[str, ...]) -> pd.DataFrame:
    # Whole ten-thousandths: the parts add up to the whole, in whatever order the rows are.
    money = (orders["revenue"] * UNITS).round().astype("int64")
    grouped = orders.assign(revenue=money).groupby(names)
    table = grouped.agg(
        customers=("revenue", "size"),
        revenue=("revenue", "sum"),
        median_days_since_last_order=("days_since_last_order", "median"),
        mean_orders=("n_orders", "mean"),
    ).reindex([name for name in order if name in grouped.groups])
    total = int(table["revenue"].sum())
    table.insert(1, "customer_share", table["customers"] / table["customers"].sum())
    table.insert(3, "revenue_share", table["revenue"] / total if total > 0 else np.nan)
    return table.assign(revenue=table["revenue"] / UNITS).reset_index()


def _by_cell(cells: pd.DataFrame) -> pd.DataFrame:
    keys = ["recency_level", "value_level"]
    all_cells = pd.MultiIndex.from_tuples(list(product(range(1, LEVELS + 1), repeat=2)), names=keys)
    customers = cells.groupby(keys).size().reindex(all_cells, fill_value=0)
    table = pd.DataFrame({"segment": own_scheme().grid().ravel(), "customers": customers}, index=all_cells)
    return table.assign(customer_share=table["customers"] / len(cells)).reset_index()
