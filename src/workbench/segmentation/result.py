"""What the study of notebook 02 hands to figures, tables and the table of customers."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbench.results import Missing
from workbench.segmentation.forecast.forecast import Forecast
from workbench.segmentation.forecast.forecast import nothing as no_forecast
from workbench.segmentation.forecast.totals import Totals
from workbench.segmentation.layers.clusters import Clusters
from workbench.segmentation.layers.rfm import Layers
from workbench.segmentation.lifecycle.course import Course
from workbench.segmentation.tiers.standing import Standing
from workbench.segmentation.value.customer_value import CustomerValue
from workbench.segmentation.value.telecom.telecom_value import TelecomValue

# The promised columns of value.parquet, in their order, with types that can hold a missing value, and those
# that go with them.
VALUE_COLUMNS = {
    "customer_id": "str",
    "recency_score": "Int64",
    "frequency_score": "Int64",
    "monetary_score": "Int64",
    "rfm_segment": "str",
    "p_alive": "float64",
    "expected_orders": "float64",
    "expected_value": "float64",
    "expected_value_low": "float64",
    "expected_value_high": "float64",
    "current_value": "float64",
    "potential_value": "float64",
    "relationship_value": "float64",
    "value_score": "float64",
    "value_class": "str",
    "lifecycle_stage": "str",
    "tier": "str",
    "cluster": "Int64",
    "rfm_class": "str",
    "p_purchase": "float64",
    "value_grade": "str",
    "lifecycle_overdue": "boolean",
    "tier_value": "float64",
    "tier_probability": "float64",
    "tier_near_up": "boolean",
    "tier_near_down": "boolean",
    "tier_flapper": "boolean",
}


@dataclass(frozen=True)
class Segmentation:
    """Every part is a result, or Missing with the reason.

    Attributes
    ----------
    layers, clusters : customers by segments that rules make, and by groups that their figures form.
    forecast : what is expected of them, and whether such forecasts have held.
    course : stages of the life cycle.
    standing : tiers.
    worth : value in three dimensions.
    contracts : value of customers with a contract.
    classes : pandas.DataFrame
        As `value.groups.by_class` gives them.
    totals : what each segment is expected to bring.
    segments : pandas.DataFrame
        One row per segment, see `sheet.segment_sheet`; empty where there are none.
    value : pandas.DataFrame
        VALUE_COLUMNS, one row per customer with a purchase, sorted by ``customer_id``.
    """

    as_of: date
    layers: Layers | Missing
    clusters: Clusters | Missing
    forecast: Forecast
    course: Course | Missing
    standing: Standing | Missing
    worth: CustomerValue | Missing
    contracts: TelecomValue | Missing
    classes: pd.DataFrame | Missing
    totals: Totals | Missing
    segments: pd.DataFrame
    value: pd.DataFrame


def value_frame(customer_id: pd.Series, *parts: pd.DataFrame | pd.Series | Missing | None) -> pd.DataFrame:
    """The table of customers from the parts that are there; what is missing stays empty."""
    known = [part for part in parts if part is not None and not isinstance(part, Missing)]
    joined = pd.concat([customer_id.rename("customer_id"), *known], axis=1)
    ordered = joined.reindex(columns=list(VALUE_COLUMNS)).astype(VALUE_COLUMNS)
    return ordered.sort_values("customer_id", ignore_index=True)


def nothing(as_of: date, why: Missing, contracts: TelecomValue | Missing) -> Segmentation:
    """The study of a company without purchases: all but its contracts is missing for the same reason."""
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in VALUE_COLUMNS.items()})
    return Segmentation(
        as_of=as_of,
        layers=why,
        clusters=why,
        forecast=no_forecast(why),
        course=why,
        standing=why,
        worth=why,
        contracts=contracts,
        classes=why,
        totals=why,
        segments=pd.DataFrame(),
        value=empty,
    )
