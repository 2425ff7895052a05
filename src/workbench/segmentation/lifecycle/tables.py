"""The stages as the reader sees them."""

import pandas as pd

from workbench import show
from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.lifecycle.ahead import Ahead
from workbench.segmentation.lifecycle.course import Course
from workbench.segmentation.lifecycle.signals import Signals
from workbench.segmentation.lifecycle.stages import STAGES, Lifecycle
from workbench.segmentation.lifecycle.transitions import Transitions
from workbench.segmentation.wording import SMALLEST_CELL, named, show_part

UNITS = {
    "customers": "customers",
    "gaps": "orders",
    "p80_days": "days",
    "p95_days": "days",
    "dormant_days": "days",
    "lost_days": "days",
    "customer_months": "customers",
    "moves": "customers",
    "share": "share",
    "low": "share",
    "high": "share",
    "stay_share": "share",
    "per_month": "customers",
    "expected": "customers",
    "customers_low": "customers",
    "customers_high": "customers",
    "before": "customers",
}
# Ends of an interval of numbers of customers; "low" and "high" are those of a share.
LIMITS = {"low": "customers_low", "high": "customers_high"}


def show_stages(stages: Lifecycle | Missing) -> None:
    """Show the stages of the life cycle."""
    show_part(stages if isinstance(stages, Missing) else stages.by_stage, "stages")


def show_categories(course: Course | Missing) -> None:
    """Show the thresholds within the main categories; where there are none, why."""
    if isinstance(course, Missing):
        return
    if isinstance(course.categories, Missing):
        show.missing(course.categories)
        return
    _show(course.categories, say("segmentation.caption_lifecycle_categories"))


def show_moves(moves: Transitions | Missing) -> None:
    """Show how long customers stay in a stage, and how many enter it each month."""
    if isinstance(moves, Missing):
        return
    table = moves.stays.merge(moves.entries[["stage", "per_month"]], on="stage")
    table.loc[table["customer_months"] < SMALLEST_CELL, ["stay_share", "dwell_months"]] = float("nan")
    _show(table, say("segmentation.caption_lifecycle_stays"))


def show_backtest(ahead: Ahead | Missing) -> None:
    """Show the forecast of three months ago beside what came; where there is none, why."""
    if isinstance(ahead, Missing):
        return
    test = ahead.backtest
    if isinstance(test, Missing):
        show.missing(test)
        return
    caption = say("segmentation.caption_lifecycle_backtest", made=test.made_on, met=test.met_on)
    _show(test.by_stage.rename(columns=LIMITS), caption, folded=True)


def show_signals(signals: Signals | Missing) -> None:
    """Show stages beside the probability of being alive; where the model gives none, why."""
    if isinstance(signals, Missing):
        show.missing(signals)
        return
    wide = signals.table.pivot(index="activity", columns="alive_band", values="customers")
    wide = wide.reindex(index=wide.index.intersection(["active", "dormant", "lost"]))
    shown = pd.DataFrame(
        {say("segmentation.lifecycle_column_activity"): [_named("activity", c) for c in wide.index]}
    )
    for band in ("active", "at_risk", "lost"):
        shown[_named("alive", band)] = wide[band].to_numpy()
    share = signals.agreeing / signals.compared
    values = {"agreeing": signals.agreeing, "compared": signals.compared}
    caption = say("segmentation.caption_lifecycle_signals", share=share, **values)
    show.table(shown, caption=caption, folded=True)


def show_potential(potential: pd.DataFrame | Missing) -> None:
    """Show how many customers have registered and not bought; where that is not known, why."""
    if isinstance(potential, Missing):
        show.missing(potential)
        return
    last = potential.iloc[-1]
    values = {"n": int(last["customers"]), "registered": int(last["registered"])}
    share = values["n"] / values["registered"] if values["registered"] else None
    show.sentence("segmentation.lifecycle_potential", share=share, day=last["month_end"], **values)


def history_frame(course: Course) -> pd.DataFrame:
    """One row per month end: customers by stage, and the thresholds in force."""
    wide = course.history.pivot(index="month_end", columns="stage", values="customers")[list(STAGES)]
    limits = course.history.drop_duplicates("month_end").set_index("month_end")
    shown = pd.DataFrame(
        {say("segmentation.lifecycle_column_month_end"): [f"{day:%Y-%m-%d}" for day in wide.index]}
    )
    for code in STAGES:
        shown[named("stage", code)] = wide[code].to_numpy()
    for name in ("dormant_days", "lost_days", "loyal_from_days"):
        shown[head(name)] = limits[name].to_numpy()
    return shown


def moves_frame(moves: Transitions) -> pd.DataFrame:
    """One row per pair of stages between which somebody moved."""
    table = moves.rates[moves.rates["moves"] > 0].reset_index(drop=True)
    few = table["customer_months"] < SMALLEST_CELL
    table.loc[few, ["share", "low", "high"]] = float("nan")
    return headed(table)


def ahead_frame(ahead: Ahead) -> pd.DataFrame:
    """One row per month ahead and stage, customers in whole numbers."""
    table = ahead.sizes.rename(columns=LIMITS)
    return headed(table.round(dict.fromkeys(("customers", *LIMITS.values()), 0)))


def head(name: str) -> str:
    """The head of a column."""
    return say(f"segmentation.lifecycle_column_{name}")


def headed(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with names instead of codes, and heads instead of names of columns."""
    coded = {
        name: [named("stage", code) for code in table[name]]
        for name in ("stage", "to_stage")
        if name in table
    }
    return table.assign(**coded).rename(columns={name: head(name) for name in table.columns})


def _show(table: pd.DataFrame, caption: str, *, folded: bool = False) -> None:
    units = {head(name): unit for name, unit in UNITS.items()}
    show.table(headed(table), caption=caption, units=units, folded=folded)


def _named(kind: str, code: str) -> str:
    return say(f"segmentation.lifecycle_{kind}_{code}")
