"""Weights, indicators, classes and tests of the value score as the reader sees them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench import show
from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.value.ahp import on_scale
from workbench.segmentation.value.backtest import Backtest
from workbench.segmentation.value.hierarchy import PROPOSED_BY, Weighed
from workbench.segmentation.value.indicators import UNIT_OF, Indicators
from workbench.segmentation.value.scaling import BETTER_LOWER
from workbench.segmentation.value.sensitivity import Sensitivity
from workbench.segmentation.wording import named, reader_frame, show_part, show_strategies

# Units of the columns of this room.
COLUMN_UNITS = {
    "known_share": "share",
    "weight": "share",
    "class_down": "customers",
    "class_up": "customers",
    "grade_down": "customers",
    "grade_up": "customers",
    "class_share": "share",
    "grade_share": "share",
    "capture": "share",
    "capture_low": "share",
    "capture_high": "share",
    "ahp_share": "share",
    "grade_moved": "customers",
    "grade_moved_share": "share",
}


def show_classes(classes: pd.DataFrame | Missing) -> None:
    """Show the value classes, folded, and what to do with the customers of each."""
    if not isinstance(classes, Missing):
        show_part(classes, "classes", folded=True)
        words = [say(f"segmentation.value_strategy_{code}") for code in classes["value_class"]]
        show_strategies(classes, "value_class", words)


def show_indicators(found: Indicators | Missing) -> None:
    """Show what each indicator is, of how many customers it is known, and why one is left out."""
    if isinstance(found, Missing):
        return
    table = found.table
    names = list(table["indicator"])
    shown = table[["dimension", "indicator"]].assign(
        formula=[say(f"segmentation.value_formula_{name}") for name in names],
        direction=[say(f"segmentation.value_{'less' if n in BETTER_LOWER else 'more'}") for n in names],
        unit=[say(f"segmentation.value_unit_{UNIT_OF[name]}") for name in names],
        known_share=table["known_share"],
        median=table.get("median"),
        reason=[found.left_out[n].reason if n in found.left_out else "" for n in names],
    )
    _show(shown, "value_indicators")


def show_experts(weighed: Weighed | Missing) -> None:
    """Show how far each expert's judgements agree with themselves, and which one to look at."""
    if isinstance(weighed, Missing):
        return
    rows = weighed.by_expert.to_dict("records")
    shown = pd.DataFrame(
        {
            "expert": [_expert(row["expert"]) for row in rows],
            "level": [say(f"segmentation.value_level_{row['level']}") for row in rows],
            "eigenvalue": [row["eigenvalue"] for row in rows],
            "consistency_index": [row["index"] for row in rows],
            "consistency_ratio": [row["ratio"] for row in rows],
            "look_at": [_look_at(row) for row in rows],
        }
    )
    _show(shown, "value_experts")


def show_sensitivity(found: Sensitivity | Missing) -> None:
    """Show who moves when a weight moves."""
    if isinstance(found, Missing):
        return
    rows = found.table.to_dict("records")
    names = [named(str(row["kind"]), str(row["name"])) for row in rows]
    _show(found.table.drop(columns="kind").assign(name=names), "value_sensitivity")


def show_backtest(test: Backtest | Missing) -> None:
    """Show every rule's tau and capture, with limits, and the gain over the naive rule."""
    if not isinstance(test, Missing):
        gains = [str(name) for name in test.rules if "gain" in str(name)]
        shares = dict.fromkeys((n for n in gains if n.startswith("capture")), "share")
        _show(test.rules, "value_backtest", shares)


def show_blends(table: pd.DataFrame | Missing) -> None:
    """Show what a smaller share of judgement would change."""
    if not isinstance(table, Missing):
        _show(table, "value_blends")


def _expert(name: str) -> str:
    return say("segmentation.value_proposal") if name == PROPOSED_BY else name


def _look_at(row: Mapping[Any, Any]) -> str:
    pair = row["pair"]
    if not isinstance(pair, tuple) or not pair:
        return say("segmentation.value_agree")
    kind = "dimension" if row["level"] == "dimensions" else "indicator"
    first, second = (named(kind, str(name)) for name in pair)
    judged, fitting = (on_scale(float(row[name])) for name in ("judged", "fitting"))
    return say("segmentation.value_repair", first=first, second=second, judged=judged, fitting=fitting)


def _show(table: pd.DataFrame, caption: str, more: dict[str, str] | None = None) -> None:
    units = COLUMN_UNITS | (more or {})
    heads = {say(f"segmentation.column_{name}"): units[name] for name in table.columns if name in units}
    words = reader_frame(table)
    show.table(words, caption=say(f"segmentation.caption_{caption}"), units=heads, folded=True)
