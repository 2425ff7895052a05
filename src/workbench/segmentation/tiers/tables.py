"""Tiers as the reader sees them."""

import pandas as pd

from workbench import show
from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.book import UNITS as PER_UNIT
from workbench.segmentation.tiers.ledger import Ledger, without_small_lines
from workbench.segmentation.tiers.migration import INACTIVE, NEW, Migration
from workbench.segmentation.tiers.rules import TierRules
from workbench.segmentation.tiers.standing import Standing
from workbench.segmentation.wording import SMALLEST_CELL

UNITS = {
    "customers": "customers",
    "active": "customers",
    "customer_share": "share",
    "revenue": "currency",
    "revenue_before": "currency",
    "revenue_share": "share",
    "margin": "currency",
    "cost": "currency",
    "certainty": "share",
    "near_up": "customers",
    "near_down": "customers",
    "kept": "customers",
    "move": "share",
    "gained": "customers",
    "change": "exact_currency",
}
# Money and shares of money, emptied in rows of a handful of customers.
OF_PERSONS = ("revenue", "revenue_before", "revenue_share", "margin", "certainty", "change")


def show_tiers(standing: Standing | Missing) -> None:
    """Show size, value and certainty of the tiers."""
    if not isinstance(standing, Missing):
        frame, units = tiers_frame(standing.by_tier, standing.rules), _floor_units(standing.rules)
        show.table(frame, caption=say("segmentation.caption_tiers_members"), units=units)
        if standing.rules.costs is None:
            show.sentence("segmentation.tiers_no_cost")


def show_moves(moves: Migration | Missing, rules: TierRules) -> None:
    """Show from where to where customers have moved; where that is not known, why."""
    if isinstance(moves, Missing):
        show.missing(moves)
        return
    show.table(
        moves_frame(moves, rules),
        caption=say("segmentation.caption_tiers_moves"),
        units=reader_units(),
        folded=True,
    )


def show_ledger(ledger: Ledger | Missing) -> None:
    """Show the lines of the last step."""
    if not isinstance(ledger, Missing):
        frame, caption = ledger_frame(ledger), say("segmentation.caption_tiers_ledger")
        show.table(frame, caption=caption, units=reader_units(), folded=True)


def show_what_if(standing: Standing | Missing) -> None:
    """Show what other floors would change."""
    if not isinstance(standing, Missing):
        caption = say("segmentation.caption_tiers_what_if")
        show.table(what_if_frame(standing), caption=caption, units=_floor_units(standing.rules), folded=True)


def head(name: str) -> str:
    """The head of a column."""
    return say(f"segmentation.tiers_column_{name}")


def reader_units() -> dict[str, str]:
    """Unit of each column, by the name the reader sees."""
    return {head(name): unit for name, unit in UNITS.items()}


def state_name(state: str, rules: TierRules) -> str:
    """The name of a tier, of being inactive, or of being new."""
    return say(f"segmentation.tiers_{state}") if state in (INACTIVE, NEW) else rules.tier(state).word


def tiers_frame(table: pd.DataFrame, rules: TierRules) -> pd.DataFrame:
    """The tiers with names for tiers and columns, without the money of a handful of customers."""
    return _named(without_small_tiers(table), rules)


def moves_frame(moves: Migration, rules: TierRules) -> pd.DataFrame:
    """The moves, by their numbers: their money would follow from that of the tiers; the ledger has it."""
    return _named(moves.table[["from_tier", "to_tier", "customers"]], rules)


def without_small_tiers(table: pd.DataFrame) -> pd.DataFrame:
    """`table` without the money of tiers that hold fewer than SMALLEST_CELL customers.

    The money of one hidden tier follows from the total, so that others are hidden with it, the smallest
    first, until the hidden ones together hold enough.
    """
    some = table.loc[table["customers"] > 0, "customers"].sort_values(kind="stable")
    hidden = list(some.index[some < SMALLEST_CELL])
    for place in some.index[len(hidden) :] if hidden else []:
        if some[hidden].sum() >= SMALLEST_CELL:
            break
        hidden.append(place)
    money = [name for name in OF_PERSONS if name in table]
    shown = table.astype(dict.fromkeys(money, "float64"))
    shown.loc[hidden, money] = float("nan")
    return shown


def without_small_moves(table: pd.DataFrame) -> pd.DataFrame:
    """`table` of other floors without the money of a handful, alone or as a difference of rows."""
    shown = table.copy()
    for _, rows in table.groupby(["tier", table["move"] > 0], sort=False):
        known = rows["customers"].abs().sort_values(kind="stable")
        last = 0.0
        for place, n in known.items():
            if n - last < SMALLEST_CELL:
                shown.loc[place, "revenue"] = float("nan")
            else:
                last = float(n)
    return shown


def _named(table: pd.DataFrame, rules: TierRules) -> pd.DataFrame:
    columns = [name for name in ("tier", "from_tier", "to_tier") if name in table]
    words = {name: [state_name(code, rules) for code in table[name]] for name in columns}
    return table.assign(**words).rename(columns={name: head(name) for name in table.columns})


def ledger_frame(ledger: Ledger) -> pd.DataFrame:
    """Opening, lines and closing of the last step."""
    lines = without_small_lines(ledger.last)
    names = ["opening", *lines["line"], "closing"]
    amounts = [ledger.opening, *lines["change"], ledger.closing]
    return pd.DataFrame({
        head("line"): [say(f"segmentation.ledger_{name}") for name in names],
        head("customers"): [None, *lines["customers"], None],
        head("change"): [amount / PER_UNIT for amount in amounts],
    })  # fmt: skip


def what_if_frame(standing: Standing) -> pd.DataFrame:
    """Other floors; what crosses a neighbour's floor has no figures."""
    table = standing.what_if.drop(columns="crosses")
    table = table if standing.rules.costs is not None else table.drop(columns="cost")
    return _named(without_small_moves(table), standing.rules).rename(
        columns={head("customers"): head("gained")}
    )


def _floor_units(rules: TierRules) -> dict[str, str]:
    return reader_units() | {head("floor"): "orders" if rules.value == "orders" else "currency"}
