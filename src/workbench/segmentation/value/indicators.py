"""The indicators of customer value: what each is, and their values for every customer as of a day.

Hierarchy and formulas are a proposal of this project in the manner of the literature that weighs current,
potential and relationship value. All look at the last WINDOW_DAYS days up to the day asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.results import Missing
from workbench.segmentation.book import UNITS, PurchaseBook
from workbench.segmentation.value.baskets import baskets, cross_sell_room, main_category
from workbench.segmentation.value.contacts import contacts, engagement, recommendation
from workbench.segmentation.value.hierarchy import INDICATORS

WINDOW_DAYS = 365
HALF_DAYS = 182  # both halves of the trend are equally long
DAYS_A_MONTH = 365.25 / 12
MONTHS_IN_WINDOW = 12
WALLET_QUANTILE = 0.9
SMALLEST_SEGMENT = 30  # a P90 of fewer buyers is the figure of three of them
# Unit in which a reader sees the raw value.
UNIT_OF = {
    "margin": "currency",
    "revenue": "currency",
    "frequency": "days",
    "service_cost": "ratio",
    "expected_value": "currency",
    "trend": "ratio",
    "cross_sell": "currency",
    "wallet": "share",
    "tenure": "months",
    "loyalty": "share",
    "referral": "ratio",
    "engagement": "ratio",
    "credit": "share",
}
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Costs:
    """What service costs, in one unit for both; 1 and 1 make a relative cost.

    Attributes
    ----------
    contact : float
        Of one contact of a service case.
    refund : float
        Of handling one day with a refund.
    """

    contact: float = 1.0
    refund: float = 1.0


@dataclass(frozen=True)
class Indicators:
    """Raw values of the indicators that the data can tell.

    Attributes
    ----------
    values : pandas.DataFrame
        One column per indicator, in its unit, on the index of the customers asked for; NaN where nothing is
        known of a customer.
    left_out : dict
        Indicator → Missing, why the data can not tell it.
    as_of : date
    """

    values: pd.DataFrame
    left_out: dict[str, Missing]
    as_of: date

    @property
    def table(self) -> pd.DataFrame:
        """``dimension``, ``indicator``, ``known_share`` of customers (0 where it is left out) and the raw
        values' ``p10``, ``median``, ``p90``."""
        rows = []
        for dimension, names in INDICATORS.items():
            for name in names:
                row = {"dimension": dimension, "indicator": name, "known_share": 0.0}
                if name in self.values:
                    column = self.values[name]
                    low, middle, high = column.quantile([0.1, 0.5, 0.9])
                    row |= {"known_share": float(column.notna().mean())}
                    row |= {"p10": float(low), "median": float(middle), "p90": float(high)}
                rows.append(row)
        return pd.DataFrame(rows)


def value_indicators(
    tables: Mapping[str, ir.Table | None],
    book: PurchaseBook,
    day: date,
    customers: pd.Series,
    *,
    expected: pd.DataFrame | None = None,
    costs: Costs | None = None,
) -> Indicators:
    """The indicators of `customers` at the end of `day`; nothing later is seen.

    Parameters
    ----------
    tables : mapping
        Canonical tables by name: ``transactions``; where mapped ``tickets``, ``feedback``, ``events``.
    book : PurchaseBook
        The purchases, up to `day` at least; its rows after `day` are left aside. Where rows arrive late
        (``available_at``) it must be the book as of `day`.
    customers : Series of str
        Ids with a purchase up to `day`, each once.
    expected : pandas.DataFrame, optional
        ``expected_value`` and ``p_purchase`` on the index of `customers`, foreseen at `day`.
    costs : Costs, optional
        Without them a contact and a refund cost 1 each.

    Returns
    -------
    Indicators
        An indicator that does not vary is left out as well: it ranks nobody.

    Notes
    -----
    ``margin`` and ``revenue`` are net of refunds; a line without a margin counts with 0. ``trend`` is
    ln((last 182 days + c)/(182 before + c)), c the median day of purchase, so that no unit matters.
    ``loyalty`` is the probability of buying again, without models the share of months with a purchase.
    ``credit`` is 1 less the part of the refund share above that of the whole base. ``referral`` is the mean
    NPS class (promoter 1, detractor -1): no table says who brought whom.
    """
    rows = _of_orders(book, day, customers)
    start = day - timedelta(days=WINDOW_DAYS)
    bought = baskets(tables["transactions"], start, day, customers)
    left_out: dict[str, Missing] = {}
    rows["cross_sell"] = cross_sell_room(bought)
    rows["wallet"] = wallet_left(rows["revenue"], main_category(bought))
    for name, table, make in (
        ("referral", "feedback", recommendation),
        ("engagement", "events", engagement),
        ("contacts", "tickets", contacts),
    ):
        found = make(tables, start, day)
        if found is None:
            left_out[name] = Missing("segmentation.value_no_table", {"table": table})
        else:
            rows[name] = customers.map(found).to_numpy()
            rows[name] = rows[name] if name == "referral" else rows[name].fillna(0.0)
    values = _with_models(rows.set_axis(customers.index), expected)
    values["service_cost"] = _service_cost(values, costs or Costs())
    return _told(values, left_out, day, expected)


