"""Tables of the customer base with readable names and the units of their columns."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from babel.dates import get_day_names, get_month_names

from workbench.language import current, say, write_number
from workbench.language.numbers import LOCALES
from workbench.profiling.base.arpu import OTHER, Arpu
from workbench.profiling.base.cohorts import Cohorts
from workbench.profiling.base.concentration import Concentration
from workbench.profiling.base.contracts import Contracts
from workbench.profiling.base.gaps import Gaps
from workbench.profiling.base.growth import Growth
from workbench.profiling.base.places import Places
from workbench.profiling.base.rhythm import Rhythm
from workbench.profiling.base.voices import Voices
from workbench.results import Missing

LONGEST_NAME = 32  # characters of a region or a category; a longer one is cut
MOST_AGES = 24
SHARES = (
    "share", "share_low", "share_high", "quantile", "customer_share", "revenue_share", "once_rate",
    "once_low", "once_high", "ended_rate", "ended_low", "ended_high",
)  # fmt: skip
MONEY = (
    "revenue", "least", "arpu", "p25", "median", "p75", "per_customer", "money_low", "money_high", "fees",
    "fee_from", "fee_below",
)  # fmt: skip
DAYS = ("days", "days_low", "days_high", "p50", "p80", "p90", "p95")
COUNTS = (
    "gaps", "customers", "active", "new", "retained", "resurrected", "lost", "net", "orders", "contracts",
    "ended", "utterances", "years",
)  # fmt: skip


def head(name: str) -> str:
    """The head of a column."""
    return say(f"profiling.base_column_{name}")


def units() -> dict[str, str]:
    """Readable column name → unit, for the columns that have one."""
    by_unit = {"share": SHARES, "currency": MONEY, "days": DAYS, "rows": COUNTS}
    return {head(name): unit for unit, names in by_unit.items() for name in names}


def gaps_table(gaps: Gaps | Missing) -> pd.DataFrame | Missing:
    """Quantiles of the days between purchases, with their intervals."""
    if isinstance(gaps, Missing):
        return gaps
    names = {"low": "days_low", "high": "days_high"}
    return _headed(gaps.quantiles.rename(columns=names), ["quantile", "days", "days_low", "days_high"])


def categories_table(gaps: Gaps | Missing) -> pd.DataFrame | Missing:
    """Days between purchases within each category."""
    if isinstance(gaps, Missing) or isinstance(gaps.by_category, Missing):
        return gaps if isinstance(gaps, Missing) else gaps.by_category
    frame = gaps.by_category.assign(category=gaps.by_category.category.map(clipped))
    return _headed(frame, ["category", "customers", "gaps", "p50", "p80", "p90", "p95"])


def cohorts_table(cohorts: Cohorts | Missing) -> pd.DataFrame | Missing:
    """The triangle: one row per month of the first order, one column per age; months not over in brackets."""
    if isinstance(cohorts, Missing):
        return cohorts
    shown = cohorts.triangle[cohorts.triangle.age.between(1, MOST_AGES)]
    texts = [
        f"({_percent(share)})" if partial else _percent(share)
        for share, partial in zip(shown.share, shown.partial, strict=True)
    ]
    wide = shown.assign(text=texts).pivot(index="cohort", columns="age", values="text").fillna("")
    wide.columns = [say("profiling.base_age", age=int(age)) for age in wide.columns]
    sizes = cohorts.triangle[cohorts.triangle.age == 0].set_index("cohort").denominator
    wide = wide.reindex(sizes.index, fill_value="")
    wide.insert(0, head("customers"), sizes)
    return wide.rename_axis(head("cohort")).reset_index().assign(**{head("cohort"): months_text(sizes.index)})


def retention_table(cohorts: Cohorts | Missing) -> pd.DataFrame | Missing:
    """All cohorts together: active customers by age, with interval."""
    if isinstance(cohorts, Missing):
        return cohorts
    names = {"low": "share_low", "high": "share_high", "customers": "active", "denominator": "customers"}
    frame = cohorts.curve.rename(columns=names)
    return _headed(frame, ["age", "active", "customers", "share", "share_low", "share_high"])


def growth_table(growth: Growth | Missing) -> pd.DataFrame | Missing:
    """Growth accounting by month."""
    if isinstance(growth, Missing):
        return growth
    frame = growth.by_month.assign(month=months_text(growth.by_month.month))
    columns = ["month", "active", "new", "retained", "resurrected", "lost", "net", "quick_ratio"]
    return _headed(frame, columns)


def heads_table(concentration: Concentration | Missing) -> pd.DataFrame | Missing:
    """The head and the long tail: what the best per cent, the best tenth, … bring."""
    if isinstance(concentration, Missing) or isinstance(concentration.heads, Missing):
        return concentration if isinstance(concentration, Missing) else concentration.heads
    columns = ["customer_share", "customers", "revenue", "revenue_share", "least"]
    return _headed(concentration.heads, columns)


def deciles_table(arpu: Arpu | Missing) -> pd.DataFrame | Missing:
    """Revenue per active customer by decile, the best first."""
    if isinstance(arpu, Missing) or isinstance(arpu.by_decile, Missing):
        return arpu if isinstance(arpu, Missing) else arpu.by_decile
    return _headed(arpu.by_decile, ["decile", "customers", "revenue", "share", "arpu"])


def tiers_table(arpu: Arpu | Missing) -> pd.DataFrame | Missing:
    """Revenue per active customer by tier."""
    if isinstance(arpu, Missing) or isinstance(arpu.by_tier, Missing):
        return arpu if isinstance(arpu, Missing) else arpu.by_tier
    frame = arpu.by_tier.assign(tier=[tier_name(tier) for tier in arpu.by_tier.tier])
    return _headed(frame, ["tier", "customers", "revenue", "share", "arpu", "p25", "median", "p75"])


def weekdays_table(rhythm: Rhythm | Missing) -> pd.DataFrame | Missing:
    """Orders and revenue by weekday."""
    if isinstance(rhythm, Missing) or isinstance(rhythm.weekdays, Missing):
        return rhythm if isinstance(rhythm, Missing) else rhythm.weekdays
    frame = rhythm.weekdays.assign(weekday=[weekday_name(day) for day in rhythm.weekdays.weekday])
    return _headed(frame, ["weekday", "orders", "share", "revenue", "revenue_share"])


def hours_table(rhythm: Rhythm | Missing) -> pd.DataFrame | Missing:
    """Orders by hour, one column per weekday."""
    if isinstance(rhythm, Missing) or isinstance(rhythm.hours, Missing):
        return rhythm if isinstance(rhythm, Missing) else rhythm.hours
    wide = rhythm.hours.pivot(index="hour", columns="weekday", values="orders")
    wide.columns = [weekday_name(int(day)) for day in wide.columns]
    wide.index = pd.Index([f"{hour:02}:00" for hour in wide.index], name=head("hour"))
    return wide.reset_index()


def season_table(rhythm: Rhythm | Missing) -> pd.DataFrame | Missing:
    """The index of each month of the year."""
    if isinstance(rhythm, Missing) or isinstance(rhythm.season, Missing):
        return rhythm if isinstance(rhythm, Missing) else rhythm.season
    frame = rhythm.season.assign(month=[month_name(int(month)) for month in rhythm.season.month])
    return _headed(frame, ["month", "index_orders", "index_revenue", "years"])


def peaks_table(rhythm: Rhythm | Missing) -> pd.DataFrame | Missing:
    """Days with far more orders than the same weekday around them."""
    if isinstance(rhythm, Missing):
        return rhythm
    if rhythm.peaks.empty:
        return Missing("profiling.base_no_peaks")
    return _headed(rhythm.peaks, ["day", "orders", "usual", "ratio"])


def places_table(places: Places | Missing) -> pd.DataFrame | Missing:
    """Customers, orders and revenue by the values of one attribute."""
    if isinstance(places, Missing):
        return places
    names = {"name": places.attribute, "low": "money_low", "high": "money_high"}
    frame = places.table.assign(name=place_names(places)).rename(columns=names)
    columns = [places.attribute, "customers", "orders", "revenue", "share", "per_customer", "money_low"]
    return _headed(frame, [*columns, "money_high", "once_rate", "once_low", "once_high"])


def tenure_table(contracts: Contracts | Missing) -> pd.DataFrame | Missing:
    """Contracts by tenure."""
    if isinstance(contracts, Missing) or isinstance(contracts.by_tenure, Missing):
        return contracts if isinstance(contracts, Missing) else contracts.by_tenure
    frame = contracts.by_tenure.rename(columns={"low": "months_from", "high": "months_below"})
    columns = ["months_from", "months_below", "contracts", "active", "ended", "ended_rate", "ended_low"]
    return _headed(frame, [*columns, "ended_high"])


def fees_table(contracts: Contracts | Missing) -> pd.DataFrame | Missing:
    """Contracts by monthly fee."""
    if isinstance(contracts, Missing) or isinstance(contracts.by_fee, Missing):
        return contracts if isinstance(contracts, Missing) else contracts.by_fee
    frame = contracts.by_fee.rename(columns={"low": "fee_from", "high": "fee_below"})
    columns = ["fee_from", "fee_below", "contracts", "active", "ended", "fees", "ended_rate", "ended_low"]
    return _headed(frame, [*columns, "ended_high"])


def channels_table(voices: Voices | Missing) -> pd.DataFrame | Missing:
    """Utterances by channel."""
    if isinstance(voices, Missing) or isinstance(voices.by_channel, Missing):
        return voices if isinstance(voices, Missing) else voices.by_channel
    frame = voices.by_channel.assign(channel=voices.by_channel.channel.map(clipped))
    return _headed(frame, ["channel", "utterances", "share"])


def written(table: pd.DataFrame | Missing) -> pd.DataFrame:
    """The table behind a figure, shares and money as they are read."""
    assert isinstance(table, pd.DataFrame)  # who draws has the result
    known, speech = units(), current()
    texts = {
        name: [
            write_number(value, known[name], language=speech.language, currency=speech.currency)
            for value in table[name]
        ]
        for name in table.columns
        if known.get(name) in ("share", "currency")
    }
    return table.assign(**texts)


def clipped(name: str) -> str:
    """A name of the data, not longer than a label may be."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def place_names(places: Places) -> list[str]:
    """What the groups are called."""
    words = {"other": say("profiling.base_other", n=places.folded), "unknown": say("profiling.base_unknown")}
    pairs = zip(places.table.kind, places.table.name, strict=True)
    return [words.get(kind, clipped(name)) for kind, name in pairs]


