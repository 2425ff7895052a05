"""What the structure of the base says in figures and sentences: metrics, findings, a check."""

from collections.abc import Iterator
from typing import Any

from workbench.profiling.base.arpu import Arpu
from workbench.profiling.base.cohorts import Cohorts
from workbench.profiling.base.concentration import TOP_TENTH, Concentration
from workbench.profiling.base.contracts import Contracts
from workbench.profiling.base.gaps import QUANTILES, Gaps
from workbench.profiling.base.growth import Growth
from workbench.profiling.base.places import Places
from workbench.profiling.base.structure import Structure
from workbench.profiling.base.tables import clipped, fee_band, tenure_band
from workbench.profiling.base.voices import Voices
from workbench.results import Check, Finding, Metric, Missing, rate


def metrics(base: Structure) -> tuple[Metric, ...]:
    """The metrics of the base beside `gini`, `top_revenue_share` and `one_time_buyer_rate`."""
    return (
        _arpu(base.arpu),
        *_concentration(base.concentration),
        _retention(base.cohorts),
        _quick_ratio(base.growth),
        *_gaps(base.gaps),
    )


def _without(name: str, why: Missing) -> Metric:
    return Metric(name, None, reason=why.reason)


def _arpu(arpu: Arpu | Missing) -> Metric:
    if isinstance(arpu, Missing):
        return _without("arpu", arpu)
    return Metric("arpu", arpu.arpu, arpu.n, arpu.revenue, arpu.n, arpu.low, arpu.high)


def _concentration(c: Concentration | Missing) -> tuple[Metric, ...]:
    if isinstance(c, Missing):
        return _without("top10_revenue_share", c), _without("customers_for_80", c)
    return (
        Metric("top10_revenue_share", c.tenth_revenue_share, n=c.n, low=c.tenth_low, high=c.tenth_high),
        Metric("customers_for_80", c.most_share, c.n, c.most_count, c.n, c.most_low, c.most_high),
    )


def _retention(cohorts: Cohorts | Missing) -> Metric:
    if isinstance(cohorts, Missing):
        return _without("month1_retention", cohorts)
    _, customers, denominator = cohorts.after_a_month
    return rate("month1_retention", customers, denominator)


def _quick_ratio(growth: Growth | Missing) -> Metric:
    """Of the last month that is over."""
    if isinstance(growth, Missing):
        return _without("quick_ratio", growth)
    last = growth.whole.iloc[-1]
    if last.lost == 0:
        return _without("quick_ratio", Missing("profiling.base_nobody_lost"))
    came, lost = int(last.new + last.resurrected), int(last.lost)
    return Metric("quick_ratio", came / lost, came + lost, came, lost, float(last.low), float(last.high))


def _gaps(gaps: Gaps | Missing) -> tuple[Metric, ...]:
    names = [f"gap_p{q * 100:.0f}_days" for q in QUANTILES]
    if isinstance(gaps, Missing):
        return tuple(_without(name, gaps) for name in names)
    rows = zip(names, gaps.quantiles.to_dict("records"), strict=True)
    return tuple(
        Metric(name, float(row["days"]), n=gaps.n, low=float(row["low"]), high=float(row["high"]))
        for name, row in rows
    )


def findings(base: Structure) -> tuple[Finding, ...]:
    """Sentences for the first page, of which `profiling.told` chooses."""
    if isinstance(base.months, Missing):
        return (*_of_contracts(base.contracts), *_of_voices(base.voices))
    found = [
        _most(base.concentration),
        *(_place(places) for places in base.places),
        _decile(base.arpu),
        _came_and_went(base.growth),
        _came_back(base.cohorts),
        _silence(base.gaps),
    ]
    return tuple(finding for finding in found if finding is not None)


def _most(c: Concentration | Missing) -> Finding | None:
    if isinstance(c, Missing):
        return None
    values = {"share": c.most_share, "customers": c.most_count, "n": c.n}
    return Finding("profiling.base_finding_most", values)


