"""One row per segment for a spreadsheet: who they are, what they bring, what to do."""

import numpy as np
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.book import UNITS, PurchaseBook
from workbench.segmentation.forecast.forecast import Forecast
from workbench.segmentation.forecast.totals import Totals, total_intervals
from workbench.segmentation.layers.rfm import Layers
from workbench.segmentation.layers.scheme import SEGMENTS
from workbench.segmentation.lifecycle.course import Course
from workbench.segmentation.lifecycle.stages import STAGES
from workbench.segmentation.wording import named, without_small_cells

# P(alive) below the first is lost, from the second on active (a proposal, shown on the page of the stages).
ALIVE_BANDS = {"lost": (0.0, 0.2), "at_risk": (0.2, 0.6), "active": (0.6, 1.01)}
DECIMALS = 4  # of the canonical money, and enough of a share


def segment_sheet(
    layers: Layers, orders: pd.DataFrame, book: PurchaseBook, forecast: Forecast, course: Course | Missing
) -> pd.DataFrame:
    """The segments of `layers`, of the customers in `orders`.

    Returns
    -------
    pandas.DataFrame
        In the order of the segments: ``segment``, ``name``, ``customers``, ``customer_share``, ``revenue``
        and ``margin`` (net, the whole history; margin empty where none is known), ``expected_value`` with
        ``expected_value_low`` and ``expected_value_high`` (95 %, of the sum), ``stage_<stage>_share``,
        ``alive_<band>_share``, ``strategy``. Name and strategy are in the language spoken. What could not be
        computed is empty, and so are all figures but the count of fewer than ten customers.
    """
    segment = layers.scores["rfm_segment"]
    table = layers.by_segment[["segment", "customers", "customer_share", "revenue"]].set_index("segment")
    parts = [table, _margin(orders, book, segment), _expected(forecast, segment)]
    parts += [_stages(course, segment), _alive(forecast, segment)]
    rows = pd.concat(parts, axis=1).reindex([name for name in SEGMENTS if name in table.index])
    shown = without_small_cells(rows.rename_axis("segment").reset_index()).round(DECIMALS)
    shown.insert(1, "name", [named("segment", code) for code in shown["segment"]])
    return shown.assign(strategy=[named("strategy", code) for code in shown["segment"]])


def segment_totals(forecast: Forecast, segment: pd.Series) -> Totals | Missing:
    """What the customers of each segment are expected to bring together."""
    ahead = forecast.outlook
    if isinstance(ahead, Missing):
        return ahead
    table = total_intervals(ahead.customers, segment).rename(columns={"group": "segment"})
    table = table.set_index("segment").reindex([s for s in SEGMENTS if s in set(table["segment"])])
    return Totals(table.reset_index(), ahead.horizon_days, ahead.on_margin)


def _margin(orders: pd.DataFrame, book: PurchaseBook, segment: pd.Series) -> pd.Series:
    empty = pd.Series(np.nan, index=segment.unique(), name="margin")
    if book.margin is None:
        return empty
    earned = pd.Series(book.total(book.margin, None, book.as_of), index=book.customer_id.to_numpy())
    own = earned.reindex(orders["customer_id"].to_numpy()).to_numpy()
    return (pd.Series(own, index=segment.index).groupby(segment).sum() / UNITS).rename("margin")


def _expected(forecast: Forecast, segment: pd.Series) -> pd.DataFrame:
    columns = ["expected_value", "expected_value_low", "expected_value_high"]
    if forecast.customers is None:
        return pd.DataFrame(np.nan, index=segment.unique(), columns=columns)
    totals = total_intervals(forecast.customers, segment).set_index("group")
    return totals[["expected_value", "low", "high"]].set_axis(columns, axis=1)


def _stages(course: Course | Missing, segment: pd.Series) -> pd.DataFrame:
    names = [f"stage_{stage}_share" for stage in STAGES]
    if isinstance(course, Missing):
        return pd.DataFrame(np.nan, index=segment.unique(), columns=names)
    stage = course.customers["lifecycle_stage"]
    found = pd.crosstab(segment, stage, normalize="index").reindex(columns=list(STAGES), fill_value=0.0)
    return found.set_axis(names, axis=1)


def _alive(forecast: Forecast, segment: pd.Series) -> pd.DataFrame:
    names = [f"alive_{band}_share" for band in ALIVE_BANDS]
    known = forecast.customers
    if known is None or known["p_alive"].isna().any():
        return pd.DataFrame(np.nan, index=segment.unique(), columns=names)
    chance = known["p_alive"]
    bands = {
        f"alive_{band}_share": (chance >= low) & (chance < high) for band, (low, high) in ALIVE_BANDS.items()
    }
    return pd.DataFrame(bands).groupby(segment).mean()