def wallet_left(revenue: pd.Series, segment: npt.NDArray[np.int64]) -> Floats:
    """1 - revenue / P90 of the revenue in the same segment, within 0 and 1.

    Parameters
    ----------
    segment : ndarray of int
        Of each customer; -1 for none. Segments of fewer than SMALLEST_SEGMENT buyers stand together with
        these.
    """
    spent = revenue.to_numpy()
    sizes = pd.Series(segment[spent > 0]).value_counts()
    kept = sizes.index[sizes >= SMALLEST_SEGMENT]
    group = np.where(np.isin(segment, kept), segment, -1)
    buyers = revenue[spent > 0].groupby(group[spent > 0]).quantile(WALLET_QUANTILE)
    whole = float(np.quantile(spent[spent > 0], WALLET_QUANTILE)) if (spent > 0).any() else np.nan
    bar = pd.Series(group).map(buyers).fillna(whole).to_numpy(dtype=float)
    left: Floats = np.clip(1 - spent / bar, 0, 1)
    return left


def _of_orders(book: PurchaseBook, day: date, customers: pd.Series) -> pd.DataFrame:
    """What the book alone tells, a row per customer in their order."""
    place = book.places(customers)
    last, start = book.number(day), book.number(day) - WINDOW_DAYS
    inside = (book.day <= last) & (book.day > start)
    n, bought = len(book.customer_id), book.bought & inside
    half = day - timedelta(days=HALF_DAYS)
    first_half = (half - timedelta(days=HALF_DAYS), half)
    net, gross = (_money(book, amounts, day, WINDOW_DAYS) for amounts in (book.net, book.gross))
    recent = _money(book, book.net, day, HALF_DAYS)
    earlier = book.total(book.net, *first_half) / UNITS
    tenure = _tenure_months(book, last)
    found = {
        "revenue": net,
        "frequency": np.bincount(book.who[bought], minlength=n).astype(float),
        "trend": _log_ratio(recent, earlier, _typical_day(book, bought)),
        "tenure": tenure,
        "active_share": _active_months(book, bought) / np.clip(np.ceil(tenure), 1, MONTHS_IN_WINDOW),
        "refund_days": np.bincount(book.who[inside & (book.net < book.gross)], minlength=n).astype(float),
        "credit": _credit(net, gross),
    }
    if book.margin is not None:
        found["margin"] = _money(book, book.margin, day, WINDOW_DAYS)
    rows: pd.DataFrame = pd.DataFrame(found).iloc[place].reset_index(drop=True)
    return rows


def _money(book: PurchaseBook, amounts: npt.NDArray[np.int64], day: date, days: int) -> Floats:
    return (book.total(amounts, day - timedelta(days=days), day) / UNITS).astype(np.float64)


def _log_ratio(recent: Floats, earlier: Floats, offset: float) -> Floats:
    # Two sums of cents far below a day's purchase are the same: digits behind that are noise.
    ratio: Floats = np.log((recent.clip(0) + offset) / (earlier.clip(0) + offset)).astype(np.float64)
    return ratio.round(10)


def _typical_day(book: PurchaseBook, bought: npt.NDArray[np.bool_]) -> float:
    paid = book.gross[bought & (book.gross > 0)]
    return float(np.median(paid)) / UNITS if len(paid) else 1.0


def _tenure_months(book: PurchaseBook, last: int) -> Floats:
    rows = np.flatnonzero(book.bought & (book.day <= last))
    first = np.full(len(book.customer_id), last, dtype=np.int64)
    new = _first_of_run(book.who[rows])  # the rows of a customer stand together, in order of days
    first[book.who[rows][new]] = book.day[rows][new]
    return (last - first) / DAYS_A_MONTH


def _active_months(book: PurchaseBook, bought: npt.NDArray[np.bool_]) -> Floats:
    months = book.day[bought].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    who = book.who[bought]
    new = _first_of_run(who) | _first_of_run(months)
    return np.bincount(who[new], minlength=len(book.customer_id)).clip(max=MONTHS_IN_WINDOW).astype(float)


def _first_of_run(values: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Which values differ from the one before."""
    found = np.ones(len(values), dtype=bool)
    found[1:] = values[1:] != values[:-1]
    return found


def _credit(net: Floats, gross: Floats) -> Floats:
    """1 - refund share above the base's own; NaN where nothing was bought or given back."""
    refunds = gross - net
    usual = refunds.sum() / gross.sum() if gross.sum() else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(gross > 0, refunds / gross, np.where(refunds > 0, 1.0, np.nan))
    return 1 - np.clip(share - usual, 0, 1)


def _with_models(values: pd.DataFrame, expected: pd.DataFrame | None) -> pd.DataFrame:
    if expected is None:
        return values.assign(loyalty=values["active_share"])
    return values.assign(expected_value=expected["expected_value"], loyalty=expected["p_purchase"])


def _service_cost(values: pd.DataFrame, costs: Costs) -> pd.Series:
    asked = values["contacts"] if "contacts" in values else pd.Series(0.0, index=values.index)
    return asked * costs.contact + values["refund_days"] * costs.refund


def _told(
    values: pd.DataFrame, left_out: dict[str, Missing], day: date, expected: pd.DataFrame | None
) -> Indicators:
    reasons: dict[str, Missing] = {n: why for n, why in left_out.items() if n != "contacts"}
    if "margin" not in values:
        reasons["margin"] = Missing("segmentation.value_no_margin")
    if expected is None:
        reasons["expected_value"] = Missing("segmentation.value_no_expectation")
    if "contacts" not in values and not values["refund_days"].any():
        reasons["service_cost"] = Missing("segmentation.value_no_service")
    if values["cross_sell"].isna().all():
        reasons["cross_sell"] = Missing("segmentation.value_no_category")
    names = [name for level in INDICATORS.values() for name in level if name not in reasons]
    for name in names:
        if values[name].nunique() <= 1:
            reasons[name] = Missing("segmentation.value_constant")
    kept = [name for name in names if name not in reasons]
    return Indicators(values[kept].astype("float64"), reasons, day)
