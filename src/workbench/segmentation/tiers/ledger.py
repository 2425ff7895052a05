"""The value ledger: how the value of twelve months has come from one month end to the next.

Opening and closing are the net revenue of all customers in the windows that end with the two month ends.
Every customer's change stands in exactly one line, so that opening + all lines = closing, to the last
ten-thousandth; next month's opening is this month's closing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.features import visible
from workbench.language import say
from workbench.results import Block, Finding
from workbench.segmentation.book import UNITS
from workbench.segmentation.tiers.floors import ABSENT
from workbench.segmentation.tiers.moment import Moment
from workbench.segmentation.wording import SMALLEST_CELL

# In this order the first that holds is a customer's line.
LINES = ("refunds_only", "new", "reactivated", "lost", "upgraded", "downgraded", "same")
SHOWN = ("new", "reactivated", "upgraded", "same", "downgraded", "lost", "refunds_only")


@dataclass(frozen=True)
class Ledger:
    """The last steps from month end to month end.

    Attributes
    ----------
    steps : pandas.DataFrame
        One row per step and line of SHOWN: ``begin``, ``end``, ``line``, ``customers``, ``change`` (int64,
        ten-thousandths of the currency), ``opening`` and ``closing`` of the step.
    control : int
        Net of all lines in the last window, summed apart from customers; the closing has to equal it.
    """

    steps: pd.DataFrame
    control: int

    @property
    def last(self) -> pd.DataFrame:
        """The rows of the last step."""
        rows = self.steps["end"] == self.steps["end"].max()
        found: pd.DataFrame = self.steps.loc[rows].reset_index(drop=True)
        return found

    @property
    def opening(self) -> int:
        """Of the last step."""
        return int(self.last["opening"].iloc[0])

    @property
    def closing(self) -> int:
        """Of the last step."""
        return int(self.last["closing"].iloc[0])

    @property
    def balances(self) -> bool:
        """Every step adds up and begins as the one before ended; the last ends with the control."""
        table = self.steps.groupby("end").agg(
            opening=("opening", "first"), change=("change", "sum"), closing=("closing", "first")
        )
        adds_up = bool((table["opening"] + table["change"] == table["closing"]).all())
        chained = table["opening"].to_numpy()[1:] == table["closing"].to_numpy()[:-1]
        return adds_up and bool(chained.all()) and self.closing == self.control


def ledger_lines(before: Moment, now: Moment) -> pd.DataFrame:
    """One step of the ledger: a row per line of SHOWN, as in `Ledger.steps`."""
    lines, change = line_of(before, now), now.net - before.net
    rows = []
    # Who has nothing in either window has no change; she is counted in no line.
    present = before.active | now.active
    for line in SHOWN:
        inside = present & (lines == LINES.index(line))
        rows.append((before.end, now.end, line, int(inside.sum()), int(change[inside].sum())))
    table = pd.DataFrame(rows, columns=["begin", "end", "line", "customers", "change"])
    return table.assign(opening=int(before.net.sum()), closing=int(now.net.sum()))


def line_of(before: Moment, now: Moment) -> npt.NDArray[np.int8]:
    """The place in LINES of each customer of the book.

    refunds_only: has never bought. new: had not bought by the first day. reactivated: had bought, but has a
    line in the second window alone. lost: in the first alone. upgraded, downgraded, same: by the tiers.
    """
    conditions = [
        now.tiers == ABSENT,
        before.tiers == ABSENT,
        ~before.active & now.active,
        before.active & ~now.active,
        now.tiers > before.tiers,
        now.tiers < before.tiers,
    ]
    return np.select(conditions, range(len(conditions)), default=LINES.index("same")).astype(np.int8)


def ledger(steps: Sequence[pd.DataFrame], control: int) -> Ledger:
    """The ledger of `steps`, oldest first, and the sum that its end has to equal."""
    return Ledger(pd.concat(steps, ignore_index=True), control)


def control_total(transactions: ir.Table, as_of: date, window_days: int) -> int:
    """Net of all lines in the window, in ten-thousandths, as the engine sums them without any customer."""
    lines = visible(transactions, "ordered_at", as_of)
    begin = ibis.date(as_of - timedelta(days=window_days))
    lines = lines.filter((lines.ordered_at.date() > begin) & lines.customer_id.notnull())
    total = ibis.coalesce(lines.amount.sum(), ibis.literal(0).cast("decimal(18,4)"))
    return int((total * UNITS).cast("int64").execute())


def without_small_lines(step: pd.DataFrame) -> pd.DataFrame:
    """The lines of a step of which each has nobody or SMALLEST_CELL customers; the others become one line.

    An amount of a handful of customers would be one of persons; and a single hidden one follows from the
    others, because the ledger balances. So they are put together, with the smallest other line if need be.
    """
    some = step[step["customers"] > 0].sort_values("customers", kind="stable")
    few = some["customers"] < SMALLEST_CELL
    if not few.any():
        return step[["line", "customers", "change"]].reset_index(drop=True)
    size = int(few.sum())
    while some["customers"].iloc[:size].sum() < SMALLEST_CELL and size < len(some):
        size += 1
    folded, kept = some.iloc[:size], step.drop(some.index[:size])
    whole = {"customers": int(folded["customers"].sum()), "change": int(folded["change"].sum())}
    other = pd.DataFrame([{"line": "other"} | whole])
    return pd.concat([kept[["line", "customers", "change"]], other], ignore_index=True)


def ledger_block(found: Ledger) -> Block:
    """The last step for the first page."""
    shown = without_small_lines(found.last)
    parts = zip(shown["line"], shown["customers"].tolist(), shown["change"].tolist(), strict=True)
    rows = [(say(f"segmentation.ledger_{line}"), n, change / UNITS) for line, n, change in parts]
    opening = (say("segmentation.ledger_opening"), None, found.opening / UNITS)
    closing = (say("segmentation.ledger_closing"), None, found.closing / UNITS)
    heads = (("segmentation.tiers_column_line", ""), ("segmentation.tiers_column_customers", "customers"))
    last = found.last.iloc[0]
    note = Finding("segmentation.ledger_note", {"begin": last["begin"], "end": last["end"]})
    columns = (*heads, ("segmentation.tiers_column_change", "exact_currency"))
    return Block("segmentation.ledger_title_block", columns, (opening, *rows, closing), note)
