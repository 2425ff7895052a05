"""The value room as a whole: indicators, score, what weights change, and whether they were right before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.features import CustomerRange
from workbench.features.cut_offs import is_late
from workbench.results import Missing
from workbench.segmentation.book import EVERYONE, UNITS, PurchaseBook, purchase_book
from workbench.segmentation.value.backtest import FEWEST_CUSTOMERS, Backtest, backtest
from workbench.segmentation.value.blends import blends
from workbench.segmentation.value.hierarchy import Weighed, read_hierarchy, weigh
from workbench.segmentation.value.indicators import Costs, Indicators, value_indicators
from workbench.segmentation.value.score import ValueScore, bare_dimensions, value_score
from workbench.segmentation.value.sensitivity import Sensitivity, sensitivity
from workbench.segmentation.wording import named


@dataclass(frozen=True)
class ValueOptions:
    """What an analyst may choose.

    Attributes
    ----------
    hierarchy : mapping
        The company's own hierarchy and judgements, see `read_hierarchy`; empty for the project's proposal.
    ahp_share : float
        Share of judgement in the weights.
    scale : {"rank", "min_max"}
        How indicators are brought to 0 to 1.
    backtest_days : int
        Days held back to test the weights.
    costs : Costs
        Of a contact and of a refund.
    seed : int
    """

    hierarchy: Mapping[str, Any] = field(default_factory=dict)
    ahp_share: float = 1.0
    scale: Literal["rank", "min_max"] = "rank"
    backtest_days: int = 182
    costs: Costs = field(default_factory=Costs)
    seed: int = 1


@dataclass(frozen=True)
class CustomerValue:
    """Everything the value room found.

    Attributes
    ----------
    indicators : Indicators
    score : ValueScore
        On the index of the customers.
    sensitivity : Sensitivity
    backtest : Backtest or Missing
    blends : pandas.DataFrame
        As `blends` gives them.
    """

    indicators: Indicators
    score: ValueScore
    sensitivity: Sensitivity
    backtest: Backtest | Missing
    blends: pd.DataFrame


def customer_value(
    tables: Mapping[str, ir.Table | None],
    book: PurchaseBook,
    customers: pd.Series,
    *,
    expected: pd.DataFrame | None = None,
    expected_before: pd.DataFrame | None = None,
    options: ValueOptions | None = None,
    ranges: Sequence[CustomerRange] = (EVERYONE,),
) -> CustomerValue | Missing:
    """Value `customers` as of the last day of `book`.

    Parameters
    ----------
    tables : mapping
        Canonical tables by name: ``transactions``; where mapped ``tickets``, ``feedback``, ``events``.
    customers : Series of str
        Ids with a purchase, each once; everything comes back on its index.
    expected : pandas.DataFrame, optional
        ``expected_value`` and ``p_purchase`` on the index of `customers`.
    expected_before : pandas.DataFrame, optional
        The same foreseen ``options.backtest_days`` earlier from what was known then; its index are ids of
        customers. Without it the backtest leaves expected value out.
    ranges : sequence of CustomerRange
        As for `purchase_book`, which is asked again where rows arrive late.

    Returns
    -------
    CustomerValue or Missing
        Missing where no indicator of a dimension tells customers apart: all alike, or nothing known.

    Raises
    ------
    WorkbenchError
        If the hierarchy is malformed or contradicts itself.
    """
    chosen = options or ValueOptions()
    weighed = weigh(read_hierarchy(chosen.hierarchy))
    found = value_indicators(tables, book, book.as_of, customers, expected=expected, costs=chosen.costs)
    bare = bare_dimensions(weighed, set(found.values.columns))
    if bare:
        names = "; ".join(named("dimension", name) for name in bare)
        return Missing("segmentation.value_bare", {"dimensions": names})
    score = value_score(found, weighed, ahp_share=chosen.ahp_share, scale=chosen.scale)
    before = score_before(tables, book, weighed, chosen, expected_before, ranges)
    if isinstance(before, Missing):
        return CustomerValue(found, score, sensitivity(score), before, blends(score))
    earlier, revenue, outcome, cutoff = before
    kind = "revenue" if book.margin is None else "margin"
    tested = backtest(
        earlier,
        revenue,
        outcome,
        cutoff=cutoff,
        as_of=book.as_of,
        kind=kind,
        seed=chosen.seed,
        ahp_share=chosen.ahp_share,
    )
    other = (None, None) if isinstance(tested, Missing) else (earlier, outcome)
    return CustomerValue(found, score, sensitivity(score), tested, blends(score, *other))


def score_before(
    tables: Mapping[str, ir.Table | None],
    book: PurchaseBook,
    weighed: Weighed,
    options: ValueOptions,
    expected: pd.DataFrame | None,
    ranges: Sequence[CustomerRange],
) -> tuple[ValueScore, pd.Series, pd.Series, date] | Missing:
    """What the backtest compares: scores of an earlier day, revenue before, outcome after, and the day."""
    cutoff = book.as_of - timedelta(days=options.backtest_days)
    transactions = tables.get("transactions")
    then = book
    if transactions is not None and is_late(transactions):
        then = purchase_book(transactions, cutoff, ranges)
    place = np.unique(then.who[then.bought & (then.day <= then.number(cutoff))])
    customers = then.customer_id.iloc[place].reset_index(drop=True)
    if len(customers) < FEWEST_CUSTOMERS:
        values = {"n": len(customers), "needed": FEWEST_CUSTOMERS}
        return Missing("segmentation.value_few_before", values)
    foreseen = None if expected is None else expected.reindex(customers).reset_index(drop=True)
    found = value_indicators(tables, then, cutoff, customers, expected=foreseen, costs=options.costs)
    dimensions = set(found.table.query("known_share > 0")["dimension"])
    if len(dimensions) < len(weighed.lower):
        return Missing("segmentation.value_bare_before")
    score = value_score(found, weighed, scale=options.scale)
    year = then.total(then.net, cutoff - timedelta(days=365), cutoff) / UNITS
    after = book.total(book.net if book.margin is None else book.margin, cutoff, book.as_of) / UNITS
    return score, pd.Series(year[place]), pd.Series(after[book.places(customers)]), cutoff
