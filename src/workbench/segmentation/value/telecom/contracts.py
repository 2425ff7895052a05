"""Contracts as a day knows them: who runs, who left, what is known of each and what must not be used."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from workbench.calendar import end_of_day
from workbench.results import Missing

DAYS_A_MONTH = 365.25 / 12
FEE_DAYS = 183  # six months, over which the paper takes the mean bill
MOST_LEVELS = 30  # of a text: more are names or numbers of something
TELLS_ALL = 0.95  # AUC of one attribute alone from which it is taken to be known only after the end
FEWEST_OF_A_CLASS = 50
# What an earlier model left in the data, or what is written when someone leaves.
SCORE_NAMES = re.compile(r"score|churn|cltv|ltv|probab|risk|propens|流失|评分|得分|风险", re.IGNORECASE)
ARREARS_NAMES = ("arrears", "arrears_amount", "overdue_amount", "欠费", "欠费金额")
PREFIX = "attribute: "  # keeps a company's own column apart from a canonical one of the same name


@dataclass(frozen=True)
class Contracts:
    """Rows to learn from and rows to value, one per customer.

    Attributes
    ----------
    learnt : pandas.DataFrame
        ``churned`` (bool), ``tenure_months``, ``monthly_fee`` and the `attributes`, as known before the
        label's time where contracts have dates, else as the company exported them.
    running : pandas.DataFrame
        ``customer_id`` and the same columns of the customers with a running contract; ``mean_fee`` of the
        last six months, ``arrears`` where an attribute tells them.
    attributes : tuple of str
        Columns that models may use.
    dropped : dict
        Attribute → why it is not used: ``constant``, ``levels`` (too many), ``score`` (named like the result
        of a model), ``after_end`` (known only of those who left, or tells all by itself).
    label_months : float or None
        Time the label looks ahead; None where there are no dates and only the company knows.
    ends : int
        Contracts that have ended, and ``months`` that all have run: ends per month is the rate of leaving.
    months : float
    arrears : str or None
        The attribute that tells them.
    lived : pandas.DataFrame
        ``periods`` (months: begun ones of contracts that ended, whole ones of those that run) and ``lost``
        (0 or 1) of every contract.
    """

    learnt: pd.DataFrame
    running: pd.DataFrame
    attributes: tuple[str, ...]
    dropped: dict[str, str]
    label_months: float | None
    ends: int
    months: float
    arrears: str | None
    lived: pd.DataFrame


def contracts(
    subscriptions: ir.Table, attributes: Sequence[str], as_of: date, *, horizon_days: int
) -> Contracts | Missing:
    """The contracts as of `as_of`.

    Where start and end have dates, rows to learn from are the contracts that ran `horizon_days` earlier, and
    the label says who has none at `as_of`. Otherwise the company's own label is taken for what it is.

    Parameters
    ----------
    attributes : sequence of str
        Further columns of `subscriptions`. With ``observed_at`` they count as known from then on, without it
        from the start of the contract.

    Returns
    -------
    Contracts or Missing
        Missing where no fee is known, or fewer than FEWEST_OF_A_CLASS left or stayed.
    """
    now = _at(subscriptions, attributes, as_of)
    running = now[~now["churned"]]
    if running.empty or not running["monthly_fee"].notna().any():
        return Missing("segmentation.telecom_no_fee")
    dated = bool(now["started_at"].notna().any() and now["ended_at"].notna().any())
    learnt = now
    if dated:
        before = _at(subscriptions, attributes, as_of - timedelta(days=horizon_days))
        before = before[~before["churned"] & before["started_at"].notna()]
        learnt = before.assign(churned=~before["customer_id"].isin(running["customer_id"]))
    left = int(learnt["churned"].sum())
    if min(left, len(learnt) - left) < FEWEST_OF_A_CLASS:
        values = {"left": left, "n": len(learnt), "needed": FEWEST_OF_A_CLASS}
        return Missing("segmentation.telecom_few", values)
    own = [f"{PREFIX}{name}" for name in attributes]
    arrears = next((name for name in attributes if name.lower() in ARREARS_NAMES), None)
    kept, dropped = screened(learnt, own)
    running = running.assign(mean_fee=_mean_fee(subscriptions, running, as_of))
    if arrears is not None:
        running = running.assign(arrears=pd.to_numeric(running[f"{PREFIX}{arrears}"], errors="coerce"))
    months = horizon_days / DAYS_A_MONTH if dated else None
    exposure = float(now["tenure_months"].clip(lower=0).sum())
    return Contracts(
        _by_content(learnt, kept), running.reset_index(drop=True), kept, dropped, months,
        int(now["churned"].sum()), exposure, arrears, _lived(now),
    )  # fmt: skip


def _lived(now: pd.DataFrame) -> pd.DataFrame:
    lost, months = now["churned"].to_numpy(dtype=bool), now["tenure_months"].clip(lower=0).to_numpy()
    periods = np.where(lost, np.maximum(np.ceil(months), 1), np.floor(months))
    return pd.DataFrame({"periods": periods.astype(np.int64), "lost": lost.astype(np.int64)})


def screened(learnt: pd.DataFrame, names: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Which attributes may be used, and why the others may not (see `Contracts.dropped`)."""
    dropped = {name.removeprefix(PREFIX): why for name in names if (why := _why_not(learnt, name))}
    return tuple(name for name in names if name.removeprefix(PREFIX) not in dropped), dropped


