"""The base of a study of feedback: who speaks, when and where, and which ratings are given."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.profiling.base.activity import MONTHS_A_YEAR, months_of
from workbench.results import Missing

LEAST_UTTERANCES = 10  # a smaller channel is not shown by name
MOST_CHANNELS = 12
MOST_RATINGS = 11  # 0 to 10; more values are shown in tens


@dataclass(frozen=True)
class Voices:
    """Utterances and answers.

    Attributes
    ----------
    n : int
        Utterances.
    customers : int
        Different customers among those that name one.
    named : int
        Utterances that name a customer.
    by_month : pandas.DataFrame or Missing
        month, utterances, customers; the last months.
    by_channel : pandas.DataFrame or Missing
        channel, utterances, share; channels of few utterances left out.
    ratings : pandas.DataFrame or Missing
        rating (the lower end where they are shown in tens), utterances, share.
    mean_rating : float or None
    """

    n: int
    customers: int
    named: int
    by_month: pd.DataFrame | Missing
    by_channel: pd.DataFrame | Missing
    ratings: pd.DataFrame | Missing
    mean_rating: float | None


def voices(feedback: ir.Table, shown: int) -> Voices | Missing:
    """Feedback by month and channel, and its ratings."""
    who, rating = feedback.customer_id, feedback.rating
    asked: dict[str, Any] = {"n": feedback.count(), "named": who.count(), "customers": who.nunique()}
    asked |= {"rated": rating.count(), "mean": rating.mean(), "high": rating.max()}
    whole = feedback.aggregate(**asked).to_pyarrow().to_pylist()[0]
    if not whole["n"]:
        return Missing("profiling.base_missing_voices")
    return Voices(
        int(whole["n"]),
        int(whole["customers"]),
        int(whole["named"]),
        _by_month(feedback, shown),
        _by_channel(feedback, int(whole["n"])),
        _ratings(feedback, float(whole["high"]), int(whole["rated"])) if whole["rated"] else _no("rating"),
        None if whole["mean"] is None else float(whole["mean"]),
    )


def _no(column: str) -> Missing:
    return Missing("profiling.base_missing_attribute", {"column": column})


def _by_month(feedback: ir.Table, shown: int) -> pd.DataFrame | Missing:
    dated = feedback.filter(feedback.given_at.notnull())
    number = (dated.given_at.year() * MONTHS_A_YEAR + dated.given_at.month() - 1).cast("int64")
    dated = dated.mutate(month=number)
    counted = dated.group_by("month").agg(utterances=dated.count(), customers=dated.customer_id.nunique())
    found: pd.DataFrame = counted.to_pandas().sort_values("month", ignore_index=True)
    if found.empty:
        return _no("given_at")
    return found.assign(month=months_of(found.month)).tail(shown).reset_index(drop=True)


def _by_channel(feedback: ir.Table, n: int) -> pd.DataFrame | Missing:
    given = feedback.filter(feedback.channel.notnull())
    counted = given.group_by("channel").agg(utterances=given.count())
    enough = counted.filter(counted.utterances >= LEAST_UTTERANCES)
    found: pd.DataFrame = (
        enough.order_by([ibis.desc(enough.utterances), enough.channel]).limit(MOST_CHANNELS).to_pandas()
    )
    if found.empty:
        return _no("channel")
    return found.assign(share=found.utterances / n)


def _ratings(feedback: ir.Table, highest: float, rated: int) -> pd.DataFrame:
    given = feedback.filter(feedback.rating.notnull())
    step = 1 if highest < MOST_RATINGS else 10
    level = ((given.rating.cast("float64") / step).floor() * step).cast("int64")
    given = given.mutate(level=level)
    found: pd.DataFrame = given.group_by("level").agg(utterances=given.count()).to_pandas()
    every = np.arange(found.level.min(), found.level.max() + step, step)
    counts = found.set_index("level").utterances.reindex(every, fill_value=0)
    frame = pd.DataFrame({"rating": every, "utterances": counts.to_numpy()})
    return frame.assign(share=frame.utterances / rated)