def _place(places: Places | Missing) -> Finding | None:
    """Only where there is something to compare: two named groups at least."""
    if isinstance(places, Missing) or len(places.named) < 2:
        return None
    best = places.named.iloc[0]
    values: dict[str, Any] = {"name": clipped(best["name"]), "share": float(best.share)}
    values |= {"customers": int(best.customers), "per_customer": float(best.per_customer)}
    return Finding(f"profiling.base_finding_{places.attribute}", values)


def _decile(arpu: Arpu | Missing) -> Finding | None:
    if isinstance(arpu, Missing) or isinstance(arpu.by_decile, Missing):
        return None
    best = arpu.by_decile.iloc[0]
    part = float(best.customers) / arpu.n
    if abs(part - TOP_TENTH) > TOP_TENTH / 2:  # too few customers for tenths
        return None
    values = {"arpu": arpu.arpu, "low": arpu.low, "high": arpu.high, "best": float(best.arpu), "n": arpu.n}
    return Finding("profiling.base_finding_arpu", values)


def _came_and_went(growth: Growth | Missing) -> Finding | None:
    if isinstance(growth, Missing):
        return None
    last = growth.whole.iloc[-1]
    if last.lost == 0:
        return None
    came, lost = int(last.new + last.resurrected), int(last.lost)
    code = "up" if came >= lost else "down"
    values = {"month": last.month.date(), "came": came, "lost": lost, "ratio": came / lost}
    return Finding(f"profiling.base_finding_growth_{code}", values)


def _came_back(cohorts: Cohorts | Missing) -> Finding | None:
    if isinstance(cohorts, Missing):
        return None
    share, customers, n = cohorts.after_a_month
    values = {"share": share, "customers": customers, "n": n}
    return Finding("profiling.base_finding_retention", values)


def _silence(gaps: Gaps | Missing) -> Finding | None:
    if isinstance(gaps, Missing):
        return None
    values = {"p50": gaps.days(0.5), "p80": gaps.days(0.8), "p95": gaps.days(0.95), "n": gaps.n}
    return Finding("profiling.base_finding_gaps", values)


def _of_contracts(contracts: Contracts | Missing) -> Iterator[Finding]:
    """For a study without orders: what its contracts are worth, and which of them end most."""
    if isinstance(contracts, Missing):
        return
    if contracts.fees is not None:
        share = contracts.active / contracts.n
        values = {"active": contracts.active, "n": contracts.n, "share": share, "fees": contracts.fees}
        yield Finding("profiling.base_finding_contracts", values)
    for name, bands, named in (
        ("tenure", contracts.by_tenure, tenure_band), ("fee", contracts.by_fee, fee_band)
    ):  # fmt: skip
        if not isinstance(bands, Missing) and len(bands) > 1 and contracts.ended:
            worst = bands.iloc[int(bands.ended_rate.argmax())]
            told: dict[str, Any] = {"band": named(worst.low, worst.high), "rate": float(worst.ended_rate)}
            told |= {"ended": int(worst.ended), "n": int(worst.contracts)}
            overall = {"overall": contracts.ended / contracts.n}
            yield Finding(f"profiling.base_finding_{name}", told | overall)


def _of_voices(voices: Voices | Missing) -> Iterator[Finding]:
    """For a study without orders: how the ratings are."""
    if isinstance(voices, Missing) or isinstance(voices.ratings, Missing):
        return
    best = voices.ratings.iloc[int(voices.ratings.share.argmax())]
    values = {"n": voices.n, "rated": int(voices.ratings.utterances.sum()), "mean": voices.mean_rating}
    values |= {"rating": int(best.rating), "share": float(best.share)}
    yield Finding("profiling.base_finding_voices", values)


def checks(base: Structure) -> tuple[Check, ...]:
    """Whether two counts of the customers with an order agree: by their first month, and one by one."""
    if isinstance(base.growth, Missing):
        return ()
    values = {"by_month": base.first_orders, "customers": base.customers}
    return (Check("base_customers_agree", base.first_orders == base.customers, values),)