def _why_not(learnt: pd.DataFrame, name: str) -> str | None:
    column, churned = learnt[name], learnt["churned"].to_numpy()
    text = not pd.api.types.is_numeric_dtype(column)
    if SCORE_NAMES.search(name.removeprefix(PREFIX)):
        return "score"
    if column.nunique(dropna=False) <= 1:
        return "constant"
    known = column.notna().to_numpy()
    if (known[churned].any() != known[~churned].any()) or _auc(known.astype(float), churned) >= TELLS_ALL:
        return "after_end"
    if text and column.nunique() > MOST_LEVELS:
        return "levels"
    points = column.map(pd.Series(churned, index=column.index).groupby(column).mean()) if text else column
    alone = _auc(points.fillna(points.mean()).to_numpy(dtype=float), churned)
    return "after_end" if alone >= TELLS_ALL else None


def _auc(points: "np.ndarray[tuple[int], np.dtype[np.float64]]", churned: object) -> float:
    found = float(roc_auc_score(churned, points))
    return max(found, 1 - found)


def _at(subscriptions: ir.Table, attributes: Sequence[str], day: date) -> pd.DataFrame:
    """The contract of each customer as known at the end of `day`: the running one, else the last."""
    end = ibis.timestamp(end_of_day(day))
    own = {f"{PREFIX}{name}": subscriptions[name] for name in attributes}
    later = subscriptions.ended_at.notnull() & (subscriptions.ended_at >= end)
    rows = subscriptions.select(
        "customer_id", "started_at", "observed_at", "tenure_months",
        monthly_fee=subscriptions.monthly_fee.cast("float64"),
        churned=ibis.ifelse(later, False, subscriptions.churned),
        ended_at=ibis.ifelse(later, ibis.null("timestamp"), subscriptions.ended_at),
        **own,
    )  # fmt: skip
    rows = rows.filter(
        (rows.observed_at.isnull() | (rows.observed_at < end))
        & (rows.started_at.isnull() | (rows.started_at < end))
    )
    order = [
        ibis.desc(rows.observed_at, nulls_first=False),
        ibis.desc(rows.ended_at, nulls_first=True),  # an open end is later than any other
        ibis.desc(rows.started_at, nulls_first=False),
        *sorted(name for name in rows.columns if name.startswith(PREFIX)),
    ]
    place = ibis.row_number().over(group_by="customer_id", order_by=order)
    frame = (
        rows.mutate(place=place).filter(ibis._.place == 0).drop("place").order_by("customer_id").to_pandas()
    )
    gone = frame["churned"].eq(True) | frame["ended_at"].notna()
    until = frame["ended_at"].fillna(pd.Timestamp(day) + pd.Timedelta(days=1))
    since = (until - frame["started_at"]).dt.days / DAYS_A_MONTH
    tidy = {name: _plain(frame[name]) for name in own}
    tenure = since.fillna(frame["tenure_months"]).fillna(0.0)
    found: pd.DataFrame = frame.assign(churned=gone, tenure_months=tenure, **tidy)
    return found


def _plain(column: pd.Series) -> pd.Series:
    """Numbers as float (also numbers written as text, where every filled cell is one), else stripped text."""
    if pd.api.types.is_bool_dtype(column):
        return column.map({True: "yes", False: "no"})
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    text = column.astype("object").map(lambda cell: str(cell).strip(), na_action="ignore")
    text = text.where(text.notna() & (text != ""), None)
    numbers = pd.to_numeric(text, errors="coerce")
    return numbers.astype("float64") if numbers.notna().equals(text.notna()) else text


def _mean_fee(subscriptions: ir.Table, running: pd.DataFrame, as_of: date) -> pd.Series:
    """Mean fee of the observations in the last FEE_DAYS; where there are none the fee as it stands."""
    seen, end = subscriptions.observed_at, ibis.timestamp(end_of_day(as_of))
    begin = ibis.timestamp(end_of_day(as_of - timedelta(days=FEE_DAYS)))
    rows = subscriptions.filter((seen >= begin) & (seen < end))
    means = rows.group_by("customer_id").agg(fee=rows.monthly_fee.mean().cast("float64")).to_pandas()
    mean = running["customer_id"].map(means.set_index("customer_id")["fee"])
    return mean.fillna(running["monthly_fee"])


def _by_content(learnt: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Sorted by what is known of the customers, so that their ids change nothing."""
    columns = ["tenure_months", "monthly_fee", *names, "churned"]
    keys = learnt[columns].assign(**{n: learnt[n].astype("str") for n in names})
    return learnt[columns].loc[keys.sort_values(columns).index].reset_index(drop=True)
