"""Cells of the cube and services as the reader sees them."""

import pandas as pd

from workbench import show
from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.value.telecom.telecom_value import TelecomValue
from workbench.segmentation.wording import without_small_cells

COLUMN_UNITS = {
    "customers": "customers",
    "customer_share": "share",
    "kept": "share",
    "kept_low": "share",
    "kept_high": "share",
    "model": "share",
    "at_risk": "customers",
    "monthly_fee": "currency",
    "churn_probability": "share",
    "future_value": "currency",
    "value_at_stake": "currency",
    "fee": "currency",
    "fee_error": "currency",
    "holders": "customers",
    "open_to": "customers",
    "probability": "share",
}


def cell_name(code: str) -> str:
    """The name of a cell: its level on each axis."""
    axes = ("current", "potential", "loyalty")
    words = {axis: say(f"segmentation.level_{at}") for axis, at in zip(axes, code.split("-"), strict=True)}
    return say("segmentation.telecom_cell", **words)


def headed(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with names of the catalogue for columns and cells."""
    coded = {"cell": [cell_name(str(code)) for code in table["cell"]]} if "cell" in table else {}
    named = {name: say(f"segmentation.column_{name}") for name in table.columns}
    return table.assign(**coded).rename(columns=named)


def show_cells(found: TelecomValue | Missing) -> None:
    """Show the cells of the cube, and what to do with the customers of each."""
    if isinstance(found, Missing):
        return
    table = without_small_cells(found.cells)
    words = [say(f"segmentation.telecom_strategy_{code}") for code in table["cell"]]
    _show(table.assign(strategy=words), "telecom_cells")


def show_services(found: TelecomValue | Missing) -> None:
    """Show what each yes/no attribute adds to the fee, also those that are no paid service."""
    if not isinstance(found, Missing) and len(found.services):
        _show(found.services, "telecom_services")


def _show(table: pd.DataFrame, caption: str) -> None:
    units = {say(f"segmentation.column_{name}"): unit for name, unit in COLUMN_UNITS.items() if name in table}
    show.table(headed(table), caption=say(f"segmentation.caption_{caption}"), units=units, folded=True)