def tier_name(tier: str) -> str:
    """What a tier is called; the small ones together."""
    return say("profiling.base_other_tiers") if tier == OTHER else clipped(tier)


def weekday_name(day: int) -> str:
    """The name of a weekday, 0 for Monday."""
    return str(get_day_names("wide", locale=LOCALES[current().language])[day])


def month_name(month: int, width: Literal["abbreviated", "wide"] = "abbreviated") -> str:
    """The name of a month of the year; in Chinese always with digits, as dates are written."""
    language = current().language
    names = get_month_names("abbreviated" if language == "zh" else width, locale=LOCALES[language])
    return str(names[month])


def tenure_band(low: float, high: float) -> str:
    """The name of a stretch of months."""
    if high != high:
        return say("profiling.base_band_last", low=int(low))
    return say("profiling.base_band", low=int(low), high=int(high))


def fee_band(low: float, high: float, unit: str = "currency") -> str:
    """The name of a stretch of monthly fees; with another unit without the sign of the currency."""
    speech = current()
    first, last = (
        write_number(fee, unit, language=speech.language, currency=speech.currency) for fee in (low, high)
    )
    if high != high:
        return say("profiling.base_fee_last", low=first)
    return say("profiling.base_fee", low=first, high=last)


def months_text(months: Any) -> list[str]:
    """Months as ``YYYY-MM``."""
    return [f"{month:%Y-%m}" for month in months]


def _percent(share: float) -> str:
    return str(write_number(share, "share", language=current().language, currency=current().currency))


def _headed(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    infinite = frame[list(columns)].replace([np.inf, -np.inf], np.nan)
    return infinite.rename(columns={name: head(name) for name in columns})
