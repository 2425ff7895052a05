"""What the analyst is told of a table: remarks, and lines of the mapping that only she can choose between."""

from workbench.discovery.expressions import identifier, literal
from workbench.discovery.fit import spoken
from workbench.discovery.guess import ColumnGuess, Question
from workbench.discovery.headers import folded
from workbench.discovery.recognising import Draft
from workbench.discovery.scalars import value

# A tenure that never passes this many units, many contracts being there, is perhaps told in years.
MOST_YEARS, MANY_CONTRACTS = 15, 200


def questions_of(draft: Draft, columns: list[ColumnGuess]) -> list[Question]:
    """Lines that stand as comments beside the mapping, to be taken in place of its own."""
    return [*_refund_question(draft, columns), *_tenure_question(draft)]


def _refund_question(draft: Draft, columns: list[ColumnGuess]) -> list[Question]:
    if "refund_amount" not in draft.assigned or not draft.assigned["refund_amount"].candidate.facts.filled:
        return []
    name = draft.assigned["refund_amount"].candidate.name
    amount = next(column for column in columns if column.canonical == "amount")
    line = f"amount: {value(f'{amount.expression} - coalesce({identifier(name)}, 0)')}"
    what = f"{draft.looked.shown}: if the amount still holds what was paid back in {name}, write `{line}`"
    return [
        Question(
            what, f"{line}  # instead of the line above, if refunds are not taken off yet", blocking=False
        )
    ]


def _tenure_question(draft: Draft) -> list[Question]:
    """A tenure that never passes a few units, at many contracts, may be written in years."""
    if draft.table != "subscriptions" or "tenure_months" not in draft.assigned:
        return []
    column = draft.assigned["tenure_months"].candidate
    if column.facts.high > MOST_YEARS or draft.looked.rows < MANY_CONTRACTS or "month" in folded(column.name):
        return []
    line = f"tenure_months: {value(f'{identifier(column.name)} * 12')}"
    what = (
        f"{draft.looked.shown}: {column.name} is never above {MOST_YEARS}: if it is in years, write `{line}`"
    )
    return [Question(what, f"{line}  # instead of the line above, if the tenure is in years", blocking=False)]


def _purchases(draft: Draft) -> list[str]:
    """What is to be said of the purchases in a log of events."""
    event = draft.assigned["event"].candidate
    bought = sorted(spoken(event.facts, "purchase"))
    if not bought:
        return []
    words = ", ".join(map(literal, bought))
    if "value" not in draft.assigned:
        return [f"the events {words} are purchases without an amount: no transactions are made of them"]
    where = f"{identifier(event.name)} = {literal(bought[0])}"
    amount = identifier(draft.assigned["value"].candidate.name)
    return [
        f"the events {words} are purchases: to count them as orders, map transactions from this file too, "
        f"with `where: {where}` and `amount: {amount}`"
    ]


def notes_of(draft: Draft) -> list[str]:
    """What the reader of the source file should know of `draft`."""
    found, notes = draft.assigned, []
    if draft.table == "events":
        notes += _purchases(draft)
    if "currency" in found and found["currency"].candidate.facts.distinct > 1:
        column = found["currency"].candidate
        notes.append(
            f"{column.name} holds {column.facts.distinct} currencies, and amounts are added up as they are: "
            "convert them, or choose one by `where`"
        )
    if "customer_id" in found and found["customer_id"].candidate.facts.personal:
        kind = found["customer_id"].candidate.facts.personal
        notes.append(f"the customers' ids look like a {kind}: only pseudonyms of them leave the workbench")
    if len(draft.looked.peeks) > 1:
        notes.append(f"{len(draft.looked.peeks)} files with the same columns are read as one")
    if not draft.looked.peek.has_header:
        notes.append(
            "the file has no line of names: `names` was chosen from the values; correct it if need be"
        )
    return notes
