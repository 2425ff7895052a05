"""Names instead of codes, units of columns, no figures of a handful of persons."""

from collections.abc import Sequence

import pandas as pd

from workbench import show
from workbench.language import say
from workbench.results import Missing

# A row of fewer customers shows its count alone: its sums would be figures of persons.
SMALLEST_CELL = 10
# Column → unit in which it is written; the others are written as plain numbers or text.
UNITS = {
    "customers": "customers",
    "customer_share": "share",
    "revenue": "currency",
    "revenue_share": "share",
    "mean_revenue": "currency",
    "median_days_since_last_order": "days",
    "median_revenue": "currency",
    "median_mean_order_value": "currency",
    "smallest_share": "share",
    "expected_value": "currency",
    "value_share": "share",
    "typical": "currency",
    "typical_low": "currency",
    "typical_high": "currency",
    "local_weight": "share",
    "global_weight": "share",
    "weight_used": "share",
}
# Columns that hold codes with a name of their own in the catalogue.
CODED = (
    "segment", "band", "tier", "dimension", "indicator", "stage", "value_class", "rfm_class",
    "measure", "algorithm", "rule",
)  # fmt: skip


def named(kind: str, code: str) -> str:
    """The name of a code in the current language; a value class is put together from its three levels."""
    if kind == "value_class":
        levels = dict(zip(("current", "potential", "relationship"), code.split("-"), strict=True))
        words = {name: say(f"segmentation.level_{level}") for name, level in levels.items()}
        return say("segmentation.value_class", **words)
    return say(f"segmentation.{kind}_{code}")


def reader_frame(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with names of the catalogue for columns and codes."""
    coded = {name: [named(name, str(c)) for c in table[name]] for name in CODED if name in table}
    columns = {name: say(f"segmentation.column_{name}") for name in table.columns}
    return table.assign(**coded).rename(columns=columns)


def reader_units(table: pd.DataFrame) -> dict[str, str]:
    """Unit of each column, by the name the reader sees."""
    return {say(f"segmentation.column_{name}"): UNITS[name] for name in table.columns if name in UNITS}


def without_small_cells(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with all figures but the count of customers emptied in rows of fewer than SMALLEST_CELL."""
    kept = ("customers", "customer_share", "repeats", "cluster", "score_floor")
    numeric = [name for name in table.select_dtypes("number").columns if name not in kept]
    shown = table.astype(dict.fromkeys(numeric, "float64"))
    if "customers" in shown:
        shown.loc[shown["customers"] < SMALLEST_CELL, numeric] = float("nan")
    return shown


def show_part(table: pd.DataFrame | Missing, caption: str, *, folded: bool = False) -> None:
    """Show `table` under the message ``segmentation.caption_<caption>``, `folded` below it if asked.

    Nothing where it is missing: it stands under a figure, which has said why.
    """
    if isinstance(table, Missing):
        return
    shown, words = without_small_cells(table), say(f"segmentation.caption_{caption}")
    show.table(reader_frame(shown), caption=words, units=reader_units(shown), folded=folded)


def show_strategies(table: pd.DataFrame, kind: str, strategies: Sequence[str]) -> None:
    """Show, folded, what is to be done about each row of `table`: its code of `kind`, customers, strategy."""
    shown = table[[kind, "customers"]].assign(strategy=list(strategies))
    show_part(shown, f"strategies_{kind}", folded=True)
