"""What the tiers say in figures and sentences: metrics, checks, findings, and the ledger as a block."""

from typing import Any

from workbench.results import Block, Check, Finding, Metric, Missing, rate
from workbench.segmentation.book import UNITS
from workbench.segmentation.tiers.ledger import Ledger, ledger_block
from workbench.segmentation.tiers.standing import Standing
from workbench.segmentation.wording import SMALLEST_CELL

# A tier whose members are in it with less than this probability on average says little of them.
LOWEST_CERTAINTY = 0.5
# Of all customers so many may change tier three times a year.
MOST_FLAPPERS = 0.05
NAMES = (
    "tier_upper_rate",
    "tier_upper_revenue_share",
    "tier_certainty",
    "tier_up_rate",
    "tier_down_rate",
    "tier_flapper_rate",
    "ledger_opening",
    "ledger_closing",
    "ledger_new",
    "ledger_lost",
)


def metrics(standing: Standing | Missing) -> tuple[Metric, ...]:
    """Size, value and certainty of the tiers above the lowest, moves, and the ledger."""
    if isinstance(standing, Missing):
        return tuple(_absent(name, standing) for name in NAMES)
    table = standing.by_tier.set_index("tier")
    upper, n = table.drop(index=standing.rules.names[0]), int(table["customers"].sum())
    members = int(upper["customers"].sum())
    part, total = float(upper["revenue"].sum()), float(table["revenue"].sum())
    share = (
        Metric("tier_upper_revenue_share", part / total, n=n, numerator=part, denominator=total)
        if total > 0 and not 0 < members < SMALLEST_CELL
        else _absent("tier_upper_revenue_share", _no_share(total))
    )
    known = upper[upper["customers"] > 0]
    certainty = (
        Metric("tier_certainty", float((known["certainty"] * known["customers"]).sum() / members), n=members)
        if members
        else _absent("tier_certainty", Missing("segmentation.tiers_nobody"))
    )
    flap = rate("tier_flapper_rate", standing.n_flappers, standing.n_judged)
    size = rate("tier_upper_rate", members, n)
    return (size, share, certainty, *_move_metrics(standing), flap, *_ledger_metrics(standing.ledger))


def _no_share(total: float) -> Missing:
    if total > 0:
        return Missing("segmentation.tiers_few_in_line", {"needed": SMALLEST_CELL})
    return Missing("segmentation.tiers_no_revenue")


def _absent(name: str, why: Missing) -> Metric:
    return Metric(name, None, reason=why.reason)


def _move_metrics(standing: Standing) -> tuple[Metric, ...]:
    moves, names = standing.moves, ("tier_up_rate", "tier_down_rate")
    if isinstance(moves, Missing):
        return tuple(_absent(name, moves) for name in names)
    judged = moves.up + moves.down + moves.stayed
    return rate(names[0], moves.up, judged), rate(names[1], moves.down, judged)


def _ledger_metrics(ledger: Ledger | Missing) -> tuple[Metric, ...]:
    names = ("ledger_opening", "ledger_closing", "ledger_new", "ledger_lost")
    if isinstance(ledger, Missing):
        return tuple(_absent(name, ledger) for name in names)
    lines = ledger.last.set_index("line")
    ends = (Metric(names[0], ledger.opening / UNITS), Metric(names[1], ledger.closing / UNITS))
    few = Missing("segmentation.tiers_few_in_line", {"needed": SMALLEST_CELL})
    found = []
    for name, line in ((names[2], "new"), (names[3], "lost")):
        n, change = int(lines["customers"][line]), int(lines["change"][line])
        hidden = 0 < n < SMALLEST_CELL
        found.append(_absent(name, few) if hidden else Metric(name, change / UNITS, n=n))
    return (*ends, *found)


def checks(standing: Standing | Missing) -> tuple[Check, ...]:
    """Does the ledger balance; and, warning only, are windows whole, floors settled, tiers certain."""
    if isinstance(standing, Missing):
        return ()
    found = []
    if not isinstance(standing.ledger, Missing):
        values = {"closing": standing.ledger.closing / UNITS, "control": standing.ledger.control / UNITS}
        found.append(Check("tiers_ledger_balances", standing.ledger.balances, values))
    days = {"days": standing.missing_days, "window": standing.rules.window_days}
    found.append(Check("tiers_window_whole", not standing.missing_days, days, warns=True))
    found.append(Check("tiers_floors_settled", not standing.floors_moved, {}, warns=True))
    share = standing.n_flappers / standing.n_judged
    values = {"n": standing.n_flappers, "judged": standing.n_judged, "share": share, "limit": MOST_FLAPPERS}
    found.append(Check("tiers_stable", share <= MOST_FLAPPERS, values, warns=True))
    return (*found, *_certain(standing))


def _certain(standing: Standing) -> tuple[Check, ...]:
    table = standing.by_tier[standing.by_tier["customers"] >= SMALLEST_CELL]
    if table.empty:
        return ()
    worst = table.sort_values("certainty", kind="stable").iloc[0]
    values: dict[str, Any] = {"tier": standing.rules.tier(str(worst["tier"])).word, "limit": LOWEST_CERTAINTY}
    values |= {"certainty": float(worst["certainty"]), "n": int(worst["customers"])}
    return (Check("tiers_certain", values["certainty"] >= LOWEST_CERTAINTY, values, warns=True),)


def findings(standing: Standing | Missing) -> tuple[Finding, ...]:
    """What moved the value, who is about to fall; sentences of a handful of customers are left out."""
    if isinstance(standing, Missing):
        return ()
    return (*_ledger_finding(standing.ledger), *_near(standing))


def _ledger_finding(ledger: Ledger | Missing) -> tuple[Finding, ...]:
    if isinstance(ledger, Missing):
        return ()
    lines = ledger.last.set_index("line")
    shown = {line: int(lines["customers"][line]) for line in ("new", "lost")}
    values: dict[str, Any] = {"opening": ledger.opening / UNITS, "closing": ledger.closing / UNITS}
    values |= {"begin": ledger.last["begin"].iloc[0], "change": (ledger.closing - ledger.opening) / UNITS}
    if min(shown.values()) < SMALLEST_CELL:
        return (Finding("segmentation.tiers_finding_value", values),)
    for line, n in shown.items():
        values |= {line: abs(int(lines["change"][line])) / UNITS, f"{line}_n": n}
    return (Finding("segmentation.tiers_finding_ledger", values),)


def _near(standing: Standing) -> tuple[Finding, ...]:
    down, up = (standing.customers[name] for name in ("tier_near_down", "tier_near_up"))
    n, rising = int(down.sum()), int(up.sum())
    if n < SMALLEST_CELL or standing.rules.value != "revenue":
        return ()
    values = {"n": n, "value": float(standing.customers.loc[down, "tier_value"].sum()), "rising": rising}
    return Finding("segmentation.tiers_finding_near", values), Finding("decide.keep_tier", values)


def blocks(standing: Standing | Missing) -> tuple[Block, ...]:
    """The ledger for the first page."""
    if isinstance(standing, Missing) or isinstance(standing.ledger, Missing):
        return ()
    return (ledger_block(standing.ledger),)
