"""The book of days: what every customer bought and gave back, day by day, as flat arrays.

Stages and tiers of many month ends follow from it in one pass over memory; asking an engine for each month
end would read the lines a dozen times. A day of a customer takes some 40 bytes: ten million days 0.4 GB.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.features import CustomerRange, visible

EPOCH = date(1970, 1, 1)
UNITS = 10_000  # canonical money has four decimals: sums of whole ten-thousandths are exact
EVERYONE = CustomerRange()
MOST_DAYS = 1 << 24  # more than a calendar has: one number can hold a customer and a day


@dataclass(frozen=True)
class PurchaseBook:
    """One row per customer and day with a line, in the order of customers and days.

    Attributes
    ----------
    as_of : date
        Last day of the book.
    customer_id : pandas.Series
        Every customer with a line, a refund alone included; sorted, index 0 to n - 1.
    who : ndarray of int32
        Position of the row's customer in `customer_id`.
    day : ndarray of int32
        Days since 1970-01-01.
    net : ndarray of int64
        Purchases less refunds of the day, in ten-thousandths of the currency.
    gross : ndarray of int64
        Purchases alone.
    margin : ndarray of int64 or None
        Net margin of the day (``margin``, or amount - ``cost``); a line without either counts with 0. None
        where no line has one.
    bought : ndarray of bool
        Whether the day has a purchase; the others have refunds alone.
    """

    as_of: date
    customer_id: pd.Series
    who: npt.NDArray[np.int32]
    day: npt.NDArray[np.int32]
    net: npt.NDArray[np.int64]
    gross: npt.NDArray[np.int64]
    margin: npt.NDArray[np.int64] | None
    bought: npt.NDArray[np.bool_]

    def number(self, day: date) -> int:
        """`day` as the book counts days."""
        return (day - EPOCH).days

    def places(self, customer_id: pd.Series) -> npt.NDArray[np.int64]:
        """Position of each of these ids in `customer_id`; -1 for one that is not there."""
        return places(pa.array(customer_id, pa.large_string()), self.customer_id)

    def total(self, amounts: npt.NDArray[np.int64], after: date | None, until: date) -> npt.NDArray[np.int64]:
        """Sum of `amounts` (of the rows) per customer over the days after `after` up to `until`, exact."""
        rows = self.day <= self.number(until)
        if after is not None:
            rows &= self.day > self.number(after)
        sums = np.zeros(len(self.customer_id), dtype=np.int64)
        np.add.at(sums, self.who[rows], amounts[rows])
        return sums


def places(texts: pa.Array | pa.ChunkedArray, known: Sequence[str] | pd.Series) -> npt.NDArray[np.int64]:
    """Position of each text among the `known`; -1 for one that is not there."""
    value_set = pa.array(known, pa.large_string())
    found: npt.NDArray[np.int64] = (
        pc.index_in(texts.cast(pa.large_string()), value_set=value_set).cast("int64").fill_null(-1).to_numpy()
    )
    return found


def month_ends(as_of: date, months: int) -> list[date]:
    """`as_of` and the ends of the `months` calendar months before its own, oldest first."""
    ends, day = [as_of], as_of
    for _ in range(months):
        day = day.replace(day=1) - timedelta(days=1)
        ends.append(day)
    return ends[::-1]


def purchase_book(
    transactions: ir.Table, as_of: date, ranges: Sequence[CustomerRange] = (EVERYONE,)
) -> PurchaseBook:
    """The book of all lines up to the end of `as_of`.

    Parameters
    ----------
    ranges : sequence of CustomerRange
        The customers, in the order of their ids: one range is asked after the other.
    """
    lines = visible(transactions, "ordered_at", as_of)
    parts = [_part(_days(each.of(lines))) for each in ranges]
    counts = np.cumsum([0, *(len(ids) for ids, _ in parts)])
    ids = pd.Series(np.concatenate([ids for ids, _ in parts]), dtype="str", name="customer_id")
    who = np.concatenate([part["who"] + start for start, (_, part) in zip(counts, parts, strict=False)])
    rows = {name: np.concatenate([part[name] for _, part in parts]) for name in parts[0][1] if name != "who"}
    known, margin = rows.pop("margin_known"), rows.pop("margin")
    return PurchaseBook(
        as_of=as_of,
        customer_id=ids,
        who=who.astype(np.int32),
        margin=margin if known.any() else None,
        **rows,
    )


def _days(lines: ir.Table) -> ir.Table:
    """Customer, day and sums in ten-thousandths: whole numbers, so that no order of rows matters."""
    rows = lines.mutate(
        day=lines.ordered_at.date(),
        bought=lines.amount >= 0,
        # Before they are summed: to multiply the longer decimals of sums takes engines five times as long.
        units=ten_thousandths(lines.amount),
        earned=ten_thousandths(margin_of(lines)),
    )
    sums = {
        "net": rows.units.sum(),
        "gross": rows.units.sum(where=rows.bought),
        "margin": rows.earned.sum(),
    }
    whole = {name: ibis.coalesce(value, 0).cast("int64") for name, value in sums.items()}
    known = {"bought": rows.bought.any(), "margin_known": rows.earned.notnull().any()}
    return rows.group_by(["customer_id", "day"]).agg(**known, **whole)


def ten_thousandths(amount: ir.Value) -> ir.Value:
    """`amount` in the unit of the book, as whole numbers."""
    return (amount * UNITS).cast("int64")


def margin_of(lines: ir.Table) -> ir.Value:
    """``margin``, or amount - ``cost``; null where neither is known."""
    known = [lines.margin] if "margin" in lines.columns else []
    known += [lines.amount - lines.cost] if "cost" in lines.columns else []
    return ibis.coalesce(*known, ibis.null("decimal(18,4)"))


def _part(days: ir.Table) -> tuple[npt.NDArray[np.object_], dict[str, npt.NDArray[np.int64]]]:
    """The ids of a range, sorted, and its rows in their order."""
    table = days.to_pyarrow()
    coded = table["customer_id"].combine_chunks().dictionary_encode()
    ids = coded.dictionary.to_numpy(zero_copy_only=False)
    order = pc.array_sort_indices(coded.dictionary).to_numpy()
    place = np.empty(len(ids), dtype=np.int64)
    place[order] = np.arange(len(ids))
    who = place[coded.indices.to_numpy()]
    day = table["day"].cast("date32").cast("int32").to_numpy()
    rows = np.argsort(who * MOST_DAYS + day, kind="stable")
    columns = ("bought", "margin_known", "net", "gross", "margin")
    found = {name: table[name].to_numpy()[rows] for name in columns}
    return ids[order], found | {"who": who[rows], "day": day[rows]}
