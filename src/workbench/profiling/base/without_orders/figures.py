"""Pictures of a base without orders. They compute nothing."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from workbench.language import current, say
from workbench.profiling.base.contracts import Contracts
from workbench.profiling.base.tables import (
    fee_band,
    fees_table,
    head,
    months_text,
    tenure_band,
    tenure_table,
    written,
)
from workbench.profiling.base.voices import Voices
from workbench.profiling.figures import with_words
from workbench.theme import ACCENT, INK, PALE, WARNING, new_axes, passes_missing

SMALL = 8.5  # points, of labels beside marks
MOST_TICKS = 12
LEVEL_TICKS = 8  # so many months fit beside each other


@passes_missing
def plot_tenure(contracts: Contracts, *, ax: Axes | None = None) -> Any:
    """Active and ended contracts by tenure; what is Missing is handed through."""
    return _tenure(contracts.by_tenure, contracts=contracts, ax=ax)


@passes_missing
def _tenure(by_tenure: Any, *, contracts: Contracts, ax: Axes | None = None) -> Axes:
    labels = [tenure_band(*ends) for ends in zip(by_tenure.low, by_tenure.high, strict=True)]
    ax = _bands(by_tenure, labels, ax)
    ax.set_xlabel(say("profiling.base_axis_tenure"))
    worst = int(by_tenure.ended_rate.argmax())
    values = _contract_values(contracts, by_tenure.iloc[worst]) | {"band": labels[worst]}
    return with_words(ax, "base_tenure", values, written(tenure_table(contracts)))


@passes_missing
def plot_fees(contracts: Contracts, *, ax: Axes | None = None) -> Any:
    """Active and ended contracts by monthly fee; what is Missing is handed through."""
    return _fees(contracts.by_fee, contracts=contracts, ax=ax)


@passes_missing
def _fees(by_fee: Any, *, contracts: Contracts, ax: Axes | None = None) -> Axes:
    ends = list(zip(by_fee.low, by_fee.high, strict=True))
    labels = [fee_band(*pair, unit="number") for pair in ends]
    ax = _bands(by_fee, labels, ax)
    ax.set_xlabel(say("profiling.base_axis_fee", currency=current().currency))
    worst = int(by_fee.ended_rate.argmax())
    values = _contract_values(contracts, by_fee.iloc[worst]) | {"band": fee_band(*ends[worst])}
    values |= {"fees": contracts.fees}
    return with_words(ax, "base_fees", values, written(fees_table(contracts)))


def _bands(frame: pd.DataFrame, labels: list[str], ax: Axes | None) -> Axes:
    ax = new_axes(ax, height=2.9)
    at = np.arange(len(frame))
    ax.bar(at, frame.active, color=ACCENT, width=0.7, label=head("active"))
    ends = ax.bar(at, frame.ended, bottom=frame.active, color=WARNING, width=0.7, label=head("ended"))
    ax.bar_label(ends, [f"{rate:.0%}" for rate in frame.ended_rate], fontsize=SMALL, padding=2, color=INK)
    ax.margins(y=0.12)
    ax.set_xticks(at, labels)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set_ylabel(head("contracts"))
    ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.2)
    return ax


def _contract_values(contracts: Contracts, worst: Any) -> dict[str, Any]:
    rates = {"rate": worst.ended_rate, "low": worst.ended_low, "high": worst.ended_high}
    return rates | {"n": contracts.n, "active": contracts.active, "ended": contracts.ended}


@passes_missing
def plot_voices(voices: Voices, *, ax: Axes | None = None) -> Any:
    """Utterances by month; what is Missing is handed through."""
    return _voices(voices.by_month, voices=voices, ax=ax)


@passes_missing
def _voices(by_month: Any, *, voices: Voices, ax: Axes | None = None) -> Axes:
    ax = new_axes(ax, height=2.8)
    at, texts = np.arange(len(by_month)), months_text(by_month.month)
    ax.bar(at, by_month.utterances, color=ACCENT, width=0.75)
    step = -(-len(at) // MOST_TICKS)
    ax.set_xticks(at[::step], texts[::step], rotation=45 if len(at) > LEVEL_TICKS else 0)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.set_ylabel(head("utterances"))
    last = by_month.iloc[-1]
    values = {"month": last.month.date(), "last": int(last.utterances), "n": voices.n}
    values |= {"customers": voices.customers, "named": voices.named}
    data = pd.DataFrame({
        head("month"): texts,
        head("utterances"): by_month.utterances,
        head("customers"): by_month.customers,
    })  # fmt: skip
    return with_words(ax, "base_voices", values, data)


@passes_missing
def plot_ratings(voices: Voices, *, ax: Axes | None = None) -> Any:
    """How ratings are spread; what is Missing is handed through."""
    return _ratings(voices.ratings, voices=voices, ax=ax)


@passes_missing
def _ratings(ratings: Any, *, voices: Voices, ax: Axes | None = None) -> Axes:
    ax = new_axes(ax, height=2.6)
    best = int(ratings.share.argmax())
    colours = [ACCENT if place == best else PALE for place in range(len(ratings))]
    labels = [f"{rating:.0f}" for rating in ratings.rating]
    bars = ax.bar(labels, ratings.share, color=colours, width=0.75)
    ax.bar_label(bars, [f"{share:.0%}" for share in ratings.share], fontsize=SMALL, padding=2)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False)
    ax.set_xlabel(head("rating"))
    n = int(ratings.utterances.sum())
    values = {"rating": labels[best], "share": ratings.share[best], "n": n, "mean": voices.mean_rating}
    tens = bool((ratings.rating.diff() > 1).any())
    values |= {"grouped": say("profiling.base_ratings_grouped") if tens else ""}
    data = pd.DataFrame({
        head("rating"): labels,
        head("utterances"): ratings.utterances,
        head("share"): [f"{share:.1%}" for share in ratings.share],
    })  # fmt: skip
    return with_words(ax, "base_ratings", values, data)
