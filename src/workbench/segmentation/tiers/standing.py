"""The tiers as a whole: who stands where, how certain that is, who moved, what the ledger says."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.book import UNITS, PurchaseBook
from workbench.segmentation.tiers.certainty import Probabilities, tier_probabilities
from workbench.segmentation.tiers.floors import Codes, Floors, needed, scale
from workbench.segmentation.tiers.ledger import Ledger, ledger
from workbench.segmentation.tiers.migration import Migration, flappers, migration, since_report
from workbench.segmentation.tiers.moment import Moment
from workbench.segmentation.tiers.rules import TierRules
from workbench.segmentation.tiers.walk import TierWalk, amounts_of, tier_walk, window_numbers
from workbench.segmentation.tiers.what_if import what_if

NEAR = 0.10  # so near a floor, as a share of it, a customer is marked


@dataclass(frozen=True)
class Standing:
    """Tiers at the last day of the book.

    Attributes
    ----------
    rules : TierRules
    by_tier : pandas.DataFrame
        From the highest down: ``tier``, ``floor`` (currency or orders; not a number for the lowest),
        ``customers``, ``active`` (with a line in the window), ``customer_share``, ``revenue`` (net of the
        window), ``revenue_share``, ``margin`` (where lines have one), ``certainty`` (mean probability of the
        tier held), ``near_up``, ``near_down`` (customers within NEAR of the floor above, or of what keeps
        their tier), ``kept`` (below the floor of the tier they keep), ``cost`` (where rules have one).
    floors_set_on : date or None
        Month end that set the floors; None where the rules name them.
    floors_moved : bool
        Whether the month end before had other floors.
    history : pandas.DataFrame
        ``month_end``, ``tier``, ``customers``, of the last month ends.
    moves : Migration or Missing
        Against the month end before.
    since_report : Migration or Missing
        Against the table of an earlier report.
    n_flappers, n_judged : int
        Customers who changed tier three times or more in the last 12 months, of those with a tier.
    ledger : Ledger or Missing
    what_if : pandas.DataFrame
        As `what_if.what_if` gives it.
    customers : pandas.DataFrame
        On the index of the customers: ``tier``, ``tier_probability``, ``tier_value`` (what the rules go by),
        ``tier_near_up``, ``tier_near_down``, ``tier_kept``, ``tier_flapper``.
    first, as_of : date
        First and last day of the book.
    """

    rules: TierRules
    by_tier: pd.DataFrame
    floors_set_on: date | None
    floors_moved: bool
    history: pd.DataFrame
    moves: Migration | Missing
    since_report: Migration | Missing
    n_flappers: int
    n_judged: int
    ledger: Ledger | Missing
    what_if: pd.DataFrame
    customers: pd.DataFrame
    first: date
    as_of: date

    @property
    def missing_days(self) -> int:
        """Days by which the book is too short for a whole window at the earliest month end shown."""
        earliest: date = self.history["month_end"].iloc[0]
        return max(self.rules.window_days - (earliest - self.first).days - 1, 0)


def tier_standing(
    book: PurchaseBook,
    orders: pd.DataFrame,
    rules: TierRules,
    *,
    seed: int,
    control: int | None = None,
    earlier: pd.DataFrame | None = None,
) -> Standing | Missing:
    """The tiers of the customers in `orders`, each with a purchase by the last day of `book`.

    Parameters
    ----------
    orders : pandas.DataFrame
        ``customer_id``.
    control : int, optional
        Net of all lines in the window, as the engine sums them (`ledger.control_total`); else that of
        the book.
    earlier : pandas.DataFrame, optional
        Table of customers of an earlier report.
    """
    walked = tier_walk(book, rules)
    if isinstance(walked, Missing):
        return walked
    now, held = walked.moments[-1], _held(walked)
    place = book.places(orders["customer_id"])
    customers = _customers(book, walked, rules, seed).iloc[place].set_axis(orders.index)
    first, last = window_numbers(now.end, rules)
    inside = (book.day >= first) & (book.day <= last)
    total = int(book.net[inside].sum()) if control is None else control
    return Standing(
        rules=rules,
        by_tier=_by_tier(customers, book, now, place, rules),
        floors_set_on=now.floors.set_on,
        floors_moved=_floors_moved(walked),
        history=_history(walked, rules),
        moves=migration(walked, rules),
        since_report=since_report(earlier, customers.assign(customer_id=orders["customer_id"]), rules),
        n_flappers=int(customers["tier_flapper"].sum()),
        n_judged=len(customers),
        ledger=ledger(walked.ledger, total) if walked.ledger else Missing("segmentation.tiers_one_month"),
        what_if=what_if(now, held, rules),
        customers=customers,
        first=walked.first,
        as_of=book.as_of,
    )


def _held(walked: TierWalk) -> Codes:
    """Tiers at the month end before; ABSENT for all where there is none."""
    if len(walked.moments) > 1:
        return walked.moments[0].tiers
    return np.full_like(walked.moments[0].tiers, -1)


def _floors_moved(walked: TierWalk) -> bool:
    floors: list[Floors] = [found for _, _, found in walked.tiers[-2:]]
    return bool((floors[0].floors != floors[-1].floors).any())


def _customers(book: PurchaseBook, walked: TierWalk, rules: TierRules, seed: int) -> pd.DataFrame:
    """One row per customer of the book."""
    now, held = walked.moments[-1], _held(walked)
    wanted = needed(now.floors, held)
    chances = _probabilities(book, now, wanted, rules, seed)
    code = np.maximum(now.tiers, 0)
    rows, top = np.arange(len(code)), len(rules.names) - 1
    floors = np.concatenate([[0], now.floors.floors])
    keeps = np.hstack([np.zeros((len(code), 1), dtype=np.int64), wanted])
    above = floors[np.minimum(code + 1, top)]
    return pd.DataFrame({
        "tier": np.array(rules.names)[code],
        "tier_probability": chances[rows, code],
        "tier_value": now.values / scale(rules),
        "tier_near_up": (code < top) & (now.values >= (1 - NEAR) * above),
        "tier_near_down": (code > 0) & (now.values < (1 + NEAR) * keeps[rows, code]),
        "tier_kept": now.values < floors[code],
        "tier_flapper": flappers(walked),
    }).assign(tier_kept=lambda table: table["tier_kept"] & (code > 0))  # fmt: skip


def _probabilities(
    book: PurchaseBook, now: Moment, wanted: npt.NDArray[np.int64], rules: TierRules, seed: int
) -> Probabilities:
    amounts = amounts_of(book, rules)
    assert not isinstance(amounts, Missing)  # `tier_walk` has asked
    first, last = window_numbers(now.end, rules)
    inside = (book.day >= first) & (book.day <= last) & (amounts != 0)
    return tier_probabilities(book.who[inside], amounts[inside], wanted, seed)


def _by_tier(
    customers: pd.DataFrame, book: PurchaseBook, now: Moment, place: npt.NDArray[np.intp], rules: TierRules
) -> pd.DataFrame:
    frame = customers.assign(active=now.active[place], net=now.net[place])
    if book.margin is not None:
        first, last = window_numbers(now.end, rules)
        inside = (book.day >= first) & (book.day <= last)
        sums = np.zeros(len(book.customer_id), dtype=np.int64)
        np.add.at(sums, book.who[inside], book.margin[inside])
        frame = frame.assign(earned=sums[place])
    grouped = frame.groupby("tier")
    order = list(rules.names[::-1])
    named = {"customers": ("net", "size"), "active": ("active", "sum"), "net": ("net", "sum")}
    named |= {"certainty": ("tier_probability", "mean"), "near_up": ("tier_near_up", "sum")}
    named |= {"near_down": ("tier_near_down", "sum"), "kept": ("tier_kept", "sum")}
    named |= {"margin": ("earned", "sum")} if "earned" in frame else {}
    table = grouped.agg(**named).reindex(order)
    counts = ["customers", "active", "net", "near_up", "near_down", "kept"]
    table[counts] = table[counts].fillna(0).astype("int64")
    table.insert(0, "floor", [np.nan if n == rules.names[0] else _floor(n, now, rules) for n in order])
    table.insert(3, "customer_share", table["customers"] / len(frame))
    table.insert(4, "revenue", table.pop("net") / UNITS)
    total = table["revenue"].sum()
    table.insert(5, "revenue_share", table["revenue"] / total if total > 0 else np.nan)
    if "margin" in table:
        table["margin"] = table["margin"].fillna(0) / UNITS
    if rules.costs is not None:
        table["cost"] = table["customers"] * np.array(rules.costs[::-1])
    return table.rename_axis("tier").reset_index()


def _floor(name: str, now: Moment, rules: TierRules) -> float:
    return float(now.floors.floors[rules.names.index(name) - 1]) / scale(rules)


def _history(walked: TierWalk, rules: TierRules) -> pd.DataFrame:
    parts = []
    for end, tiers, _ in walked.tiers:
        counts = np.bincount(tiers[tiers >= 0], minlength=len(rules.names))[::-1]
        parts.append(pd.DataFrame({"month_end": end, "tier": rules.names[::-1], "customers": counts}))
    return pd.concat(parts, ignore_index=True)
